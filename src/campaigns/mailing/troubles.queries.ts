import { sql, type Db } from '../../platform/db.ts';

/** The runs of a channel that are under way and not held. */
export async function selectOpen(at: Db, channel: string): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select id from runs where state in ('planned', 'sending') and paused_at is null and not is_dry and fixed ->> 'channel' = ${channel}
    order by id`.execute(at);
  return rows.map(({ id }) => id);
}

/**
 * Runs of which more failed, bounced or was dropped than their policy lets them, of what was tried. While little was tried yet the first
 * batch counts as tried.
 */
export async function selectFailing(
  at: Db,
  { among, fewest }: { among: readonly number[] | undefined; fewest: number },
): Promise<{ id: number; failed: number; tried: number }[]> {
  const { rows } = await sql<{ id: number; failed: number; tried: number }>`
    select id, failed::integer, tried::integer from (
      select r.id, ${failures} - r.failures_forgiven as failed, (r.fixed #>> '{policy,failurePercent}')::numeric as percent,
        greatest(${count('failed')} + ${count('sent')} - r.failures_forgiven, least(1000, ${count('planned')} + ${count('failed')} + ${count('sent')})) as tried
      from runs r join run_statistics s on s.run_id = r.id
      where r.state = 'sending' and r.paused_at is null ${among === undefined ? sql`` : sql`and r.id = any(${[...among]}::bigint[])`}) r
    where failed >= ${fewest} and failed * 100 > percent * tried`.execute(at);
  return rows;
}

const count = (name: string) => sql`coalesce((s.counts ->> ${name}::text)::bigint, 0)`;

/** What counts as failed of a run: whom it could not be posted to, and who did not get what was posted. */
export const failures = sql`(${count('failed')} + ${count('bounced')} + ${count('dropped')})`;

export async function selectOwners(
  at: Db,
  runIds: readonly number[],
): Promise<{ runId: number; campaign: string; ownerId: string }[]> {
  const { rows } = await sql<{ runId: number; campaign: string; ownerId: string }>`
    select r.id as "runId", r.fixed ->> 'name' as campaign, c.owner_id as "ownerId"
    from runs r join campaigns c on c.id = r.campaign_id where r.id = any(${[...runIds]}::bigint[]) order by r.id`.execute(
    at,
  );
  return rows;
}
