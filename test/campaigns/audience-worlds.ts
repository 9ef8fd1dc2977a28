import { randomUUID } from 'node:crypto';

import fc from 'fast-check';

import type { Cap, Policy } from '../../src/campaigns/definition/policy.ts';
import { noteWords } from '../../src/consent/consent.ts';
import { suppress } from '../../src/consent/suppression.ts';
import { now } from '../../src/platform/clock.ts';
import { db, sql, transaction } from '../../src/platform/db.ts';

import type { Send, World } from './audience-reference.ts';

/* Random worlds of few accounts, people and addresses, so that much meets, with what was sent, said and struck out before. */

const DAY = 86_400_000;
const zones = {
  Germany: 'Europe/Berlin',
  'United States': 'America/New_York',
  Japan: 'Asia/Tokyo',
  India: 'Asia/Kolkata',
};
const countries = Object.keys(zones) as (keyof typeof zones)[];
const addresses = Array.from({ length: 9 }, (_, i) => `person-${String(i)}@customer.example`);
const campaigns = Array.from({ length: 3 }, () => randomUUID());

const cap: fc.Arbitrary<Cap | null> = fc.option(
  fc.record({ messages: fc.integer({ min: 1, max: 3 }), days: fc.integer({ min: 1, max: 10 }) }),
);
export const quietHours = fc
  .record({ from: fc.integer({ min: 0, max: 23 }), until: fc.integer({ min: 0, max: 23 }) })
  .filter(({ from, until }) => from !== until);
const some = fc.subarray(addresses, { maxLength: 3 });

export const worlds = fc.record({
  accounts: fc.array(
    fc.record({
      isPaying: fc.boolean(),
      value: fc.option(fc.integer({ min: 0, max: 3 })),
      country: fc.constantFrom(...countries),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  people: fc.array(
    fc.record({
      account: fc.nat(3),
      address: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...addresses) },
        { weight: 1, arbitrary: fc.constantFrom(null, 'nobody') },
      ),
      engagement: fc.option(fc.integer({ min: 0, max: 4 })),
    }),
    { minLength: 1, maxLength: 14 },
  ),
  suppressed: some,
  erased: fc.subarray(addresses, { maxLength: 1 }),
  refused: some,
  refusedAll: fc.subarray(addresses, { maxLength: 1 }),
  granted: fc.subarray(addresses, { minLength: 5 }),
  sends: fc.array(
    fc.record({
      campaign: fc.nat(2),
      address: fc.constantFrom(...addresses),
      account: fc.nat(3),
      isSameClass: fc.boolean(),
      isSameChannel: fc.boolean(),
      /** Minutes from now; those ahead are planned. */
      minutes: fc.integer({ min: -14 * 1440, max: 4 * 1440 }),
      state: fc.constantFrom('sent', 'sent', 'sent', 'failed', 'skipped', 'doubt'),
    }),
    { maxLength: 25 },
  ),
  messageClass: fc.constantFrom('marketing', 'success', 'transactional'),
  isOptIn: fc.boolean(),
  limits: fc.record({ personCap: cap, accountCap: cap, quietHours: fc.option(quietHours) }),
  policy: fc.record({
    again: fc.constantFrom('never', 'always', 1, 5),
    personCap: cap,
    accountCap: cap,
    waitDays: fc.constantFrom(0, 0, 2, 9),
    quietHours: fc.oneof(fc.constantFrom('house' as const, 'none' as const), quietHours),
    holdoutPercent: fc.constantFrom(0, 0, 20, 50),
    tolerancePercent: fc.constant(5),
    failurePercent: fc.constant(10),
  }),
});
export type Drawn = typeof worlds extends fc.Arbitrary<infer T> ? T : never;

async function clear(): Promise<void> {
  await sql`truncate accounts, account_people, account_engagement, runs, deliveries, batches, run_statistics, campaigns, erased_identities,
    consent_states, suppressed_addresses cascade`.execute(db);
}

const topicOf = ({ messageClass, isOptIn }: Drawn): string =>
  messageClass === 'success' ? 'onboarding' : isOptIn ? 'events' : 'product-news';

/** Makes a world that was drawn. @returns it as the reference sees it, and the topic of its campaign */
export async function givenWorld(drawn: Drawn): Promise<World & { topic: string | null }> {
  await clear();
  const at = now().getTime();
  const accounts = drawn.accounts.map((account, i) => ({
    ...account,
    id: `00100000000000000${String(i)}`,
    zone: zones[account.country],
  }));
  const accountOf = (i: number) => accounts[i % accounts.length]?.id ?? '';
  await insertAccounts(accounts);
  const people = await insertPeople(
    drawn.people.map(({ account, ...person }) => ({ ...person, accountId: accountOf(account) })),
  );
  const topic = topicOf(drawn);
  await givenWords(drawn, topic, new Date(at - DAY));
  await sql`
    insert into campaigns (id, name, message_class, channel, owner_id, created_at, changed_at)
    select id, 'Campaign', ${drawn.messageClass}, 'email', gen_random_uuid(), now(), now() from unnest(${campaigns}::uuid[]) id`.execute(
    db,
  );
  const earlier = drawn.sends.map((send, i) =>
    earlierOf(drawn, { ...send, i, at, accountId: accountOf(send.account) }),
  );
  await insertEarlier(earlier);
  return {
    ...drawn, accounts, people, sends: earlier.filter(({ counts }) => counts), campaignId: campaigns[0] ?? '', channel: 'email',
    isOptIn: topic === 'events', now: at, policy: drawn.policy as Policy, messageClass: drawn.messageClass,
    topic: drawn.messageClass === 'transactional' ? null : topic,
  }; // prettier-ignore
}

