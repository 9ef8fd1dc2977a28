import type { MessageVersion } from '../../content/content.ts';
import { chosenVariant, messageLocale } from '../../content/planning.ts';
import { sql, type Tx } from '../../platform/db.ts';

import type { Judged } from './eligibility.queries.ts';
import type { QuietHours, Trial } from '../definition/policy.ts';
import type { Rollout } from '../definition/rollout.ts';

/** Only one run at a time is planned of a campaign, and of a class on a channel where caps count what others plan. */
export async function waitForTurn(
  tx: Tx,
  { campaignId, fixed: { limits, policy, channel, messageClass } }: Judged,
): Promise<void> {
  const isCapped = [limits.personCap, limits.accountCap, policy.personCap, policy.accountCap].some(
    (cap) => cap !== null,
  );
  if (isCapped) await lock(tx, `campaign_caps:${messageClass}:${channel}`);
  await lock(tx, `campaign:${campaignId}`);
}

const lock = (tx: Tx, name: string) =>
  sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(tx);

/** How long planning may take: half a million people take seconds, several campaigns wait for each other. */
export async function allowMilliseconds(tx: Tx, milliseconds: number): Promise<void> {
  await sql`select set_config('statement_timeout', ${String(milliseconds)}, true)`.execute(tx);
}

/** How many get nothing, by reason. */
export async function countRefused(tx: Tx): Promise<Record<string, number>> {
  const { rows } = await sql<{ reason: string; count: number }>`
    select reason, count(*) from plan_refused group by reason order by count(*) desc, reason`.execute(tx);
  return Object.fromEntries(rows.map(({ reason, count }) => [reason, count]));
}

/** What the ledger is written by. */
export interface Laid {
  runId: number;
  now: Date;
  quietHours: QuietHours | null;
  trial: Trial | null;
  /** Then `plan_cohorts` says who is in which cohort. */
  rollout: Rollout | null;
  campaignId: string;
  /** Undefined where the channel's messages are made elsewhere. */
  message: MessageVersion | undefined;
  batchSize: number;
  /** Of a track, the number of its step; else 0. */
  step: number;
}

/**
 * Sorts who is left into groups that go out at the same time, in one language and variant: `plan_rows`, `plan_groups`. With quiet hours, one
 * group for each zone, so that a batch can be held while it is quiet there. Whoever waits for a slot goes with the next quarter of an hour.
 * Where variants are tried first, the rest are groups of their own: they wait until a variant is chosen for them. So are cohorts: each waits until
 * it is let go, and the ledger has them in their order.
 */
export async function layGroups(tx: Tx, laid: Laid): Promise<void> {
  const { now, quietHours } = laid;
  const cohort = cohortIn(laid);
  await sql`
    create temporary table plan_rows on commit drop as
    select c.person_id, c.account_id, c.address, c.entry, ${localeOf(laid)} as locale,
      case when ${isRest(laid)} then 0 else ${variantOf(laid)} end::smallint as variant, ${isRest(laid)} as is_rest ${cohort.of('k')},
      case when ${quietHours !== null}::boolean then c.zone end as zone,
      case when s.free_at > ${now} then date_bin('15 minutes', s.free_at + interval '15 minutes', 'epoch') else ${now}::timestamptz end as free_at
    from plan_people c left join plan_slots s on s.address = c.address ${cohort.join}
    where not exists (select from plan_refused r where r.person_id = c.person_id)`.execute(tx);
  await sql`
    create temporary table plan_groups on commit drop as
    with groups as (
      select free_at, zone, locale, variant, is_rest ${cohort.named}, count(*) as rows
      from plan_rows group by free_at, zone, locale, variant, is_rest ${cohort.named}
    ), due as (
      select groups.*, after_quiet_hours(free_at, zone, ${quietHours?.from ?? null}::int, ${quietHours?.until ?? null}::int) as due_at
      from groups
    )
    select row_number() over w as id, free_at, zone, locale, variant, is_rest ${cohort.named}, due_at, rows,
      (sum(rows) over w - rows)::int as before,
      (sum(ceil(rows::numeric / ${laid.batchSize})) over w - ceil(rows::numeric / ${laid.batchSize}))::int as batches_before
    from due window w as (order by is_rest ${cohort.named}, due_at, zone, locale, variant, free_at)`.execute(
    tx,
  );
  await sql`analyze plan_groups`.execute(tx);
}

