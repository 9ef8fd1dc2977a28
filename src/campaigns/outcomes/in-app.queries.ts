import { db, sql, type Tx } from '../../platform/db.ts';

export interface Waiting {
  runId: number;
  n: number;
  shown: { layout: string; title: string; text: string; actions: { text: string; uri: string }[] };
}

/** The addresses of somebody whom a product knows by this id. */
const addressesOf = (userId: string) => sql`
  select erasure_hash(p.email_normalized) from account_people p join usage_people u on u.id = p.usage_person
  where u.external_id = ${userId} and p.email_normalized is not null`;

/** What waits for somebody in the product, the oldest first; nothing of runs that were cancelled since. */
export async function selectWaiting(userId: string, at: Date): Promise<Waiting[]> {
  const { rows } = await sql<Waiting>`
    select m.run_id as "runId", m.n, m.shown from in_app_messages m join runs r on r.id = m.run_id
    where m.address_hash in (${addressesOf(userId)}) and m.ended_at is null and m.expires_at > ${at} and r.state <> 'cancelled'
    order by m.created_at, m.run_id limit 3`.execute(db);
  return rows;
}

/** @returns since when it waited, where nobody had seen it before */
export async function noteSeen(
  tx: Tx,
  { runId, n }: Pick<Waiting, 'runId' | 'n'>,
  at: Date,
): Promise<Date | undefined> {
  const { rows } = await sql<{ since: Date }>`
    update in_app_messages set seen_at = ${at} where run_id = ${runId} and n = ${n} and seen_at is null
    returning created_at as since`.execute(tx);
  return rows[0]?.since;
}

/** It is not shown again, and what it said is let go of. @returns whether that is new */
export async function end(tx: Tx, { runId, n }: Pick<Waiting, 'runId' | 'n'>, at: Date): Promise<boolean> {
  const { rows } = await sql`
    update in_app_messages set ended_at = ${at}, seen_at = coalesce(seen_at, ${at}), shown = '{}'
    where run_id = ${runId} and n = ${n} and ended_at is null returning n`.execute(tx);
  return rows.length > 0;
}
