import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { runMigrations } from 'graphile-worker';
import pg from 'pg';

import type { Config } from '../src/platform/config.ts';

const FOLDER = join(import.meta.dirname, '../src/migrations');

/** Any number that only migrating takes as its advisory lock. */
const LOCK = 7274001;

/**
 * Brings a database up to date: the job queue's own schema, then ours, in order of name, each once, forward only.
 * Two processes that start at once wait for each other. `folder`: where migrations are.
 * @returns the names of the migrations that were applied now.
 */
export async function migrate(
  databaseUrl: string,
  tls: Config['databaseTls'] = false,
  folder = FOLDER,
): Promise<string[]> {
  const connectionString = withTls(databaseUrl, tls);
  const client = new pg.Client({ connectionString });
  await client.connect().catch((cause: unknown) => {
    throw new Error(`The database of DATABASE_URL does not answer: ${reasonOf(cause)}`, { cause });
  });
  try {
    await takeLock(client);
    await runMigrations({ connectionString });
    return await applyPending(client, folder);
  } finally {
    await client.end();
  }
}

/** Waits between statements: a session that waits within one would keep an index from being built concurrently. */
async function takeLock(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [LOCK]);
    if (rows[0]?.mine === true) return;
    await pause(100);
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

async function applyPending(client: pg.Client, folder: string): Promise<string[]> {
  await client.query(
    'create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())',
  );
  const { rows } = await client.query<{ name: string }>('select name from migrations');
  const applied = new Set(rows.map((row) => row.name));
  const pending = (await readdir(folder))
    .filter((name) => name.endsWith('.sql') && !applied.has(name))
    .sort();
  for (const name of pending) await apply(client, { folder, name }, applied);
  return pending;
}

/** A line of a migration at which what came before is committed. */
const COMMIT = /^-- commit;$/m;

/**
 * Each part of a migration is a transaction, so that no table stays locked while an index is built; one that says `concurrently`
 * runs statement by statement. A migration that breaks off goes on with the part where it did.
 */
async function apply(
  client: pg.Client,
  { folder, name }: { folder: string; name: string },
  applied: ReadonlySet<string>,
): Promise<void> {
  const parts = (await readFile(join(folder, name), 'utf8')).split(COMMIT);
  const nameOf = (part: number) => (part === parts.length - 1 ? name : `${name}, part ${String(part + 1)}`);
  for (const [i, part] of parts.entries()) {
    if (applied.has(nameOf(i))) continue;
    try {
      await applyPart(client, part, nameOf(i));
    } catch (error) {
      throw new Error(`Migration ${nameOf(i)} failed; nothing of it was kept.`, { cause: error });
    }
  }
  await client.query('delete from migrations where name like $1', [`${name}, part %`]);
}

async function applyPart(client: pg.Client, part: string, name: string): Promise<void> {
  const isConcurrent = /\bconcurrently\b/i.test(part.replaceAll(/^--.*$/gm, ''));
  if (isConcurrent) await runOneByOne(client, part);
  await inTransaction(client, isConcurrent ? '' : part, name);
}

/** Milliseconds that a transaction waits for a table: while it does, it keeps others from those that it has. */
const LOCK_WAIT = 800;
const ATTEMPTS = 60;

/* A lock that others had for too long, or a deadlock with whoever works meanwhile: nothing is wrong with the migration. */
const standsInTheWay = ['55P03', '40P01'];
const isInTheWay = (error: unknown) => standsInTheWay.includes(String((error as { code?: string }).code));

async function inTransaction(
  client: pg.Client,
  statements: string,
  name: string,
  attempt = 1,
): Promise<void> {
  await client.query(`begin; set local lock_timeout to ${String(LOCK_WAIT)}`);
  try {
    await client.query(statements);
    await client.query('insert into migrations (name) values ($1)', [name]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    if (!isInTheWay(error) || attempt === ATTEMPTS) throw error;
    await pause(1_000);
    await inTransaction(client, statements, name, attempt + 1);
  }
}

async function runOneByOne(client: pg.Client, statements: string): Promise<void> {
  const withoutComments = statements.replaceAll(/^--.*$/gm, '');
  for (const statement of withoutComments.split(/;\s*$/m).filter((one) => one.trim() !== ''))
    await runPatiently(client, statement);
}

async function runPatiently(client: pg.Client, statement: string, attempt = 1): Promise<void> {
  try {
    const [, index] = /index concurrently if not exists (\w+)/i.exec(statement) ?? [];
    if (index !== undefined) await dropUnfinished(client, index);
    await client.query(statement);
  } catch (error) {
    if (!isInTheWay(error) || attempt === ATTEMPTS) throw error;
    await pause(1_000);
    await runPatiently(client, statement, attempt + 1);
  }
}

/** An index whose building broke off is there, and of no use. */
async function dropUnfinished(client: pg.Client, index: string): Promise<void> {
  const { rowCount } = await client.query(
    'select from pg_index where indexrelid = to_regclass($1) and not indisvalid',
    [index],
  );
  if (rowCount === 1) await client.query(`drop index concurrently ${index}`);
}

if (import.meta.main) {
  const { config } = await import('../src/platform/config.ts');
  const applied = await migrate(config.DATABASE_URL, config.databaseTls);
  process.stdout.write(
    applied.length > 0 ? `Applied ${applied.join(', ')}\n` : 'The database is up to date.\n',
  );
}
