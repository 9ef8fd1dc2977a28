import type { RawBuilder } from 'kysely';

import { addressHash } from '../../consent/conditions.ts';
import { db, sql, type Db } from '../../platform/db.ts';

import { bucketOf } from './eligibility.queries.ts';
import type { Explained } from './explanation.ts';
import type { Fixed, RunState } from '../runs/runs.ts';

type Values = Explained['values'];

export interface Person {
  id: number;
  name: string;
  email: string | null;
  accountId: string;
  accountName: string;
}

export interface LatestRun {
  runId: number;
  state: RunState;
  fixed: Fixed;
  plannedAt: Date;
}

/** A message that counts against caps. */
export interface CountedSend {
  runId: number;
  campaignName: string;
  accountId: string;
  at: Date;
}

interface About {
  person: Person;
  fixed: Fixed;
  asOf: Date;
  runId: number | undefined;
  campaignId: string;
}

export async function selectPerson(scope: RawBuilder<boolean>, id: number): Promise<Person | undefined> {
  const { rows } = await sql<Person>`
    select p.id, p.name, p.email_normalized as email, p.account_id as "accountId", a.name as "accountName"
    from account_people p join accounts a on a.id = p.account_id where p.id = ${id} and ${scope}`.execute(db);
  return rows[0];
}

/** The latest run of a campaign that was planned to be sent. */
export async function selectLatest(
  scope: RawBuilder<boolean>,
  campaignId: string,
  personId: number,
): Promise<LatestRun | undefined> {
  const { rows } = await sql<LatestRun>`
    select id as "runId", state, fixed, planned_at as "plannedAt" from runs
    where campaign_id = ${campaignId} and planned_at is not null and not is_dry and ${scope}
    order by fixed #>> '{source,kind}' = 'wave' and exists (
      select from deliveries d where d.person_id = ${personId} and d.run_id = runs.id) desc, id desc limit 1`.execute(
    db,
  );
  return rows[0];
}

export async function selectDelivery(
  at: Db,
  runId: number,
  personId: number,
): Promise<{ state: string; reason: string | null; dueAt: Date | null } | undefined> {
  const { rows } = await sql<{ state: string; reason: string | null; dueAt: Date | null }>`
    select d.state, d.reason, case when d.state = 'planned' and b.state <> 'waiting' then b.due_at end as "dueAt"
    from deliveries d left join batches b on b.run_id = d.run_id and b.batch = d.batch
    where d.run_id = ${runId} and d.person_id = ${personId} order by d.n limit 1`.execute(at);
  return rows[0];
}

/** Since when they, or their account, are in the list; when they last entered or left it. */
export async function selectMembership(at: Db, person: Person, audience: Fixed['audience']): Promise<Values> {
  if (audience === null) return { segmentId: null };
  const entity = audience.entity === 'account' ? person.accountId : String(person.id);
  const { rows } = await sql<Record<string, string | Date | null>>`
    select s.id as "segmentId", s.name as segment, m.entered_at as since, c.change, c.occurred_at as "changedAt"
    from segments s left join segment_members m on m.segment_id = s.id and m.entity_id = ${entity}
    left join lateral (
      select change, occurred_at from segment_changes c
      where c.segment_id = s.id and c.account_id = ${person.accountId} and c.entity_id = ${entity} order by c.id desc limit 1) c on true
    where s.id = ${audience.segmentId}`.execute(at);
  return rows[0] ?? { segmentId: null };
}

/** The row of the same human that was meant instead. */
export async function selectPrimary(at: Db, { person, runId }: About): Promise<Values> {
  const { rows } = await sql<{ personId: number; accountName: string }>`
    select p.id as "personId", a.name as "accountName"
    from account_people p join accounts a on a.id = p.account_id
    left join account_engagement e on e.account_id = p.account_id
    left join deliveries d on d.run_id = ${runId ?? null}::bigint and d.person_id = p.id
    where p.email_normalized = ${person.email} and p.id <> ${person.id} and d.reason is distinct from 'duplicate'
      and (${runId ?? null}::bigint is null or d.n is not null)
    order by (e.status is not distinct from 'paying') desc, e.contract_value_minor desc nulls last, p.id limit 1`.execute(
    at,
  );
  return rows[0] ?? {};
}

const hashOf = ({ email }: Person) => addressHash(sql`${email}::text`);

