import type { RawBuilder } from 'kysely';

import { sql } from '../platform/db.ts';

import type { EntryKind, Topic } from './timeline.ts';

/** A query of what happened to an account: `id`, unique within the kind, `at` and `about`. */
export interface Source {
  topic: Topic;
  kind: EntryKind;
  rows: (accountId: string) => RawBuilder<unknown>;
}

/* Long texts are cut: a timeline says that something happened, its own page says what. */
const excerpt = (column: string) => sql`left(regexp_replace(${sql.ref(column)}, '\\s+', ' ', 'g'), 240)`;

const ours = (accountId: string) => sql`select u.id from usage_accounts u where u.account_id = ${accountId}`;

const usage: Source[] = [
  {
    topic: 'usage',
    kind: 'usage.first',
    rows: (accountId) => sql`
      select min(day) as id, min(day)::timestamptz as at, '{}'::jsonb as about
      from usage_account_days where usage_account in (${ours(accountId)}) having count(*) > 0`,
  },
  {
    topic: 'usage',
    kind: 'usage.returned',
    rows: (accountId) => sql`
      select day as id, day::timestamptz as at, jsonb_build_object('days', day - previous - 1) as about
      from (select day, lag(day) over (order by day) as previous from usage_account_days
            where usage_account in (${ours(accountId)}) and events > 0) active
      where day - previous > 14`,
  },
  {
    topic: 'usage',
    kind: 'usage.module',
    rows: (accountId) => sql`
      select module as id, min(day)::timestamptz as at, jsonb_build_object('title', module) as about
      from usage_days where usage_account in (${ours(accountId)}) and module <> '' group by module`,
  },
  {
    topic: 'usage',
    kind: 'usage.person',
    rows: (accountId) => sql`
      select p.id, first.day::timestamptz as at,
             jsonb_build_object('who', coalesce(c.name, p.name, p.email, p.external_id)) as about
      from (select person, min(day) as day from usage_days
            where usage_account in (${ours(accountId)}) and person > 0 group by person) first
      join usage_people p on p.id = first.person left join contacts c on c.id = p.contact_id`,
  },
];

const health: Source[] = [
  {
    topic: 'health',
    kind: 'health.rank',
    rows: (accountId) => sql`
      select id, occurred_at as at, jsonb_build_object('rank', rank, 'from', previous_rank, 'score', score,
               'before', previous_score, 'status', status) as about
      from health_history where account_id = ${accountId}
        and (rank is distinct from previous_rank or status is distinct from previous_status)`,
  },
  {
    topic: 'health',
    kind: 'health.score',
    rows: (accountId) => sql`
      select id, occurred_at as at, jsonb_build_object('rank', rank, 'score', score, 'before', previous_score) as about
      from health_history where account_id = ${accountId} and rank is not distinct from previous_rank
        and status is not distinct from previous_status and abs(score - previous_score) >= 10`,
  },
];

const cases: Source[] = [
  {
    topic: 'cases',
    kind: 'case.opened',
    rows: (accountId) => sql`
      select c.id, c.created_at as at, jsonb_build_object('title', c.subject, 'number', c.number, 'who', p.name,
               'priority', c.priority, 'record', c.salesforce_id) as about
      from cases c left join contacts p on p.id = c.contact_id where c.account_id = ${accountId} and c.deleted_at is null`,
  },
  {
    topic: 'cases',
    kind: 'case.closed',
    rows: (accountId) => sql`
      select id, closed_at as at, jsonb_build_object('title', subject, 'number', number, 'record', salesforce_id) as about
      from cases where account_id = ${accountId} and deleted_at is null and closed_at is not null`,
  },
  {
    topic: 'cases',
    kind: 'case.comment',
    rows: (accountId) => sql`
      select m.id, m.created_at as at, jsonb_build_object('title', c.subject, 'number', c.number, 'record', c.salesforce_id,
               'text', ${excerpt('m.body')}, 'who', coalesce(u.name, w.name), 'isInternal', not m.is_published) as about
      from case_comments m join cases c on c.id = m.case_id
      left join users u on u.id = m.author_id left join people w on w.id = m.written_by
      where c.account_id = ${accountId} and m.deleted_at is null and c.deleted_at is null`,
  },
  {
    topic: 'cases',
    kind: 'case.mail',
    rows: (accountId) => sql`
      select m.id, coalesce(m.sent_at, m.created_at) as at, jsonb_build_object('title', coalesce(m.subject, c.subject), 'number', c.number,
               'record', c.salesforce_id, 'text', ${excerpt('m.text_body')}, 'who', coalesce(m.from_name, m.from_address)) as about
      from case_emails m join cases c on c.id = m.case_id
      where c.account_id = ${accountId} and m.deleted_at is null and c.deleted_at is null`,
  },
];

const amount = sql`'amount', o.amount_minor, 'currency', coalesce(o.attributes ->> 'CurrencyIsoCode', 'USD')`;

