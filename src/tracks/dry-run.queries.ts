import type { RawBuilder } from 'kysely';

import { sql, type Tx } from '../platform/db.ts';

/** Whoever would enter, at the first step: `dry_people`. */
export async function begin(tx: Tx, first: string | null): Promise<void> {
  await sql`
    create temporary table dry_people on commit drop as
    select c.person_id, c.account_id, ${first}::text as step from plan_people c
    where not exists (select from track_refused r where r.person_id = c.person_id)`.execute(tx);
  await sql`analyze dry_people`.execute(tx);
}

export const dryAccounts = sql`select account_id from dry_people`;

/** Moves whoever is at a step on: those who meet the condition (over `w`) by one way, all others by the other. @returns how many went each */
export async function pass(
  tx: Tx,
  { step, then, otherwise }: { step: string; then: string | null; otherwise: string | null },
  condition: RawBuilder<unknown>,
): Promise<{ then: number; otherwise: number }> {
  const { rows } = await sql<{ met: boolean; count: number }>`
    with asked as materialized (
      select w.person_id, coalesce(${condition}, false) as met from dry_people w where w.step = ${step}),
    moved as (
      update dry_people w set step = case when a.met then ${then}::text else ${otherwise}::text end
      from asked a where a.person_id = w.person_id returning a.met)
    select met, count(*) from moved group by met`.execute(tx);
  const counted = (met: boolean) => rows.find((row) => row.met === met)?.count ?? 0;
  return { then: counted(true), otherwise: counted(false) };
}
