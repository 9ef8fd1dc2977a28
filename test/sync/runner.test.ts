import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import type * as database from '../../src/platform/db.ts';
import '../../src/platform/salesforce/streaming/streaming-tables.ts';

import { created, startSalesforce } from '../support/salesforce.ts';

type Started = Awaited<ReturnType<typeof startSalesforce>>;

let salesforce: Started;
let db: typeof database.db;
let runners: Started['sync'][];

/* Two worker processes beside each other, as far as the database is concerned. */
beforeAll(async () => {
  salesforce = await startSalesforce();
  ({ db } = await import('../../src/platform/db.ts'));
  const { createSync } = await import('../../src/platform/salesforce/runner.ts');
  runners = [salesforce.sync, createSync(salesforce.exchange)];
  for (const runner of runners) runner.start();
  await vi.waitFor(
    async () => {
      const states = await db.selectFrom('sync_states').select('phase').execute();
      expect(states.length).toBe(salesforce.exchange.mappings.length);
      expect(states.filter(({ phase }) => phase !== 'live')).toEqual([]);
    },
    { timeout: 30_000, interval: 200 },
  );
});

afterAll(async () => {
  await Promise.all(runners.map((runner) => runner.stop()));
  await salesforce.sandbox.close();
});

const clearFaults = () => fetch(`${salesforce.sandbox.url}/__sandbox__/faults`, { method: 'DELETE' });
const stateOfSalesforce = () =>
  db
    .selectFrom('service_states')
    .select(['is_up', 'detail'])
    .where('service', '=', 'salesforce')
    .executeTakeFirst();

test('a comment that Support writes in Salesforce is here within ten seconds', async () => {
  const caseId = await created(salesforce.org, 'Case', { Subject: 'Restore fails', Status: 'New' });
  const since = performance.now();
  await created(salesforce.org, 'CaseComment', {
    ParentId: caseId,
    CommentBody: 'Which version?',
    IsPublished: true,
  });
  await vi.waitFor(
    async () => {
      const [row] = await db.selectFrom('case_comments').select(['body', 'case_id']).execute();
      expect(row).toMatchObject({ body: 'Which version?', case_id: expect.any(String) as string });
    },
    { timeout: 10_000, interval: 100 },
  );
  expect(performance.now() - since).toBeLessThan(10_000);
});

test('an event brings an account here sooner than the poll would', async () => {
  await vi.waitFor(
    async () => {
      const [state] = await db.selectFrom('streaming_channels').select('status').execute();
      expect(state?.status).toBe('live');
    },
    { timeout: 10_000, interval: 100 },
  );
  const since = performance.now();
  for (let turn = 0; turn < 10; turn += 1) {
    const id = await created(salesforce.org, 'Account', { Name: `Announced ${String(turn)}` });
    await vi.waitFor(
      async () => {
        const rows = await db.selectFrom('accounts').select('id').where('id', '=', id).execute();
        expect(rows).toHaveLength(1);
      },
      { timeout: 10_000, interval: 20 },
    );
  }
  expect(performance.now() - since).toBeLessThan(20_000);
});

test('several workers poll no more often than one', async () => {
  const polls = async () => {
    const answer = await fetch(`${salesforce.sandbox.url}/__sandbox__/log?path=/composite&limit=500`);
    const rows = (await answer.json()) as { path: string }[];
    return rows.filter(({ path }) => path.endsWith('/composite')).length;
  };
  const before = await polls();
  await new Promise((wait) => setTimeout(wait, 6_000));
  expect((await polls()) - before).toBeLessThanOrEqual(9);
});

test('Salesforce that is away is noted, and so is its return', async () => {
  await salesforce.control('/faults', {
    match: { path: '/services/data' },
    effect: { status: 503, errorCode: 'SERVER_UNAVAILABLE' },
  });
  await vi.waitFor(async () => expect(await stateOfSalesforce()).toMatchObject({ is_up: false }), {
    timeout: 10_000,
    interval: 100,
  });
  await clearFaults();
  await vi.waitFor(async () => expect(await stateOfSalesforce()).toMatchObject({ is_up: true }), {
    timeout: 20_000,
    interval: 100,
  });
});
