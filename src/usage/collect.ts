import { setImmediate as afterOthers } from 'node:timers/promises';

import { db, sql, transaction, type Db } from '../platform/db.ts';

import { type Message, type MessageType, readMessage, Unusable } from './messages.ts';

/** A message that was not taken, by its place in what was sent. */
export interface Rejection {
  index: number;
  reason: string;
}

interface Sending {
  receivedAt: Date;
  /** That of the address, where it has one. */
  type?: MessageType | undefined;
  /** Of all messages together. */
  bytes: number;
  /** How many refusals may still be kept to look at. */
  keptRejections?: number;
}

/** No message may be larger, in bytes of JSON. */
const LARGEST_MESSAGE = 32_768;
/** Lists and objects within each other; what is deeper can be read, but neither be written nor kept. */
const DEEPEST = 50;
/** Messages that are read without a look at what else wants to be done in this process. */
const AT_A_STRETCH = 100;
/** What of a refused message is kept for whoever has to mend its sender. */
const EXCERPT = 2_000;

/**
 * Takes messages of one source in: what can be used is written down before this resolves, and counted soon after; the rest is
 * kept with its reason. A message that comes twice counts once.
 */
export async function collect(
  sourceId: number,
  given: readonly unknown[],
  { receivedAt, type, bytes, keptRejections = Infinity }: Sending,
): Promise<{ taken: number; rejections: Rejection[] }> {
  const messages: Message[] = [];
  const rejections: Rejection[] = [];
  for (const [index, one] of given.entries()) {
    if (index % AT_A_STRETCH === AT_A_STRETCH - 1) await afterOthers();
    try {
      requireShallow(one, DEEPEST);
      if (bytes > LARGEST_MESSAGE) requireSize(one);
      messages.push(readMessage(one, receivedAt, type));
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      rejections.push({ index, reason: error.message });
    }
  }
  const write = async (tx: Db) => {
    if (messages.length > 0) await keep(tx, { sourceId, receivedAt }, messages);
    if (rejections.length > 0)
      await keepRejections(
        tx,
        { sourceId, receivedAt },
        given,
        rejections.slice(0, Math.max(0, keptRejections)),
      );
  };
  await (messages.length > 0 && rejections.length > 0 ? transaction(write) : write(db));
  return { taken: messages.length, rejections };
}

function requireSize(message: unknown): void {
  const size = Buffer.byteLength(JSON.stringify(message));
  if (size > LARGEST_MESSAGE)
    throw new Unusable(`A message may have ${String(LARGEST_MESSAGE)} bytes; this one has ${String(size)}.`);
}

function requireShallow(value: unknown, levels: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (levels === 0) throw new Unusable(`A message may be nested ${String(DEEPEST)} levels deep.`);
  for (const each of Object.values(value)) requireShallow(each, levels - 1);
}

interface Origin {
  sourceId: number;
  receivedAt: Date;
}

async function keep(tx: Db, { sourceId, receivedAt }: Origin, messages: Message[]): Promise<void> {
  await sql`
    insert into usage_inbox (source_id, received_at, count, messages)
    values (${sourceId}, ${receivedAt}, ${messages.length}, ${storable(messages)}::json)`.execute(tx);
}

async function keepRejections(
  tx: Db,
  { sourceId, receivedAt }: Origin,
  given: readonly unknown[],
  rejections: readonly Rejection[],
): Promise<void> {
  const rows = rejections.map(({ index, reason }) => ({
    reason,
    excerpt: excerptOf(given[index]),
  }));
  await sql`
    insert into usage_rejections (source_id, received_at, reason, excerpt)
    select ${sourceId}, ${receivedAt}, reason, excerpt
    from jsonb_to_recordset(${storable(rows)}::jsonb) as r (reason text, excerpt text)`.execute(tx);
}

function excerptOf(message: unknown): string {
  try {
    return storable(message).slice(0, EXCERPT);
  } catch (error) {
    if (error instanceof RangeError) return '';
    throw error;
  }
}

/** What could not even be read, or came without a key that we know. */
export async function rejectUnread(
  sourceId: number | undefined,
  receivedAt: Date,
  reason: string,
  excerpt: string,
): Promise<void> {
  await sql`
    insert into usage_rejections (source_id, received_at, reason, excerpt)
    values (${sourceId ?? null}, ${receivedAt}, ${reason}, ${clean(excerpt).slice(0, EXCERPT)})`.execute(db);
}

/* PostgreSQL keeps neither NUL nor half a surrogate pair. Few messages have one, so few pay for the look. */
const clean = (text: string): string => text.replaceAll('\0', '').toWellFormed();

function storable(value: unknown): string {
  const json = JSON.stringify(value);
  if (!/\\u(?:0000|d[89a-f])/i.test(json)) return json;
  return JSON.stringify(cleaned(value));
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [clean(name), cleaned(each)]));
}
