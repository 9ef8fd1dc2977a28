import { afterAll, expect, test } from 'vitest';

import { db, pool, sql } from '../../src/platform/db.ts';
import { frequencyOf, usageOfAccount } from '../../src/usage/account-usage.ts';
import { collect } from '../../src/usage/collect.ts';
import { followMoved } from '../../src/usage/moves.ts';
import { takeInUsage } from '../../src/usage/take-in.ts';
import { sourceOfKey } from '../../src/usage/write-keys.ts';
import { givenAccount } from '../support/mirror.ts';
import { customerViewer, givenCustomer, givenStaff, staffViewer } from '../support/people.ts';

afterAll(() => pool.end());

const DAY = 86_400_000;
const noon = new Date(`${new Date().toISOString().slice(0, 10)}T12:00:00Z`).getTime() - DAY;
const today = new Date(noon).toISOString().slice(0, 10);

/** That many events on each of the days so long before noon of `today`. */
async function used(
  groupId: string,
  userId: string,
  daysAgo: readonly number[],
  { events = 1, seconds = 0 } = {},
) {
  const source = (await sourceOfKey('demo-write-key')) ?? 0;
  const messages = daysAgo.flatMap((ago) =>
    Array.from({ length: events }, () => ({
      type: 'track', userId, groupId, event: 'Restored a file', properties: { module: 'Restore', activeSeconds: seconds },
      timestamp: new Date(noon - ago * DAY).toISOString(),
    })),
  ); // prettier-ignore
  await collect(source, messages, { receivedAt: new Date(), bytes: 0 });
}

test('visit frequency has the four bands of the field (AP5)', () => {
  expect([0, 1, 2, 4, 5, 8, 9, 14].map(frequencyOf)).toEqual([
    'inactive', 'inactive', 'occasionally', 'occasionally', 'weekly', 'weekly', 'daily', 'daily',
  ]); // prettier-ignore
});

test('the use of an account is summed over each time span of full days and today, its people ranked (AP4, AP10, AP12)', async () => {
  const account = await givenAccount();
  const viewer = await staffViewer(await givenStaff({ roles: ['csm'] }));
  await used(account.id, 'ana', [0, 1, 2, 6, 13], { events: 2, seconds: 60 });
  await used(account.id, 'ben', [1, 29, 89, 90]);
  await used('somebody else', 'eve', [0]);
  await takeInUsage();
  await sql`update usage_people set name = initcap(external_id)`.execute(db);
  const usage = await usageOfAccount(viewer, account.id, today);
  expect(usage?.sums).toEqual({
    today: { events: 2, people: 1, seconds: 120 },
    yesterday: { events: 3, people: 2, seconds: 120 },
    3: { events: 7, people: 2, seconds: 360 },
    7: { events: 9, people: 2, seconds: 480 },
    14: { events: 11, people: 2, seconds: 600 },
    30: { events: 12, people: 2, seconds: 600 },
    90: { events: 14, people: 2, seconds: 600 },
  });
  expect([usage?.activeDays, usage?.frequency, usage?.lastOn, usage?.days.length]).toEqual([
    5,
    'weekly',
    today,
    91,
  ]);
  expect(usage?.leaders.map(({ name, events, days }) => [name, events, days])).toEqual([
    ['Ana', 10, 5],
    ['Ben', 2, 2],
  ]);
  expect(usage?.actions).toEqual([{ action: 'Restored a file', module: 'Restore', events: 12, people: 2 }]);
});

test('after a merge in Salesforce, how the one account was used counts for the other', async () => {
  const [loser, winner] = [await givenAccount(), await givenAccount()];
  const viewer = await staffViewer(await givenStaff({ roles: ['csm'] }));
  await used(loser.id, 'ana', [0, 1]);
  await takeInUsage();
  await sql`insert into mirror_moves (batch, table_name, from_id, to_id) values (77, 'accounts', ${loser.id}, ${winner.id})`.execute(
    db,
  );
  await followMoved({ table: 'accounts', batch: 77 });
  expect(await usageOfAccount(viewer, loser.id, today)).toBeUndefined();
  expect((await usageOfAccount(viewer, winner.id, today))?.activeDays).toBe(2);
});

test('an account of which nothing was told has no usage; customers see nobody’s', async () => {
  const account = await givenAccount();
  const viewer = await staffViewer(await givenStaff({ roles: ['rep'] }));
  expect(await usageOfAccount(viewer, account.id, today)).toBeUndefined();
  const customer = await givenCustomer({ account });
  await used(account.id, 'ana', [0]);
  await takeInUsage();
  expect(await usageOfAccount(await customerViewer(customer), account.id, today)).toBeUndefined();
  expect((await usageOfAccount(viewer, account.id, today))?.activeDays).toBe(1);
});