/** What the statements of planning say of cohorts; nothing where a run goes out as a whole. */
function cohortIn({ rollout }: Pick<Laid, 'rollout'>) {
  const isNone = rollout === null;
  return {
    named: isNone ? sql`` : sql`, cohort`,
    of: (alias: string) => (isNone ? sql`` : sql`, ${sql.ref(`${alias}.cohort`)}`),
    join: isNone ? sql`` : sql`join plan_cohorts k on k.person_id = c.person_id`,
    state: isNone ? sql`case when is_rest then 'waiting' else 'ready' end` : sql`'waiting'`,
  };
}

/** The group of a row `r` is the row `g`. */
const isItsGroup = (cohort: ReturnType<typeof cohortIn>) => sql`
  (g.free_at, g.locale, g.variant, g.is_rest ${cohort.of('g')}) = (r.free_at, r.locale, r.variant, r.is_rest ${cohort.of('r')})
  and coalesce(g.zone, '') = coalesce(r.zone, '')`;

/** A batch is one skeleton: who reads a language that the message does not have gets the one that it falls back to. */
const localeOf = ({ message }: Laid) =>
  message === undefined ? sql`c.locale` : messageLocale(message, sql`c.locale`);

/** By the human, whichever of their rows is taken. */
const variantOf = ({ message, campaignId }: Laid) =>
  message === undefined ? sql`0` : chosenVariant(message, sql`(${`${campaignId}:`} || c.address)`);

/** Whether somebody is not among those on whom variants are tried; by the human, as unrelated to the variant as to the holdout. */
const isRest = ({ trial, message, campaignId }: Laid) =>
  trial === null || message === undefined || message.content.weights.filter((weight) => weight > 0).length < 2
    ? sql`false`
    : sql`((hashtextextended(${`trial:${campaignId}:`} || c.address, 0) & 1048575) / 1048576.0 >= ${trial.percent / 100}::float8)`;

/** What was found of one person, by the groups as they are laid; undefined when they are not in the audience. */
export async function selectTried(
  tx: Tx,
  personId: number,
  laid: Laid,
): Promise<{ reason: string | null; dueAt: Date | null; cohort: number | null } | undefined> {
  const cohort = cohortIn(laid);
  const { rows } = await sql<{ reason: string | null; dueAt: Date | null; cohort: number | null }>`
    select f.reason, g.due_at as "dueAt", ${laid.rollout === null ? sql`null` : sql`r.cohort`} as cohort
    from plan_people c left join plan_refused f on f.person_id = c.person_id
    left join plan_rows r on r.person_id = c.person_id left join plan_groups g on ${isItsGroup(cohort)}
    where c.person_id = ${personId}`.execute(tx);
  return rows[0];
}

/** Writes the ledger and its batches: those who get it by group, then everybody else with their reason. */
export async function writeLedger(tx: Tx, laid: Laid): Promise<void> {
  const { runId, now, batchSize, step } = laid;
  const cohort = cohortIn(laid);
  await sql`
    insert into deliveries (run_id, n, person_id, account_id, step, entry, address, locale, variant, batch)
    select ${runId}::bigint, before + place, person_id, account_id, ${step}::smallint, entry, address, locale, variant,
      batches_before + 1 + (place - 1) / ${batchSize}
    from (
      select r.person_id, r.account_id, r.entry, r.address, r.locale, r.variant, g.before, g.batches_before,
        row_number() over (partition by g.id order by r.person_id)::int as place
      from plan_rows r join plan_groups g on ${isItsGroup(cohort)}) numbered`.execute(tx);
  await sql`
    insert into batches (run_id, batch, size, zone, state, due_at, is_rest ${cohort.named})
    select ${runId}::bigint, batches_before + number + 1, least(${batchSize}, rows - number * ${batchSize}), zone,
      ${cohort.state}, due_at, is_rest ${cohort.named}
    from plan_groups, generate_series(0, (rows - 1) / ${batchSize}) number`.execute(tx);
  await writeSkipped(tx, { runId, now, step });
}

