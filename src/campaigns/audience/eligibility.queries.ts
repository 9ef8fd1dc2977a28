import type { RawBuilder } from 'kysely';

import type { ChannelName } from '../../channels/channel.ts';
import { hasConsent } from '../../consent/conditions.ts';
import { isSuppressed } from '../../consent/suppression.ts';
import type { Topic } from '../../consent/topics.ts';
import { sql, type Tx } from '../../platform/db.ts';

import { reasonOf } from './eligibility.ts';
import type { Cap } from '../definition/policy.ts';
import type { Fixed } from '../runs/runs.ts';

/** What eligibility is asked with. */
export interface Judged {
  campaignId: string;
  fixed: Fixed;
  /** Undefined where the campaign has none. */
  topic: Pick<Topic, 'code' | 'messageClass' | 'isOptIn'> | undefined;
  now: Date;
}

/** Who is left out for what is known of them alone, each for the first reason that there is: kept in `plan_refused`. */
export async function refuseByThemselves(tx: Tx, { fixed, topic }: Judged): Promise<void> {
  await sql`create temporary table plan_refused (person_id bigint primary key, reason text not null) on commit drop`.execute(
    tx,
  );
  await refuseWhere(tx, 'address', sql`not ${isReachable(fixed.channel)}`);
  await refuseWhere(tx, 'erased', sql`c.hash in (select hash from erased_identities)`);
  await refuseDuplicates(tx);
  await refuseWhere(tx, 'suppressed', isSuppressed(sql`c.hash`, fixed.channel));
  if (topic !== undefined) await refuseWhere(tx, 'consent', sql`not ${hasConsent(sql`c.hash`, topic)}`);
}

/** Who of the others is left out for what they or their account got, or will; and who is held out. */
export async function refuseByHistory(tx: Tx, judged: Judged): Promise<void> {
  const { campaignId, fixed } = judged;
  const sends = await sendsOf(tx, judged);
  if (sends.own !== undefined)
    await refuseWhere(tx, 'again', sql`c.address in (select address from (${sends.own}) s)`);
  if (fixed.policy.holdoutPercent > 0)
    await refuseWhere(
      tx,
      'holdout',
      sql`${bucketOf(campaignId)} < ${Math.round(fixed.policy.holdoutPercent * 100)}`,
    );
  await sql`analyze plan_refused`.execute(tx);
  await stageSlots(tx, judged, sends.counted);
  await refuseOverAccountCaps(tx, judged, sends.counted);
}

const isLeft = sql<boolean>`not exists (select from plan_refused r where r.person_id = c.person_id)`;

/** An earlier reason stays. */
async function refuseWhere(
  tx: Tx,
  check: keyof typeof reasonOf,
  condition: RawBuilder<unknown>,
): Promise<void> {
  await sql`
    insert into plan_refused (person_id, reason)
    select c.person_id, ${reasonOf[check]} from plan_people c where ${condition} on conflict do nothing`.execute(
    tx,
  );
}

/** Whether a channel has a way to them; everybody is known by their mailbox, whatever the channel. */
function isReachable(channel: ChannelName): RawBuilder<boolean> {
  const mailbox = sql<boolean>`coalesce(c.address ~ '^[^@[:space:]<>",;:\\\\]+@[^@[:space:]<>",;:\\\\]+\\.[^@[:space:]<>",;:\\\\.]+$' and length(c.address) <= 254, false)`;
  if (channel === 'in_app') return sql<boolean>`(${mailbox} and c.is_user)`;
  if (channel === 'push') return sql<boolean>`c.hash in (select address_hash from push_subscriptions)`;
  return mailbox;
}

/**
 * Of a human who is there for several accounts, one row is meant: that of the paying account, of the largest contract, else of the oldest id.
 */
