import { sql, type Db, type Tx } from '../../platform/db.ts';

import type { Campaign } from '../definition/campaigns.ts';

/** Of campaigns that wait on lists, those whose list somebody entered or left in this batch, since they were activated. */
export async function awaitingChanges(
  at: Db,
  campaigns: readonly Campaign[],
  batch: number,
): Promise<Campaign[]> {
  const { rows } = await sql<{ id: string }>`
    select c.id from campaigns c
    where c.id = any(${campaigns.map(({ id }) => id)}::uuid[]) and exists (
      select from segment_changes g
      where g.batch = ${batch} and g.segment_id::text = c.trigger ->> 'segmentId' and g.change = c.trigger ->> 'moment'
        and g.cause <> 'rule' and g.occurred_at >= c.activated_at)`.execute(at);
  return withIds(campaigns, rows);
}

/** Of campaigns that wait for signals, those for which there are some in this batch, since they were activated. */
export async function awaitingSignals(
  at: Db,
  campaigns: readonly Campaign[],
  batch: number,
): Promise<Campaign[]> {
  const { rows } = await sql<{ id: string }>`
    select c.id from campaigns c
    where c.id = any(${campaigns.map(({ id }) => id)}::uuid[]) and exists (
      select from signals g
      where g.batch = ${batch} and g.kind = c.trigger ->> 'signal' and g.rule_id is null and g.noted_at >= c.activated_at)`.execute(
    at,
  );
  return withIds(campaigns, rows);
}

const withIds = (campaigns: readonly Campaign[], rows: readonly { id: string }[]): Campaign[] =>
  campaigns.filter(({ id }) => rows.some((row) => row.id === id));

/** Whether nothing of a campaign is under way; it is kept as it is until the transaction ends. */
export async function isOver(tx: Tx, campaignId: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from campaigns c where c.id = ${campaignId} and c.status = 'active' and not exists (
      select from runs r where r.campaign_id = c.id and r.state in ('triggered', 'planned', 'sending')) for update of c`.execute(
    tx,
  );
  return rows.length > 0;
}

export async function endByHand(tx: Tx, runId: number, now: Date): Promise<void> {
  await sql`
    update campaigns c set status = 'ended', changed_at = ${now} from runs r
    where r.id = ${runId} and not r.is_dry and c.id = r.campaign_id and c.status = 'active' and c.trigger ->> 'kind' = 'manual' and c.kind = 'campaign'
      and not exists (select from runs o where o.campaign_id = c.id and o.state in ('triggered', 'planned', 'sending'))`.execute(
    tx,
  );
}
