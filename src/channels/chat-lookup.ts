import { z } from 'zod';

import { now } from '../platform/clock.ts';

import type { Answer, Unsettled } from './channel.ts';
import { keepMessages, type KeptMessage } from './chat.queries.ts';
import { say } from './sunshine.ts';

/** How far back a conversation is looked through. */
const MOST_PAGES = 20;
const AT_ONCE = 16;

const Conversations = z.object({ conversations: z.array(z.object({ id: z.string() })) });
const Messages = z.object({
  messages: z.array(
    z.object({
      id: z.string(),
      received: z.coerce.date(),
      metadata: z.record(z.string(), z.unknown()).nullish(),
    }),
  ),
  meta: z.object({ hasMore: z.boolean().nullish(), beforeCursor: z.coerce.string().nullish() }).nullish(),
});

/** It could not be asked. */
class Unknown extends Error {}

/**
 * Looks for messages of a batch in doubt in the conversations of their recipients. What is found was accepted, and what is not was never posted: a message
 * is there as soon as its request was answered. @returns undefined when Sunshine cannot say for all of them
 */
export async function askFor(batch: Unsettled, signal: AbortSignal): Promise<Answer | undefined> {
  const found: KeptMessage[] = [];
  try {
    for (let from = 0; from < batch.rows.length; from += AT_ONCE) {
      const some = await Promise.all(
        batch.rows.slice(from, from + AT_ONCE).map((row) => find(batch, row, signal)),
      );
      found.push(...some.flat());
    }
    if (found.length > 0) await keepMessages(found, now());
  } catch (error) {
    if (error instanceof Unknown) return undefined;
    throw error;
  }
  return {
    kind: 'divided',
    rows: found.map(({ n, messageId }) => ({ n, kind: 'accepted', providerId: messageId })),
  };
}

async function find(
  batch: Unsettled,
  { n, address }: Unsettled['rows'][number],
  signal: AbortSignal,
): Promise<KeptMessage[]> {
  const path = `/conversations?filter[userExternalId]=${encodeURIComponent(address)}&page[size]=10`;
  const listed = await read(path, Conversations, signal);
  for (const { id } of listed?.conversations ?? []) {
    const messageId = await findIn(id, { ...batch, n }, signal);
    if (messageId !== undefined) return [{ messageId, runId: batch.runId, n, conversationId: id }];
  }
  return [];
}

async function findIn(
  conversation: string,
  { runId, n, since }: Pick<Unsettled, 'runId' | 'since'> & { n: number },
  signal: AbortSignal,
): Promise<string | undefined> {
  let before = '';
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const path = `/conversations/${encodeURIComponent(conversation)}/messages?page[size]=100${before}`;
    const found = await read(path, Messages, signal);
    if (found === undefined) return undefined;
    const own = found.messages.find(
      ({ metadata }) => metadata?.rapportRun === String(runId) && metadata.rapportN === String(n),
    );
    if (own !== undefined) return own.id;
    const isOlder = found.messages.some(({ received }) => received < since);
    const cursor = found.meta?.beforeCursor;
    if (isOlder || found.meta?.hasMore !== true || cursor == null) return undefined;
    before = `&page[before]=${encodeURIComponent(cursor)}`;
  }
  throw new Unknown();
}

/** @returns undefined where there is no such thing @throws Unknown */
async function read<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T | undefined> {
  const said = await say('GET', path, { signal });
  if (said.kind !== 'answer') throw new Unknown();
  if (said.status === 404) return undefined;
  const parsed = schema.safeParse(said.body);
  if (said.status >= 300 || !parsed.success) throw new Unknown();
  return parsed.data;
}
