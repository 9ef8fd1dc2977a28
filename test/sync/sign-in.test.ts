import { generateKeyPairSync } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type * as connection from '../../src/platform/salesforce/connection.ts';
import { type RunningSandbox, startSandbox } from '../support/sandbox.ts';

let sandbox: RunningSandbox;
let send: typeof connection.send;

const control = (path: string, body: object = {}) =>
  fetch(`${sandbox.url}/__sandbox__${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

async function signIns(): Promise<number> {
  const answer = await fetch(`${sandbox.url}/__sandbox__/log?path=/services/oauth2/token&limit=100`);
  return ((await answer.json()) as unknown[]).length;
}

/* The server's own key, as in production: the product is pointed at an org with a JWT bearer client. */
beforeAll(async () => {
  sandbox = await startSandbox(process.env.DATABASE_URL);
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await control('/clients', { id: 'house', publicKey: publicKey.export({ type: 'spki', format: 'pem' }) });
  process.env.SALESFORCE_LOGIN_URL = sandbox.url;
  process.env.SALESFORCE_CLIENT_ID = 'house';
  process.env.SALESFORCE_USERNAME = 'admin@rapport.sandbox';
  process.env.SALESFORCE_PRIVATE_KEY = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  ({ send } = await import('../../src/platform/salesforce/connection.ts'));
});

afterAll(async () => {
  await sandbox.close();
});

const organizations = () =>
  send<{ totalSize: number }>({ path: `/query?q=${encodeURIComponent('SELECT Id FROM Organization')}` });

test('the server signs in with its own key, never with a password', async () => {
  expect((await organizations()).body.totalSize).toBe(1);
});

test('the session is kept sealed', async () => {
  const { db } = await import('../../src/platform/db.ts');
  const [row] = await db.selectFrom('salesforce_sessions').selectAll().execute();
  expect(row?.client).toBe(`house@${sandbox.url}`);
  expect(row?.sealed_token).not.toContain('00D');
  const { unseal } = await import('../../src/platform/sealed.ts');
  expect(unseal(row!.sealed_token)).toMatch(/^00D\w+!/);
});

test('many requests that find the session expired sign in once', async () => {
  const before = await signIns();
  await control('/tokens/expire');
  await Promise.all(Array.from({ length: 12 }, organizations));
  expect((await signIns()) - before).toBe(1);
});

test('a process that finds the session renewed by another takes that one', async () => {
  const { sessionBeside } = await import('../../src/platform/salesforce/session.ts');
  const kept = await sessionBeside();
  const before = await signIns();
  expect(await Promise.all([sessionBeside('stale'), sessionBeside('stale')])).toEqual([kept, kept]);
  const [one, other] = await Promise.all([sessionBeside(kept.token), sessionBeside(kept.token)]);
  expect(one).toEqual(other);
  expect(one.token).not.toBe(kept.token);
  expect((await signIns()) - before).toBe(1);
});

test('an org that refuses every session is not asked for ever', async () => {
  await control('/faults', {
    match: { path: '/query' },
    effect: { status: 401, errorCode: 'INVALID_SESSION_ID' },
  });
  const before = await signIns();
  await expect(organizations()).rejects.toMatchObject({ kind: 'auth' });
  expect((await signIns()) - before).toBeLessThanOrEqual(3);
});
