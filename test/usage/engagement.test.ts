import { afterAll, beforeEach, expect, test } from 'vitest';

import { DAY } from '../../src/platform/clock.ts';
import { db, pool, sql, transaction } from '../../src/platform/db.ts';
import { collect } from '../../src/usage/collect.ts';
import { refreshEngagement } from '../../src/usage/engagement.ts';
import { EngagementRules } from '../../src/usage/engagement-rules.ts';
import { takeInUsage } from '../../src/usage/take-in.ts';
import { sourceOfKey } from '../../src/usage/write-keys.ts';
import { emptyUsage } from '../support/usage.ts';
import { givenAccount, givenContact, givenLicense, givenOpportunity } from '../support/mirror.ts';

import { type Expected, naively, worldOf } from './engagement-world.ts';

const now = new Date(`${new Date().toISOString().slice(0, 10)}T15:00:00Z`);
const day = (ago: number) => new Date(now.getTime() - ago * DAY).toISOString().slice(0, 10);
const refresh = (accounts: 'all' | string[], at = now) =>
  transaction((tx) => refreshEngagement(tx, accounts, at));

beforeEach(emptyUsage);
afterAll(() => pool.end());

async function send(messages: unknown[]): Promise<void> {
  await collect((await sourceOfKey('demo-write-key')) ?? 0, messages, { receivedAt: now, bytes: 0 });
  await takeInUsage();
}

/** One action a message, so long before 15 o'clock of today. */
const did = (groupId: string, userId: string, ago: number, more: object = {}) => ({
  type: 'track', userId, groupId, event: 'Restored a file', timestamp: new Date(now.getTime() - ago * DAY - 3_600_000).toISOString(),
  properties: { module: 'Restore', ...more },
}); // prettier-ignore

async function engagementOf(id: string): Promise<Record<string, unknown>> {
  const { rows } = await sql<Record<string, unknown>>`
    select * from account_engagement where account_id = ${id}`.execute(db);
  if (rows[0] === undefined) throw new Error('it has no engagement');
  return rows[0];
}

async function peopleOf(id: string): Promise<Record<string, unknown>[]> {
  const { rows } = await sql<Record<string, unknown>>`
    select * from account_people where account_id = ${id} order by name`.execute(db);
  return rows;
}

const rules = (settings: object) =>
  sql`insert into engagement_settings (settings, changed_at) values (${JSON.stringify(EngagementRules.parse(settings))}::jsonb, ${now})
      on conflict (id) do update set settings = excluded.settings`.execute(db);

test('in worlds of chance, every reading is what a naive evaluation finds, in full and for some accounts alone', async () => {
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    await emptyUsage();
    const world = worldOf(seed, now);
    for (const account of world.accounts) {
      await givenAccount({ id: account.id, name: account.name });
      for (const contact of account.contacts) await givenContact({ account, ...contact });
      for (const license of account.licenses) await givenLicense({ account, ...license });
      for (const won of account.won)
        await givenOpportunity({ account, is_closed: true, is_won: true, ...won });
    }
    const half = Math.floor(world.messages.length / 2);
    await send(world.messages.slice(0, half));
    await refresh('all');
    await send(world.messages.slice(half));
    const some = world.accounts.map(({ id }) => id).filter((_, index) => index % 2 === 0);
    await refresh(some);
    const expected = naively(world, now);
    const wanted = (id: string) => expected.find((one) => one.account_id === id);
    for (const id of some)
      expect(withoutScores(await found(id)), `seed ${seed}`).toEqual(withoutScores(wanted(id)));
    await refresh('all');
    for (const { id } of world.accounts) expect(await found(id), `seed ${seed}`).toEqual(wanted(id));
  }
});

