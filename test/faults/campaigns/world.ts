import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect } from 'vitest';

import { freePort } from '../../../scripts/postgres.ts';
import { signed } from '../../support/hook-signature.ts';
import { accepts, startSink, type Behaviour, type Posted } from '../../support/mail-sink.ts';
import { launch, type Running } from '../../support/processes.ts';
import { isLong, type Random } from '../../support/seeds.ts';

/*
 * A company with a hundred and twenty people in ten languages, campaigns to all of them through every stage, a provider that counts what it takes,
 * and assertion A0 of docs/decisions/031: nobody twice, nobody lost, every row of the ledger ended and explained, counters and proof as the
 * provider counted, Salesforce told of each once. The settings are read when the product is first imported: the provider has to be there before.
 */
process.env.CAMPAIGN_LEASE_SECONDS ??= '4';
process.env.CAMPAIGN_GRACE_SECONDS ??= '2';
export const sink = await startSink();
process.env.SENDGRID_BASE_URL = sink.url;
process.env.SENDGRID_API_KEY = 'SG.test';

const { givenOwner, givenRun } = await import('../../support/campaigns.ts');
const { givenAccount, salesforceId } = await import('../../support/mirror.ts');
const { givenStaff, staffViewer } = await import('../../support/people.ts');
const { activateCampaign } = await import('../../../src/campaigns/runs/activation.ts');
const { decideApproval, requestApproval } = await import('../../../src/campaigns/definition/approvals.ts');
const { changeCampaign, createCampaign } = await import('../../../src/campaigns/definition/campaigns.ts');
const { changeCampaignSettings, deliveredSettings } =
  await import('../../../src/campaigns/definition/settings.ts');
const { Policy } = await import('../../../src/campaigns/definition/policy.ts');
const { keepHook } = await import('../../../src/campaigns/outcomes/hook-inbox.ts');
const { proveRun } = await import('../../../src/campaigns/runs/proof.ts');
const { suppress } = await import('../../../src/consent/suppression.ts');
const { createMessage } = await import('../../../src/content/messages.ts');
const { moveClock, now } = await import('../../../src/platform/clock.ts');
const { config } = await import('../../../src/platform/config.ts');
const { db, pool, sql, transaction } = await import('../../../src/platform/db.ts');
const { record } = await import('../../../src/platform/events.ts');
const { freeJobsOfTheDead } = await import('../../../src/platform/heartbeats.ts');
const { enqueue } = await import('../../../src/platform/jobs.ts');
const { createSegment } = await import('../../../src/segments/segments.ts');
const { startWorking, whenIdle } = await import('./remaining.ts');

const countries = {
  'United States': 'en', Germany: 'de', Spain: 'es', France: 'fr', Italy: 'it', Japan: 'ja', Portugal: 'pt', 'United Kingdom': 'en-GB',
  Australia: 'en-AU', Mexico: 'es-419',
} as const; // prettier-ignore
const PEOPLE_OF_EACH = 12;

/** Whom the provider takes nothing for. */
const REFUSED = 'person-7.germany@harbour.example';

export interface World {
  owner: Awaited<ReturnType<typeof givenOwner>>;
  approver: Awaited<ReturnType<typeof givenOwner>>;
  segmentId: string;
  messageId: string;
  accounts: number;
  /** The addresses that each campaign goes to. */
  reach: readonly string[];
  /** Why the others get nothing. */
  skipped: Readonly<Record<string, number>>;
}

export async function makeWorld(): Promise<World> {
  sink.behave = refusingOne();
  const owner = await givenOwner();
  const approver = await givenOwner();
  await capNobody();
  const addresses = (await Promise.all(Object.keys(countries).map(givenPeople))).flat();
  const suppressed = addresses.filter((address) => /person-[34]\.(japan|mexico)@/.test(address));
  await transaction((tx) =>
    suppress(
      tx,
      suppressed.map((address) => ({
        address,
        channel: 'email' as const,
        reason: 'manual' as const,
        at: now(),
      })),
    ),
  );
  /* Some are people of two accounts, and some have no address. */
  const doubled = await doubledIn(addresses.slice(0, 5));
  return {
    owner, approver, accounts: Object.keys(countries).length,
    segmentId: await createSegment(owner.viewer, {
      name: 'Harbours', description: '', folder: null, entity: 'account', isShared: true,
      rule: { field: 'account.industry', op: 'is', value: ['Retail'] },
    }),
    messageId: await givenMessageInAll(owner.viewer),
    reach: addresses.filter((address) => !suppressed.includes(address) && address !== REFUSED).toSorted(),
    skipped: { suppressed: suppressed.length, duplicate: doubled, no_address: 2 },
  }; // prettier-ignore
}

