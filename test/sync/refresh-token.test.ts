import { afterAll, beforeAll, expect, test } from 'vitest';

import { oauthClient, staff } from '../../sandbox/cast.ts';
import { newRefreshToken } from '../../sandbox/salesforce/auth/tokens.ts';
import type * as connection from '../../src/platform/salesforce/wire/connection.ts';
import type * as platform from '../../src/platform/db.ts';
import { type RunningSandbox, startSandbox } from '../support/sandbox.ts';

let sandbox: RunningSandbox;
let send: typeof connection.send;
let database: typeof platform;
let configured: string;

const control = (path: string, body: object = {}) =>
  fetch(`${sandbox.url}/__sandbox__${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/* The product works by somebody's consent, in an org that rotates refresh tokens: each is good for one use. */
beforeAll(async () => {
  sandbox = await startSandbox(process.env.DATABASE_URL);
  const { rows } = await sandbox.org.pool.query('select "Id" as id from "User" where "Username" = $1', [
    staff.admin.username,
  ]);
  configured = await newRefreshToken(sandbox.org.pool, {
    userId: (rows[0] as { id: string }).id,
    clientId: oauthClient.id,
    scope: 'api refresh_token',
  });
  await control('/rotate/on');
  process.env.SALESFORCE_LOGIN_URL = sandbox.url;
  process.env.SALESFORCE_CLIENT_ID = oauthClient.id;
  process.env.SALESFORCE_CLIENT_SECRET = oauthClient.secret;
  process.env.SALESFORCE_REFRESH_TOKEN = configured;
  ({ send } = await import('../../src/platform/salesforce/wire/connection.ts'));
  database = await import('../../src/platform/db.ts');
});

afterAll(async () => {
  await sandbox.close();
});

const organizations = async () =>
  (
    await send<{ totalSize: number }>({
      path: `/query?q=${encodeURIComponent('SELECT Id FROM Organization')}`,
    })
  ).body.totalSize;

const kept = async () =>
  (
    await database.sql<{ sealed_token: string }>`select sealed_token from salesforce_refresh_tokens`.execute(
      database.db,
    )
  ).rows[0]?.sealed_token ?? '';

test('each rotated refresh token is kept, sealed, and the next session comes of it', async () => {
  const { unseal } = await import('../../src/platform/sealed.ts');
  const seen = new Set<string>([configured]);
  for (let round = 0; round < 4; round += 1) {
    expect(await organizations()).toBe(1);
    const sealed = await kept();
    const token = unseal(sealed) ?? '';
    expect(sealed).not.toContain(token);
    expect(seen).not.toContain(token);
    seen.add(token);
    await control('/tokens/expire');
  }
});

test('twenty calls at once use the refresh token once: a second use would end them all', async () => {
  await control('/tokens/expire');
  expect(await Promise.all(Array.from({ length: 20 }, organizations))).toEqual(
    Array.from({ length: 20 }, () => 1),
  );
  await control('/tokens/expire');
  expect(await organizations()).toBe(1);
});

test('a session beside the others does not lose them the next refresh token', async () => {
  const { signInAfresh } = await import('../../src/platform/salesforce/wire/session.ts');
  await signInAfresh();
  await control('/tokens/expire');
  expect(await organizations()).toBe(1);
});

test('a consent that was withdrawn is an error of access, and nothing is tried for ever', async () => {
  await control('/tokens/expire', { refresh: true });
  await expect(organizations()).rejects.toMatchObject({ kind: 'auth', code: 'invalid_grant' });
});
