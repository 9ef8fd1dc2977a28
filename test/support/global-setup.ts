import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import pg from 'pg';

import { migrate } from '../../scripts/migrate.ts';
import { startPostgres } from '../../scripts/postgres.ts';

import { onServer } from './database.ts';

/** Starts the test server (durability off), or joins the one of a run beside this, and makes the migrated template. */
export async function setup(): Promise<() => Promise<void>> {
  const leave = enterRuns();
  const server = await serverWithTemplate();

  return async () => {
    if (leave() === 'others remain') return;
    await dropLeftovers();
    /* Dropping takes a while, in which another run may have begun. */
    if (!areOthersRunning()) server.stop();
  };
}

const RUNS = '.data/test-runs';

/** Runs beside each other share the server; each leaves a mark while it lasts, and the last one out turns it off. */
function enterRuns(): () => 'last' | 'others remain' {
  mkdirSync(RUNS, { recursive: true });
  writeFileSync(join(RUNS, String(process.pid)), '');
  return () => {
    rmSync(join(RUNS, String(process.pid)), { force: true });
    return areOthersRunning() ? 'others remain' : 'last';
  };
}

const areOthersRunning = () => readdirSync(RUNS).some(isAlive);

function isAlive(pid: string): boolean {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}

/** A server that the last run is just turning off is waited for, and started again. */
async function serverWithTemplate(tries = 20): Promise<Awaited<ReturnType<typeof startPostgres>>> {
  try {
    const server = await startPostgres({
      directory: '.data/test-postgres',
      settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
    });
    process.env.TEST_SERVER_URL = server.url('postgres');
    process.env.TEST_TEMPLATE = await inTurn(server.url('postgres'), () => migratedTemplate(server.url));
    return server;
  } catch (error) {
    if (tries === 0 || !isGoingAway(error)) throw error;
    await new Promise((wait) => setTimeout(wait, 500));
    return await serverWithTemplate(tries - 1);
  }
}

const isGoingAway = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['57P01', '57P03', 'ECONNREFUSED', 'ECONNRESET'].includes(String(error.code));

/** Of runs that begin at the same moment, one makes the template and the others wait for it. */
async function inTurn<T>(url: string, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`select pg_advisory_lock(hashtextextended('test template', 0))`);
    return await work();
  } finally {
    await client.end();
  }
}

async function migratedTemplate(url: (database: string) => string): Promise<string> {
  const name = `rapport_template_${migrationsHash()}`;
  const { rowCount } = await onServer(
    `select 1 from pg_database where datname = '${name}' and datistemplate`,
  );
  if (rowCount === 1) return name;
  await onServer(`drop database if exists ${name}`);
  await onServer(`create database ${name}`);
  await migrate(url(name));
  await onServer(`alter database ${name} is_template true`);
  return name;
}

function migrationsHash(): string {
  const hash = createHash('sha256');
  for (const file of readdirSync('src/migrations').sort())
    hash.update(file).update(readFileSync(`src/migrations/${file}`));
  return hash.digest('hex').slice(0, 12);
}

async function dropLeftovers(): Promise<void> {
  const { rows } = await onServer(
    `select datname from pg_database d where datname like 'rapport_test_%'
     and not exists (select 1 from pg_stat_activity a where a.datname = d.datname)`,
  );
  for (const { datname } of rows as { datname: string }[])
    await onServer(`drop database if exists ${datname}`);
}
