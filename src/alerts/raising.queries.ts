import type { RawBuilder } from 'kysely';

import { staffWith } from '../access/people.ts';
import { staffRoles } from '../access/viewer.ts';
import { managerOf } from '../accounts/managers.ts';
import { notRemoved } from '../accounts/removals.ts';
import { sql, type Tx } from '../platform/db.ts';

import type { Compiled } from './conditions.ts';
import type { Filter, Kind } from './kinds.ts';
import type { AlertRule, Scope } from './rules.ts';

type Condition = RawBuilder<boolean>;

export interface Raising extends Compiled {
  rule: AlertRule;
  batch: number;
  at: Date;
}

export async function selectKinds(tx: Tx, batch: number): Promise<Kind[]> {
  const { rows } = await sql<{
    kind: Kind;
  }>`select distinct kind from signals where batch = ${batch}`.execute(tx);
  return rows.map(({ kind }) => kind);
}

/**
 * The alerts of a rule for a batch: one a person, with all its signals. Left out are those who muted the rule or the account, and
 * accounts of which the rule told the person within its rest.
 */
export async function insertAlerts(tx: Tx, { rule, batch, at, sources, condition }: Raising): Promise<void> {
  await sql`
    with matched as materialized (
      select s.id, s.account_id, s.person, a.owner_id, ${managerOf('a')} as manager_id
      from signals s join accounts a on a.id = s.account_id ${sources}
      where s.batch = ${batch} and ${fitting(rule)} and a.deleted_at is null and ${notRemoved('a.id')} and ${condition}
    ),
    recipient as materialized (
      select p.id, p.user_id, coalesce(t.wants_mail, true) as wants_mail
      from people p left join alert_settings t on t.person_id = p.id where ${recipients(rule)}
    ),
    told as materialized (
      select r.id as person_id, r.wants_mail, m.id as signal_id, m.account_id
      from matched m join recipient r on ${within(rule.scope)}
      where not exists (
          select from alert_mutes x where x.person_id = r.id and coalesce(x.rule_id, ${rule.id}) = ${rule.id}
            and coalesce(x.account_id, m.account_id) = m.account_id)
        and ${rested(rule, at)}
    ),
    alert as (
      insert into alerts (person_id, rule_id, batch, signals, in_inbox, wants_mail, raised_at)
      select person_id, ${rule.id}, ${batch}, count(*), ${rule.toInbox}::boolean, ${rule.toMail}::boolean and wants_mail, ${at}
      from told group by person_id, wants_mail
      on conflict (person_id, rule_id, batch) do nothing returning id, person_id
    )
    insert into alert_signals (alert_id, signal_id, person_id, rule_id, account_id, raised_at)
    select alert.id, told.signal_id, told.person_id, ${rule.id}, told.account_id, ${at}
    from told join alert on alert.person_id = told.person_id`.execute(tx);
}

/** The signals of a source, or of a batch, that a rule is about: over `s`. */
export function fitting({ id, trigger, filter }: Pick<AlertRule, 'id' | 'trigger' | 'filter'>): Condition {
  const own = trigger === 'condition.met' ? [sql`s.rule_id = ${id}`] : [];
  const narrowed = Object.entries(narrowing(filter)).flatMap(([name, condition]) =>
    isSet(filter[name as keyof Filter]) ? [condition] : [],
  );
  return sql<boolean>`(${sql.join([sql`s.kind = ${trigger}`, ...own, ...narrowed], sql` and `)})`;
}

const isSet = (value: Filter[keyof Filter]): boolean =>
  Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;

/** What each part of a filter asks of a signal; said only where it is set. */
const narrowing = ({ ranks, direction, points, segmentId, levels, days }: Filter) => ({
  ranks: sql`s.data ->> 'rank' = any(${ranks ?? []}::text[])`,
  direction: sql`s.data ->> 'direction' = ${direction}`,
  points: sql`(s.data ->> 'previousScore')::int - (s.data ->> 'score')::int >= ${points}::int`,
  segmentId: sql`s.data ->> 'segmentId' = ${segmentId}`,
  levels: sql`s.data ->> 'level' = any(${levels ?? []}::text[])`,
  days: sql`(s.data ->> 'days')::int <= ${days}::int`,
  executivesOnly: sql`(s.data ->> 'isExecutive')::boolean`,
});

const recipients = ({ ownerId, roles }: AlertRule): Condition =>
  ownerId === null ? staffWith(roles) : sql<boolean>`p.id = ${ownerId} and ${staffWith(staffRoles)}`;

/** Whether an account (of `m`) is one of those that somebody (`r`) is told of. */
export function within(scope: Scope): Condition {
  const mine = sql<boolean>`r.user_id in (m.manager_id, m.owner_id)`;
  const followed = sql<boolean>`(
    exists (select from follows f where f.person_id = r.id and f.kind = 'account' and f.target = m.account_id)
    or exists (select from follows f join segment_members g on g.segment_id::text = f.target and g.account_id = m.account_id
               where f.person_id = r.id and f.kind = 'segment'))`;
  return {
    all: sql<boolean>`true`,
    mine,
    followed,
    mine_or_followed: sql<boolean>`(${mine} or ${followed})`,
  }[scope];
}

const rested = ({ id, restHours }: AlertRule, at: Date): Condition =>
  restHours === 0
    ? sql<boolean>`true`
    : sql<boolean>`not exists (
        select from alert_signals l where l.rule_id = ${id} and l.person_id = r.id and l.account_id = m.account_id
          and l.raised_at > ${new Date(at.getTime() - restHours * 3_600_000)})`;

/** Who has alerts of this batch that go out by mail. */
export async function selectToMail(tx: Tx, batch: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct person_id as id from alerts where batch = ${batch} and wants_mail and mailed_at is null`.execute(
    tx,
  );
  return rows.map(({ id }) => id);
}