async function refuseDuplicates(tx: Tx): Promise<void> {
  await sql`
    insert into plan_refused (person_id, reason)
    select person_id, ${reasonOf.duplicate} from (
      select c.person_id, row_number() over (partition by c.hash order by
          (e.status is not distinct from 'paying') desc, e.contract_value_minor desc nulls last, c.person_id) as place
      from plan_people c left join account_engagement e on e.account_id = c.account_id
      where c.hash in (select hash from plan_people where hash is not null group by hash having count(*) > 1) and ${isLeft}) d
    where place > 1`.execute(tx);
}

/** 0 to 9,999: the same for a human and a campaign for ever. */
export const bucketOf = (campaignId: string): RawBuilder<number> =>
  sql<number>`(('x' || substr(md5(${`${campaignId}:`} || c.address), 1, 8))::bit(32)::bigint % 10000)`;

const capsOf = ({ fixed: { limits, policy } }: Judged, of: 'personCap' | 'accountCap'): Cap[] =>
  [limits[of], policy[of]].filter((cap) => cap !== null);

/** How far back anything is asked about, in days; undefined when nothing is. */
function reachOf(judged: Judged): { own: number | 'all' | undefined; others: number | undefined } {
  const caps = [...capsOf(judged, 'personCap'), ...capsOf(judged, 'accountCap')].map(({ days }) => days);
  const { again } = judged.fixed.policy;
  return {
    own: again === 'always' ? undefined : again === 'never' ? 'all' : again,
    others: caps.length > 0 ? Math.max(...caps) : undefined,
  };
}

/** So many rows of the ledger are read faster than they are looked up person by person. */
const READ_WHOLE = 200_000;

/** What went, or will go, since some moment: a query of `address`, `account_id` and `at`. */
type Sends = (days: number) => RawBuilder<unknown>;

/**
 * What this audience, and where accounts have caps the people of its accounts, got or will get, from the ledger itself. What was sent counts
 * from when it was, what is planned from when it is due, or from now when that is past.
 * @returns `own`: of this campaign, where that matters; `counted`: against the caps, undefined when nothing does
 */
async function sendsOf(
  tx: Tx,
  judged: Judged,
): Promise<{ own: RawBuilder<unknown> | undefined; counted: Sends | undefined }> {
  const runs = await selectRuns(tx, judged);
  const among = await amongWhom(tx, judged, runs);
  /* The runs are named one by one: joined, the whole ledger would be read where nested loops are off. */
  const rows = (ids: readonly number[], since: Date) => sql`
    select address, account_id, at from (
      select d.address, d.account_id, case when d.state = 'sent' then d.settled_at else greatest(b.due_at, b.posted_at, ${judged.now}) end as at
      from deliveries d left join batches b on b.run_id = d.run_id and b.batch = d.batch and b.run_id = any(${[...ids]}::bigint[])
      where d.run_id = any(${[...ids]}::bigint[]) and d.state in ('sent', 'planned', 'doubt') and ${among}) s
    where at > ${since}`;
  const { own, others } = reachOf(judged);
  const ownRuns = runs.filter(({ isOwn }) => isOwn).map(({ id }) => id);
  const countedRuns = runs.filter(({ isCounted }) => isCounted).map(({ id }) => id);
  const before = (days: number) => new Date(judged.now.getTime() - days * 86_400_000);
  return {
    own:
      own === undefined || ownRuns.length === 0
        ? undefined
        : rows(ownRuns, own === 'all' ? new Date(0) : before(own)),
    counted:
      others === undefined || countedRuns.length === 0
        ? undefined
        : (days) => rows(countedRuns, before(days)),
  };
}

interface EarlierRun {
  id: number;
  rows: number;
  isOwn: boolean;
  isCounted: boolean;
}

