import { join } from 'node:path';

import pg from 'pg';

import { migrate } from '../scripts/migrate.ts';
import { startPostgres, type EmbeddedPostgres } from '../scripts/postgres.ts';

/** Where every benchmark has its data: a server of its own, apart from the one that a person works with. */
const DIRECTORY = process.env.BENCH_DIRECTORY ?? join(import.meta.dirname, '../.data/bench-postgres');

/** The benchmarks' own server with an empty, migrated database. `url` is that of the database. */
export async function emptyDatabase(): Promise<{ server: EmbeddedPostgres; url: string }> {
  const server = await startPostgres({ directory: DIRECTORY });
  await onDatabase(server.url('postgres'), [
    'drop database if exists bench with (force)',
    'create database bench',
  ]);
  const url = server.url('bench');
  await migrate(url);
  return { server, url };
}

/** Runs these statements one after the other. */
export async function onDatabase(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