const records = (rows: readonly object[]) => sql`${JSON.stringify(rows)}::json`;

async function insertAccounts(accounts: readonly object[]): Promise<void> {
  await sql`
    insert into accounts (id, name, billing_country, modified_at)
    select id, 'Northgate', country, now() from json_to_recordset(${records(accounts)}) as r (id text, country text)`.execute(
    db,
  );
  await sql`
    insert into account_engagement (account_id, status, contract_value_minor, refreshed_on)
    select id, case when "isPaying" then 'paying' else 'free' end, value, current_date
    from json_to_recordset(${records(accounts)}) as r (id text, "isPaying" boolean, value bigint)`.execute(
    db,
  );
}

interface PersonGiven {
  accountId: string;
  address: string | null;
  engagement: number | null;
}

async function insertPeople(people: readonly PersonGiven[]): Promise<World['people']> {
  const { rows } = await sql<World['people'][number]>`
    insert into account_people (account_id, contact_id, email_normalized, name, engagement)
    select "accountId", gen_random_uuid(), address, 'Robin', engagement
    from json_to_recordset(${records(people)}) as r ("accountId" text, address text, engagement int)
    returning id, account_id as "accountId", email_normalized as address, engagement`.execute(db);
  return rows;
}

async function givenWords(
  { suppressed, erased, refused, refusedAll, granted }: Drawn,
  topic: string,
  saidAt: Date,
): Promise<void> {
  const say = (list: readonly string[], about: string, isGranted: boolean) =>
    list.map((address) => ({ address, topic: about, isGranted, source: 'page' as const, saidAt }));
  const bounced = { channel: 'email', reason: 'bounced', at: saidAt } as const;
  await transaction(async (tx) => {
    await suppress(tx, suppressed.map((address) => ({ address, ...bounced }))); // prettier-ignore
    for (const words of [say(granted, topic, true), say(refused, topic, false), say(refusedAll, '*', false)])
      await noteWords(tx, words);
    await sql`set local session_replication_role = replica`.execute(tx);
    await sql`
      insert into erased_identities (hash, erasure_id)
      select erasure_hash(address), gen_random_uuid() from unnest(${erased}::text[]) address`.execute(tx);
  });
}

interface Earlier extends Send {
  i: number;
  state: string;
  moment: Date;
  isOpen: boolean;
  counts: boolean;
}

type Given = Drawn['sends'][number] & { i: number; at: number; accountId: string };

/** What was sent once, or is planned; what is in doubt may still turn out to have gone, and counts as of now. */
function earlierOf({ messageClass: own }: Drawn, given: Given): Earlier {
  const { i, at, minutes, accountId, address } = given;
  const moment = at + minutes * 60_000;
  const state = moment > at ? 'planned' : given.state;
  const isOpen = state === 'planned' || state === 'doubt';
  const other = own === 'success' ? 'marketing' : 'success';
  return {
    i, state, isOpen, moment: new Date(moment), campaignId: campaigns[given.campaign] ?? '', address, accountId,
    messageClass: given.isSameClass ? own : other, channel: given.isSameChannel ? 'email' : 'chat',
    counts: isOpen || state === 'sent', at: state === 'doubt' ? at : moment,
  }; // prettier-ignore
}

async function insertEarlier(earlier: readonly Earlier[]): Promise<void> {
  const rows = sql`json_to_recordset(${records(earlier)}) as e (
    i int, state text, moment timestamptz, "isOpen" boolean, "campaignId" uuid, "messageClass" text, channel text, address text, "accountId" text)`;
  const runs = sql`join runs r on r.trigger_key = 'earlier ' || e.i`;
  await sql`
    insert into runs (campaign_id, revision, trigger_key, triggered_at, state, fixed, planned_at, audience_count, ended_at)
    select "campaignId", 1, 'earlier ' || i, moment, 'sending', json_build_object('messageClass', "messageClass", 'channel', channel), moment, 1,
      case when not "isOpen" then moment + interval '1 ms' end from ${rows}`.execute(db);
  await sql`
    insert into deliveries (run_id, n, person_id, account_id, address, locale, batch, state, settled_at)
    select r.id, 1, 900000 + e.i, "accountId", address, 'en', 1, e.state, case when e.state = 'sent' then moment end from ${rows} ${runs}`.execute(
    db,
  );
  await sql`
    insert into batches (run_id, batch, size, state, due_at, posted_at)
    select r.id, 1, 1, case e.state when 'planned' then 'ready' when 'doubt' then 'doubt' else 'sent' end, moment,
      case when e.state <> 'planned' then moment end from ${rows} ${runs}`.execute(db);
}
