import type { OutgoingBatch, OutgoingMessage, Recipient, Sender } from '../../channels/channel.ts';
import { channelOf } from '../../channels/channels.ts';
import {
  compileMessage, type Compiled, type Hooks, type Merged, messageVersion, type MessageVersion, valuesFor,
} from '../../content/content.ts'; // prettier-ignore
import { PREFERENCES, UNSUBSCRIBE } from '../../content/marks.ts';
import { now } from '../../platform/clock.ts';
import { db, isDatabaseTrouble } from '../../platform/db.ts';
import { NotFound } from '../../platform/errors.ts';
import { faultPoint } from '../../platform/faults.ts';

import { type Claimed, LostBatch, type Waiting } from './batches.ts';
import * as batches from './batches.queries.ts';
import { briefly } from './briefly.ts';
import { linkNumbers, openPixel, preferencesUrl, trackedLink, trapLink, unsubscribeUrl } from './links.ts';
import { selectManagers } from './senders.queries.ts';
import type { Fixed } from '../runs/runs.ts';

/** A batch put together: what goes out in one request, and who can have nothing. */
export interface Assembled {
  outgoing: OutgoingBatch;
  failed: { n: number; reason: string }[];
}

/** The run's message itself cannot be sent, to whomever. */
export class UnsendableMessage extends Error {}

/**
 * Puts a batch together. What cannot go in one request with the rest (another language or sender, values that are too long, an address that is
 * there twice) is moved to batches of its own first, so that a batch stays one request.
 * @throws UnsendableMessage; LostBatch when all of it was moved
 */
export async function assembled(claimed: Claimed): Promise<Assembled> {
  const waiting = await batches.selectWaiting(db, claimed);
  faultPoint('loaded');
  const message = await messageOf(claimed.fixed);
  const { rows, failed } = await merged(claimed, message, waiting);
  const senders = await sendersOf(claimed.fixed, waiting);
  const [first, ...others] = requestsOf(claimed, waiting, { rows, senders });
  if (others.length > 0) await moveAway(claimed, others.map(({ recipients }) => recipients.map(({ n }) => n))); // prettier-ignore
  return {
    outgoing: {
      runId: claimed.runId,
      batch: claimed.batch,
      categories: [claimed.fixed.name, claimed.fixed.messageClass],
      message: first?.message ?? { subject: '', html: '', text: '' },
      recipients: first?.recipients ?? [],
      ...(first?.sender !== undefined && { sender: first.sender }),
    },
    failed: [
      ...waiting.filter(({ address }) => address === null).map(({ n }) => ({ n, reason: 'no_address' })),
      ...[...failed].map(([n, { reason }]) => ({ n, reason })),
    ],
  };
}

async function moveAway(claimed: Claimed, groups: number[][]): Promise<void> {
  await briefly(async (tx) => {
    if (!(await batches.holdClaimed(tx, claimed))) throw new LostBatch();
    await batches.split(tx, claimed, groups, now());
  });
}

interface Message {
  compiled: Compiled;
  /** Addresses that are the same for all recipients, by their numbers. */
  links: ReadonlyMap<string, number>;
  /** Whether it has a link to the page of preferences: each link takes as long as several merge fields. */
  offersPreferences: boolean;
}

const links = new WeakMap<Compiled, ReadonlyMap<string, number>>();

async function messageOf({ messageId, messageVersion: number }: Fixed): Promise<Message> {
  if (messageId === null || number === null) throw new UnsendableMessage('the run has no message');
  try {
    const version = await messageVersion(messageId, number);
    const compiled = compileMessage(version);
    let known = links.get(compiled);
    if (known === undefined) {
      known = await briefly((tx) => linkNumbers(tx, fixedLinksOf(version)));
      links.set(compiled, known);
    }
    return {
      compiled,
      links: known,
      offersPreferences: JSON.stringify(version.built.parts).includes(PREFERENCES),
    };
  } catch (error) {
    if (isDatabaseTrouble(error)) throw error;
    const reason = error instanceof NotFound ? 'there is no such message' : String(error);
    throw new UnsendableMessage(reason, { cause: error });
  }
}

