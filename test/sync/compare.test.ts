import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type * as database from '../../src/platform/db.ts';
import type * as clock from '../../src/platform/clock.ts';
import type * as driftRuns from '../../src/platform/salesforce/mirror/drift-runs.ts';

import { created, startSalesforce } from '../support/salesforce.ts';

type Started = Awaited<ReturnType<typeof startSalesforce>>;

let salesforce: Started;
let db: typeof database.db;
let sql: typeof database.sql;
let moveClock: typeof clock.moveClock;
let runs: typeof driftRuns;
let org: Started['org'];
let sync: Started['sync'];
const ids: string[] = [];

beforeAll(async () => {
  salesforce = await startSalesforce();
  ({ org, sync } = salesforce);
  ({ db, sql } = await import('../../src/platform/db.ts'));
  ({ moveClock } = await import('../../src/platform/clock.ts'));
  runs = await import('../../src/platform/salesforce/mirror/drift-runs.ts');
  for (const name of ['Halden Freight', 'Northgate Logistics', 'Brightwater Labs', 'Calder & Sons'])
    ids.push(await created(org, 'Account', { Name: name, Industry: 'Shipping', Fax: '1' }));
  await sync.loadAll();
  await agesPass();
});

afterAll(async () => {
  await salesforce.sandbox.close();
});

beforeEach(async () => {
  await sql`delete from drift_findings`.execute(db);
});

/** Everything that there is was changed long ago, on both sides: nothing is on its way. */
async function agesPass(): Promise<void> {
  const then = '2026-01-15T12:00:00Z';
  await salesforce.sandbox.org.pool.query(`update "Account" set "SystemModstamp" = $1`, [then]);
  await sql`update accounts set modified_at = ${then}`.execute(db);
  await sync.lookAgain();
}

/** As many accounts more, as copies of one. */
async function manyAccounts(count: number): Promise<void> {
  const { pool } = salesforce.sandbox.org;
  const { rows } = await pool.query<{ name: string }>(
    `select column_name as name from information_schema.columns
     where table_schema = current_schema() and table_name = 'Account' and is_generated = 'NEVER' and column_name not in ('Id', 'Rapport_Id__c')`,
  );
  const columns = rows.map(({ name }) => `"${name}"`).join(', ');
  await pool.query(
    `insert into "Account" ("Id", ${columns}) select '0015g000001' || lpad(i::text, 4, '0') || 'AAA', ${columns}
     from "Account", generate_series(0, $1 - 1) i where "Id" = $2`,
    [count, ids[0]],
  );
}

const findings = async () =>
  (
    await db
      .selectFrom('drift_findings')
      .select(['record_id', 'field', 'ours', 'theirs', 'cause', 'is_mended'])
      .orderBy('id')
      .execute()
  ).map(({ record_id: id, ...rest }) => ({ id, ...rest }));

/** A sample begins anywhere and goes either way: a row that is missing here is met by one of the next. */
async function sampledUntil(isMet: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 30 && !(await isMet()); i += 1) await sync.proveOnce();
}

const account = (id: string | undefined) =>
  db.selectFrom('accounts').selectAll().where('id', '=', id!).executeTakeFirstOrThrow();

describe('the sample that is compared all the time', () => {
  test('finds nothing where nothing differs, and counts what it compared', async () => {
    expect(await sync.proveOnce()).toBe(0);
    const [day] = await db.selectFrom('drift_days').selectAll().where('sobject', '=', 'Account').execute();
    expect(day).toMatchObject({ differing: 0, mended: 0 });
    expect(day!.compared).toBeGreaterThan(0);
  });

  test('mends values that changed without touching the time of their record, and says which', async () => {
    await salesforce.sandbox.org.pool.query(
      `update "Account" set "Industry" = 'Energy', "Fax" = null where "Id" = $1`,
      [ids[0]],
    );
    await sync.proveOnce();
    const row = await account(ids[0]);
    expect(row.industry).toBe('Energy');
    expect(row.attributes).not.toHaveProperty('Fax');
    expect(await findings()).toEqual([
      { id: ids[0], field: 'Fax', ours: '1', theirs: null, cause: 'silent', is_mended: true },
      { id: ids[0], field: 'Industry', ours: 'Shipping', theirs: 'Energy', cause: 'silent', is_mended: true },
    ]);
  });

  test('mends a row that somebody changed here by hand, even when the row claims to be newer', async () => {
    await sql`update accounts set name = 'Wrong', modified_at = modified_at + interval '10 minutes' where id = ${ids[1]}`.execute(
      db,
    );
    await sync.proveOnce();
    expect((await account(ids[1])).name).toBe('Northgate Logistics');
    expect((await findings()).map(({ field, cause }) => ({ field, cause }))).toEqual([
      { field: 'Name', cause: 'local' },
    ]);
  });

  test('brings back a row that is missing here, and buries one that was erased there without a trace', async () => {
    await sql`delete from accounts where id = ${ids[2]}`.execute(db);
    await salesforce.sandbox.org.pool.query(`delete from "Account" where "Id" = $1`, [ids[3]]);
    await sampledUntil(async () => (await findings()).length === 2);
    expect((await account(ids[2])).name).toBe('Brightwater Labs');
    expect((await account(ids[3])).deleted_at).not.toBeNull();
    expect(
      (await findings())
        .map(({ id, ours, theirs, cause }) => ({ id, ours, theirs, cause }))
        .sort((a, b) => a.cause.localeCompare(b.cause)),
    ).toEqual([
      { id: ids[3], ours: 'Calder & Sons', theirs: null, cause: 'hard_delete' },
      { id: ids[2], ours: null, theirs: 'Brightwater Labs', cause: 'missed' },
    ]);
    const changes = await db
      .selectFrom('mirror_changes')
      .select(['row_id', 'change'])
      .where('table_name', '=', 'accounts')
      .execute();
    expect(changes).toContainEqual({ row_id: ids[3], change: 'deleted' });
  });

  test('leaves alone what has just changed: that is on its way', async () => {
    await org.sobject('Account').update({ Id: ids[0]!, Name: 'Halden Freight Group' });
    await sync.proveOnce();
    expect(await findings()).toEqual([]);
    await sync.pollOnce();
    expect((await account(ids[0])).name).toBe('Halden Freight Group');
  });

  test('leaves alone a case whose change of ours is still on its way', async () => {
    const id = await created(org, 'Case', { Subject: 'Restore fails', Status: 'New' });
    await sync.pollOnce();
    await salesforce.sandbox.org.pool.query(
      `update "Case" set "SystemModstamp" = "SystemModstamp" - interval '1 hour'`,
    );
    await sql`update cases set status = 'Closed', modified_at = modified_at - interval '1 hour'`.execute(db);
    await sql`insert into outbox (sobject, operation, salesforce_id, fields, record_key, serial_key, feature, next_attempt_at)
              values ('Case', 'update', ${id}, '{"Status":"Closed"}', ${`Case:${id}`}, ${`Case:${id}`}, 'cases', now() + interval '1 day')`.execute(
      db,
    );
    await sync.proveOnce();
    expect(await findings()).toEqual([]);
    expect(await db.selectFrom('cases').select('status').execute()).toEqual([{ status: 'Closed' }]);
    await sql`delete from outbox`.execute(db);
    await sync.proveOnce();
    expect((await findings()).map(({ field, ours, theirs }) => ({ field, ours, theirs }))).toContainEqual({
      field: 'Status',
      ours: 'Closed',
      theirs: 'New',
    });
  });
});

