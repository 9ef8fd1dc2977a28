import type { RawBuilder } from 'kysely';

import { managerOf } from '../accounts/managers.ts';
import { db, sql, type Tx } from '../platform/db.ts';

import type { Batch } from './events.ts';
import type { AccountAtRisk, Risk, RiskChange, RiskMark, RiskRule } from './risk.ts';

type Condition = RawBuilder<boolean>;

export async function selectRisk(scope: Condition, accountId: string): Promise<Risk | undefined> {
  const { rows } = await sql<Risk>`
    select r.level, r.reason, r.at, r.expires_on as "expiresOn", r.set_by is not null as "isByHand", p.name as "setBy",
           s.name as segment, s.id as "segmentId"
    from account_risk r left join people p on p.id = r.set_by
    left join risk_rules rr on rr.id = r.rule_id left join segments s on s.id = rr.segment_id
    where r.account_id = ${accountId} and ${scope}`.execute(db);
  return rows[0];
}

/** Few accounts have a risk: each is looked up by its id, instead of all being read. */
const atRisk = sql`
  account_risk r cross join lateral (
    select a.id, a.name, a.success_manager_id, a.owner_id from accounts a where a.id = r.account_id and a.deleted_at is null offset 0) a`;

export async function selectAtRisk(
  scope: Condition,
  level: Risk['level'] | undefined,
): Promise<AccountAtRisk[]> {
  const { rows } = await sql<AccountAtRisk>`
    select a.id, a.name, u.name as "managerName", r.level, r.reason, r.at, r.expires_on as "expiresOn",
           r.set_by is not null as "isByHand", p.name as "setBy", s.name as segment
    from ${atRisk}
    left join users u on u.id = ${managerOf('a')} left join people p on p.id = r.set_by
    left join risk_rules rr on rr.id = r.rule_id left join segments s on s.id = rr.segment_id
    where ${scope} and (${level ?? null}::text is null or r.level = ${level ?? null})
    order by array_position(array['red', 'yellow', 'green'], r.level), r.at desc, a.id limit 200`.execute(db);
  return rows;
}

export async function selectRiskChanges(scope: Condition, accountId: string): Promise<RiskChange[]> {
  const { rows } = await sql<RiskChange>`
    select c.id, c.level, c.previous_level as "previousLevel", c.reason, p.name as "changedBy", c.segment,
           c.occurred_at as "occurredAt"
    from account_risk_changes c left join people p on p.id = c.changed_by
    where c.account_id = ${accountId} and ${scope} order by c.id desc limit 100`.execute(db);
  return rows;
}

export async function selectRiskRules(scope: Condition): Promise<RiskRule[]> {
  const { rows } = await sql<RiskRule>`
    select r.id, r.segment_id as "segmentId", s.name as "segmentName", r.level, r.reason, p.name as "createdBy",
           r.created_at as "createdAt",
           (select count(*) from account_risk a where a.rule_id = r.id) as accounts
    from risk_rules r join segments s on s.id = r.segment_id left join people p on p.id = r.created_by
    where ${scope} order by array_position(array['red', 'yellow', 'green'], r.level), lower(s.name)`.execute(
    db,
  );
  return rows;
}

export async function countByLevel(scope: Condition): Promise<{ level: Risk['level']; accounts: number }[]> {
  const { rows } = await sql<{ level: Risk['level']; accounts: number }>`
    select r.level, count(*) as accounts
    from ${atRisk} where ${scope} group by r.level`.execute(db);
  return rows;
}

export async function upsertMarks(tx: Tx, accounts: readonly string[], mark: RiskMark): Promise<void> {
  await sql`
    insert into risk_marks (account_id, level, reason, set_by, at, expires_on)
    select a.id, ${mark.level}, ${mark.reason}, ${mark.setBy}::uuid, ${mark.at}, ${mark.expiresOn ?? null}::date
    from accounts a where a.id = any(${accounts}) and a.deleted_at is null
    on conflict (account_id) do update set
      (level, reason, set_by, at, expires_on)
        = (excluded.level, excluded.reason, excluded.set_by, excluded.at, excluded.expires_on)`.execute(tx);
}

export async function deleteMarks(tx: Tx, accounts: readonly string[]): Promise<void> {
  await sql`delete from risk_marks where account_id = any(${accounts})`.execute(tx);
}

