import { now } from '../platform/clock.ts';
import { config } from '../platform/config.ts';
import { log } from '../platform/log.ts';

import type { Answer, Channel, OutgoingBatch, Recipient, RowAnswer } from './channel.ts';
import { askFor } from './chat-lookup.ts';
import { type ChatContent, type Posted, postMessage } from './chat-posting.ts';
import type { Asking, Unposted } from './chat-requests.ts';
import * as queries from './chat.queries.ts';
import { contentFor } from './text-content.ts';

/** Long enough to keep many requests under way, short enough to be over well within a lease. */
const BATCH = 200;

/** No message is begun later than this after its batch: within the time that a POST may take, with some left for its answer. */
const BEGIN_WITHIN = Math.min(18_000, config.CAMPAIGN_LEASE_SECONDS * 300);

/** So many messages of a batch of which nobody knows what became, and no further one is begun. */
const MOST_DOUBTS = 3;

/**
 * Chat through Sunshine Conversations: a message a request, many under way. People are known there by their address as external id. A message
 * goes into the conversation that somebody has, or into one that is opened for them and waits until they come (A17).
 */
export const chat: Channel = {
  name: 'chat',
  supports: new Set(['text', 'buttons', 'tracked-links']),
  batchSize: BATCH,
  needsOwnRequest: () => false,
  post,
  ask: askFor,
};

async function post(batch: OutgoingBatch, signal: AbortSignal): Promise<Answer> {
  const deadline = performance.now() + BEGIN_WITHIN;
  try {
    const known = await queries.selectConversations(batch.recipients.map(({ address }) => address));
    return await postAll(batch, { known, signal, deadline });
  } catch (error) {
    return { kind: 'down', reason: `the database did not answer: ${String(error).slice(0, 200)}` };
  }
}

interface Means {
  known: ReadonlyMap<string, string>;
  signal: AbortSignal;
  deadline: number;
}

/** It never throws. */
async function postAll(batch: OutgoingBatch, { known, signal, deadline }: Means): Promise<Answer> {
  const rows: RowAnswer[] = [];
  const conversations = new Map<number, string>();
  const state: { rest?: Unposted; doubts: number } = { doubts: 0 };
  const asking = { signal, deadline, isOver: () => state.rest !== undefined };
  const note = (posted: Posted) => {
    if (posted === undefined) return;
    if ('rest' in posted) {
      state.rest ??= posted.rest;
      return;
    }
    rows.push(posted.row);
    if (posted.conversation !== undefined) conversations.set(posted.row.n, posted.conversation);
    if (posted.row.kind === 'doubt' && (state.doubts += 1) >= MOST_DOUBTS)
      state.rest ??= { kind: 'down', reason: posted.row.reason ?? '' };
  };
  await Promise.all(
    batch.recipients.map(async (recipient) => {
      note(await postTo(batch, recipient, { asking, conversation: known.get(recipient.address) }));
    }),
  );
  await keep(batch, { rows, conversations, known });
  const { rest } = state;
  if (rows.length === 0 && rest !== undefined) return rest;
  return { kind: 'divided', rows, ...(rest !== undefined && { rest }) };
}

async function postTo(
  { message, runId, batch }: OutgoingBatch,
  { n, address, values }: Recipient,
  { asking, conversation }: { asking: Asking; conversation: string | undefined },
): Promise<Posted> {
  const shown = contentFor(message, values);
  if (shown === undefined) return { row: { n, kind: 'refused', reason: 'too_large' } };
  const { text, actions } = shown;
  const content: ChatContent = {
    type: 'text',
    text,
    ...(actions.length > 0 && { actions: actions.map((action) => ({ type: 'link', ...action })) }),
  };
  const metadata = { rapportRun: String(runId), rapportN: String(n), rapportBatch: String(batch) };
  return await postMessage(asking, { n, address, conversation, message: { content, metadata } });
}

interface Kept {
  rows: readonly RowAnswer[];
  conversations: ReadonlyMap<number, string>;
  known: Means['known'];
}

/* What cannot be kept now is found again: conversations by asking, messages by what their events say. */
async function keep(
  { runId, recipients }: OutgoingBatch,
  { rows, conversations, known }: Kept,
): Promise<void> {
  const messages = rows.flatMap(({ n, providerId }) => {
    const conversationId = conversations.get(n);
    return providerId !== undefined && conversationId !== undefined
      ? [{ messageId: providerId, runId, n, conversationId }]
      : [];
  });
  const news = recipients.flatMap(({ n, address }): [string, string][] => {
    const id = conversations.get(n);
    return id === undefined || id === known.get(address) ? [] : [[address, id]];
  });
  try {
    if (news.length > 0) await queries.keepConversations(new Map(news), now());
    if (messages.length > 0 && runId > 0) await queries.keepMessages(messages, now());
  } catch (error) {
    log.warn({ err: error, runId }, 'ids of chat messages could not be kept');
  }
}
