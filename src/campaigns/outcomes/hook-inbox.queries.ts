import { sql, type Tx } from '../../platform/db.ts';

import { endsWhenIdle } from '../mailing/batches.ts';
import type { Hook } from './hook-inbox.ts';
import type { EventReading } from './hook-reading.ts';

const coming = sql`hashtextextended('hooks coming', 0)`;

/** Says that posts are coming, until the transaction ends. */
export async function announce(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${coming}), ${endsWhenIdle}`.execute(tx);
}

/** Waits for those who said that posts are coming: what they kept can be seen afterwards. Others wait until the transaction ends. */
export async function awaitComing(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${coming})`.execute(tx);
}

export async function isAnyWaiting(tx: Tx): Promise<boolean> {
  const { rows } = await sql`select from hook_inbox limit 1`.execute(tx);
  return rows.length > 0;
}

/** @returns its id */
export async function insertHook(tx: Tx, { source, receivedAt, body, reading }: Hook): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    insert into hook_inbox (source, received_at, events, body, event_ids, names, kinds, runs, ns, moments, machines, emails, details)
    values (${source}, ${receivedAt}, ${reading?.length ?? -1}, ${body}, ${sql.join(listsOf(reading ?? []))})
    returning id`.execute(tx);
  return rows[0]?.id ?? 0;
}

const listsOf = (events: readonly EventReading[]): (string | null)[] => [
  listOf(events, ({ id }) => quoted(id)),
  listOf(events, ({ event }) => quoted(event)),
  listOf(events, ({ kind }) => kind),
  listOf(events, ({ run }) => run),
  listOf(events, ({ n }) => n),
  listOf(events, ({ at }) => at),
  listOf(events, ({ machine }) => machine),
  listOf(events, ({ email }) => quoted(email)),
  listOf(events, ({ detail }) => quoted(detail)),
];

/* A list as PostgreSQL writes it; the driver's own way looks at each value several times. Null where it would hold nothing. */
function listOf(
  events: readonly EventReading[],
  valueOf: (event: EventReading) => string | number | boolean | undefined,
): string | null {
  let list = '';
  let isEmpty = true;
  for (const event of events) {
    const value = valueOf(event);
    isEmpty &&= value === undefined;
    list += `${list === '' ? '' : ','}${value === undefined ? 'NULL' : String(value)}`;
  }
  return isEmpty ? null : `{${list}}`;
}

function quoted(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  return `"${/["\\]/.test(text) ? text.replaceAll(/["\\]/g, String.raw`\$&`) : text}"`;
}
