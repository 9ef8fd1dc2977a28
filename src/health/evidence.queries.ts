import type { RawBuilder } from 'kysely';

import { sql, type Db } from '../platform/db.ts';

import type { Evidence } from './evidence.ts';
import { urgentPriorities } from './readings.ts';

/** The five that matter most of each kind: urgent and old cases first, the latest of the others. */
export async function selectEvidence(
  tx: Db,
  accountIds: readonly string[],
  scope: RawBuilder<boolean> = sql`true`,
): Promise<Evidence[]> {
  const { rows } = await sql<Evidence>`
    with found as (
      select 'case' as kind, account_id, coalesce(salesforce_id, id::text) as id, coalesce(number, subject) as label,
             created_at::date as happened_on, coalesce(priority in (${sql.join(urgentPriorities)}), false) as marked,
             created_at::date - date '2000-01-01' as place
      from cases where account_id = any(${accountIds}) and deleted_at is null and not is_closed
      union all
      select 'license', account_id, id, name, support_until, false, date '2100-01-01' - support_until
      from licenses where account_id = any(${accountIds}) and deleted_at is null and not is_trial and support_until is not null
      union all
      select 'opportunity', account_id, id, name, close_on, is_won, date '2100-01-01' - close_on
      from opportunities
      where account_id = any(${accountIds}) and deleted_at is null and is_closed and (is_won or type = 'Renewal') and close_on is not null
      union all
      select 'person', account_id, id::text, name, last_active_on, false, date '2100-01-01' - last_active_on
      from account_people where account_id = any(${accountIds}) and last_active_on is not null
    ), placed as (
      select *, row_number() over (partition by account_id, kind, marked order by place, id) as nth from found
    )
    select kind, account_id as "accountId", id, label, happened_on as "on", marked
    from placed where nth <= case kind when 'person' then 1 else 5 end and ${scope}
    order by account_id, kind, marked desc, place, id`.execute(tx);
  return rows;
}
