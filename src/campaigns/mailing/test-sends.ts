import type { Viewer } from '../../access/viewer.ts';
import { channelOf } from '../../channels/channels.ts';
import {
  compileMessage,
  newestVersion,
  type Part,
  renderOne,
  type SlotValues,
  valuesFor,
} from '../../content/content.ts';
import { messageSeenBy } from '../../content/messages.ts';
import { countOne } from '../../identity/limits.ts';
import { db } from '../../platform/db.ts';
import { Invalid, Unavailable } from '../../platform/errors.ts';

import { editorOf } from '../definition/editors.ts';
import { preferencesUrl, trackedLink, unsubscribeUrl } from './links.ts';

/** Which of a message's languages and variants, with whose values (account_people.id). */
export interface Wanted {
  messageId: string;
  personId: number;
  locale: string;
  variant: number;
}

/** A whole message as one person would get it. */
export interface Made {
  subject: string;
  html: string;
  text: string;
  /** The language that it is in, which is the nearest that the message has. */
  locale: string;
}

/** Run 0 is no run: links of a test work, and nothing that they do is kept. */
const TEST = { runId: 0, n: 0 };
const LONGEST = 15_000;

/** The newest version of a message as somebody would get it. @throws NotFound; Invalid (`person`) when it cannot be made for them */
export async function messageFor(viewer: Viewer, wanted: Wanted): Promise<Made> {
  const { part, values } = await merged(viewer, wanted);
  return { ...renderOne(part, values), locale: part.locale };
}

/**
 * Sends a message to a colleague, by e-mail, with the values of a person. It is in no ledger and counts nowhere.
 * @throws Forbidden; NotFound; Invalid (`to`, `person`); TooMany; Unavailable when the provider does not take it
 */
export async function sendTest(viewer: Viewer, wanted: Wanted & { to: string }): Promise<void> {
  const { email, personId } = editorOf(viewer);
  const to = wanted.to.trim().toLowerCase();
  if (domainOf(to) !== domainOf(email.toLowerCase())) throw new Invalid({ to: 'campaigns.errors.testTo' });
  await countOne('testMails', personId);
  const { part, values } = await merged(viewer, wanted);
  const recipient = { n: TEST.n, address: to, values };
  const batch = {
    runId: TEST.runId,
    batch: 0,
    categories: ['test'],
    message: part.message,
    recipients: [recipient],
  };
  const answer = await channelOf('email').post(batch, AbortSignal.timeout(LONGEST));
  if (answer.kind !== 'accepted') throw new Unavailable(`the test was not taken: ${answer.kind}`);
}

const domainOf = (address: string): string | undefined => /^[^@\s]+@([^@\s]+\.[^@\s]+)$/.exec(address)?.[1];

async function merged(viewer: Viewer, wanted: Wanted): Promise<{ part: Part; values: SlotValues }> {
  const { id } = await messageSeenBy(viewer, wanted.messageId);
  const target = { n: TEST.n, personId: wanted.personId, locale: wanted.locale, variant: wanted.variant };
  const { rows, failed } = await valuesFor(db, compileMessage(await newestVersion(id)), [target], { hooks });
  const row = rows.get(TEST.n);
  if (row === undefined)
    throw new Invalid({ person: `campaigns.reasons.${failed.get(TEST.n)?.reason ?? 'content_failed'}` });
  return row;
}

const hooks = {
  link: (_n: number, { url }: { url: string }) => trackedLink(TEST, url),
  unsubscribe: () => unsubscribeUrl(TEST),
  preferences: () => preferencesUrl(TEST),
};
