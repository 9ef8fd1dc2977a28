import { deleteRecords, undeleteRecords } from '../../../sandbox/salesforce/records/delete.ts';
import { mergeRecords } from '../../../sandbox/salesforce/records/merge.ts';
import { updateRecords } from '../../../sandbox/salesforce/records/save.ts';
import { atWork, attempt } from '../../convergence/steps/sync.ts';
import { importAccounts } from '../../convergence/steps/rep.ts';

import type { World } from '../../convergence/world.ts';

/** One way in which Salesforce fails, and what we may spend on getting over it. */
export interface Variant {
  name: string;
  /** When it strikes: as the mirror is loaded, or later, as both sides have changed. */
  strikes: 'the load' | 'the changes';
  /** What the org holds beside a few records before it strikes. */
  before?: (world: World) => Promise<void>;
  /** Brings the trouble about; it may work on the sync itself. */
  trouble: (world: World) => Promise<void>;
  /** API calls from the trouble until both sides are at rest and the same. */
  calls: number;
  /** Takes longer than every test run may, or is much like another. */
  isSlow?: true;
  /** How far the org's clock is ahead of ours, in minutes. */
  clock?: number;
}

const fault = (match: object, effect: object) => async (world: World) => {
  await world.control('/faults', { match, effect });
};

/** Page, job and locator matter from 2,000 rows on. */
const many = (world: World) => importAccounts(world, 2_050);

const results = '^/services/data/v[\\d.]+/jobs/query/\\w+/results';

/** Health of every account, written back at once. */
async function writeMany(world: World): Promise<void> {
  await importAccounts(world, 200);
  await attempt(world, () => world.sync.pollOnce());
  const { writeAll } = await import('../../../src/platform/salesforce/outbox/outbox.ts');
  const { accountWrite } = await import('../../../src/insights/salesforce.ts');
  const { rows } = await world.sql<{ id: string }>`select id from accounts order by id`.execute(world.db);
  const at = new Date();
  const writes = rows.map(({ id }, i) =>
    accountWrite(
      {
        accountId: id,
        status: 'paying',
        rank: 'poor',
        score: i % 100,
        reasons: [],
        changedAt: at,
        trend: '',
      },
      { reasons: 'None.', url: 'http://portal.example/' },
    ),
  );
  await world.transaction((tx) => writeAll(tx, writes));
  for (const [i, { id }] of rows.entries()) world.acts.scores.set(id, i % 100);
}

const drain = (world: World) => attempt(world, () => world.sync.drainOnce());
const poll = (world: World) => attempt(world, () => world.sync.pollOnce());

/** Deleted and restored between two polls, and once more around one. */
async function deleteAndRestore(world: World): Promise<void> {
  const { rows } = await world.org.pool.query(
    `select "Id" from sandbox."Case" where not "IsDeleted" union all select "Id" from sandbox."Contact" where not "IsDeleted"`,
  );
  const ids = (rows as { Id: string }[]).map(({ Id }) => Id);
  await deleteRecords(world.rep, ids);
  await undeleteRecords(world.rep, ids);
  await poll(world);
  await deleteRecords(world.rep, ids);
  await poll(world);
  await undeleteRecords(world.rep, ids);
}

async function idsOf(world: World, sobject: string): Promise<string[]> {
  const { rows } = await world.org.pool.query(
    `select "Id" from sandbox."${sobject}" where not "IsDeleted" order by 1`,
  );
  return (rows as { Id: string }[]).map(({ Id }) => Id);
}

const renameAll = async (world: World, Phone: string) => {
  const ids = await idsOf(world, 'Account');
  await updateRecords(world.rep, 'Account', ids.map((Id) => ({ Id, Phone }))); // prettier-ignore
};

/** One after another into the next, with polls in between, until one account and one contact are left. */
async function mergeAll(world: World): Promise<void> {
  for (const sobject of ['Contact', 'Account']) {
    const ids = await idsOf(world, sobject);
    for (const [i, loserId] of ids.slice(0, -1).entries()) {
      await mergeRecords(world.rep, { sobject, masterId: ids[i + 1] ?? '', values: {}, loserIds: [loserId] });
      if (i % 2 === 0) await poll(world);
    }
  }
}

/** Field-level security changes twice, and records change under it. */
async function hideAndShow(world: World): Promise<void> {
  const { security } = world.org;
  const { mayRead } = security;
  security.mayRead = (user, sobject, field) =>
    !['Account.Phone', 'Contact.Title', 'Account.Fax'].includes(`${sobject.name}.${field.name}`) &&
    mayRead(user, sobject, field);
  await renameAll(world, 'unseen');
  await poll(world);
  await attempt(world, () => world.sync.lookAgain());
  await poll(world);
  security.mayRead = mayRead;
  await renameAll(world, 'seen');
  world.hasGaps = true;
}

