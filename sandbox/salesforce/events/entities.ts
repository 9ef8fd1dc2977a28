import type { Catalog, SObject } from '../schema/catalog.ts';

/** Objects of which Salesforce publishes no change events. */
const silent = new Set([
  'Attachment', 'CaseComment', 'CaseHistory', 'FieldPermissions', 'Group', 'GroupMember', 'Note', 'ObjectPermissions',
  'Organization', 'PermissionSet', 'PermissionSetAssignment', 'Profile', 'PushTopic', 'QueueSobject', 'RecordType',
  'StreamingChannel', 'UserRole',
]); // prettier-ignore

/** Whether an object can be selected for Change Data Capture. */
export const hasChangeEvents = ({ name }: SObject): boolean =>
  !silent.has(name) && !name.endsWith('__e') && !name.endsWith('History') && !name.endsWith('__mdt');

/** `Account` is `AccountChangeEvent`, `Rapport_License__c` is `Rapport_License__ChangeEvent`. */
export const changeEventOf = (sobjectName: string): string =>
  sobjectName.endsWith('__c') ? `${sobjectName.slice(0, -1)}ChangeEvent` : `${sobjectName}ChangeEvent`;

/** The object whose change event has that name, in any case; undefined when there is none. */
export function sobjectOfChangeEvent(catalog: Catalog, name: string): SObject | undefined {
  const [, standard, custom] = /^(?:(.*[^_])|(.+__))ChangeEvent$/i.exec(name) ?? [];
  const sobject = catalog.find(standard ?? `${custom ?? ''}c`);
  return sobject && hasChangeEvents(sobject) ? sobject : undefined;
}
