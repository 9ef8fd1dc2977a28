import { sql, type Tx } from '../platform/db.ts';

/** What people said of accounts that were merged holds for the account that stays, unless it says something of its own. */
export async function moveTagsAndRisk(tx: Tx, batch: number): Promise<void> {
  const moves = sql`mirror_moves m where m.batch = ${batch} and m.table_name = 'accounts'`;
  await sql`
    with moved as (
      delete from account_tags t using ${moves} and t.account_id = m.from_id
      returning m.to_id, t.tag, t.set_by, t.trigger_id, t.at
    )
    insert into account_tags (account_id, tag, set_by, trigger_id, at)
    select distinct on (to_id, tag) to_id, tag, set_by, trigger_id, at from moved order by to_id, tag, at
    on conflict do nothing`.execute(tx);
  await sql`
    with moved as (
      delete from risk_marks r using ${moves} and r.account_id = m.from_id
      returning m.to_id, r.level, r.reason, r.set_by, r.at, r.expires_on
    )
    insert into risk_marks (account_id, level, reason, set_by, at, expires_on)
    select distinct on (to_id) to_id, level, reason, set_by, at, expires_on from moved order by to_id, at desc
    on conflict do nothing`.execute(tx);
  for (const table of ['account_tag_changes', 'account_risk_changes'])
    await sql`update ${sql.table(table)} c set account_id = m.to_id from ${moves} and c.account_id = m.from_id`.execute(
      tx,
    );
}
