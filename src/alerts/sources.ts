import type { RawBuilder } from 'kysely';

import { urgentPriorities } from '../health/readings.ts';
import { DAY } from '../platform/clock.ts';
import { sql } from '../platform/db.ts';

/** A statement that gives signals: cause, kind, account_id, person, rule_id, data, occurred_at. */
export type Source = RawBuilder<unknown>;

/** The changes of one batch, or all since a moment, as far as they were kept: for a look at what a rule would have told. */
export type Window = { batch: number } | { since: Date };

const none = sql`null::bigint as person, null::uuid as rule_id`;

/** Changes older than this that the sync brings are history, and no news. */
const NEWS_DAYS = 14;

const ago = (at: Date, days: number) => new Date(at.getTime() - days * DAY);
const dayOf = (at: Date) => at.toISOString().slice(0, 10);

/**
 * What changed while the past was imported was so before, and was only not known: no news. It is counted and judged up to minutes after
 * its last row came. An import that never ended stands in nobody's way for long.
 */
const isNews = sql<boolean>`not exists (
  select from usage_imports i where c.occurred_at >= i.started_at and i.error is null
    and c.occurred_at < coalesce(i.received_at, i.started_at + interval '2 hours') + interval '2 minutes')`;

/** Where signals come from, a statement each. Every cause names the row or the moment that it stands for. */
export const sources = { health, cases, opportunities, segments, risk, daily };

/** One look at the history's rows gives all kinds. A first rank is none that changed; a first status counts for who has just bought. */
function health(window: Window): Source {
  const within = 'batch' in window ? sql`c.batch = ${window.batch}` : sql`c.occurred_at >= ${window.since}`;
  return sql`
    select told.cause || c.id as cause, told.kind, c.account_id, ${none},
      jsonb_strip_nulls(jsonb_build_object('rank', c.rank, 'previousRank', c.previous_rank, 'score', c.score,
        'previousScore', c.previous_score, 'reasons', c.reasons, 'previousStatus', c.previous_status,
        'direction', case when c.score >= c.previous_score then 'up' else 'down' end)) as data, c.occurred_at
    from health_history c
    left join account_engagement e on e.account_id = c.account_id,
    lateral (values
      ('paying:', 'customer.new', c.status = 'paying' and c.previous_status is distinct from 'paying'
        and (c.previous_status is not null or e.customer_since >= c.occurred_at::date - ${NEWS_DAYS}::int)),
      ('lost:', 'customer.lost', c.status = 'cancelled' and c.previous_status = 'paying'),
      ('rank:', 'health.changed', c.rank <> c.previous_rank),
      ('score:', 'health.dropped', c.previous_score - c.score >= 5)
    ) as told (cause, kind, holds)
    where ${within} and told.holds and ${isNews}`;
}

function cases(window: Window | { caseId: string }, at: Date): Source {
  const within =
    'caseId' in window
      ? sql`c.id = ${window.caseId}`
      : 'batch' in window
        ? sql`c.id in (select row_id::uuid from mirror_changes where batch = ${window.batch} and table_name = 'cases')
            and (c.created_at >= ${ago(at, 2)} or exists (
              select from case_changes ch where ch.case_id = c.id and ch.field = 'Priority' and ch.created_at >= ${ago(at, 2)}))`
        : sql`c.created_at >= ${window.since}`;
  return sql`
    select told.cause || c.id as cause, told.kind, c.account_id, ${none},
      jsonb_strip_nulls(jsonb_build_object('caseId', c.id, 'number', c.number, 'subject', c.subject, 'priority', c.priority)) as data,
      c.created_at as occurred_at
    from cases c,
    lateral (values
      ('case:', 'case.opened', c.created_at >= ${'since' in window ? window.since : ago(at, 2)}::timestamptz),
      ('urgent:', 'case.urgent', c.priority = any(${[...urgentPriorities]}) and not c.is_closed)
    ) as told (cause, kind, holds)
    where ${within} and c.account_id is not null and c.deleted_at is null and told.holds`;
}

function opportunities(window: Window, at: Date): Source {
  const within =
    'batch' in window
      ? sql`o.id in (select row_id from mirror_changes where batch = ${window.batch} and table_name = 'opportunities')`
      : sql`(o.close_on >= ${dayOf(window.since)}::date or o.created_at >= ${window.since})`;
  const since = 'since' in window ? window.since : ago(at, NEWS_DAYS);
  const closed = sql`o.is_closed and o.close_on between ${dayOf(since)}::date and ${dayOf(at)}::date + 1`;
  return sql`
    select told.cause || o.id as cause, told.kind, o.account_id, ${none},
      jsonb_strip_nulls(jsonb_build_object('opportunityId', o.id, 'name', o.name, 'stage', o.stage, 'amountMinor', o.amount_minor,
        'closeOn', o.close_on)) as data,
      case told.kind when 'opportunity.created' then o.created_at else least(o.modified_at, ${at}::timestamptz) end as occurred_at
    from opportunities o,
    lateral (values
      ('opened:', 'opportunity.created', not o.is_closed and o.created_at >= ${since}::timestamptz),
      ('won:', 'opportunity.won', ${closed} and o.is_won),
      ('missed:', 'opportunity.lost', ${closed} and not o.is_won)
    ) as told (cause, kind, holds)
    where ${within} and o.account_id is not null and o.deleted_at is null and told.holds`;
}

