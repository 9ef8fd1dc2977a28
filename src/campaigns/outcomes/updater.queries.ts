import { db, sql, type Tx } from '../../platform/db.ts';

import { flagOf, type Outcome } from './outcomes.ts';

/** A run that is over, of which Salesforce is told. */
export interface EndedRun {
  runId: number;
  campaignId: string;
  name: string;
  channel: string;
  isEnded: boolean;
  endedAt: Date;
  /** Of the campaign's record; null until there is one. */
  salesforceId: string | null;
  /** Of what a track sends: the runs of one step of it on one day (UTC) are told together. */
  series: Series | null;
}

interface Series {
  step: number;
  /** What that step's message is called. */
  message: string | null;
  day: string;
}

/** How many people of an account it reached, and what they did. */
export type Told = Record<
  'sent' | 'delivered' | 'opened' | 'clicked' | 'bounced' | 'unsubscribed' | 'complained',
  number
>;

export interface AccountToTell {
  accountId: string;
  ownerId: string | null;
  insightId: string;
  /** Of an activity that is to be written now; null where it is there, or nobody followed a link. */
  taskId: string | null;
  /** Who followed a link in this run, where an activity is to be written. */
  clickedCount: number;
  clickedContact: string | null;
  clickedBy: string[];
  told: Told;
}

/** Undefined while it goes on, and for what was only tried. */
export async function maybeRun(runId: number): Promise<EndedRun | undefined> {
  const { rows } = await sql<EndedRun>`
    select r.id as "runId", c.id as "campaignId", c.name, c.channel, c.status in ('ended', 'archived') as "isEnded", r.ended_at as "endedAt",
      t.salesforce_id as "salesforceId", case when r.fixed #>> '{source,kind}' = 'wave' then json_build_object(
        'step', (r.fixed #>> '{source,number}')::int, 'message', m.name, 'day', (r.triggered_at at time zone 'UTC')::date) end as series
    from runs r left join messages m on m.id = (r.fixed ->> 'messageId')::uuid join campaigns c on c.id = r.campaign_id left join told_campaigns t on t.campaign_id = c.id
    where r.id = ${runId} and r.ended_at is not null and not r.is_dry
      and exists (select from deliveries d where d.run_id = r.id and d.state = 'sent')`.execute(db);
  return rows[0];
}

/** Keeps the ids of campaigns that Salesforce has now. @returns their runs that have ended */
export async function keepCampaignIds(
  tx: Tx,
  rows: readonly { rapportId: string | null; salesforceId: string }[],
): Promise<number[]> {
  const { rows: kept } = await sql<{ id: number }>`
    with given as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as g ("rapportId" uuid, "salesforceId" text)),
    kept as (
      insert into told_campaigns (campaign_id, salesforce_id)
      select g."rapportId", g."salesforceId" from given g join campaigns c on c.id = g."rapportId"
      on conflict do nothing returning campaign_id)
    select r.id from runs r join kept using (campaign_id) where r.ended_at is not null order by r.id`.execute(
    tx,
  );
  return kept.map(({ id }) => id);
}

const bit = (name: Outcome) => sql.lit(flagOf(name));
const has = (name: Outcome) => sql`(d.flags & ${bit(name)}) <> 0`;

/* What members are told as: 1 sent, 2 responded. */
const standing = sql`(case when ${has('clicked')} then 2 else 1 end)::smallint`;

/** Takes the next rows whose contact's membership is not as it should be, and writes down that it was told. */
export async function claimMembers(
  tx: Tx,
  { runId, campaignId }: EndedRun,
  { after, limit, at }: { after: number; limit: number; at: Date },
): Promise<{
  members: { contactId: string; hasResponded: boolean; isNew: boolean }[];
  last: number | undefined;
}> {
  const { rows } = await sql<{ n: number; contactId: string | null; hasResponded: boolean; isNew: boolean }>`
    with page as materialized (
      select d.n, p.contact_id, ${standing} as standing
      from deliveries d left join account_people p on p.id = d.person_id
      where d.run_id = ${runId} and d.n > ${after} and d.state = 'sent' order by d.n limit ${limit}),
    told as (
      insert into told_deliveries as t (run_id, n, outcome, flags, told_at)
      select ${runId}, n, standing, 0, ${at} from page where contact_id is not null
      on conflict (run_id, n) do update set outcome = excluded.outcome, told_at = excluded.told_at where t.outcome < excluded.outcome
      returning n)
    select page.n, case when told.n is not null then contact_id end as "contactId", standing = 2 as "hasResponded",
      not exists (
        select from deliveries e join told_deliveries x on x.run_id = e.run_id and x.n = e.n join runs r on r.id = e.run_id
        join account_people q on q.id = e.person_id
        where r.campaign_id = ${campaignId} and q.contact_id = page.contact_id and e.person_id = q.id) as "isNew"
    from page left join told on told.n = page.n order by page.n`.execute(tx);
  const members = rows.flatMap(({ contactId, hasResponded, isNew }) =>
    contactId === null ? [] : [{ contactId, hasResponded, isNew }],
  );
  return { members: distinct(members), last: rows.length === limit ? rows.at(-1)?.n : undefined };
}

