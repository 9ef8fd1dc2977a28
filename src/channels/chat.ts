import { now } from '../platform/clock.ts';
import { config } from '../platform/config.ts';
import { log } from '../platform/log.ts';

import type { Answer, Channel, OutgoingBatch, Recipient, RowAnswer } from './channel.ts';
import { askFor } from './chat-lookup.ts';
import { type ChatContent, createPosting, type Outcome, type Unposted } from './chat-posting.ts';
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
  let known: Map<string, string>;
  try {
    known = await queries.selectConversations(batch.recipients.map(({ address }) => address));
  } catch (error) {
    return { kind: 'down', reason: `the database did not answer: ${String(error).slice(0, 200)}` };
  }
  const posting = createPosting({ signal, deadline, known });
  const rows: RowAnswer[] = [];
  let rest: Unposted | undefined;
  let doubts = 0;
  const one = async (recipient: Recipient) => {
    if (rest !== undefined) return;
    const outcome = await outcomeOf(batch, recipient, posting, () => rest !== undefined);
    if (outcome === undefined) return;
    if ('n' in outcome) rows.push(outcome);
    else rest ??= outcome;
    if (outcome.kind === 'doubt' && (doubts += 1) >= MOST_DOUBTS) rest ??= { kind: 'down', reason: outcome.reason ?? '' };
  };
  await Promise.all(batch.recipients.map(one));
  await keep(batch, rows, posting);
  if (rows.length === 0 && rest !== undefined) return rest;
  return { kind: 'divided', rows, ...(rest !== undefined && { rest }) };
}

type Posting = ReturnType<typeof createPosting>;

async function outcomeOf(
  { message, runId, batch }: OutgoingBatch,
  { n, address, values }: Recipient,
  posting: Posting,
  isOver: () => boolean,
): Promise<Outcome | undefined> {
  const shown = contentFor(message, values);
  if (shown === undefined) return { n, kind: 'refused', reason: 'too_large' };
  const { text, actions } = shown;
  const content: ChatContent = {
    type: 'text',
    text,
    ...(actions.length > 0 && { actions: actions.map((action) => ({ type: 'link', ...action })) }),
  };
  const metadata = { rapportRun: String(runId), rapportN: String(n), rapportBatch: String(batch) };
  return await posting.post({ n, address, message: { content, metadata } }, isOver);
}

/* What cannot be kept now is found again: conversations by asking, messages by what their events say. */
async function keep({ runId }: OutgoingBatch, rows: readonly RowAnswer[], { opened, conversationOf }: Posting): Promise<void> {
  const messages = rows.flatMap(({ n, kind, providerId }) => {
    const conversationId = conversationOf.get(n);
    return kind === 'accepted' && providerId !== undefined && conversationId !== undefined
      ? [{ messageId: providerId, runId, n, conversationId }]
      : [];
  });
  try {
    if (opened.size > 0) await queries.keepConversations(opened, now());
    if (messages.length > 0 && runId > 0) await queries.keepMessages(messages, now());
  } catch (error) {
    log.warn({ err: error, runId }, 'ids of chat messages could not be kept');
  }
}
