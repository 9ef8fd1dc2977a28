import { managerOf } from '../accounts/managers.ts';
import { notRemoved } from '../accounts/removals.ts';
import { prepared, sql } from '../platform/db.ts';

import type { Condition } from './conditions.ts';
import type { ChangedAccount, ComingRenewal, Whose } from './morning.ts';

export async function existsManaged(scope: Condition, userId: string): Promise<boolean> {
  const [row] = await prepared(sql<{ exists: boolean }>`
    select exists (select from accounts a where ${managerOf()} = ${userId} and a.deleted_at is null and ${scope}) as exists`);
  return row?.exists ?? false;
}

const of = (whose: Whose) => (whose === 'everybody' ? sql`true` : sql`${managerOf()} = ${whose.managerId}`);

/**
 * Of one's own accounts, each with its last reading of a day before: a few look-ups by key. Of everybody's, from what was noted as a
 * change: several of a day are one, from what it was before the first to what it is now.
 */
const before = (whose: Whose, { today, since }: { today: string; since: Date }) =>
  whose === 'everybody'
    ? sql`
      select distinct on (c.account_id) c.account_id, c.previous_status as status, c.previous_rank as rank, c.previous_score as score
      from health_history c where c.occurred_at > ${since} order by c.account_id, c.id`
    : sql`
      select a.id as account_id, d.status, d.rank, d.score
      from accounts a cross join lateral (
        select status, rank, score from health_readings r
        where r.account_id = a.id and r.day < ${today}::date and r.day >= ${today}::date - 7 order by r.day desc limit 1) d
      where ${managerOf()} = ${whose.managerId}`;

export async function selectChanged(
  scope: Condition,
  { whose, today, since, limit }: { whose: Whose; today: string; since: Date; limit: number },
): Promise<ChangedAccount[]> {
  return await prepared(sql<ChangedAccount>`
    select a.id, a.name, coalesce(m.name, a.success_manager_id) as "managerName", h.status, f.status as "previousStatus",
           h.rank, f.rank as "previousRank", h.score, f.score as "previousScore", h.reasons,
           e.contract_value_minor as "contractValueMinor", h.changed_at as "changedAt"
    from (${before(whose, { today, since })}) f join health h on h.account_id = f.account_id join accounts a on a.id = f.account_id
    left join account_engagement e on e.account_id = a.id left join users m on m.id = ${managerOf()}
    where a.deleted_at is null and ${notRemoved('a.id')} and ${scope} and f.status is not null
      and (h.rank is distinct from f.rank or h.status is distinct from f.status)
    order by coalesce(h.score, 0) - coalesce(f.score, 0), e.contract_value_minor desc nulls last, a.id limit ${limit}`);
}

export async function selectRenewals(
  scope: Condition,
  { whose, days, limit }: { whose: Whose; days: number; limit: number },
): Promise<ComingRenewal[]> {
  return await prepared(sql<ComingRenewal>`
    select a.id, a.name, coalesce(m.name, a.success_manager_id) as "managerName", h.rank, h.score, h.reasons, h.renewal_on as "renewalOn",
           e.contract_value_minor as "contractValueMinor", h.unprepared_renewal_on is distinct from h.renewal_on as "isPrepared"
    from health h join accounts a on a.id = h.account_id
    left join account_engagement e on e.account_id = a.id left join users m on m.id = ${managerOf()}
    where h.status = 'paying' and h.renewal_on <= current_date + ${days}::int and a.deleted_at is null and ${notRemoved('a.id')}
      and ${scope} and ${of(whose)}
    order by h.renewal_on, a.id limit ${limit}`);
}