/** Or nobody would be left for the next seed. */
async function capNobody(): Promise<void> {
  const { transactional } = deliveredSettings.limits;
  const limits = { marketing: transactional, success: transactional, transactional };
  await changeCampaignSettings(await staffViewer(await givenStaff({ roles: ['admin'] })), { ...deliveredSettings, limits }); // prettier-ignore
}

async function givenPeople(country: string): Promise<string[]> {
  const { id } = await givenAccount({ name: `Harbour of ${country}`, industry: 'Retail' });
  await sql`update accounts set billing_country = ${country} where id = ${id}`.execute(db);
  const name = country.toLowerCase().replaceAll(' ', '-');
  const { rows } = await sql<{ address: string }>`
    insert into account_people (account_id, contact_id, email_normalized, name)
    select ${id}, ${salesforceId('003').slice(0, 14)} || lpad(i::text, 4, '0'), 'person-' || i || '.' || ${name}::text || '@harbour.example', 'Person ' || i
    from generate_series(1, ${PEOPLE_OF_EACH}::int) i returning email_normalized as address`.execute(db);
  return rows.map(({ address }) => address);
}

/** @returns how many rows are duplicates */
async function doubledIn(addresses: readonly string[]): Promise<number> {
  await sql`
    insert into account_people (account_id, contact_id, email_normalized, name)
    select (select max(id) from accounts where industry = 'Retail'), gen_random_uuid(), address, 'Somebody again'
    from unnest(${[...addresses]}::text[]) address
    union all select (select max(id) from accounts where industry = 'Retail'), gen_random_uuid(), null, 'Nobody' from generate_series(1, 2)`.execute(
    db,
  );
  return addresses.length;
}

const givenMessageInAll = (viewer: World['owner']['viewer']) =>
  createMessage(viewer, {
    name: 'News', description: '',
    content: {
      format: 'html', defaultLocale: 'en', weights: [1], tables: {},
      variants: Object.values(countries).map((locale) => ({
        locale, variant: 0, preheader: '', subject: `${locale}: Hello {{ person.firstName | default: "there" }}`,
        body: '<p>Dear {{ person.name }} of {{ account.name }}, see <a href="https://tidewater.example/news">our news</a>.</p><p><a href="{{ links.unsubscribe }}">No more</a></p>',
      })),
    },
  }); // prettier-ignore

/** The provider names the address that it takes nothing for, and takes the rest, or does as `otherwise` says. */
export function refusingOne(otherwise: (posted: Posted, request: number) => Behaviour = () => accepts) {
  return (posted: Posted, request: number): Behaviour => {
    const bad = posted.personalizations.findIndex(({ to }) => to[0]?.email === REFUSED);
    if (bad < 0) return otherwise(posted, request);
    const field = `personalizations.${String(bad)}.to.0.email`;
    return { takes: false, status: 400, body: { errors: [{ message: 'Not a valid address.', field }] } };
  };
}

type Change = Parameters<typeof changeCampaign>[2];

/** A campaign that has been approved, to everybody. */
export async function givenCampaign(world: World, change: Change = {}): Promise<string> {
  const { owner, approver, segmentId, messageId } = world;
  const id = await createCampaign(owner.viewer, {
    name: 'News of the harbour', description: '', messageClass: 'transactional', channel: 'email', topic: null,
  }); // prettier-ignore
  const policy = Policy.parse({ failurePercent: 100, quietHours: 'none' });
  await changeCampaign(owner.viewer, id, { segmentId, messageId, policy, ...change });
  const approvalId = await requestApproval(owner.viewer, id);
  await decideApproval(approver.viewer, id, { approvalId, decision: 'approved', comment: '' });
  return id;
}

/** The same, set off: by hand, twice, as people do, or by its hour, which comes at once. */
export async function begin(
  world: World,
  how: 'by hand' | 'by the clock' = 'by hand',
  change: Change = {},
): Promise<string> {
  const id = await givenCampaign(world, {
    ...(how === 'by the clock' && { trigger: nextMinute() }),
    ...change,
  });
  await Promise.all(
    ['form', 'form'].map((key) => activateCampaign(world.owner.viewer, id, { key }).catch(() => null)),
  );
  if (how === 'by the clock') moveClock(81_000);
  return id;
}

/** A whole minute that comes soon, and not before the campaign is ready. */
function nextMinute() {
  const at = new Date(Math.ceil((now().getTime() + 20_000) / 60_000) * 60_000).toISOString();
  return { kind: 'once' as const, date: at.slice(0, 10), time: at.slice(11, 16), zone: 'UTC' };
}

