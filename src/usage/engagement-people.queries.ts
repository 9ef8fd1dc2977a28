import { sql, type Tx } from '../platform/db.ts';

import { frequencyFrom, type Given, personalUse } from './engagement.queries.ts';
import { personScore } from './engagement-scores.queries.ts';

const seen = ['first_active_on', 'last_active_on', 'frequency'] as const;
const counts = ['days_active_14', 'days_active_before', 'actions_14', 'actions_before', 'seconds_14', 'modules_14'] as const; // prettier-ignore
const columns = [...seen, ...counts];
const of = (table: string, before = '') =>
  sql.join(columns.map((name) => sql.ref(`${table}.${before}${name}`)));

/** Of those who never used anything, dates are unknown and counts 0. */
const told = sql.join([
  ...seen.map((name) => sql.ref(`t.${name}`)),
  ...counts.map((name) => sql`coalesce(${sql.ref(`t.${name}`)}, 0) as ${sql.ref(name)}`),
]);

const former = sql.join(columns.map((name) => sql`${sql.ref(`p.${name}`)} as ${sql.ref(`former_${name}`)}`));

const among = (column: string, accounts: Given['accounts']) =>
  accounts === 'all' ? sql`true` : sql`${sql.ref(column)} = any(${accounts})`;

/** What each of an account's people did, in `humans`: as all the users together that they are (`usage_members.human`). */
export async function gather(tx: Tx, { accounts, today, rules }: Given): Promise<void> {
  const recent = sql`bit_count((days & 32767)::bit(32))`;
  const ours =
    accounts === 'all'
      ? sql`m.human is not null`
      : sql`m.usage_account in (select id from usage_accounts where ${among('account_id', accounts)})`;
  await sql`
    create temporary table humans on commit drop as
    with used as (${personalUse({ accounts, today })}
    ), done as (
      select m.human, min(m.first_on) as first_active_on, max(m.last_on) as last_active_on, coalesce(bit_or(u.days), 0) as days,
        sum(u.actions_14)::int as actions_14, sum(u.actions_before)::int as actions_before, sum(u.seconds_14)::int as seconds_14,
        bit_count(coalesce(bit_or(u.modules), 0)::bit(64))::int as modules_14
      from usage_members m left join used u on u.usage_account = m.usage_account and u.person = m.person
      where ${ours} group by m.human
    ), t as (
      select *, least(14, ${recent})::int as days_active_14, bit_count((days >> 15)::bit(32))::int as days_active_before,
        ${frequencyFrom(recent, rules)} as frequency
      from done
    )
    select e.id, e.account_id, e.days, e.former_engagement, ${of('e')}, (${of('e')}) is not distinct from (${of('e', 'former_')}) as is_same
    from (
      select p.id, p.account_id, p.engagement as former_engagement, ${former}, coalesce(t.days, 0) as days, ${told}
      from account_people p left join t on t.human = p.id where ${among('p.account_id', accounts)}
    ) e`.execute(tx);
}

/** @returns the accounts written */
export async function write(tx: Tx, { rules }: Given): Promise<string[]> {
  const { rows } = await sql<{ account_id: string }>`
    with scored as (
      select h.*, ${personScore('h', rules)} as engagement from humans h left join engagement_bounds b on b.kind = 'person'
    ), news as materialized (
      select * from scored where not is_same or engagement is distinct from former_engagement
    ), changed as (
      update account_people p set (${sql.join(columns.map((name) => sql.ref(name)))}, engagement) = row(${of('h')}, h.engagement)
      from news h where p.id = h.id returning p.account_id
    )
    select distinct account_id from changed`.execute(tx);
  return rows.map((row) => row.account_id);
}