/** A contact of several accounts is one member. */
function distinct<M extends { contactId: string; hasResponded: boolean }>(members: M[]): M[] {
  const byContact = new Map<string, M>();
  for (const member of members) {
    const known = byContact.get(member.contactId);
    if (known === undefined || (!known.hasResponded && member.hasResponded))
      byContact.set(member.contactId, member);
  }
  return [...byContact.values()];
}

/** One at a time tells accounts of a run, or of its series, until the transaction ends: two at once would give an account two insights. */
export async function takeTurn(tx: Tx, { runId, campaignId, series }: EndedRun): Promise<void> {
  const told = series === null ? String(runId) : `${campaignId}/${String(series.step)}/${series.day}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${`told accounts:${told}`}, 0))`.execute(tx);
}

/** The other runs of a series. */
const siblings = ({ runId, campaignId, series }: EndedRun) =>
  series === null
    ? sql`select null::bigint as id where false`
    : sql`
      select r.id from runs r where r.campaign_id = ${campaignId} and r.id <> ${runId}
        and r.triggered_at >= ${series.day}::date::timestamp at time zone 'UTC' and r.triggered_at < (${series.day}::date + 1)::timestamp at time zone 'UTC'
        and (r.fixed #>> '{source,number}')::int = ${series.step}`;

const did = [
  'delivered', 'opened', 'clicked', 'bounced', 'unsubscribed', 'complained',
] as const satisfies Outcome[]; // prettier-ignore
const counts = ['sent', ...did] as const;
const each = (name: (typeof counts)[number], count: ReturnType<typeof sql>) =>
  sql`${sql.lit(name)}, ${count}`;

/* Over the rows of a run at an account. */
const counted = sql`jsonb_build_object('sent', count(*), ${sql.join(
  did.map((name) => each(name, sql`count(*) filter (where ${has(name)})`)),
)})`;

/* Over what was told of the other runs of a series, and over `c` with these sums as `o`. */
const sums = sql.join(
  counts.map((name) => sql`sum((t.told ->> ${sql.lit(name)})::int)::int as ${sql.ref(name)}`),
);
const together = sql`jsonb_build_object(${sql.join(
  counts.map((name) =>
    each(name, sql`(c.told ->> ${sql.lit(name)})::int + coalesce(${sql.ref(`o.${name}`)}, 0)`),
  ),
)})`;

/**
 * Takes accounts of which nothing was told yet, or whose people did more of what matters since, and writes down what is told now. Opens alone are not
 * told again: they would cost a call for each. The runs of a series share an account's insight, which tells the sums of all, and its activity.
 */
export async function claimAccounts(
  tx: Tx,
  run: EndedRun,
  { limit, at }: { limit: number; at: Date },
): Promise<AccountToTell[]> {
  const { runId } = run;
  const { rows } = await sql<AccountToTell>`
    with counted as (
      select d.account_id, ${counted} as told, bool_or(${has('clicked')}) as is_clicked
      from deliveries d where d.run_id = ${runId} and d.state = 'sent' group by d.account_id),
    changed as (
      select c.*, a.owner_id, t.insight_id, t.task_id
      from counted c join accounts a on a.id = c.account_id and a.deleted_at is null
      left join told_accounts t on t.run_id = ${runId} and t.account_id = c.account_id
      where t.run_id is null or (t.told - 'opened' - 'delivered') <> (c.told - 'opened' - 'delivered')
      order by c.account_id limit ${limit}),
    siblings as materialized (${siblings(run)}),
    others as (
      select t.account_id, (array_agg(t.insight_id))[1] as insight_id, bool_or(t.task_id is not null) as has_task, ${sums}
      from siblings s join told_accounts t on t.run_id = s.id where t.account_id in (select account_id from changed) group by t.account_id),
    telling as (
      select c.account_id, c.owner_id, coalesce(c.insight_id, o.insight_id, gen_random_uuid()) as insight_id,
        case when c.is_clicked and c.task_id is null and o.has_task is not true then gen_random_uuid() end as new_task,
        c.told as own, ${together} as told
      from changed c left join others o on o.account_id = c.account_id),
    kept as (
      insert into told_accounts as t (run_id, account_id, insight_id, task_id, told, told_at)
      select ${runId}, account_id, insight_id, new_task, own, ${at} from telling
      on conflict (run_id, account_id) do update
        set told = excluded.told, told_at = excluded.told_at, task_id = coalesce(t.task_id, excluded.task_id))
    select c.account_id as "accountId", c.owner_id as "ownerId", c.insight_id as "insightId", c.new_task as "taskId", c.told,
      count(d.n)::int as "clickedCount",
      (array_agg(p.contact_id order by p.contact_id) filter (where p.contact_id is not null))[1] as "clickedContact",
      coalesce(array_agg(p.name order by p.name) filter (where p.name is not null), '{}') as "clickedBy"
    from telling c
    left join deliveries d on c.new_task is not null and d.run_id = ${runId} and d.account_id = c.account_id and ${has('clicked')}
    left join account_people p on p.id = d.person_id
    group by 1, 2, 3, 4, 5`.execute(tx);
  return rows;
}