/* Processes that work on campaigns, and are done for. */

export interface Victim extends Running {
  port: number;
}

const victims = new Set<Victim>();

/** Up, and idle: starting takes most of a second, in which a seed would only wait. */
const spares: Promise<Victim>[] = [];
let used = 0;

/** `checkout`: where its code is, if it is not this. */
export async function startVictim(
  fault?: string,
  environment: Record<string, string> = {},
  checkout?: string,
): Promise<Victim> {
  const isAsOthers = Object.keys(environment).length === 0 && checkout === undefined;
  if (isAsOthers) used += 1;
  const victim = await ((isAsOthers ? spares.shift() : undefined) ?? spawnVictim(environment, checkout));
  victims.add(victim);
  const ready = once(victim.child, 'message');
  victim.child.send({ fault, ahead: ahead() });
  await Promise.race([ready, victim.ended]);
  return victim;
}

const ahead = () => now().getTime() - Date.now();

async function spawnVictim(environment: Record<string, string> = {}, checkout = '.'): Promise<Victim> {
  const port = await freePort();
  const running = await launch([`${checkout}/test/faults/campaigns/victim.ts`], {
    PORT: String(port), LOG_LEVEL: 'warn', DATABASE_POOL: '10', ...environment,
  }); // prettier-ignore
  return { ...running, port };
}

export const isAlive = ({ child }: Running) => child.exitCode === null && child.signalCode === null;

export async function end(victim: Victim, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  victim.child.kill(signal);
  await victim.ended;
  victims.delete(victim);
}

/** After each seed. As many as it needed are started for the next. */
export async function endAll(): Promise<void> {
  for (const victim of victims) await end(victim);
  if (isLong) while (spares.length < used) spares.push(spawnVictim());
  used = 0;
}

/** As a deploy ends it. */
export async function expectOrderlyEnd(victim: Victim): Promise<void> {
  const since = Date.now();
  await end(victim, 'SIGTERM');
  expect(victim.child.exitCode, victim.output()).toBe(0);
  expect(Date.now() - since, 'milliseconds to drain').toBeLessThan(10_000);
}

/** Whoever was shut down noted what came of each request. (What a provider did not answer in time is in doubt all the same.) */
export async function expectNothingInFlight(campaigns: readonly string[]): Promise<void> {
  const { rows } = await sql`
    select b.state, b.error from batches b join runs r on r.id = b.run_id
    where r.campaign_id = any(${[...campaigns]}::uuid[]) and (b.state = 'sending' or (b.state = 'doubt' and b.error = 'no answer was noted'))`.execute(
    db,
  );
  expect(rows, 'batches in flight of a worker that was shut down').toEqual([]);
}

/** What dead workers held is free at once, without waiting for their hearts; what waits for later does so no longer; and the clock ticks. */
export async function freeJobs(): Promise<void> {
  await freeJobsOfTheDead(new Date(now().getTime() + 60_000));
  await tick();
}

export async function tick(): Promise<void> {
  /* What a worker holds it is about to do; to wait for it might stop both. */
  await sql`
    update event_relay set due_at = '-infinity'
    where id in (select id from event_relay where due_at > '-infinity' order by id for update skip locked)`.execute(
    db,
  );
  await sql`
    update graphile_worker._private_jobs set run_at = now() where id in (
      select id from graphile_worker._private_jobs where run_at > now() and attempts < max_attempts and locked_at is null order by id for update skip locked)`.execute(
    db,
  );
  for (const job of ['watch_mailing', 'trigger_campaigns', 'take_in_hooks'] as const)
    await enqueue(db, job, {}, { key: `clock:${job}` });
}

/* What the provider has to tell, and nobody has taken yet: a post that was not answered comes again, as SendGrid's do. */

let untold: string[] = [];

export async function tell(random: Random, listeners: readonly Victim[] = []): Promise<void> {
  const events = sink.events();
  for (let first = 0; first < events.length; first += 100) {
    const some = events.slice(first, first + 100);
    untold.push(JSON.stringify(random() < 0.3 ? [...some, ...some.toReversed()] : some));
  }
  const [listener] = listeners.filter(isAlive);
  const waiting = untold;
  untold = [];
  for (const body of waiting) {
    if (listener === undefined) await keepHook('sendgrid', body);
    else if (!(await isTaken(listener, body))) untold.push(body);
    if (random() < 0.1) untold.push(body);
  }
}

