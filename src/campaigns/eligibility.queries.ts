import type { RawBuilder } from 'kysely';

import type { ChannelName } from '../channels/channel.ts';
import { hasConsent } from '../consent/consent.ts';
import { isSuppressed } from '../consent/suppression.ts';
import type { Topic } from '../consent/topics.ts';
import { sql, type Tx } from '../platform/db.ts';

import { reasonOf } from './eligibility.ts';
import type { Cap } from './policy.ts';
import type { Fixed } from './runs.ts';

/** What eligibility is asked with. */
export interface Judged {
  campaignId: string;
  fixed: Fixed;
  /** Undefined where the campaign has none. */
  topic: Pick<Topic, 'code' | 'messageClass' | 'isOptIn'> | undefined;
  now: Date;
  /** The run that is looked at from behind: what it sent itself does not count. */
  but?: number | undefined;
}

/** One question at a time about everybody who is left; what refuses them is kept in `plan_refused`. */
export async function refuse(tx: Tx, judged: Judged): Promise<void> {
  await sql`create temporary table plan_refused (person_id bigint primary key, reason text not null) on commit drop`.execute(tx);
  await refuseWhere(tx, 'address', sql`not ${isReachable(judged.fixed.channel)}`);
  await refuseWhere(tx, 'erased', sql`c.hash in (select hash from erased_identities)`);
  await refuseDuplicates(tx);
  await refuseWhere(tx, 'suppressed', isSuppressed(sql`c.hash`, judged.fixed.channel));
  if (judged.topic !== undefined) await refuseWhere(tx, 'consent', sql`not ${hasConsent(sql`c.hash`, judged.topic)}`);
  await stageSends(tx, judged);
  await refuseWhere(tx, 'again', hasGotIt(judged));
  if (judged.fixed.policy.holdoutPercent > 0)
    await refuseWhere(tx, 'holdout', sql`${bucketOf(judged.campaignId)} < ${Math.round(judged.fixed.policy.holdoutPercent * 100)}`);
  await analyzeRefused(tx);
  await stageSlots(tx, judged);
  await refuseOverAccountCaps(tx, judged);
}

const isLeft = sql<boolean>`not exists (select from plan_refused r where r.person_id = c.person_id)`;

async function refuseWhere(tx: Tx, check: keyof typeof reasonOf, condition: RawBuilder<unknown>): Promise<void> {
  await sql`
    insert into plan_refused (person_id, reason)
    select c.person_id, ${reasonOf[check]} from plan_people c where ${condition} and ${isLeft}`.execute(tx);
}

const analyzeRefused = (tx: Tx) => sql`analyze plan_refused`.execute(tx);

