import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type * as connection from '../../src/platform/salesforce/wire/connection.ts';
import { launch, type Running } from '../support/processes.ts';
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
  ({ send } = await import('../../src/platform/salesforce/wire/connection.ts'));
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
  const { sessionBeside } = await import('../../src/platform/salesforce/wire/session.ts');
  const kept = await sessionBeside();
  const before = await signIns();
  expect(await Promise.all([sessionBeside('stale'), sessionBeside('stale')])).toEqual([kept, kept]);
  const [one, other] = await Promise.all([sessionBeside(kept.token), sessionBeside(kept.token)]);
  expect(one).toEqual(other);
  expect(one.token).not.toBe(kept.token);
  expect((await signIns()) - before).toBe(1);
});

test('two processes with many calls each, all of which find the session expired, sign in once', async () => {
  const settings = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const file = join(import.meta.dirname, '../support/caller.ts');
  const callers = await Promise.all([launch([file], settings), launch([file], settings)]);
  const tokens = async () => await Promise.all(callers.map(asked));
  await tokens();
  for (let round = 0; round < 3; round += 1) {
    const before = await signIns();
    await control('/tokens/expire');
    const [one, other] = await tokens();
    expect(one).toMatch(/^00D/);
    expect(other).toBe(one);
    expect((await signIns()) - before).toBe(1);
  }
  for (const { child } of callers) child.disconnect();
  await Promise.all(callers.map(({ ended }) => ended));
});

async function asked({ child }: Running): Promise<string> {
  const answer = once(child, 'message') as Promise<[{ token?: string; error?: string }]>;
  child.send('call');
  const [{ token, error }] = await answer;
  if (token === undefined) throw new Error(error);
  return token;
}

test('many streams that find the session expired at the same time all go on', async () => {
  const { stream } = await import('../../src/platform/salesforce/wire/connection.ts');
  const before = await signIns();
  await control('/tokens/expire');
  const path = `/query?q=${encodeURIComponent('SELECT Id FROM Organization')}`;
  await Promise.all(Array.from({ length: 8 }, async () => (await stream({ path })).body.dump()));
  expect((await signIns()) - before).toBe(1);
});

test('a session that the REST API does not take is not renewed (E2)', async () => {
  await control('/faults', {
    match: { path: '/query', nth: 1 },
    effect: {
      status: 401,
      errorCode: 'INVALID_SESSION_ID',
      message: 'This session is not valid for use with the REST API',
    },
  });
  const before = await signIns();
  await expect(organizations()).rejects.toThrow(/not valid for use/);
  expect((await signIns()) - before).toBe(0);
});

test('when the org has moved, the work goes on where its new session lives', async () => {
  let refused = 0;
  const former = createServer((_req, res) => {
    refused += 1;
    res.writeHead(401, { 'content-type': 'application/json' });
    res.end('[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]');
  }).listen(0, '127.0.0.1');
  await once(former, 'listening');
  const { renewed, currentSession } = await import('../../src/platform/salesforce/wire/renewal.ts');
  const { db } = await import('../../src/platform/db.ts');
  const { seal } = await import('../../src/platform/sealed.ts');
  const instance_url = `http://127.0.0.1:${String((former.address() as AddressInfo).port)}`;
  await db
    .updateTable('salesforce_sessions')
    .set({ instance_url, sealed_token: seal('00Dformer!token') })
    .execute();
  expect((await renewed(await currentSession())).instanceUrl).toBe(instance_url);
  expect((await organizations()).body.totalSize).toBe(1);
  expect(refused).toBe(1);
  former.close();
});

test('an org that refuses every session is not asked for ever', async () => {
  await control('/faults', {
    match: { path: '/query' },
    effect: { status: 401, errorCode: 'INVALID_SESSION_ID' },
  });
  const before = await signIns();
  await expect(organizations()).rejects.toMatchObject({ kind: 'auth' });
  expect((await signIns()) - before).toBeLessThanOrEqual(3);
  await expect(organizations()).rejects.toMatchObject({ kind: 'auth' });
  await expect(organizations()).rejects.toMatchObject({ code: 'NO_SESSION' });
  for (let again = 0; again < 20; again += 1) await organizations().catch(() => undefined);
  expect((await signIns()) - before).toBeLessThanOrEqual(3);
});