async function isTaken({ port }: Victim, body: string): Promise<boolean> {
  const headers = signed(body, String(Math.floor(now().getTime() / 1000)));
  try {
    const { status } = await fetch(`http://127.0.0.1:${String(port)}/hooks/sendgrid`, {
      method: 'POST', body, headers, signal: AbortSignal.timeout(5_000),
    }); // prettier-ignore
    return status === 204;
  } catch {
    return false;
  }
}

/** Salesforce takes the campaigns that wait in the outbox. */
async function deliverCampaigns(): Promise<void> {
  await transaction(async (tx) => {
    const { rows } = await sql<{ outboxId: number; rapportId: string; salesforceId: string }>`
      update outbox set status = 'delivered', delivered_at = now(), salesforce_id = '701' || lpad(id::text, 15, '0')
      where sobject = 'Campaign' and status = 'waiting' returning id as "outboxId", rapport_id as "rapportId", salesforce_id as "salesforceId"`.execute(
      tx,
    );
    if (rows.length > 0) await record(tx, 'outbox.delivered', { sobject: 'Campaign', rows });
  });
}

/** Goes on, as time does, until it is so, or for that long. */
export async function watch(
  random: Random,
  {
    listeners,
    until,
    seconds,
  }: { listeners: readonly Victim[]; until: () => Promise<boolean> | boolean; seconds: number },
): Promise<void> {
  const last = performance.now() + seconds * 1000;
  for (let turn = 0; !(await until()) && performance.now() < last; turn += 1) {
    await tell(random, listeners);
    if (turn % 3 === 0) await tick();
    await deliverCampaigns();
    await sleep(30);
  }
}

/** Whether all that campaigns set off has been done. */
export async function areDone(campaigns: readonly string[]): Promise<boolean> {
  const { rows } = await sql<{ done: boolean }>`
    select (select count(*) from runs where campaign_id = any(${[...campaigns]}::uuid[]) and ledger_hash is not null) = ${campaigns.length}
      and not exists (select from hook_inbox)
      and not exists (
        select from runs r join deliveries d on d.run_id = r.id join account_people p on p.id = d.person_id
        where r.campaign_id = any(${[...campaigns]}::uuid[]) and d.state = 'sent'
          and (not exists (select from told_deliveries t where t.run_id = d.run_id and t.n = d.n)
            or not exists (select from told_accounts t where t.run_id = d.run_id and t.account_id = d.account_id))) as done`.execute(
    db,
  );
  return rows[0]?.done === true && untold.length === 0;
}

/**
 * Nobody else is at work any more: this process does what is left. @throws where that takes longer than lease, grace and five seconds of the
 * clock (F1), or than `most`, where a provider wants to be left alone
 */
export async function finish(
  world: Pick<World, 'owner'>,
  campaigns: readonly string[],
  random: Random,
  {
    most = config.CAMPAIGN_LEASE_SECONDS + config.CAMPAIGN_GRACE_SECONDS + 5,
    step = 1,
    beside = () => Promise.resolve(),
  } = {},
): Promise<void> {
  await freeJobs();
  const worker = await startWorking();
  try {
    let later: string | undefined;
    for (let moved = 0; ; moved += step) {
      await beside();
      await settle(random);
      if (await areDone(campaigns)) return;
      expect(moved, `seconds until all was done; ${await leftOf(campaigns)}`).toBeLessThan(most);
      /* What is heard of mails that went out later says that events arrive. */
      if (later === undefined && moved > config.CAMPAIGN_LEASE_SECONDS) {
        const run = await givenRun(world.owner, { people: 1 });
        later = run.campaignId;
        await run.begin();
      }
      moveClock(step * 1_000);
    }
  } finally {
    await worker.stop();
  }
}

/** Has all that is due done, and what comes of it. */
async function settle(random: Random): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) {
    await tick();
    await whenIdle();
    await tell(random);
    await deliverCampaigns();
    await whenIdle();
  }
  await tell(random);
}

/** What has not been done yet, for messages. */
export async function leftOf(campaigns: readonly string[]): Promise<string> {
  const { rows } = await sql`
    select r.id, r.state, r.paused_at, r.pause_reason, (select json_object_agg(state, n) from (select state, count(*) as n from batches b where b.run_id = r.id group by 1) s) as batches
    from runs r where campaign_id = any(${[...campaigns]}::uuid[])`.execute(db);
  const { rows: waiting } = await sql`
    select t.identifier, j.attempts, j.last_error, j.payload, j.run_at, j.locked_at, j.locked_by from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id limit 5`.execute(
    db,
  );
  const { rows: carried } = await sql`
    select i.event_id, e.name, i.reaction, i.state, i.attempts, i.holder, i.error, i.changed_at,
      exists (select from worker_heartbeats where i.holder = any(job_owners)) as lives
    from event_inbox i join events e on e.id = i.event_id where i.state <> 'done' limit 10`.execute(db);
  const { rows: counts } = await sql`
    select (select count(*) from hook_inbox) as hooks, (select count(*) from event_relay) as relay, ${now()}::timestamptz as now`.execute(
    db,
  );
  return JSON.stringify({ rows, waiting, carried, counts, untold: untold.length });
}