/** Those who get nothing, numbered after those who do. */
export async function writeSkipped(
  tx: Tx,
  { runId, now, step }: Pick<Laid, 'runId' | 'now' | 'step'>,
): Promise<void> {
  await sql`
    insert into deliveries (run_id, n, person_id, account_id, step, entry, locale, state, reason, settled_at)
    select ${runId}::bigint, coalesce((select max(n) from deliveries where run_id = ${runId}), 0) + row_number() over (order by c.person_id),
      c.person_id, c.account_id, ${step}::smallint, c.entry, c.locale, 'skipped', r.reason, ${now}
    from plan_refused r join plan_people c on c.person_id = r.person_id`.execute(tx);
}

/** Of a dry run: who would have got it is left out, too, for that reason. */
export async function refuseEverybodyElse(tx: Tx, reason: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with refused as (
      insert into plan_refused (person_id, reason)
      select c.person_id, ${reason} from plan_people c where not exists (select from plan_refused r where r.person_id = c.person_id)
      returning 1)
    select count(*) from refused`.execute(tx);
  return rows[0]?.count ?? 0;
}

export async function countRows(tx: Tx): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select coalesce(sum(rows), 0)::int as count from plan_groups`.execute(tx);
  return rows[0]?.count ?? 0;
}

interface Planned {
  now: Date;
  count: number;
  hash: Buffer;
  state: 'planned' | 'completed';
}

export async function notePlanned(
  tx: Tx,
  runId: number,
  { now, count, hash, state }: Planned,
): Promise<void> {
  await sql`
    update runs set state = ${state}, planned_at = ${now}, audience_count = ${count}, audience_hash = ${hash},
      ended_at = case when ${state} = 'completed' then ${now}::timestamptz end
    where id = ${runId}`.execute(tx);
}

/** Ends a run that cannot be planned, and says why. */
export async function noteUnplanned(
  tx: Tx,
  runId: number,
  { now, reason, audience }: { now: Date; reason: string; audience?: { count: number; hash: Buffer } },
): Promise<void> {
  await sql`
    update runs set state = 'cancelled', ended_at = ${now}, pause_reason = ${reason}, audience_count = ${audience?.count ?? null},
      audience_hash = ${audience?.hash ?? null}
    where id = ${runId} and state = 'triggered'`.execute(tx);
}

/** The campaign of a run is a draft again. */
export async function askForApproval(tx: Tx, runId: number, now: Date): Promise<void> {
  await sql`
    update campaigns set status = 'draft', changed_at = ${now}
    where id = (select campaign_id from runs where id = ${runId}) and status in ('approved', 'active', 'ended')`.execute(
    tx,
  );
}

/** How many came to the audience and left it since it was approved; undefined where nothing was kept of that. */
export async function selectDistance(
  tx: Tx,
  approvalId: number,
): Promise<{ came: number; left: number; approved: number } | undefined> {
  const { rows } = await sql<{ came: number; left: number; approved: number }>`
    with approved as materialized (
      select unnest(audience) as person_id from campaign_approvals where id = ${approvalId}
    )
    select (select count(*) from plan_people p where not exists (select from approved a where a.person_id = p.person_id)) as came,
           (select count(*) from approved a where not exists (select from plan_people p where p.person_id = a.person_id)) as left,
           (select count(*) from approved) as approved`.execute(tx);
  return rows[0];
}
