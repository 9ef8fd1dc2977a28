import { sql, type Tx } from '../platform/db.ts';

import type { Accounts } from './engagement.ts';
import type { EngagementRules } from './engagement-rules.ts';

/* Scores are percentiles: `engagement_bounds` says from which value on each is reached, so that a few accounts can be scored by themselves. */

/** While there are so few accounts, a refresh of some finds the bounds anew as the full run does; above, once in ten minutes. */
const FEW_ACCOUNTS = 5_000;
const BOUNDS_LAST = '10 minutes';

/** What the score ranks an account by, of the columns of account_engagement. */
const measureOf = ({ metric }: EngagementRules) =>
  metric === 'time' ? 'minutes_per_day' : 'actions_per_day';

/** What the score ranks a person by. */
const personalMeasure = ({ metric }: EngagementRules) => (metric === 'time' ? 'seconds_14' : 'actions_14');

/** Beside `b`, the bounds of the row's status. */
export const accountScore = (table: string, rules: EngagementRules) => sql`
  case when ${sql.ref(`${table}.tracked_since`)} is not null then
    coalesce(b.scores[width_bucket(${sql.ref(`${table}.${measureOf(rules)}`)}::float8, b.from_values)], 0) end`;

/** Beside `b`, the bounds of people. */
export const personScore = (table: string, rules: EngagementRules) => sql`
  case when ${sql.ref(`${table}.days_active_14`)} > 0 then
    coalesce(b.scores[width_bucket(${sql.ref(`${table}.${personalMeasure(rules)}`)}::float8, b.from_values)], 0) end`;

/** Whose rows lie in `engaged` and `humans` is theirs; of all others, what was written last. */
const others = (table: string) =>
  sql`select * from ${sql.table(table)} where account_id not in (select account_id from engaged)`;

/**
 * Finds from which value on each score is reached, among all accounts of a status and among all active people.
 * @returns other accounts whose scores moved with it
 */
export async function keepBounds(
  tx: Tx,
  { accounts, rules, now }: { accounts: Accounts; rules: EngagementRules; now: Date },
): Promise<string[]> {
  if (accounts !== 'all' && (await areBoundsFresh(tx, now))) return [];
  await sql`delete from engagement_bounds`.execute(tx);
  const [measure, personal] = [sql.ref(measureOf(rules)), sql.ref(personalMeasure(rules))];
  const ofOthers = (table: string) =>
    accounts === 'all' ? sql`select * from ${sql.table(table)} where false` : others(table);
  await sql`
    with population as (
      select 'account' as kind, status, ${measure}::float8 as measure, 1 as least from engaged where tracked_since is not null
      union all
      select 'account', status, ${measure}, 1 from (${ofOthers('account_engagement')}) o where tracked_since is not null
      union all
      select 'person', '', ${personal}, 0 from humans where days_active_14 > 0
      union all
      select 'person', '', ${personal}, 0 from (${ofOthers('account_people')}) o where days_active_14 > 0
    ), ranked as (
      select kind, status, measure, least, sum(count(*)) over (partition by kind, status order by measure) - count(*) as lesser,
        sum(count(*)) over (partition by kind, status) - 1 as others
      from population group by kind, status, measure, least
    ), steps as (
      select kind, status, case when measure < least then 0 when others = 0 then 100 else round(100.0 * lesser / others) end::smallint as score,
        min(measure) as from_value
      from ranked group by 1, 2, 3
    )
    insert into engagement_bounds (kind, status, from_values, scores, found_at)
    select kind, status, array_agg(from_value order by from_value), array_agg(score order by from_value), ${now} from steps group by 1, 2`.execute(
    tx,
  );
  return accounts === 'all' ? [] : await scoreOthers(tx, rules);
}

async function areBoundsFresh(tx: Tx, now: Date): Promise<boolean> {
  const { rows } = await sql<{ are: boolean }>`
    select (select count(*) from (select from account_engagement limit ${FEW_ACCOUNTS}) first) >= ${FEW_ACCOUNTS}
      and (select min(found_at) from engagement_bounds) > ${now}::timestamptz - ${BOUNDS_LAST}::interval
      and not exists (select from engaged e where e.tracked_since is not null
        and not exists (select from engagement_bounds b where b.kind = 'account' and b.status = e.status)) as are`.execute(
    tx,
  );
  return rows[0]?.are ?? false;
}

async function scoreOthers(tx: Tx, rules: EngagementRules): Promise<string[]> {
  const { rows } = await sql<{ account_id: string }>`
    with moved as (
      update account_engagement g set engagement = ${accountScore('g', rules)} from engagement_bounds b
      where b.kind = 'account' and b.status = g.status and g.account_id not in (select account_id from engaged)
        and g.engagement is distinct from ${accountScore('g', rules)} returning g.account_id
    ), moved_people as (
      update account_people p set engagement = ${personScore('p', rules)} from engagement_bounds b
      where b.kind = 'person' and p.account_id not in (select account_id from engaged)
        and p.engagement is distinct from ${personScore('p', rules)} returning p.account_id
    )
    select account_id from moved union select account_id from moved_people`.execute(tx);
  return rows.map((row) => row.account_id);
}