/*
 * A job that was asked for again while it ran, and then failed with the database: the queue keeps it without its key, as one that had its last
 * attempt; the later one has done its work by then.
 */
const fallen =
  'Connection terminated|connection error|ECONNRESET|terminating connection|canceling statement|deadlock detected|could not serialize|^refused';

/** Assertion A0, of each campaign. `refused`: whom the provider takes nothing for, beside the one that it never does. */
export async function expectAllRight(
  world: World,
  campaigns: readonly string[],
  { refused = [] as readonly string[] } = {},
): Promise<void> {
  const reach = world.reach.filter((address) => !refused.includes(address));
  for (const campaignId of campaigns) {
    const { rows } = await sql<{ id: number; counts: Record<string, number> }>`
      select r.id, s.counts from runs r join run_statistics s on s.run_id = r.id where campaign_id = ${campaignId}`.execute(
      db,
    );
    expect(rows.length, 'runs of a campaign').toBe(1);
    const [{ id: runId, counts } = { id: 0, counts: {} }] = rows;
    expect(addressesOf(runId), `written to by run ${String(runId)}`).toEqual(reach);
    const sent = reach.length;
    const failed = refused.length + 1;
    const people = Object.values(world.skipped).reduce((sum, count) => sum + count, sent + failed);
    expect(await proveRun(runId)).toMatchObject({
      state: 'completed', people, sent, heard: sent, unheard: 0, skippedBy: world.skipped, failedBy: { address_refused: failed },
      isBalanced: true, isHashRight: true, problems: [], events: { processed: sent, delivered: sent },
    }); // prettier-ignore
    expect(counts, `counters of run ${String(runId)}`).toMatchObject({
      total: people,
      sent,
      delivered: sent,
    });
    await expectToldOnce(campaignId, { members: reach.length, accounts: world.accounts });
  }
  /* Taken out, so that they are this seed's alone. */
  const { rows: dead } = await sql`
    with dead as (
      delete from graphile_worker._private_jobs j where attempts >= j.max_attempts and locked_at is null returning *)
    select t.identifier, j.payload, j.last_error, j.attempts, j.max_attempts from dead j join graphile_worker._private_tasks t on t.id = j.task_id
    where not (j.key is null and coalesce(j.last_error, '') ~ ${fallen})`.execute(db);
  expect(dead, `dead letters: ${JSON.stringify(dead)}`).toEqual([]);
}

/** Whom the provider took mails of a run for, as often as it did. */
export function addressesOf(runId: number): string[] {
  const taken = sink.posts.filter(({ took, posted }) => took && posted.personalizations[0]?.custom_args.run === String(runId)); // prettier-ignore
  return taken
    .flatMap(({ posted }) => posted.personalizations.map(({ to }) => to[0]?.email ?? ''))
    .toSorted();
}

/** Salesforce has the campaign, a member for each contact, an insight for each account, each by one write. */
async function expectToldOnce(
  campaignId: string,
  { members, accounts }: { members: number; accounts: number },
): Promise<void> {
  const { rows } = await sql<{ sobject: string; records: number; again: number }>`
    select sobject, count(distinct record_key) as records,
      case when sobject <> 'Campaign' then count(*) - count(distinct record_key) else 0 end as again from outbox
    where rapport_id = ${campaignId} or rapport_id like ${`${campaignId}:%`} or fields ->> 'Rapport_URL__c' like ${`%/${campaignId}`}
    group by 1 order by 1`.execute(db);
  expect(rows).toEqual([
    { sobject: 'Campaign', records: 1, again: 0 },
    { sobject: 'CampaignMember', records: members, again: 0 },
    { sobject: 'Rapport_Insight__c', records: accounts, again: 0 },
  ]);
}

/** Between seeds: what was posted before is of no interest any more. */
export function forgetPosts(): void {
  sink.posts.length = 0;
  sink.events();
  untold = [];
  sink.behave = refusingOne();
}

export async function closeWorld(): Promise<void> {
  await endAll();
  for (const spare of spares.splice(0)) await end(await spare);
  await pool.end();
  await sink.close();
}
