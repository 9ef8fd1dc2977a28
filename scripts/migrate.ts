import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { runMigrations } from 'graphile-worker';
import pg from 'pg';

import type { Config } from '../src/platform/config.ts';

const FOLDER = join(import.meta.dirname, '../src/migrations');

/** Any number that only migrating takes as its advisory lock. */
const LOCK = 7274001;

/**
 * Brings a database up to date: the job queue's own schema, then ours, in order of name, each once, forward only.
 * Two processes that start at once wait for each other.
 * @returns the names of the migrations that were applied now.
 */
export async function migrate(databaseUrl: string, tls: Config['databaseTls'] = false): Promise<string[]> {
  const connectionString = withTls(databaseUrl, tls);
  const client = new pg.Client({ connectionString });
  await client.connect().catch((cause: unknown) => {
    throw new Error(`The database of DATABASE_URL does not answer: ${reasonOf(cause)}`, { cause });
  });
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await runMigrations({ connectionString });
    return await applyPending(client);
  } finally {
    await client.end();
  }
}

/* Of a name with several addresses each has its own error, and the whole none. */
function reasonOf(error: unknown): string {
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
  return errors.map((each) => (each instanceof Error ? each.message : String(each))).join(', ');
}

/* The job queue's own migrations take an address alone. */
function withTls(databaseUrl: string, tls: Config['databaseTls']): string {
  if (tls === false) return databaseUrl;
  const url = new URL(databaseUrl);
  url.searchParams.set('sslmode', tls.rejectUnauthorized ? 'verify-full' : 'no-verify');
  return url.href;
}

async function applyPending(client: pg.Client): Promise<string[]> {
  await client.query(
    'create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())',
  );
  const { rows } = await client.query<{ name: string }>('select name from migrations');
  const applied = new Set(rows.map((row) => row.name));
  const pending = (await readdir(FOLDER))
    .filter((name) => name.endsWith('.sql') && !applied.has(name))
    .sort();
  for (const name of pending) await apply(client, name);
  return pending;
}

async function apply(client: pg.Client, name: string): Promise<void> {
  await client.query('begin');
  try {
    await client.query(await readFile(join(FOLDER, name), 'utf8'));
    await client.query('insert into migrations (name) values ($1)', [name]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Error(`Migration ${name} failed; nothing of it was kept.`, { cause: error });
  }
}

if (import.meta.main) {
  const { config } = await import('../src/platform/config.ts');
  const applied = await migrate(config.DATABASE_URL, config.databaseTls);
  process.stdout.write(
    applied.length > 0 ? `Applied ${applied.join(', ')}\n` : 'The database is up to date.\n',
  );
}