/** The runs whose rows matter: of this campaign, and of this class on this channel while caps look back. */
async function selectRuns(tx: Tx, judged: Judged): Promise<EarlierRun[]> {
  const { own, others } = reachOf(judged);
  const since = (days: number | 'all' | undefined) =>
    days === undefined
      ? null
      : days === 'all'
        ? new Date(0)
        : new Date(judged.now.getTime() - days * 86_400_000);
  const { messageClass, channel } = judged.fixed;
  const { rows } = await sql<EarlierRun>`
    select * from (
      select id, coalesce(audience_count, 0) as rows,
        coalesce(campaign_id = ${judged.campaignId} and coalesce(ended_at, 'infinity') > ${since(own)}, false) as "isOwn",
        coalesce(message_class = ${messageClass} and channel = ${channel} and coalesce(ended_at, 'infinity') > ${since(others)}, false) as "isCounted"
      from runs
      where planned_at is not null and not is_dry
        and (campaign_id = ${judged.campaignId} or (message_class = ${messageClass} and channel = ${channel}))) r
    where "isOwn" or "isCounted"`.execute(tx);
  return rows;
}

/**
 * Everybody's rows, or, when few are asked about and much was sent, those of the humans who are meant, in whatever account. (What went to
 * a row that is there no more is then not seen.)
 */
async function amongWhom(tx: Tx, judged: Judged, runs: readonly EarlierRun[]): Promise<RawBuilder<boolean>> {
  const all = runs.reduce((sum, run) => sum + run.rows, 0);
  if (all <= READ_WHOLE) return sql<boolean>`true`;
  const { rows } = await sql<{ asked: number }>`select count(*) as asked from plan_people`.execute(tx);
  if ((rows[0]?.asked ?? 0) * 20 > all) return sql<boolean>`true`;
  const ofAccounts =
    capsOf(judged, 'accountCap').length > 0
      ? sql`union select p.id from account_people p join plan_people c on c.account_id = p.account_id`
      : sql``;
  return sql<boolean>`d.person_id in (
    select p.id from account_people p join plan_people c on c.address = p.email_normalized ${ofAccounts})`;
}

/**
 * When each may be written to, where caps have a say: `plan_slots`. With k messages in d days, the next free slot is d days after the
 * k-th latest message, sent or planned: whatever window of d days one takes, it never holds more than k. Who would wait too long is refused.
 */
async function stageSlots(tx: Tx, judged: Judged, counted: Sends | undefined): Promise<void> {
  await sql`create temporary table plan_slots (address text primary key, free_at timestamptz not null) on commit drop`.execute(
    tx,
  );
  if (counted === undefined) return;
  for (const { messages, days } of capsOf(judged, 'personCap')) await sql`
    insert into plan_slots as s (address, free_at)
    with sends as materialized (${counted(days)}),
    full_up as (select address from sends group by address having count(*) >= ${messages})
    select address collate "C", (array_agg(at order by at desc))[${messages}::int] + make_interval(hours => ${days * 24}::int)
    from sends where address in (select address from full_up) group by address collate "C"
    on conflict (address) do update set free_at = greatest(s.free_at, excluded.free_at)`.execute(tx); // prettier-ignore
  await sql`analyze plan_slots`.execute(tx);
  const latest = new Date(judged.now.getTime() + judged.fixed.policy.waitDays * 86_400_000);
  await refuseWhere(
    tx,
    'personCap',
    sql`c.address in (select address from plan_slots where free_at > ${latest})`,
  );
}

const nothing = sql`select null::text as account_id where false`;

/** Of an account with a cap, those who use the product most come first. */
async function refuseOverAccountCaps(tx: Tx, judged: Judged, counted: Sends | undefined): Promise<void> {
  for (const { messages, days } of capsOf(judged, 'accountCap')) await sql`
    insert into plan_refused (person_id, reason)
    select person_id, ${reasonOf.accountCap} from (
      select c.person_id, coalesce(s.count, 0) + row_number() over (
        partition by c.account_id order by p.engagement desc nulls last, c.person_id) as place
      from plan_people c join account_people p on p.id = c.person_id
      left join (
        select account_id, count(*) from (${counted?.(days) ?? nothing}) counted group by account_id
      ) s on s.account_id = c.account_id
      where ${isLeft}) ranked
    where place > ${messages}`.execute(tx); // prettier-ignore
}
