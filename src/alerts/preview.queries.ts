import type { RawBuilder } from 'kysely';

import type { StaffViewer } from '../access/viewer.ts';
import { managerOf } from '../accounts/managers.ts';
import { notRemoved } from '../accounts/removals.ts';
import { db, sql, type Db } from '../platform/db.ts';
import type { Subject } from '../rules/fields.ts';

import type { Compiled } from './conditions.ts';
import type { Kind } from './kinds.ts';
import type { Firing, Preview } from './preview.ts';
import { fitting, within } from './raising.queries.ts';
import type { AlertRule, Scope } from './rules.ts';
import type { Source } from './sources.ts';

/** Signals that were noted since, and those that would be noted now. */
export const noted = (kind: Kind, since: Date, present: Source): Source => sql`
  select cause, kind, account_id, person, rule_id, data, occurred_at from signals where kind = ${kind} and noted_at >= ${since}
  union all
  select * from (${present}) present where kind = ${kind} and not exists (select from signals s where s.cause = present.cause)`;

/** What `matched` (one row a signal: account_id, name, at) comes to, for somebody. */
const counted = ({ personId, userId }: StaffViewer, scope: Scope) => sql`
  select count(*)::int as signals, count(distinct m.account_id)::int as accounts, count(distinct m.at::date)::int as days,
    count(*) filter (where ${within(scope)})::int as yours,
    (select coalesce(json_agg(json_build_object('id', account_id, 'name', name)), '[]') from (
      select account_id, name from matched group by 1, 2 order by max(at) desc, name limit 5) shown) as sample
  from matched m cross join (select ${personId}::uuid as id, ${userId}::text as user_id) r`;

const nothing: Preview = { signals: 0, accounts: 0, days: 0, yours: 0, sample: [] };

export async function countFitting(
  tx: Db,
  source: Source,
  {
    rule,
    viewer,
    sources,
    condition,
  }: Compiled & { rule: Pick<AlertRule, 'id' | 'trigger' | 'filter' | 'scope'>; viewer: StaffViewer },
): Promise<Preview> {
  const { rows } = await sql<Preview>`
    with matched as materialized (
      select s.account_id, a.name, a.owner_id, ${managerOf('a')} as manager_id, s.occurred_at as at
      from (${source}) s join accounts a on a.id = s.account_id ${sources}
      where ${fitting(rule)} and a.deleted_at is null and ${notRemoved('a.id')} and ${condition})
    ${counted(viewer, rule.scope)}`.execute(tx);
  return rows[0] ?? nothing;
}

export async function countMeeting(
  tx: Db,
  {
    met,
    entity,
    viewer,
    scope,
  }: { met: RawBuilder<{ id: string }>; entity: Subject; viewer: StaffViewer; scope: Scope },
): Promise<Preview> {
  const account =
    entity === 'account'
      ? sql`a.id = met.id`
      : sql`a.id = (select account_id from account_people p where p.id = met.id::bigint)`;
  const { rows } = await sql<Preview>`
    with matched as materialized (
      select a.id as account_id, a.name, a.owner_id, ${managerOf('a')} as manager_id, now() as at
      from (${met}) met join accounts a on ${account})
    ${counted(viewer, scope)}`.execute(tx);
  return rows[0] ?? nothing;
}

export async function selectFirings(ruleId: string, personId: string): Promise<Firing[]> {
  const { rows } = await sql<Firing>`
    with batch as (
      select batch, max(raised_at) as at, max(signals) as signals, count(*)::int as people,
        count(*) filter (where acknowledged_at is not null)::int as acknowledged,
        max(id) filter (where person_id = ${personId}) as alert_id, min(id) as any_id
      from alerts where rule_id = ${ruleId} group by batch
      union all
      select d.batch, d.created_at, 0, 0, 0, null, null from webhook_deliveries d
      where d.rule_id = ${ruleId} and not exists (select from alerts l where l.rule_id = ${ruleId} and l.batch = d.batch)
      order by at desc limit 50)
    select b.batch, b.at, b.signals, b.people, b.acknowledged, b.alert_id as "alertId",
      array(select a.name from alert_signals k join accounts a on a.id = k.account_id
            where k.alert_id = coalesce(b.alert_id, b.any_id) order by k.signal_id limit 3) as accounts,
      (select d.state from webhook_deliveries d where d.rule_id = ${ruleId} and d.batch = b.batch limit 1) as posted
    from batch b order by b.at desc`.execute(db);
  return rows;
}
