import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

import pg from 'pg';

import { migrate } from '../../scripts/migrate.ts';
import { startPostgres } from '../../scripts/postgres.ts';

import { onServer } from './database.ts';

/** Starts the test server (durability off), or joins the one of a run beside this, and makes the migrated template. */
export async function setup(): Promise<() => Promise<void>> {
  const server = await startPostgres({
    directory: '.data/test-postgres',
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  });
  process.env.TEST_SERVER_URL = server.url('postgres');
  const presence = await bePresent(server.url('postgres'));
  process.env.TEST_TEMPLATE = await migratedTemplate(server.url);

  return async () => {
    await presence.end();
    if (await areOthersPresent()) return;
    await dropLeftovers();
    server.stop();
  };
}

const PRESENCE = 'rapport-test-run';

/** A connection for as long as this run lasts, so that another one that ends meanwhile leaves server and databases alone. */
async function bePresent(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString, application_name: PRESENCE });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function areOthersPresent(): Promise<boolean> {
  const others = await onServer(`select from pg_stat_activity where application_name = '${PRESENCE}'`);
  return others.rowCount !== 0;
}

async function migratedTemplate(url: (database: string) => string): Promise<string> {
  const name = `rapport_template_${migrationsHash()}`;
  const { rowCount } = await onServer(`select 1 from pg_database where datname = '${name}' and datistemplate`);
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
  for (const { datname } of rows as { datname: string }[]) await onServer(`drop database if exists ${datname}`);
}