async function found(id: string): Promise<Expected> {
  const account = omit(await engagementOf(id), ['refreshed_on']);
  const people = (await peopleOf(id))
    .map((person) => ({
      ...omit(person, ['id', 'usage_person', 'account_id']),
      isUser: person.usage_person !== null,
      name: String(person.name),
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  return { ...account, account_id: id, people };
}

const omit = (row: Record<string, unknown>, names: string[]) =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));

const withoutScores = (one: Expected | undefined) =>
  one && {
    ...one,
    engagement: undefined,
    people: one.people.map((each) => ({ ...each, engagement: undefined })),
  };

test('what would not change is not written, and a person keeps their id when they become a contact', async () => {
  const account = await givenAccount();
  await send([
    did(account.id, 'ana', 1),
    { type: 'identify', userId: 'ana', traits: { email: 'ana@northgate.example' } },
  ]);
  await refresh('all');
  const rows = async () =>
    (
      await sql`select xmin, account_id::text as id from account_engagement union all select xmin, id::text from account_people`.execute(
        db,
      )
    ).rows;
  const before = await rows();
  await refresh('all');
  await refresh([account.id]);
  expect(await rows()).toEqual(before);
  const [ana] = await peopleOf(account.id);
  const contact = await givenContact({ account, email: 'ANA@northgate.example', name: 'Ana Ruiz' });
  await refresh([account.id]);
  expect(await peopleOf(account.id)).toMatchObject([
    { id: ana?.id, contact_id: contact.id, usage_person: ana?.usage_person, name: 'Ana Ruiz' },
  ]);
});

test('the score is a percentile within the status; less than one action a day is 0, the young are judged by their own days', async () => {
  const daily = async (actions: number, days = 20) => {
    const account = await givenAccount();
    await givenLicense({ account, support_until: day(-100) });
    const each = Array.from({ length: days }, (_, ago) =>
      Array.from({ length: actions }, () => did(account.id, `user of ${account.id}`, ago)),
    );
    await send(each.flat());
    return account.id;
  };
  const [few, some, many] = [await daily(1), await daily(2), await daily(6)];
  const young = await daily(9, 2);
  const idle = await givenAccount();
  await givenLicense({ account: idle, support_until: day(-100) });
  await send([did(idle.id, 'seldom', 3), did(idle.id, 'seldom', 10)]);
  const trial = await givenAccount();
  await givenLicense({ account: trial, is_trial: true });
  await send([did(trial.id, 'tester', 0)]);
  await refresh('all');
  const score = async (id: string) => (await engagementOf(id)).engagement;
  expect([await score(idle.id), await score(few), await score(some), await score(many), await score(young)]).toEqual([
    0, 25, 50, 75, 100,
  ]); // prettier-ignore
  expect((await engagementOf(young)).actions_per_day).toBe(9);
  expect([await score(trial.id), (await engagementOf(trial.id)).status]).toEqual([100, 'free']);
});

test('scores move along when others are used more', async () => {
  const [one, other] = [await givenAccount(), await givenAccount()];
  await send(Array.from({ length: 15 }, () => did(one.id, 'ana', 0)));
  await refresh([one.id]);
  expect((await engagementOf(one.id)).engagement).toBe(100);
  await send(Array.from({ length: 16 }, () => did(other.id, 'ben', 0)));
  await refresh([other.id]);
  expect([(await engagementOf(one.id)).engagement, (await engagementOf(other.id)).engagement]).toEqual([
    0, 100,
  ]);
  expect((await peopleOf(one.id))[0]?.engagement).toBe(0);
});

test('who was used within the minute has engagement of their own day, and health hears of it', async () => {
  const account = await givenAccount();
  await send([did(account.id, 'ana', 0), did(account.id, 'ana', 0)]);
  const { rows } = await sql<{ name: string }>`select name from events where name = 'usage.counted'`.execute(
    db,
  );
  expect(rows).toHaveLength(1);
  await refresh([account.id]);
  expect(await engagementOf(account.id)).toMatchObject({
    tracked_since: day(0), days_active_14: 1, actions_14: 2, actions_per_day: 2, engagement: 100, people_active_14: 1,
  }); // prettier-ignore
});

test('an administrator’s rules tell status, stage and what the score ranks by', async () => {
  const account = await givenAccount({ type: 'Customer' });
  await givenLicense({ account, support_until: day(5), purchased_on: day(200) });
  await send([did(account.id, 'ana', 0, { activeSeconds: 600 })]);
  await refresh('all');
  expect(await engagementOf(account.id)).toMatchObject({ status: 'cancelled', stage: 'cancelled' });
  await rules({ status: { graceDays: 10 }, stage: { onboardingDays: 300 }, metric: 'time' });
  await refresh('all');
  expect(await engagementOf(account.id)).toMatchObject({
    status: 'paying', stage: 'onboarding', customer_since: day(200), minutes_per_day: 10, engagement: 100,
  }); // prettier-ignore
  await rules({ status: { field: 'Type', meanings: [{ value: 'customer', means: 'free' }] } });
  await refresh('all');
  expect(await engagementOf(account.id)).toMatchObject({ status: 'free', stage: 'trial' });
});

test('of an account that Salesforce deleted, and of people it no longer has, nothing is kept', async () => {
  const [account, gone] = [await givenAccount(), await givenAccount()];
  const contact = await givenContact({ account });
  await givenContact({ account: gone });
  await refresh('all');
  await sql`update accounts set deleted_at = now() where id = ${gone.id}`.execute(db);
  await sql`update contacts set deleted_at = now() where id = ${contact.id}`.execute(db);
  await refresh([gone.id, account.id]);
  expect(await peopleOf(account.id)).toEqual([]);
  expect(await peopleOf(gone.id)).toEqual([]);
  await expect(engagementOf(gone.id)).rejects.toThrow('no engagement');
});

test('whoever is renamed, moves, leaves, comes back or is matched anew is followed without looking at everybody', async () => {
  const [north, south] = [await givenAccount(), await givenAccount()];
  const ana = await givenContact({ account: north, email: 'ana@x.example', name: 'Ana Ruiz' });
  const ben = await givenContact({ account: north, email: 'ben@x.example', name: 'Ben Ode' });
  const user = (userId: string, email: string) => ({ type: 'identify', userId, traits: { email } });
  await send([
    ...[north, south].flatMap(({ id }) => [
      did(id, `${id} 1`, 1),
      did(id, `${id} 2`, 2),
      did(id, `${id} 3`, 3),
    ]),
    user(`${north.id} 1`, 'ana@x.example'),
    user(`${north.id} 2`, 'ben@x.example'),
    user(`${south.id} 1`, 'shared@y.example'),
  ]);
  await refresh('all');
  const changes = {
    'a contact is called otherwise': sql`update contacts set name = 'Ana Ortiz' where id = ${ana.id}`,
    'a contact has another address': sql`update contacts set email = 'ben@z.example' where id = ${ben.id}`,
    'a contact moves': sql`update contacts set account_id = ${south.id} where id = ${ana.id}`,
    'a contact is deleted': sql`update contacts set deleted_at = ${now} where id = ${ben.id}`,
    'a user tells another address': sql`update usage_people set email = 'ana@x.example' where external_id = ${`${south.id} 2`}`,
    'two users have one address': sql`update usage_people set email = 'shared@y.example' where external_id = ${`${south.id} 3`}`,
    'a user is somebody by name': sql`update usage_people set contact_id = ${ana.id} where external_id = ${`${south.id} 3`}`,
    'usage belongs to another account': sql`update usage_accounts set account_id = ${south.id} where external_id = ${north.id}`,
    'usage is nobody’s': sql`update usage_accounts set account_id = null, matched_by = null where external_id = ${south.id}`,
    'an account is deleted': sql`update accounts set deleted_at = ${now} where id = ${north.id}`,
    'an account comes back': sql`update accounts set deleted_at = null where id = ${north.id}`,
    'a member is gone': sql`delete from usage_members where person = (select id from usage_people where external_id = ${`${north.id} 3`})`,
  };
  for (const [what, change] of Object.entries(changes)) {
    await change.execute(db);
    await refresh('all');
    const followed = await everybody();
    await sql`delete from people_compared`.execute(db);
    await refresh('all');
    expect(followed, what).toEqual(await everybody());
  }
});

async function everybody(): Promise<unknown[]> {
  const { rows } = await sql`
    select p.*, array(select m.person from usage_members m where m.human = p.id order by 1) as users from account_people p order by p.id`.execute(
    db,
  );
  return rows;
}
