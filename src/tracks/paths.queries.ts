import type { RawBuilder } from 'kysely';

import { db, sql } from '../platform/db.ts';

import type { Path, PathEntry, PathStep, TrackOfPerson } from './paths.ts';

type Condition = RawBuilder<boolean>;

export async function selectPerson(scope: Condition, personId: number): Promise<Path['person'] | undefined> {
  const { rows } = await sql<Path['person']>`
    select p.id, p.name, p.email_normalized as email, p.account_id as "accountId", a.name as "accountName"
    from account_people p left join accounts a on a.id = p.account_id where p.id = ${personId} and ${scope}`.execute(
    db,
  );
  return rows[0];
}

interface SelectedEntry extends Omit<PathEntry, 'steps' | 'now'> {
  step: string | null;
  arrivedAt: Date;
  dueAt: Date | null;
  untilAt: Date | null;
}

export async function selectEntries(
  scope: Condition,
  trackId: string,
  personId: number,
): Promise<SelectedEntry[]> {
  const { rows } = await sql<SelectedEntry>`
    select t.entry, t.version, t.state, t.cause || jsonb_build_object('byName', b.name) as cause, t.entered_at as "enteredAt", t.ended_at as "endedAt",
      t.reason, t.step, t.arrived_at as "arrivedAt", t.due_at as "dueAt", t.until_at as "untilAt",
      (select min(k.reached_at) from track_path w join runs r on r.campaign_id = w.track_id and r.trigger_key = 'wave:' || w.wave::text
       join deliveries d on d.run_id = r.id and d.person_id = w.person_id and d.entry = w.entry
       join goal_conversions k on k.run_id = d.run_id and k.n = d.n
       where w.track_id = t.track_id and w.person_id = t.person_id and w.entry = t.entry and w.wave is not null) as "convertedAt"
    from track_people t left join people b on b.id::text = t.cause ->> 'by'
    where t.track_id = ${trackId} and t.person_id = ${personId} and ${scope} order by t.entry`.execute(db);
  return rows;
}

interface SelectedStep {
  entry: number;
  version: number;
  key: string;
  passed: Omit<PathStep, 'key' | 'kind' | 'step'>;
}

export async function selectPassed(
  scope: Condition,
  trackId: string,
  personId: number,
): Promise<SelectedStep[]> {
  const { rows } = await sql<Omit<SelectedStep, 'passed'> & SelectedStep['passed']>`
    select w.entry, w.step as key, w.version, w.arrived_at as "arrivedAt", w.passed_at as "passedAt", w.outcome, r.id as "runId", d.n,
      case when d.n is not null then json_build_object('state', d.state, 'reason', d.reason, 'outcome', d.outcome, 'flags', d.flags,
        'settledAt', d.settled_at) end as delivery,
      (select k.id from track_tasks k where w.outcome = 'task' and k.track_id = w.track_id and k.step = w.step
        and (k.person_id = w.person_id and k.entry = w.entry
          or k.person_id is null and k.account_id = p.account_id and k.written_at <= w.passed_at)
       order by k.written_at desc limit 1) as "taskId"
    from track_path w left join account_people p on p.id = w.person_id
    left join runs r on r.campaign_id = w.track_id and r.trigger_key = 'wave:' || w.wave::text
    left join deliveries d on d.run_id = r.id and d.person_id = w.person_id and d.entry = w.entry
    where w.track_id = ${trackId} and w.person_id = ${personId} and ${scope}
    order by w.entry, w.passed_at, w.arrived_at`.execute(db);
  return rows.map(({ entry, version, key, delivery, ...rest }) => ({
    entry,
    version,
    key,
    passed: { ...rest, delivery: delivery && withDate(delivery) },
  }));
}

const withDate = (delivery: NonNullable<PathStep['delivery']>) => ({
  ...delivery,
  settledAt: delivery.settledAt === null ? null : new Date(delivery.settledAt),
});

export async function selectTracksOf(scope: Condition, personId: number): Promise<TrackOfPerson[]> {
  const { rows } = await sql<TrackOfPerson>`
    select t.track_id as "trackId", t.person_id as "personId", c.name, k.status, t.state, t.step, t.entry, t.entered_at as "enteredAt", t.due_at as "dueAt",
      t.ended_at as "endedAt", t.reason
    from track_people t join campaigns c on c.id = t.track_id join tracks k on k.id = t.track_id
    where ${scope} and t.person_id in (
      select o.id from account_people o where o.id = ${personId}
        or o.email_normalized = (select email_normalized from account_people where id = ${personId}))
    order by t.state = 'in' desc, t.entered_at desc, c.name`.execute(db);
  return rows;
}