/** Whether a channel has a way to them; everybody is known by their mailbox, whatever the channel. */
export function isReachable(channel: ChannelName): RawBuilder<boolean> {
  const mailbox = sql<boolean>`coalesce(c.address ~ '^[^@[:space:]<>",;:\\\\]+@[^@[:space:]<>",;:\\\\]+\\.[^@[:space:]<>",;:\\\\.]+$' and length(c.address) <= 254, false)`;
  return channel === 'in_app' ? sql<boolean>`(${mailbox} and c.is_user)` : mailbox;
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

/**
 * What this audience, and the people of its accounts where accounts have caps, were sent or will be: `plan_sends`, from the ledger itself. What was
 * sent counts from when it was, what is planned from when it is due, or from now when that is past.
 */
async function stageSends(tx: Tx, judged: Judged): Promise<void> {
  await sql`
    create temporary table plan_sends (address text, account_id text, is_own boolean, is_counted boolean, at timestamptz) on commit drop`.execute(tx);
  if ((await stageRuns(tx, judged)) === 0) return;
  const { rows } = await sql<{ all: number; asked: number }>`
    select (select coalesce(sum(audience_count), 0) from runs where id in (select run_id from plan_runs)) as all,
           (select count(*) from plan_people) as asked`.execute(tx);
  const { all = 0, asked = 0 } = rows[0] ?? {};
  await (all <= READ_WHOLE || asked * 20 > all ? readSends(tx, judged) : lookUpSends(tx, judged));
  await sql`analyze plan_sends`.execute(tx);
}

/** The runs whose rows matter: of this campaign, and of this class on this channel while caps look back. @returns how many */
async function stageRuns(tx: Tx, judged: Judged): Promise<number> {
  const { own, others } = reachOf(judged);
  const since = (days: number | 'all' | undefined) =>
    days === undefined ? null : days === 'all' ? new Date(0) : new Date(judged.now.getTime() - days * 86_400_000);
  const { messageClass, channel } = judged.fixed;
  await sql`
    create temporary table plan_runs on commit drop as
    select * from (
      select id as run_id,
        coalesce(campaign_id = ${judged.campaignId} and coalesce(ended_at, 'infinity') > ${since(own)}, false) as is_own,
        coalesce(message_class = ${messageClass} and channel = ${channel} and coalesce(ended_at, 'infinity') > ${since(others)}, false) as is_counted
      from runs
      where planned_at is not null and not is_dry and id is distinct from ${judged.but ?? null}::bigint
        and (campaign_id = ${judged.campaignId} or (message_class = ${messageClass} and channel = ${channel}))) r
    where is_own or is_counted`.execute(tx);
  await sql`analyze plan_runs`.execute(tx);
  const { rows } = await sql<{ count: number }>`select count(*) from plan_runs`.execute(tx);
  return rows[0]?.count ?? 0;
}

const sends = ({ now }: Judged) => sql`
  insert into plan_sends
  select d.address, d.account_id, r.is_own, r.is_counted,
    case when d.state = 'sent' then d.settled_at else greatest(b.due_at, b.posted_at, ${now}) end
  from plan_runs r join deliveries d on d.run_id = r.run_id left join batches b on b.run_id = d.run_id and b.batch = d.batch
  where d.state in ('sent', 'planned', 'doubt')`;

async function readSends(tx: Tx, judged: Judged): Promise<void> {
  await sql`
    ${sends(judged)} and (d.address in (select address from plan_people) or ${ofAccounts(judged, sql`d.account_id`)})`.execute(tx);
}

/** By everybody's rows of whatever account. What was sent to somebody who is in no account any more counts no longer. */
async function lookUpSends(tx: Tx, judged: Judged): Promise<void> {
  await sql`
    ${sends(judged)} and d.person_id in (
      select p.id from account_people p
      where p.email_normalized in (select address from plan_people) or ${ofAccounts(judged, sql`p.account_id`)})`.execute(tx);
}

const ofAccounts = (judged: Judged, account: RawBuilder<unknown>) =>
  capsOf(judged, 'accountCap').length === 0
    ? sql<boolean>`false`
    : sql<boolean>`${account} in (select account_id from plan_people)`;

/** Whether they got this campaign, or will, within the days that its policy says. */
function hasGotIt({ fixed: { policy }, now }: Judged): RawBuilder<boolean> {
  if (policy.again === 'always') return sql<boolean>`false`;
  const since = policy.again === 'never' ? new Date(0) : new Date(now.getTime() - policy.again * 86_400_000);
  return sql<boolean>`c.address in (select address from plan_sends where is_own and at > ${since})`;
}

/**
 * When each may be written to, where caps have a say: `plan_slots`. With k messages in d days, the next free slot is d days after the
 * k-th latest message, sent or planned: whatever window of d days one takes, it never holds more than k. Who would wait too long is refused.
 */
async function stageSlots(tx: Tx, judged: Judged): Promise<void> {
  await sql`create temporary table plan_slots (address text primary key, free_at timestamptz not null) on commit drop`.execute(tx);
  for (const { messages, days } of capsOf(judged, 'personCap')) await sql`
    insert into plan_slots as s (address, free_at)
    select address, (array_agg(at order by at desc))[${messages}::int] + make_interval(hours => ${days * 24}::int)
    from plan_sends where is_counted and at > ${judged.now}::timestamptz - make_interval(hours => ${days * 24}::int)
      and address in (select address from plan_people)
    group by address having count(*) >= ${messages}
    on conflict (address) do update set free_at = greatest(s.free_at, excluded.free_at)`.execute(tx); // prettier-ignore
  await sql`analyze plan_slots`.execute(tx);
  const latest = new Date(judged.now.getTime() + judged.fixed.policy.waitDays * 86_400_000);
  await refuseWhere(tx, 'personCap', sql`c.address in (select address from plan_slots where free_at > ${latest})`);
}

/** Of an account with a cap, those who use the product most come first. */
async function refuseOverAccountCaps(tx: Tx, judged: Judged): Promise<void> {
  for (const { messages, days } of capsOf(judged, 'accountCap')) await sql`
    insert into plan_refused (person_id, reason)
    select person_id, ${reasonOf.accountCap} from (
      select c.person_id, coalesce(s.count, 0) + row_number() over (
        partition by c.account_id order by p.engagement desc nulls last, c.person_id) as place
      from plan_people c join account_people p on p.id = c.person_id
      left join (
        select account_id, count(*) from plan_sends
        where is_counted and at > ${judged.now}::timestamptz - make_interval(hours => ${days * 24}::int) group by account_id
      ) s on s.account_id = c.account_id
      where ${isLeft}) ranked
    where place > ${messages}`.execute(tx); // prettier-ignore
}