/** Addresses without anything of the recipient's in them. */
const fixedLinksOf = ({ built }: MessageVersion): string[] =>
  built.parts.flatMap(({ links: all }) => all.map(({ url }) => url)).filter((url) => !/\{\{|\{%/.test(url));

/**
 * What stands in each recipient's slots. When it cannot be told for one, and not even which, the batch is halved until it is alone.
 */
async function merged(claimed: Claimed, message: Message, waiting: readonly Waiting[]): Promise<Merged> {
  try {
    return await valuesFor(
      db,
      message.compiled,
      waiting.filter(({ address }) => address !== null),
      {
        asOf: now(),
        hooks: hooksOf(claimed, message),
        write: channelOf(claimed.channel).write,
      },
    );
  } catch (error) {
    if (isDatabaseTrouble(error)) throw error;
    if (waiting.length < 2) return { rows: new Map(), failed: failedAll(waiting, error) };
    const half = waiting.slice(Math.ceil(waiting.length / 2)).map(({ n }) => n);
    await moveAway(claimed, [half]);
    throw new LostBatch();
  }
}

const failedAll = (waiting: readonly Waiting[], error: unknown) =>
  new Map(waiting.map(({ n }) => [n, { reason: 'content_failed', detail: String(error).slice(0, 300) }]));

function hooksOf({ runId, fixed }: Claimed, message: Message): Hooks {
  return {
    link: (n, { url }) => trackedLink({ runId, n }, message.links.get(url) ?? url),
    unsubscribe: (n) => unsubscribeUrl({ runId, n }),
    preferences: (n, locale) => (message.offersPreferences ? preferencesUrl({ runId, n }, locale) : ''),
    ...(fixed.channel === 'email' && {
      open: (n: number) => openPixel({ runId, n }),
      trap: (n: number) => trapLink({ runId, n }),
    }),
  };
}

type Senders = ReadonlyMap<string, Sender>;

/** In whose name each account is written to; the house's, where nobody is found. */
const sendersOf = async ({ sender }: Fixed, waiting: readonly Waiting[]): Promise<Senders> =>
  sender === 'manager' ? await selectManagers(db, waiting.map(({ accountId }) => accountId)) : new Map(); // prettier-ignore

interface Request {
  message: OutgoingMessage;
  sender: Sender | undefined;
  recipients: Recipient[];
  addresses: Set<string>;
}

/** Who can go in one request with whom, the first request being the largest that there is. */
function requestsOf(
  { channel, fixed }: Claimed,
  waiting: readonly Waiting[],
  { rows, senders }: { rows: Merged['rows']; senders: Senders },
): Request[] {
  const { needsOwnRequest } = channelOf(channel);
  const together = new Map<string | undefined, Map<OutgoingMessage, Request>>();
  const alone: Request[] = [];
  for (const each of waiting) {
    const row = rows.get(each.n);
    if (row === undefined || each.address === null) continue;
    const { message } = row.part;
    const recipient = recipientOf(fixed, { n: each.n, address: each.address, ...row });
    const sender = senders.get(each.accountId);
    const ofSender = together.get(sender?.email) ?? new Map<OutgoingMessage, Request>();
    const request = ofSender.get(message) ?? {
      message,
      sender,
      recipients: [],
      addresses: new Set<string>(),
    };
    if (needsOwnRequest(recipient) || request.addresses.has(recipient.address)) {
      alone.push({ message, sender, recipients: [recipient], addresses: new Set([recipient.address]) });
      continue;
    }
    together.set(sender?.email, ofSender.set(message, request));
    request.addresses.add(recipient.address);
    request.recipients.push(recipient);
  }
  const requests = [...together.values()].flatMap((ofSender) => [...ofSender.values()]);
  return [...requests.sort((a, b) => b.recipients.length - a.recipients.length), ...alone];
}

function recipientOf(
  { messageClass }: Fixed,
  { n, address, values, written }: Pick<Recipient, 'n' | 'address' | 'values' | 'written'>,
): Recipient {
  const optOutUrl = messageClass === 'transactional' ? undefined : values[UNSUBSCRIBE];
  return { n, address, values, ...(written !== undefined && { written }), ...(optOutUrl !== undefined && { optOutUrl }) }; // prettier-ignore
}
