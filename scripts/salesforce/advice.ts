import type { DeployProblem } from '../../src/platform/salesforce/wire/metadata.ts';

/** What to do about what Salesforce says, by its words. */
const advices: [RegExp, string][] = [
  [
    /INSUFFICIENT_ACCESS|Modify Metadata/i,
    'The user of this sign-in may not deploy. Deploy once as an administrator: see "First deployment" in salesforce/README.md.',
  ],
  [
    /valid execution user/i,
    'Set SALESFORCE_USERNAME to the username of an active user, the one Rapport is to run as.',
  ],
  [
    /(selected entit|Change Data Capture).*(exceed|maximum|limit|allocation)|(exceed|maximum|limit|allocation).*(selected entit|Change Data Capture|entities)/i,
    'The org has chosen as many objects for Change Data Capture as it may. Take one away in Setup › Integrations › Change Data Capture, or add --without=PlatformEventChannelMember: Rapport then polls.',
  ],
  [
    /Cannot change type|Cannot change which object|Cannot update a field/i,
    'A field of this name is there already, of another type. Rename or delete it in Setup › Object Manager › the object › Fields & Relationships.',
  ],
  [
    /ExternalClientApp|ExtlClntApp|External Client App/i,
    'Let external client apps be made: Setup › Apps › External Client Apps › Settings › Allow creation. Or add --without=ExternalClientApplication and the other Extl… types, and make the app by hand.',
  ],
  [
    /no (CustomField|CustomObject|PermissionSet) named|cannot be found|does not resolve/i,
    'The org lacks something that this stands on: look whether the feature is switched on, or whether somebody renamed it, in Setup › Object Manager.',
  ],
  [
    /required field/i,
    'In this org the field is required, so its security cannot be set: take its lines out of the permission set, or make the field optional.',
  ],
  [
    /already (exists|in use)|duplicate/i,
    'Something of this name is there already: rename or delete it in Setup.',
  ],
  [
    /maximum number of (custom )?fields|max(imum)? .*fields/i,
    'The object has as many custom fields as the edition allows: delete one, and erase it, in Setup › Object Manager.',
  ],
];

/** What to do about one problem. */
export function adviceFor({ reason, type }: DeployProblem): string {
  const text = `${type} ${reason}`;
  const known =
    advices.find(([pattern]) => pattern.test(reason)) ?? advices.find(([pattern]) => pattern.test(text));
  return known?.[1] ?? 'Mend it in the org or in the file, and deploy again; nothing was changed.';
}