describe('the full comparison', () => {
  test('reads every row, mends what differs after a second look, and is done', async () => {
    await agesPass();
    await salesforce.sandbox.org.pool.query(`update "Account" set "Industry" = 'Media' where "Id" = $1`, [
      ids[1],
    ]);
    await runs.askForComparison('Account', null);
    await runs.askForComparison('Account', null);
    await sync.compareOnce();
    expect(await sync.proveOnce()).toBe(1);
    expect(await findings()).toEqual([
      { id: ids[1], field: 'Industry', ours: 'Shipping', theirs: 'Media', cause: 'silent', is_mended: true },
    ]);
    const full = await db.selectFrom('drift_runs').selectAll().where('kind', '=', 'full').execute();
    expect(full).toHaveLength(1);
    expect(full[0]).toMatchObject({ state: 'done', compared: 3, differing: 1, mended: 1, error: null });
    expect(await db.selectFrom('drift_met').selectAll().execute()).toEqual([]);
  });

  test('goes by Bulk for a large object, and has it loaded again where more than a few rows differ', async () => {
    await manyAccounts(2_200);
    await sync.pollOnce();
    await agesPass();
    await salesforce.sandbox.org.pool.query(`update "Account" set "Industry" = 'Energy'`);
    await runs.askForComparison('Account', null);
    await sync.compareOnce();
    await sync.proveOnce();
    await sync.loadAll();
    const { rows } = await sql<{
      count: number;
    }>`select count(*) as count from accounts where industry = 'Energy' and deleted_at is null`.execute(db);
    expect(rows[0]?.count).toBe(2_203);
    const [run] = await db
      .selectFrom('drift_runs')
      .selectAll()
      .where('kind', '=', 'full')
      .orderBy('id', 'desc')
      .execute();
    expect(run).toMatchObject({ state: 'done', compared: 2_203 });
    expect(run!.differing).toBeGreaterThan(2_000);
  });

  test('is asked for by the clock for every object, once', async () => {
    const { compareMirror } = await import('../../src/platform/salesforce/mirror/proof.ts');
    await compareMirror();
    await compareMirror();
    const waiting = await db
      .selectFrom('drift_runs')
      .select('sobject')
      .where('state', '=', 'waiting')
      .execute();
    expect(waiting.map(({ sobject }) => sobject)).toContain('Contact');
    expect(new Set(waiting.map(({ sobject }) => sobject)).size).toBe(waiting.length);
    while ((await sync.compareOnce()) > 0);
    expect(
      await db.selectFrom('drift_runs').select(['sobject', 'error']).where('state', '=', 'failed').execute(),
    ).toEqual([]);
  });
});

test('formulas and what is read over lookups are read again when they are due, and only changed rows are rewritten', async () => {
  await salesforce.sandbox.org.pool.query(
    `update "Account" set "LastActivityDate" = '2026-05-04' where "Id" = $1`,
    [ids[0]],
  );
  const before = await sql<{
    id: string;
    place: string;
  }>`select id, ctid::text as place from accounts`.execute(db);
  moveClock(61 * 60_000);
  await sync.compareOnce();
  expect((await account(ids[0])).last_activity_on).toBe('2026-05-04');
  const after = await sql<{
    id: string;
    place: string;
  }>`select id, ctid::text as place from accounts`.execute(db);
  const moved = after.rows.filter(({ id, place }) =>
    before.rows.some((row) => row.id === id && row.place !== place),
  );
  expect(moved.map(({ id }) => id)).toEqual([ids[0]]);
});