/** The last word on whether the address is suppressed, by then. */
export async function selectSuppression(at: Db, { person, fixed, asOf }: About): Promise<Values> {
  const { rows } = await sql<Record<string, string | Date | null>>`
    select case when x.is_lifted then 'lifted' else x.reason end as reason, x.at as since, x.until from suppressions x
    where x.address_hash = ${hashOf(person)} and x.channel = ${fixed.channel} and x.at <= ${asOf} order by x.id desc limit 1`.execute(
    at,
  );
  return rows[0] ?? { reason: null };
}

/** The last word on the topic, or on all, by then. */
export async function selectWord(at: Db, { person, fixed, asOf }: About): Promise<Values> {
  const { rows } = await sql<Record<string, string | boolean | Date | null>>`
    select c.is_granted as "isGranted", c.said_at as "saidAt", c.source, c.topic = '*' as "isOfAll" from consents c
    where c.address_hash = ${hashOf(person)} and c.topic in ('*', ${fixed.topic}) and c.said_at <= ${asOf}
    order by c.is_granted, c.id desc limit 1`.execute(at);
  return rows[0] ?? { isGranted: null };
}

/** When they last got this campaign, or will, in another run. */
export async function selectLastOwn(at: Db, { person, campaignId, runId }: About): Promise<Values> {
  const { rows } = await sql<{ lastAt: Date; lastRunId: number }>`
    select ${sentAt} as "lastAt", r.id as "lastRunId" from ${sends(person)} and r.campaign_id = ${campaignId}
      and (${runId ?? null}::bigint is null or r.id < ${runId ?? null}) order by 1 desc limit 1`.execute(at);
  return rows[0] ?? { lastAt: null, lastRunId: null };
}

const sentAt = sql`case when d.state = 'sent' then d.settled_at else greatest(b.due_at, b.posted_at) end`;

/** What went, or will go, to a human, by any of their rows. */
const sends = ({ id, email }: Person) => sql`
  deliveries d join runs r on r.id = d.run_id left join batches b on b.run_id = d.run_id and b.batch = d.batch
  where d.person_id in (select o.id from account_people o where o.id = ${id} or o.email_normalized = ${email})
    and d.state in ('sent', 'planned', 'doubt') and not r.is_dry`;

/** What counts against the person's caps; other runs' alone. */
export async function selectSends(at: Db, about: About): Promise<CountedSend[]> {
  const { rows } = await sql<CountedSend>`
    select r.id as "runId", r.fixed ->> 'name' as "campaignName", d.account_id as "accountId", ${sentAt} as at
    from ${sends(about.person)} and ${isCounted(about)} order by 4 desc limit 100`.execute(at);
  return rows;
}

/** What counts against the account's caps. */
export async function selectAccountSends(at: Db, about: About): Promise<{ at: Date }[]> {
  const { rows } = await sql<{ at: Date }>`
    select ${sentAt} as at
    from deliveries d join runs r on r.id = d.run_id left join batches b on b.run_id = d.run_id and b.batch = d.batch
    where d.person_id in (select o.id from account_people o where o.account_id = ${about.person.accountId})
      and d.state in ('sent', 'planned', 'doubt') and not r.is_dry and ${isCounted(about)} order by 1 desc limit 1000`.execute(
    at,
  );
  return rows;
}

const isCounted = ({ fixed, asOf, runId }: About) => sql`
  r.message_class = ${fixed.messageClass} and r.channel = ${fixed.channel} and r.id is distinct from ${runId ?? null}::bigint
  and r.planned_at <= ${asOf}`;

/** Where they stand among 100 of whom the first so many per cent are held out. */
export async function selectBucket(
  at: Db,
  campaignId: string,
  address: string | null,
): Promise<number | null> {
  if (address === null) return null;
  const { rows } = await sql<{ place: number }>`
    select ${bucketOf(campaignId)} / 100.0 as place from (select ${address}::text as address) c`.execute(at);
  return rows[0]?.place ?? null;
}

/** The zone that their batch waits by. */
export async function selectZone(at: Db, runId: number | undefined, person: Person): Promise<string | null> {
  if (runId === undefined) return null;
  const { rows } = await sql<{ zone: string | null }>`
    select b.zone from deliveries d join batches b on b.run_id = d.run_id and b.batch = d.batch
    where d.run_id = ${runId} and d.person_id = ${person.id} limit 1`.execute(at);
  return rows[0]?.zone ?? null;
}