/** Who entered because the list's rule was changed or looked at first did nothing that is news. */
function segments(window: Window): Source {
  const within = 'batch' in window ? sql`c.batch = ${window.batch}` : sql`c.occurred_at >= ${window.since}`;
  return sql`
    select 'segment:' || c.id as cause, 'segment.' || c.change as kind, c.account_id,
      case when g.entity = 'person' then c.entity_id::bigint end as person, null::uuid as rule_id,
      jsonb_build_object('segmentId', g.id, 'segment', g.name) as data, c.occurred_at
    from segment_changes c join segments g on g.id = c.segment_id
    where ${within} and c.cause <> 'rule' and ${isNews}`;
}

function risk(window: Window): Source {
  const within = 'batch' in window ? sql`c.batch = ${window.batch}` : sql`c.occurred_at >= ${window.since}`;
  return sql`
    select 'risk:' || c.id as cause, 'risk.changed' as kind, c.account_id, ${none},
      jsonb_strip_nulls(jsonb_build_object('level', coalesce(c.level, 'none'), 'previousLevel', c.previous_level, 'reason', c.reason)) as data,
      c.occurred_at
    from account_risk_changes c where ${within} and ${isNews}`;
}

/** Somebody whose word counts in their company, by the title that Salesforce or the product knows. */
const executive = sql`coalesce(p.title ~* '\\m(chief|c[a-z]o|vp|svp|evp|vice president|president|director|head|owner|founder|managing)\\M', false)`;

/**
 * Each holds once: a day without use by the last day with it, a renewal by its day and how near it is, growth and capacity once a month.
 * Use that ended longer than two weeks ago is no news.
 */
function daily(at: Date): Source {
  const today = sql`${dayOf(at)}::date`;
  const month = dayOf(at).slice(0, 7);
  const used = sql`account_engagement e where e.tracked_since is not null`;
  const figures = sql`jsonb_build_object('people', e.people_active_14, 'before', e.people_active_before, 'actions', e.actions_14,
    'actionsBefore', e.actions_before, 'utilization', e.utilization, 'seats', e.seats, 'activeOn', e.last_active_on)`;
  return sql`
    select 'stopped:' || e.account_id || ':' || e.last_active_on as cause, 'usage.stopped' as kind, e.account_id, ${none},
      jsonb_strip_nulls(${figures}) as data, ${at}::timestamptz as occurred_at
    from ${used} and e.status = 'paying' and e.last_active_on between ${today} - 14 and ${today} - 7
      and coalesce(e.days_active_14, 0) + coalesce(e.days_active_before, 0) >= 3
    union all
    select ${`rising:${month}:`}::text || e.account_id, 'usage.rising', e.account_id, ${none}, jsonb_strip_nulls(${figures}), ${at}
    from ${used} and e.status = 'paying' and e.actions_before >= 10 and e.actions_14 >= 1.3 * e.actions_before
      and e.people_active_14 >= e.people_active_before
    union all
    select ${`capacity:${month}:`}::text || e.account_id, 'capacity.near', e.account_id, ${none}, jsonb_strip_nulls(${figures}), ${at}
    from ${used} and e.status = 'paying' and e.utilization >= 90
    union all
    select 'renewal:' || h.account_id || ':' || h.renewal_on || ':' || step.days, 'renewal.near', h.account_id, ${none},
      jsonb_build_object('on', h.renewal_on, 'days', step.days, 'rank', h.rank, 'score', h.score), ${at}
    from health h, lateral (
      select min(days) as days from unnest(array[14, 30, 60, 90]) as days where h.renewal_on <= ${today} + days) step
    where h.status = 'paying' and h.renewal_on between ${today} and ${today} + 90
    union all
    select 'quiet:' || p.id || ':' || p.last_active_on, 'person.quiet', p.account_id, p.id, null::uuid,
      jsonb_build_object('activeOn', p.last_active_on, 'title', p.title, 'isExecutive', ${executive}, 'actionsBefore', p.actions_before), ${at}
    from account_people p join account_engagement e on e.account_id = p.account_id and e.status = 'paying'
    where p.days_active_14 = 0 and p.days_active_before >= 3 and p.last_active_on >= ${today} - 28`;
}
