import type { RawBuilder } from 'kysely';

import { managerOf } from '../accounts/managers.ts';
import { prepared, sql } from '../platform/db.ts';

import type { Standing } from './standing.ts';

export async function selectStanding(
  scope: RawBuilder<boolean>,
  accountId: string,
  monthAgo: Date,
): Promise<Standing | undefined> {
  const [standing] = await prepared(sql<Standing>`
    select coalesce(h.status, e.status, 'unknown') as status, e.stage, e.customer_since as "customerSince", h.rank, h.score,
           coalesce(h.reasons, '[]') as reasons, h.changed_at as "changedAt", h.renewal_on as "renewalOn",
           coalesce(h.open_cases, 0) as "openCases", coalesce(h.urgent_cases, 0) as "urgentCases",
           e.contract_value_minor as "contractValueMinor", e.tracked_since as "trackedSince", e.last_active_on as "lastActiveOn",
           e.engagement, e.frequency, e.days_active_14 as "daysActive", e.people_active_14 as people,
           e.people_active_before as "peopleBefore", e.seconds_14 as seconds, e.seconds_before as "secondsBefore", e.seats, e.utilization,
           ${managerOf()} as "managerId", coalesce(m.name, a.success_manager_id) as "managerName",
           r.removed_at as "removedAt", p.name as "removedBy", r.reason as "removedReason",
           h.rank_since as "rankSince", k.level as risk,
           (select coalesce(json_agg(json_build_object('name', g.name, 'tone', g.tone) order by g.name), '[]')
            from account_tags tagged join tags g on g.name = tagged.tag where tagged.account_id = a.id) as tags,
           (select before.score from health_readings before
            where before.account_id = a.id and before.day <= ${monthAgo}::date order by before.day desc limit 1) as "scoreBefore"
    from accounts a
    left join health h on h.account_id = a.id
    left join account_engagement e on e.account_id = a.id
    left join users m on m.id = ${managerOf()}
    left join account_risk k on k.account_id = a.id
    left join removed_accounts r on r.account_id = a.id
    left join people p on p.id = r.removed_by
    where a.id = ${accountId} and a.deleted_at is null and ${scope}`);
  return standing;
}