const deals: Source[] = [
  {
    topic: 'deals',
    kind: 'deal.opened',
    rows: (accountId) => sql`
      select o.id, o.created_at as at, jsonb_build_object('title', o.name, 'who', u.name, ${amount}, 'record', o.id) as about
      from opportunities o left join users u on u.id = o.owner_id where o.account_id = ${accountId} and o.deleted_at is null`,
  },
  ...(['deal.won', 'deal.lost'] as const).map((kind): Source => ({
    topic: 'deals',
    kind,
    rows: (accountId) => sql`
      select o.id, o.close_on::timestamptz as at,
             jsonb_build_object('title', o.name, 'who', u.name, ${amount}, 'text', o.type, 'record', o.id) as about
      from opportunities o left join users u on u.id = o.owner_id
      where o.account_id = ${accountId} and o.deleted_at is null and o.is_closed and o.is_won = ${kind === 'deal.won'}`,
  })),
];

const activities: Source[] = [
  ...(['task.done', 'task.mail'] as const).map((kind): Source => ({
    topic: 'activities',
    kind,
    rows: (accountId) => sql`
      select t.id, coalesce(t.completed_at, t.due_on::timestamptz, t.created_at) as at,
             jsonb_build_object('title', t.subject, 'who', u.name, 'text', ${excerpt('t.description')}, 'record', t.id) as about
      from salesforce_tasks t left join users u on u.id = t.owner_id
      where t.account_id = ${accountId} and t.deleted_at is null and t.is_closed
        and (coalesce(t.kind, '') = 'Email') = ${kind === 'task.mail'}`,
  })),
  {
    topic: 'activities',
    kind: 'meeting',
    rows: (accountId) => sql`
      select e.id, e.starts_at as at, jsonb_build_object('title', e.subject, 'who', u.name, 'text', ${excerpt('e.description')},
               'record', e.id) as about
      from salesforce_events e left join users u on u.id = e.owner_id
      where e.account_id = ${accountId} and e.deleted_at is null and e.starts_at is not null`,
  },
];

const insights: Source[] = [
  {
    topic: 'insights',
    kind: 'insight',
    rows: (accountId) => sql`
      select id, occurred_at as at, jsonb_build_object('title', data ->> 'headline', 'kind', kind) as about
      from insights where account_id = ${accountId} and kind <> 'health.changed'`,
  },
];

const tags: Source[] = [
  ...(['tag.added', 'tag.removed'] as const).map((kind): Source => ({
    topic: 'tags',
    kind,
    rows: (accountId) => sql`
      select c.id, c.occurred_at as at, jsonb_build_object('title', c.tag, 'who', coalesce(p.name, c.segment)) as about
      from account_tag_changes c left join people p on p.id = c.changed_by
      where c.account_id = ${accountId} and c.change = ${kind.slice('tag.'.length)}`,
  })),
  {
    topic: 'tags',
    kind: 'risk',
    rows: (accountId) => sql`
      select c.id, c.occurred_at as at, jsonb_build_object('level', c.level, 'from', c.previous_level, 'text', c.reason,
               'who', coalesce(p.name, c.segment)) as about
      from account_risk_changes c left join people p on p.id = c.changed_by where c.account_id = ${accountId}`,
  },
];

/**
 * What alerts are made of, as far as no other source tells it: of smart lists those that everybody sees, and nothing that a rule of
 * one person alone looks for.
 */
const signals: Source[] = [
  {
    topic: 'signals',
    kind: 'signal',
    rows: (accountId) => sql`
      select s.id, s.occurred_at as at, jsonb_build_object('text', r.name,
               'signal', jsonb_build_object('kind', s.kind, 'data', s.data, 'personName', p.name)) as about
      from signals s left join account_people p on p.id = s.person left join alert_rules r on r.id = s.rule_id
      left join segments g on s.kind like 'segment.%' and g.id = (s.data ->> 'segmentId')::uuid
      where s.account_id = ${accountId} and (s.rule_id is null or r.owner_id is null)
        and (s.kind in ('usage.stopped', 'usage.rising', 'capacity.near', 'renewal.near', 'person.quiet', 'condition.met') or g.is_shared)`,
  },
];

const signIns: Source[] = [
  {
    topic: 'sign-ins',
    kind: 'sign-in',
    rows: (accountId) => sql`
      select e.id, e.recorded_at as at, jsonb_build_object('who', p.name) as about
      from memberships m join security_events e on e.person_id = m.person_id and e.kind = 'signed-in'
      join people p on p.id = m.person_id where m.account_id = ${accountId}`,
  },
];

/** Where each kind of entry comes from. A part of the product that has something to tell adds its own here. */
export const sources: readonly Source[] = [
  ...usage, ...health, ...cases, ...deals, ...activities, ...insights, ...tags, ...signals, ...signIns,
]; // prettier-ignore
