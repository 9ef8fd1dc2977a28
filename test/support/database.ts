import { randomBytes } from 'node:crypto';

import pg from 'pg';

/** Runs one statement on the test server's maintenance database. */
export async function onServer(statement: string, serverUrl = urlOf('postgres')): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    return await client.query(statement);
  } finally {
    await client.end();
  }
}

/** A connection string of the test server that `npm test` started, for the database of that name. */
export function urlOf(database: string): string {
  const base = process.env.TEST_SERVER_URL;
  if (base === undefined) throw new Error('no test server: tests run under vitest, which starts it');
  const url = new URL(base);
  url.pathname = `/${database}`;
  return url.href;
}

/**
 * A fresh database for one test file (22 ms): a copy of the migrated template, or an empty one.
 * They are dropped when the run ends.
 */
export async function createTestDatabase(content: 'migrated' | 'empty' = 'migrated'): Promise<string> {
  const name = `rapport_test_${String(process.pid)}_${randomBytes(4).toString('hex')}`;
  const template = content === 'empty' ? 'template0' : process.env.TEST_TEMPLATE;
  if (template === undefined) throw new Error('no migrated template: tests run under vitest, which makes it');
  await onServer(`create database ${name} template ${template}`);
  return urlOf(name);
}
