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

/** Posts a message to somebody. Into a conversation that is gone or full nothing was written: it goes into another. It never throws. */
export async function postMessage(
  asking: Asking,
  { n, address, conversation, message }: ChatMessage,
): Promise<Posted> {
  try {
    let id = conversation ?? (await conversationFor(asking, address));
    for (let tried = 1; ; tried += 1) {
      const path = `/conversations/${encodeURIComponent(id)}/messages`;
      const said = await ask(asking, 'POST', path, { author, ...message });
      const status = said.kind === 'answer' ? said.status : 0;
      if ((status !== 404 && status !== 423) || tried === MOST_CONVERSATIONS)
        return { ...became(n, said), conversation: id };
      const isListed = status === 404 && tried === 1;
      id = await (isListed ? conversationFor : newConversationFor)(asking, address);
    }
  } catch (error) {
    if (!(error instanceof NotPosted))
      return { row: { n, kind: 'doubt', reason: String(error).slice(0, 300) } };
    return notPosted(n, error.why);
  }
}

function notPosted(n: number, why: NotPosted['why']): Posted {
  if (why.kind === 'over') return undefined;
  return why.kind === 'refused' ? { row: { n, kind: 'refused', reason: why.reason } } : { rest: why };
}

const Taken = z.object({ messages: z.array(z.object({ id: z.string() })).min(1) });

function became(n: number, said: Awaited<ReturnType<typeof ask>>): Exclude<Posted, undefined> {
  if (said.kind === 'doubt') return { row: { n, kind: 'doubt', reason: said.reason } };
  const { status, body } = said;
  if (status >= 200 && status < 300) {
    const providerId = Taken.safeParse(body).data?.messages[0]?.id;
    return { row: { n, kind: 'accepted', ...(providerId !== undefined && { providerId }) } };
  }
  const complaint = complaintIn(body);
  const reason = `${String(status)} ${complaint ?? ''}`.trim();
  if (status === 401 || status === 403) return { rest: { kind: 'unauthorized', reason } };
  if (status < 500 && status !== 408)
    return { row: { n, kind: 'refused', reason: status === 413 ? 'too_large' : 'message_refused' } };
  /* Sunshine itself says no in its own form; what stands before it may have passed the request on. */
  const isItsOwnWord = status === 503 || status === 408 || complaint !== undefined;
  return isItsOwnWord ? { rest: { kind: 'down', reason } } : { row: { n, kind: 'doubt', reason } };
}