/** F8, each with the figure it must keep. A cycle of the sync without anything to do costs 7 to 9 calls. */
export const variants: Variant[] = [
  {
    name: '503 for a while',
    strikes: 'the changes',
    trouble: fault({ times: 6 }, { status: 503 }),
    calls: 70,
  },
  {
    name: '503 while it loads',
    strikes: 'the load',
    trouble: fault({ path: '/query', nth: 3, times: 5 }, { status: 503 }),
    calls: 70,
  },
  {
    name: '403 REQUEST_LIMIT_EXCEEDED without Retry-After',
    strikes: 'the changes',
    trouble: fault({ times: 3 }, { errorCode: 'REQUEST_LIMIT_EXCEEDED' }),
    calls: 70,
  },
  {
    name: 'the day’s limit reached',
    strikes: 'the changes',
    async trouble(world) {
      world.org.limits.dailyUsed = world.org.limits.dailyMax;
      for (let i = 0; i < 5; i += 1) {
        await poll(world);
        await drain(world);
      }
    },
    calls: 70,
  },
  {
    name: 'a write whose answer is lost',
    strikes: 'the changes',
    trouble: fault({ path: '/composite/sobjects', times: 2 }, { dropAfterCommit: true }),
    calls: 70,
  },
  {
    name: 'a call that is answered after its time-out',
    strikes: 'the changes',
    trouble: fault({ path: '/composite', times: 1 }, { latencyMs: 62_000 }),
    calls: 70,
    isSlow: true,
  },
  {
    name: 'INVALID_SESSION_ID between two pages',
    strikes: 'the changes',
    async trouble(world) {
      await many(world);
      await fault({ path: '/queryAll', nth: 1, times: 1 }, { session: 'expire' })(world);
    },
    calls: 70,
  },
  {
    name: 'UNABLE_TO_LOCK_ROW for 3 of 200',
    strikes: 'the changes',
    async trouble(world) {
      await writeMany(world);
      await fault({ path: '/composite/sobjects', times: 2 }, { rows: { count: 3 } })(world);
      await drain(world);
    },
    calls: 70,
  },
  {
    name: 'a rule that refuses 3 of 200 for good',
    strikes: 'the changes',
    async trouble(world) {
      await drain(world);
      await writeMany(world);
      const rows = { count: 3, errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'Not on a Friday.' };
      await fault({ path: '/composite/sobjects', times: 1 }, { rows })(world);
      await drain(world);
      const { rows: refused } = await world.sql`
        select from outbox where status = 'failed' and error = 'Not on a Friday.'`.execute(world.db);
      if (refused.length !== 3) throw new Error(`${String(refused.length)} rows are shown to staff`);
    },
    calls: 70,
  },
  {
    name: 'a Bulk job that fails',
    strikes: 'the load',
    before: many,
    trouble: fault({ path: '/jobs/query', times: 1 }, { job: { failAfter: 100 } }),
    calls: 80,
  },
  {
    name: 'a Bulk job that fails at once',
    strikes: 'the load',
    before: many,
    trouble: fault(
      { path: '/jobs/query', times: 1 },
      { job: { failAfter: 0, message: 'InternalServerError : Retried more than fifteen times' } },
    ),
    calls: 80,
    isSlow: true,
  },
  {
    name: 'a Bulk job that is aborted',
    strikes: 'the load',
    before: many,
    trouble: fault({ path: '/jobs/query', times: 1 }, { job: { abortAfter: 100 } }),
    calls: 80,
  },
  {
    name: 'a Bulk job whose results are gone',
    strikes: 'the load',
    before: many,
    trouble: fault({ path: '/jobs/query', times: 1 }, { job: { loseResults: true } }),
    calls: 80,
    isSlow: true,
  },
  {
    name: 'a page of CSV that is cut off',
    strikes: 'the load',
    before: many,
    trouble: fault({ path: results, times: 1 }, { truncate: { share: 0.5 } }),
    calls: 80,
  },
  {
    name: 'a page of CSV that ends early without a word',
    strikes: 'the load',
    before: many,
    trouble: fault({ path: results, times: 1 }, { truncate: { share: 0.7, quiet: true } }),
    calls: 80,
  },
  {
    name: 'an expired locator',
    strikes: 'the load',
    before: (world) => importAccounts(world, 50_100, 1),
    trouble: fault({ path: '/results', nth: 2, times: 1 }, { locator: 'expire' }),
    calls: 110,
    isSlow: true,
  },
  {
    name: 'an object that Bulk refuses',
    strikes: 'the load',
    before: many,
    trouble: fault({ method: 'POST', path: '/jobs/query' }, { errorCode: 'INVALIDENTITY' }),
    calls: 80,
    isSlow: true,
  },
  {
    name: 'one SystemModstamp on both sides of a page’s border',
    strikes: 'the changes',
    trouble: many,
    calls: 70,
  },
  {
    name: 'records deleted and restored',
    strikes: 'the changes',
    trouble: deleteAndRestore,
    calls: 70,
  },
  {
    name: 'records merged, and merged again',
    strikes: 'the changes',
    trouble: mergeAll,
    calls: 80,
  },
  {
    name: 'fields that are hidden for a while',
    strikes: 'the changes',
    trouble: hideAndShow,
    calls: 100,
  },
  {
    name: 'a replay id that is too old',
    strikes: 'the changes',
    async trouble(world) {
      await atWork(world, 0.6, () => Promise.resolve());
      await renameAll(world, 'while nobody listened');
      await world.control('/events/expire-retention');
      await atWork(world, 0.6, () => renameAll(world, 'while somebody listened'));
    },
    calls: 110,
  },
  {
    name: 'an event bus that loses some, and forgets its clients',
    strikes: 'the changes',
    trouble: (world) =>
      atWork(world, 1, async () => {
        await renameAll(world, 'before the gap');
        await world.control('/events/gap', { object: 'Account' });
        await world.control('/events/overflow', { object: 'Account' });
        await world.control('/events/disconnect');
        await renameAll(world, 'after the gap');
      }),
    calls: 110,
  },
  {
    name: 'an org whose clock is ten minutes ahead',
    strikes: 'the changes',
    trouble: fault({ path: '/composite/sobjects', times: 1 }, { dropAfterCommit: true }),
    clock: 10,
    calls: 70,
  },
  {
    name: 'an org whose clock is ten minutes behind',
    strikes: 'the changes',
    trouble: fault({ path: '/composite/sobjects', times: 1 }, { dropAfterCommit: true }),
    clock: -10,
    calls: 70,
  },
];
