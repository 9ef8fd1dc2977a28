import './events.ts';

import { hasRole, type StaffViewer } from '../access/viewer.ts';
import { type Status, statuses } from '../licenses/status.ts';
import { now } from '../platform/clock.ts';
import { db, sql, transaction } from '../platform/db.ts';
import { Forbidden } from '../platform/errors.ts';
import { record } from '../platform/events.ts';

import { frequencies } from './account-usage.ts';
import { frequencyFrom } from './engagement.queries.ts';
import { standing } from './engagement-readings.queries.ts';
import { engagementRules, type EngagementRules, stages } from './engagement-rules.ts';

/** How many accounts have a value now, and would have it. */
export interface Shift {
  name: string | null;
  now: number;
  then: number;
}

/** What other rules would change, before they are kept. */
export interface Effect {
  statuses: Shift[];
  stages: Shift[];
  frequencies: Shift[];
  /** Accounts whose status or stage would be another, and up to twenty of them. */
  changing: number;
  samples: {
    id: string;
    name: string;
    status: Status | null;
    newStatus: Status;
    stage: string | null;
    newStage: string | null;
  }[];
  /** Accounts whose score would move by ten points or more. */
  rescored: number;
}

function requireAdmin(viewer: StaffViewer): void {
  if (!hasRole(viewer, 'admin')) throw new Forbidden();
}

/** The rules in force, who made them, and the fields of Salesforce's Account that may tell status or stage. */
export async function engagementSettings(viewer: StaffViewer): Promise<{
  rules: EngagementRules;
  fields: string[];
  changedBy: string | null;
  changedAt: Date | null;
}> {
  requireAdmin(viewer);
  const [rules, fields, changed] = await Promise.all([engagementRules(db), knownFields(), lastChange()]);
  return { rules, fields, ...changed };
}

async function lastChange(): Promise<{ changedBy: string | null; changedAt: Date | null }> {
  const { rows } = await sql<{ changedBy: string | null; changedAt: Date }>`
    select p.name as "changedBy", s.changed_at as "changedAt"
    from engagement_settings s left join people p on p.id = s.changed_by`.execute(db);
  return rows[0] ?? { changedBy: null, changedAt: null };
}

/* Those that hold a text in some account; numbers and long texts tell no status. */
async function knownFields(): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select distinct key as name
    from (select attributes from accounts where deleted_at is null limit 1000) few, jsonb_each(attributes)
    where jsonb_typeof(value) = 'string' and length(value #>> '{}') between 1 and 80 and key ~ '^[A-Za-z]\\w{0,79}$'
    order by 1`.execute(db);
  return ['Type', 'Industry', ...rows.map(({ name }) => name)];
}

/** Keeps the rules and has every account judged by them soon. */
export async function changeEngagementRules(viewer: StaffViewer, rules: EngagementRules): Promise<void> {
  requireAdmin(viewer);
  await transaction(async (tx) => {
    await sql`
      insert into engagement_settings (settings, changed_by, changed_at)
      values (${JSON.stringify(rules)}::jsonb, ${viewer.personId}, ${now()})
      on conflict (id) do update set
        settings = excluded.settings, changed_by = excluded.changed_by, changed_at = excluded.changed_at`.execute(
      tx,
    );
    await record(tx, 'engagement.ruled', {});
  });
}

/** What these rules would change, of all accounts at once; nothing is written. */
export async function previewEngagementRules(viewer: StaffViewer, rules: EngagementRules): Promise<Effect> {
  requireAdmin(viewer);
  const today = now().toISOString().slice(0, 10);
  const measure = sql.ref(rules.metric === 'time' ? 'g.minutes_per_day' : 'g.actions_per_day');
  const counted = (before: string, after: string) => sql`
    (select json_agg(s) from (
      select name, sum(was)::int as now, sum(is_then)::int as then
      from (select ${sql.ref(before)} as name, 1 as was, 0 as is_then from judged where is_kept
            union all select ${sql.ref(after)}, 0, 1 from judged) each
      group by name) s)`;
  const { rows } = await sql<Effect>`
    with ${standing({ accounts: 'all', today, rules })}, judged as materialized (
      select s.account_id as id, s.status as new_status, s.stage as new_stage, g.status, g.stage, g.frequency, g.account_id is not null as is_kept,
        case when g.tracked_since is not null then ${frequencyFrom(sql`g.days_active_14`, rules)} end as new_frequency, g.engagement,
        case when g.tracked_since is null then null when ${measure} < 1 then 0
             else round(100 * percent_rank() over (partition by s.status, g.tracked_since is null order by ${measure})) end as new_engagement
      from standing s left join account_engagement g on g.account_id = s.account_id
    ), changing as (
      select * from judged where (status, stage) is distinct from (new_status, new_stage)
    )
    select ${counted('status', 'new_status')} as statuses, ${counted('stage', 'new_stage')} as stages,
      ${counted('frequency', 'new_frequency')} as frequencies, (select count(*) from changing) as changing,
      (select coalesce(json_agg(c), '[]') from (
        select c.id, a.name, c.status, c.new_status as "newStatus", c.stage, c.new_stage as "newStage"
        from changing c join accounts a on a.id = c.id order by lower(a.name), c.id limit 20) c) as samples,
      (select count(*) from judged where abs(new_engagement - engagement) >= 10) as rescored`.execute(db);
  const [effect] = rows;
  if (effect === undefined) throw new Error('a preview answered nothing');
  return {
    ...effect,
    statuses: inOrder(effect.statuses, statuses),
    stages: inOrder(effect.stages, [...stages, null]),
    frequencies: inOrder(effect.frequencies, [...frequencies, null]),
  };
}

const inOrder = (found: Shift[] | null, names: readonly (string | null)[]): Shift[] =>
  names.map((name) => found?.find((one) => one.name === name) ?? { name, now: 0, then: 0 });
