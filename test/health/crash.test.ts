import { join } from 'node:path';

import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { recomputeAllHealth, recomputeDueHealth } from '../../src/health/health.ts';
import { tellHealth } from '../../src/insights/insights.ts';
import { config } from '../../src/platform/config.ts';
import { db, pool, sql } from '../../src/platform/db.ts';
import { eventually, launch } from '../support/processes.ts';

/* F: kill -9 during scoring and write-back. The moment of death is chosen by a lock that the process runs into. */

const ACCOUNTS = 500;
const script = join(import.meta.dirname, '../support/judge-and-tell.ts');

beforeAll(async () => {
  await sql`
    insert into accounts (id, name, created_at, modified_at)
    select '001' || lpad(n::text, 15, '0'), 'Account ' || n, now(), now() from generate_series(1, ${ACCOUNTS}) n`.execute(
    db,
  );
  await sql`
    insert into licenses (id, name, account_id, kind, support_until, modified_at)
    select 'a00' || right(id, 15), 'L', id, 'License', current_date + 200, now() from accounts`.execute(db);
  await sql`
    insert into cases (account_id, subject, status, priority, created_at, modified_at)
    select id, 'Backup stops', 'New', 'High', now(), now() from accounts where right(id, 1) in ('3', '7')`.execute(
    db,
  );
});
afterAll(() => pool.end());

const count = async (table: string): Promise<number> => {
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(
    db,
  );
  return rows[0]?.count ?? 0;
};

/** Starts the act in a process, waits until it stands before that table, and kills it there. */
async function killedBefore(table: string, act: 'due' | 'all' | 'tell'): Promise<void> {
  const blocker = new pg.Client({ connectionString: config.DATABASE_URL });
  await blocker.connect();
  await blocker.query(`begin; lock table ${table} in share mode`);
  const { child, ended } = await launch([script, act], { DATABASE_URL: config.DATABASE_URL });
  await eventually(
    async () => {
      const { rows } = await sql`
        select 1 from pg_locks l join pg_class c on c.oid = l.relation where c.relname = ${table} and not l.granted`.execute(
        db,
      );
      return rows.length;
    },
    (waiting) => waiting > 0,
    60,
  );
  child.kill('SIGKILL');
  expect(await ended).toBe('SIGKILL');
  await blocker.query('rollback');
  await blocker.end();
}

test('a worker that is killed while it judges loses no account that waited, and judges none twice', async () => {
  await sql`insert into health_due select id from accounts`.execute(db);
  for (const table of ['health', 'events']) {
    await killedBefore(table, 'due');
    expect([table, await count('health_due'), await count('health'), await count('health_history')]).toEqual([
      table,
      ACCOUNTS,
      0,
      0,
    ]);
  }
  await recomputeDueHealth();
  expect(await count('health_due')).toBe(0);
  expect([await count('health'), await count('health_history')]).toEqual([ACCOUNTS, ACCOUNTS]);
  await recomputeAllHealth();
  expect(await count('health_history')).toBe(ACCOUNTS);
});

test('a full run that is killed before its day is kept starts over, with one line a change', async () => {
  await sql`update cases set is_closed = true`.execute(db);
  await killedBefore('health_days', 'all');
  expect(await count('health_history')).toBe(ACCOUNTS);
  await recomputeAllHealth();
  const { rows } = await sql<{ changed: number; twice: number }>`
    select count(*) as changed, count(*) - count(distinct account_id) as twice from health_history where previous_rank is not null`.execute(
    db,
  );
  expect(rows).toEqual([{ changed: ACCOUNTS / 5, twice: 0 }]);
});

test('a worker that is killed while it tells Salesforce tells each change once in the end', async () => {
  const { rows } = await sql<{ data: { batch: number; accounts: number } }>`
    select data from events where name = 'health.changed' order by id`.execute(db);
  await killedBefore('outbox', 'tell');
  await killedBefore('insights', 'tell');
  for (const { data } of rows) {
    await tellHealth(data);
    await tellHealth(data);
  }
  const told = await sql<{ insights: number; twice: number; writes: number }>`
    select (select count(*) from insights) as insights,
      (select count(*) from (select source from insights group by 1 having count(*) > 1) doubled) as twice,
      (select count(distinct salesforce_id) from outbox where sobject = 'Account') as writes`.execute(db);
  expect(told.rows).toEqual([{ insights: (2 * ACCOUNTS) / 5, twice: 0, writes: ACCOUNTS }]);
  const perInsight = await sql`
    select 1 from outbox where sobject = 'Rapport_Insight__c' group by rapport_id having count(*) > 1`.execute(
    db,
  );
  expect(perInsight.rows).toEqual([]);
});
