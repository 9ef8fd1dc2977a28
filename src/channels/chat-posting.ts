import { z } from 'zod';

import { now } from '../platform/clock.ts';
import { config } from '../platform/config.ts';

import type { Answer, RowAnswer } from './channel.ts';
import { createGate } from './gate.ts';
import { untilOf } from './http-answers.ts';
import { complaintIn, say, type Said } from './sunshine.ts';

/** Why a message was not posted, which goes for others as well. */
export type Unposted = Extract<Answer, { kind: 'limited' | 'unauthorized' | 'down' }>;
export type Outcome = RowAnswer | Unposted;

/** A message of Sunshine: text, and buttons that lead somewhere. */
export interface ChatContent {
  type: 'text';
  text: string;
  actions?: { type: 'link'; text: string; uri: string }[];
}

interface Outgoing {
  n: number;
  address: string;
  message: { content: ChatContent; metadata: Record<string, string> };
}

/** One for the whole process: however many batches are under way, the provider is one. */
const gate = createGate({ inFlight: config.SUNSHINE_IN_FLIGHT });

const Posted = z.object({ messages: z.array(z.object({ id: z.string() })).min(1) });
const Conversations = z.object({ conversations: z.array(z.object({ id: z.string(), type: z.string().nullish() })) });
const Opened = z.object({ conversation: z.object({ id: z.string() }) });

/** Posts messages of one batch. */
export function createPosting({
  signal,
  deadline,
  known,
}: {
  signal: AbortSignal;
  /** `performance.now()` after which nothing is begun. */
  deadline: number;
  /** Conversations by address. */
  known: ReadonlyMap<string, string>;
}) {
  const opened = new Map<string, string>();
  const conversationOf = new Map<number, string>();

  /** A request in its turn; again and again while it was too much at once. Nothing once the batch is over. */
  async function ask(method: 'GET' | 'POST', path: string, body: object | undefined, isOver: () => boolean): Promise<Said | Unposted | undefined> {
    for (;;) {
      const isIn = await gate.enter(deadline);
      if (!isIn) return isOver() ? undefined : { kind: 'limited', until: now() };
      if (isOver() || performance.now() > deadline) {
        gate.leave('other');
        return undefined;
      }
      const said = await say(method, path, { ...(body !== undefined && { body }), signal });
      const isLimited = said.kind === 'answer' && said.status === 429;
      gate.leave(isLimited ? 'limited' : said.kind === 'answer' && said.status < 500 ? 'taken' : 'other');
      if (!isLimited) return said;
      if (said.headers['retry-after'] !== undefined && untilOf(said.headers).getTime() - Date.now() > LONGEST_PATIENCE)
        return { kind: 'limited', until: untilOf(said.headers) };
    }
  }

  /** The conversation that somebody has, else one that is opened for them. */
  async function openFor(address: string, isOver: () => boolean, isNew = false): Promise<string | RowAnswerLess | undefined> {
    const listed = isNew ? undefined : await ask('GET', `/conversations?filter[userExternalId]=${encodeURIComponent(address)}&page[size]=10`, undefined, isOver);
    if (!isNew) {
      if (listed === undefined) return undefined;
      const read = readOf(listed, Conversations);
      if ('data' in read) {
        const found = read.data.conversations.find(({ type }) => type !== 'sdkGroup');
        if (found !== undefined) return found.id;
      } else if (read.status !== 404) return read.unposted;
    }
    const user = await ask('POST', '/users', { externalId: address, profile: { email: address } }, isOver);
    if (user === undefined) return undefined;
    const made = readOf(user, z.unknown());
    if (!('data' in made) && made.status !== 409) return made.unposted;
    const participants = [{ userExternalId: address, subscribeSDKClient: true }];
    const conversation = await ask('POST', '/conversations', { type: 'personal', participants }, isOver);
    if (conversation === undefined) return undefined;
    const read = readOf(conversation, Opened);
    return 'data' in read ? read.data.conversation.id : read.unposted;
  }

  async function conversationFor(address: string, isOver: () => boolean, isNew: boolean) {
    const id = await openFor(address, isOver, isNew);
    if (typeof id === 'string') opened.set(address, id);
    return id;
  }

  /** Into a conversation that is gone or full nothing was written: it goes into another. */
  async function post(outgoing: Outgoing, isOver: () => boolean): Promise<Outcome | undefined> {
    const { n, address, message } = outgoing;
    let id: string | RowAnswerLess | undefined = known.get(address) ?? (await conversationFor(address, isOver, false));
    for (let attempt = 1; ; attempt += 1) {
      if (typeof id !== 'string') return id === undefined ? undefined : 'refused' in id ? { n, kind: 'refused', reason: id.refused } : id;
      const said = await ask('POST', `/conversations/${encodeURIComponent(id)}/messages`, { author, ...message }, isOver);
      if (said === undefined) return undefined;
      const isElsewhere = said.kind === 'answer' && (said.status === 404 || said.status === 423) && attempt < 3;
      if (!isElsewhere) {
        conversationOf.set(n, id);
        return outcomeOf(n, said);
      }
      id = await conversationFor(address, isOver, said.status === 423 || attempt > 1);
    }
  }

  return { post, opened, conversationOf };
}

const author = { type: 'business', displayName: config.BRAND_NAME };

/** The longest that a batch waits by itself when Sunshine names a time; longer ones close the channel. */
const LONGEST_PATIENCE = 2_000;

type RowAnswerLess = Unposted | { refused: string };

/** What an answer about a conversation holds, or why there is none; nothing of the message was posted by then. */
function readOf<T>(said: Said | Unposted, schema: z.ZodType<T>): { data: T } | { status: number; unposted: RowAnswerLess } {
  if (said.kind === 'limited' || said.kind === 'unauthorized') return { status: 0, unposted: said };
  if (said.kind !== 'answer') return { status: 0, unposted: { kind: 'down', reason: said.reason } };
  const { status, body } = said;
  const read = schema.safeParse(body);
  if (status < 300 && read.success) return { data: read.data };
  const reason = `${String(status)} ${complaintIn(body) ?? ''}`.trim();
  if (status === 401 || status === 403) return { status, unposted: { kind: 'unauthorized', reason } };
  if (status >= 400 && status < 500 && status !== 408) return { status, unposted: { refused: 'address_refused' } };
  return { status, unposted: { kind: 'down', reason } };
}

/** What became of a message. */
function outcomeOf(n: number, said: Said | Unposted): Outcome {
  if (said.kind === 'doubt') return { n, kind: 'doubt', reason: said.reason };
  if (said.kind === 'down') return { kind: 'down', reason: said.reason };
  if (said.kind !== 'answer') return said;
  const { status, body } = said;
  if (status >= 200 && status < 300) {
    const posted = Posted.safeParse(body);
    const providerId = posted.success ? posted.data.messages[0]?.id : undefined;
    return { n, kind: 'accepted', ...(providerId !== undefined && { providerId }) };
  }
  const complaint = complaintIn(body);
  const reason = `${String(status)} ${complaint ?? ''}`.trim();
  if (status === 401 || status === 403) return { kind: 'unauthorized', reason };
  if (status === 413) return { n, kind: 'refused', reason: 'too_large' };
  if (status < 500 && status !== 408) return { n, kind: 'refused', reason: 'message_refused' };
  /* Sunshine itself says no in its own form; what stands before it may have passed the request on. */
  return status === 503 || status === 408 || complaint !== undefined ? { kind: 'down', reason } : { n, kind: 'doubt', reason };
}
