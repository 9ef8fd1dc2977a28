import pg from 'pg';
import { expect, test } from 'vitest';

import { migrate } from '../../scripts/migrate.ts';
import { createTestDatabase, onServer, urlOf } from '../support/database.ts';

test('two processes that migrate an empty database at once apply each migration once', async () => {
  const name = `rapport_test_twice_${String(process.pid)}`;
  await onServer(`create database ${name}`);
  const applied = (await Promise.all([migrate(urlOf(name)), migrate(urlOf(name))])).flat();
  expect(new Set(applied).size).toBe(applied.length);
  expect(applied).toContain('0001-platform.sql');
});

test('a database that is up to date is left as it is', async () => {
  const url = await createTestDatabase();
  expect(await migrate(url)).toEqual([]);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query('select count(*)::int as n from migrations');
  expect(rows[0]).toHaveProperty('n');
  await client.end();
});

test('where the database asks for encryption, migrating asks for it too', async () => {
  const url = await createTestDatabase('empty');
  await expect(migrate(url, { rejectUnauthorized: false })).rejects.toThrow(/does not support SSL/);
});