/** @returns the accounts whose marks were over by that day */
export async function deleteExpired(tx: Tx, today: string): Promise<string[]> {
  const { rows } = await sql<{ account_id: string }>`
    delete from risk_marks where expires_on < ${today}::date returning account_id`.execute(tx);
  return rows.map((row) => row.account_id);
}

/** @returns its id; undefined where the list has one, or is not a shared one of accounts */
export async function insertRule(
  tx: Tx,
  { segmentId, level, reason }: Pick<RiskRule, 'segmentId' | 'level' | 'reason'>,
  by: string | null,
  now: Date,
): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    insert into risk_rules (segment_id, level, reason, created_by, created_at)
    select id, ${level}, ${reason}, ${by}::uuid, ${now} from segments
    where id = ${segmentId} and entity = 'account' and is_shared and archived_at is null
    on conflict do nothing returning id`.execute(tx);
  return rows[0]?.id;
}

/** @returns the list it was of */
export async function deleteRule(tx: Tx, id: number): Promise<string | undefined> {
  const { rows } = await sql<{ segment_id: string }>`
    delete from risk_rules where id = ${id} returning segment_id`.execute(tx);
  return rows[0]?.segment_id;
}

export const membersOf = (segmentId: string) =>
  sql`select account_id from segment_members where segment_id = ${segmentId}`;

/** Of a batch of segment_changes, the accounts whose lists say something about risk. */
export const touchedBy = (batch: number) => sql`
  select c.account_id from segment_changes c join risk_rules r on r.segment_id = c.segment_id where c.batch = ${batch}`;

/** One settling at a time, so that none works with what another has changed. */
export async function waitForTurn(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('risk', 0))`.execute(tx);
}

/**
 * Writes down what counts for these accounts: what a person said and did not expire, else the gravest of the rules whose lists they are
 * in. What changed becomes history.
 * @param accounts a query of account_id
 */
export async function settle(
  tx: Tx,
  accounts: RawBuilder<unknown>,
  { by, now }: { by: string | null; now: Date },
): Promise<Batch> {
  const { rows } = await sql<Batch>`
    with touched as materialized (select distinct account_id from (${accounts}) given),
    said as (
      select m.account_id, 0 as place, m.level, m.reason, m.set_by, null::bigint as rule_id, m.at, m.expires_on
      from risk_marks m join touched using (account_id)
      where m.expires_on is null or m.expires_on >= ${now.toISOString().slice(0, 10)}::date
      union all
      select s.account_id, array_position(array['red', 'yellow', 'green'], r.level), r.level, r.reason, null, r.id, s.entered_at, null
      from risk_rules r join segment_members s on s.segment_id = r.segment_id join touched using (account_id)
    ), wanted as materialized (
      select distinct on (said.account_id) said.* from said join accounts a on a.id = said.account_id and a.deleted_at is null
      order by said.account_id, place, rule_id
    ), moved as materialized (
      select t.account_id, w.level, w.reason, w.set_by, w.rule_id, w.at, w.expires_on, o.level as old_level
      from touched t left join wanted w using (account_id) left join account_risk o using (account_id)
      where (w.level, w.reason, w.set_by, w.rule_id, w.expires_on) is distinct from (o.level, o.reason, o.set_by, o.rule_id, o.expires_on)
    ), gone as (
      delete from account_risk r using moved m where r.account_id = m.account_id and m.level is null
    ), kept as (
      insert into account_risk (account_id, level, reason, set_by, rule_id, at, expires_on)
      select account_id, level, reason, set_by, rule_id, at, expires_on from moved where level is not null
      on conflict (account_id) do update set
        (level, reason, set_by, rule_id, at, expires_on)
          = (excluded.level, excluded.reason, excluded.set_by, excluded.rule_id, excluded.at, excluded.expires_on)
    ), batch as materialized (select nextval('risk_batches') as id),
    told as (
      insert into account_risk_changes (batch, account_id, level, previous_level, reason, changed_by, segment, occurred_at)
      select batch.id, m.account_id, m.level, m.old_level, m.reason, ${by}::uuid, s.name, ${now}
      from moved m left join risk_rules r on r.id = m.rule_id left join segments s on s.id = r.segment_id, batch
      returning 1
    )
    select (select id from batch) as batch, (select count(*) from told) as changes`.execute(tx);
  const [outcome] = rows;
  if (outcome === undefined) throw new Error('settling risk answered nothing');
  return outcome;
}
