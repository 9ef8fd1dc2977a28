import { z } from 'zod';

import { config } from '../platform/config.ts';

import type { RowAnswer } from './channel.ts';
import { conversationFor, newConversationFor } from './chat-conversations.ts';
import { ask, type Asking, NotPosted, type Unposted } from './chat-requests.ts';
import { complaintIn } from './sunshine.ts';

/** A message of Sunshine: text, and buttons that lead somewhere. */
export interface ChatContent {
  type: 'text';
  text: string;
  actions?: { type: 'link'; text: string; uri: string }[];
}

export interface ChatMessage {
  n: number;
  address: string;
  /** The conversation that they have, where we know it. */
  conversation: string | undefined;
  message: { content: ChatContent; metadata: Record<string, string> };
}

/** What became of a message, and the conversation that it went to; `undefined` where its batch was over before it was begun. */
export type Posted = { row: RowAnswer; conversation?: string } | { rest: Unposted } | undefined;

/** Conversations in which a message may turn out to have no place, one after the other. */
const MOST_CONVERSATIONS = 3;

const author = { type: 'business', displayName: config.BRAND_NAME };

/** Posts a message to somebody. It never throws. */
export async function postMessage(asking: Asking, message: ChatMessage): Promise<Posted> {
  try {
    return await postSomewhere(asking, message);
  } catch (error) {
    const { n } = message;
    if (error instanceof NotPosted) return notPosted(n, error.why);
    return { row: { n, kind: 'doubt', reason: String(error).slice(0, 300) } };
  }
}

/** Into a conversation that is gone or full nothing was written: it goes into another. @throws NotPosted */
async function postSomewhere(
  asking: Asking,
  { n, address, conversation, message }: ChatMessage,
): Promise<Posted> {
  let id = conversation ?? (await conversationFor(asking, address));
  for (let tried = 1; ; tried += 1) {
    const said = await ask(asking, 'POST', `/conversations/${encodeURIComponent(id)}/messages`, {
      author,
      ...message,
    });
    const status = said.kind === 'answer' ? said.status : 0;
    if (!withoutPlace.includes(status) || tried === MOST_CONVERSATIONS)
      return { ...became(n, said), conversation: id };
    const isGone = status === 404 && tried === 1;
    id = await (isGone ? conversationFor : newConversationFor)(asking, address);
  }
}

/** Of conversations that are not there, and that are full. */
const withoutPlace = [404, 423];

function notPosted(n: number, why: NotPosted['why']): Posted {
  if (why.kind === 'over') return undefined;
  return why.kind === 'refused' ? { row: { n, kind: 'refused', reason: why.reason } } : { rest: why };
}

const Taken = z.object({ messages: z.array(z.object({ id: z.string() })).min(1) });

type Became = Exclude<Posted, undefined>;
type Answered = Extract<Awaited<ReturnType<typeof ask>>, { kind: 'answer' }>;

function became(n: number, said: Awaited<ReturnType<typeof ask>>): Became {
  if (said.kind === 'doubt') return { row: { n, kind: 'doubt', reason: said.reason } };
  if (said.status < 300) return taken(n, said.body);
  const complaint = complaintIn(said.body);
  const reason = `${String(said.status)} ${complaint ?? ''}`.trim();
  return said.status < 500 && said.status !== 408
    ? refused(n, said.status, reason)
    : failed(n, said, { reason, isItsOwnWord: complaint !== undefined });
}

function taken(n: number, body: unknown): Became {
  const providerId = Taken.safeParse(body).data?.messages[0]?.id;
  return { row: { n, kind: 'accepted', ...(providerId !== undefined && { providerId }) } };
}

function refused(n: number, status: number, reason: string): Became {
  if (status === 401 || status === 403) return { rest: { kind: 'unauthorized', reason } };
  return { row: { n, kind: 'refused', reason: status === 413 ? 'too_large' : 'message_refused' } };
}

/* Sunshine itself says no in its own form; what stands before it may have passed the request on. */
function failed(
  n: number,
  { status }: Answered,
  { reason, isItsOwnWord }: { reason: string; isItsOwnWord: boolean },
): Became {
  const isDown = isItsOwnWord || status === 503 || status === 408;
  return isDown ? { rest: { kind: 'down', reason } } : { row: { n, kind: 'doubt', reason } };
}
