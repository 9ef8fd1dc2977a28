import { readdirSync } from 'node:fs';

import pg from 'pg';
import { expect, test } from 'vitest';

import { migrate } from '../../scripts/migrate.ts';
import { createTestDatabase } from '../support/database.ts';

/* F25: the migrations of the day after, on a database of a large customer. It takes minutes, so SEEDS= above 1 asks for it. */
const IS_WHOLE = Number(process.env.SEEDS ?? 1) > 1;
const ROWS = Number(process.env.ROWS ?? 1_000_000);
const LONGEST = 1_000;

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

/** A database as it was at the first release, with so many rows in each of the tables that grow. */
async function fullDatabase(): Promise<string> {
  const url = await createTestDatabase('empty');
  const later = readdirSync('src/migrations').filter((name) => name.endsWith('.sql') && name > '0007');
  const client = await connected(url);
  await client.query(
    'create table migrations (name text primary key, applied_at timestamptz not null default now())',
  );
  await client.query('insert into migrations (name) select unnest($1::text[])', [later]);
  await migrate(url);
  await client.query('delete from migrations where name = any($1)', [later]);
  const rows = `from generate_series(1, ${String(ROWS)}) i`;
  await client.query(
    `insert into accounts (id, name, website, modified_at) select 'A' || i, 'Account', 'https://www.a' || i || '.example/', now() ${rows}`,
  );
  await client.query(
    `insert into cases (salesforce_id, subject, status, created_at, modified_at) select 'C' || i, 'Subject', 'New', now(), now() ${rows}`,
  );
  await client.query(`insert into outbox (sobject, operation, rapport_id, fields, record_key, serial_key, feature, status, delivered_at)
    select 'Case', 'upsert', i, '{}', 'Case:' || i, 'Case:' || i, 'cases', 'delivered', now() ${rows}`);
  await client.query(
    `insert into insights (account_id, kind, source, data, occurred_at) select 'A' || i, 'health.changed', i, '{}', now() ${rows}`,
  );
  await client.query('analyze');
  await client.end();
  return url;
}

/** The longest that a table was locked against everybody, and the longest that a reader and a writer had to wait. */
async function watchedWhile(url: string, work: () => Promise<unknown>) {
  let isOver = false;
  const longest = { lock: 0, wait: 0 };
  const watcher = await connected(url);
  const held = new Map<string, number>();
  const watch = async () => {
    while (!isOver) {
      const { rows } = await watcher.query<{ table: string }>(`
        select l.relation::regclass::text || ' ' || l.pid as table from pg_locks l join pg_class c on c.oid = l.relation
        where l.mode = 'AccessExclusiveLock' and l.granted and c.relkind = 'r' and c.reltuples > ${String(ROWS / 2)}`);
      const now = performance.now();
      for (const table of held.keys()) if (!rows.some((row) => row.table === table)) held.delete(table);
      for (const { table } of rows) {
        if (!held.has(table)) held.set(table, now);
        longest.lock = Math.max(longest.lock, now - (held.get(table) ?? now));
      }
      await new Promise((wake) => setTimeout(wake, 5));
    }
  };
  const client = await connected(url);
  const visit = async () => {
    for (let i = 1; !isOver; i += 1) {
      const since = performance.now();
      await client.query(
        `select (select name from accounts where id = 'A7'), (select status from outbox where id = ${String(i)})`,
      );
      await client.query(`update accounts set phone = '${String(i)}' where id = 'A${String(i)}'`);
      await client.query(`update outbox set attempts = 1 where id = ${String(i)}`);
      await client.query(`update cases set priority = 'High' where salesforce_id = 'C${String(i)}'`);
      longest.wait = Math.max(longest.wait, performance.now() - since);
      await new Promise((wake) => setTimeout(wake, 5));
    }
  };
  const watching = Promise.all([watch(), visit()]);
  try {
    await work();
  } finally {
    isOver = true;
    await watching;
    await Promise.all([watcher.end(), client.end()]);
  }
  return longest;
}

test.runIf(IS_WHOLE)(
  `F25: migrating up a database with ${String(ROWS)} rows a table keeps nobody waiting for a second`,
  { timeout: 900_000 },
  async () => {
    const url = await fullDatabase();
    const longest = await watchedWhile(url, () => migrate(url));
    process.stderr.write(
      `locked for ${longest.lock.toFixed(0)} ms at most, waited for ${longest.wait.toFixed(0)} ms at most\n`,
    );
    expect(longest.lock).toBeLessThan(LONGEST);
    expect(longest.wait).toBeLessThan(LONGEST);
  },
);
