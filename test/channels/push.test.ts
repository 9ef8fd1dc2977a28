import { createECDH, randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

/** A push service at the one address within that may be called: the sandbox's. */
const posted: { path: string; headers: IncomingHttpHeaders; bytes: number }[] = [];
const service = createServer((req, res) => {
  let bytes = 0;
  req.on('data', (chunk: Buffer) => (bytes += chunk.length));
  req.on('end', () => {
    const path = req.url ?? '';
    posted.push({ path, headers: req.headers, bytes });
    res.writeHead(path.includes('gone') ? 410 : path.includes('busy') ? 429 : 201).end();
  });
});
service.listen(0, '127.0.0.1');
await once(service, 'listening');
const url = `http://127.0.0.1:${String((service.address() as AddressInfo).port)}`;
process.env.SANDBOX_URL = url;

const { push } = await import('../../src/channels/push.ts');
const { vapidKeys } = await import('../../src/channels/push-keys.ts');
const { pushKey, subscribe, unsubscribeBrowser } =
  await import('../../src/campaigns/outcomes/push-subscriptions.ts');
const { db, pool, sql } = await import('../../src/platform/db.ts');
const { Invalid } = await import('../../src/platform/errors.ts');
const { customerViewer, givenCustomer } = await import('../support/people.ts');

let viewer: Awaited<ReturnType<typeof customerViewer>>;

beforeAll(async () => {
  viewer = await customerViewer(await givenCustomer());
});
beforeEach(async () => {
  posted.length = 0;
  await sql`delete from push_subscriptions`.execute(db);
});
afterAll(async () => {
  await pool.end();
  service.close();
});

function aBrowser(name: string) {
  const keys = createECDH('prime256v1');
  keys.generateKeys();
  return {
    endpoint: `${url}/${name}`,
    p256dh: keys.getPublicKey('base64url'),
    auth: randomBytes(16).toString('base64url'),
  };
}

const post = (address = viewer.email) =>
  push.post(
    {
      runId: 7, batch: 1, categories: ['News', 'success'],
      message: { subject: 'Three is out', html: '', text: 'Dear %s1%, look.\n\nRead more: %l1%' },
      recipients: [{ n: 1, address, values: { '%s1%': 'Ada', '%l1%': 'https://tidewater.example/c/1' } }],
    },
    AbortSignal.timeout(5_000),
  ); // prettier-ignore

const endpoints = async () => {
  const { rows } = await sql<{
    endpoint: string;
  }>`select endpoint from push_subscriptions order by 1`.execute(db);
  return rows.map(({ endpoint }) => endpoint.slice(url.length + 1));
};

test('a notification goes, encrypted and signed, to every browser that a person chose; browsers that are gone are forgotten', async () => {
  for (const name of ['laptop', 'phone-gone']) await subscribe(viewer, aBrowser(name));
  expect(await post()).toEqual({ kind: 'divided', rows: [{ n: 1, kind: 'accepted' }] });
  expect(posted.map(({ path }) => path).sort()).toEqual(['/laptop', '/phone-gone']);
  expect(posted[0]?.headers).toMatchObject({ 'content-encoding': 'aes128gcm', ttl: String(3 * 86_400) });
  expect(posted[0]?.headers.authorization).toMatch(/^vapid t=[\w-]+\.[\w-]+\.[\w-]+, ?k=/);
  expect(await endpoints()).toEqual(['laptop']);
});

test('whoever chose no browser, or whose browsers are all gone, has failed; too much at once waits', async () => {
  expect(await post()).toMatchObject({
    kind: 'divided',
    rows: [{ n: 1, kind: 'refused', reason: 'no_address' }],
  });
  await subscribe(viewer, aBrowser('gone'));
  expect(await post()).toMatchObject({
    kind: 'divided',
    rows: [{ n: 1, kind: 'refused', reason: 'address_refused' }],
  });
  await subscribe(viewer, aBrowser('busy'));
  expect(await post()).toMatchObject({ kind: 'limited' });
});

test('a browser is the one’s who asked last in it, and is left alone once they want no more', async () => {
  const browser = aBrowser('shared');
  await subscribe(viewer, browser);
  const other = await customerViewer(await givenCustomer());
  await subscribe(other, browser);
  expect(await post()).toMatchObject({ rows: [{ kind: 'refused' }] });
  expect(await post(other.email)).toMatchObject({ rows: [{ kind: 'accepted' }] });
  await unsubscribeBrowser(viewer, browser.endpoint);
  expect(await endpoints()).toEqual(['shared']);
  await unsubscribeBrowser(other, browser.endpoint);
  expect(await endpoints()).toEqual([]);
});

test('an address that is not of the public web is not called', async () => {
  for (const endpoint of [
    'http://push.example/x',
    'https://127.0.0.1/x',
    'https://169.254.169.254/x',
    'file:///etc/passwd',
  ])
    await expect(subscribe(viewer, { ...aBrowser('x'), endpoint }), endpoint).rejects.toThrow(Invalid);
});

test('the keys are made once and kept sealed', async () => {
  const { publicKey, privateKey } = await vapidKeys();
  expect(await pushKey()).toBe(publicKey);
  const { rows } = await sql<{ row: string }>`select t::text as row from push_keys t`.execute(db);
  expect(rows).toHaveLength(1);
  expect(rows[0]?.row).not.toContain(privateKey);
});
