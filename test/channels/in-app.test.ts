import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createApp } from '../../src/app.ts';
import { forgetChannels } from '../../src/campaigns/mailing/channel-retention.ts';
import { proofSecret } from '../../src/campaigns/outcomes/in-app.ts';
import { proofOf } from '../../src/campaigns/runs/proof.ts';
import { drainJobs } from '../../src/platform/job-runner.ts';
import { db, pool, sql } from '../../src/platform/db.ts';
import { watchMailing } from '../../src/campaigns/mailing/mailing.ts';
import { reactions } from '../../src/reactions.ts';
import { sourceOfKey } from '../../src/usage/write-keys.ts';
import { jobs } from '../../src/worker.ts';
import { useBrowser } from '../support/browser.ts';
import { givenOwner, givenRun } from '../support/campaigns.ts';

const browser = useBrowser(createApp);
const KEY = 'demo-write-key';

/** A product of somebody’s own, on an origin of its own; who is there stands in the address, the proof beside it. */
let product: Server;
let origin: string;
let window: BrowserContext;
let owner: Awaited<ReturnType<typeof givenOwner>>;
let source: number;

beforeAll(async () => {
  owner = await givenOwner();
  product = createServer((req, res) => {
    const { user = '', proof = '' } = Object.fromEntries(new URL(`http://x${req.url ?? ''}`).searchParams);
    res.setHeader('content-type', 'text/html')
      .end(`<!doctype html><html lang="en"><title>Backups</title><main><h1>Backups</h1></main>
      <script async src="${browser.url}/js/sensor.js" data-key="${KEY}" data-user="${user}" data-proof="${proof}"></script></html>`);
  });
  await new Promise<void>((resolve) => product.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${String((product.address() as AddressInfo).port)}`;
  source = (await sourceOfKey(KEY)) ?? NaN;
  window = await browser.context();
});
afterAll(async () => {
  await window.close();
  product.close();
  await pool.end();
});

const proofOfUser = (user: string) => createHmac('sha256', proofSecret(source)).update(user).digest('hex');

async function drain(): Promise<void> {
  await drainJobs({ reactions, jobs });
  await watchMailing();
  await drainJobs({ reactions, jobs });
}

/** A run whose people use the product, under names of their own there: u-<run>-<n>. */
async function givenSent(
  people: number,
  messageClass: 'marketing' | 'success' | 'transactional' = 'success',
) {
  const { runId, begin } = await givenRun(owner, {
    people, channel: 'in_app', messageClass, topic: null,
    html: '<p>Dear {{ person.name }}, <b>three</b> is out. &lt;script&gt;alert(1)&lt;/script&gt;</p><p><a href="https://tidewater.example/news">Read more</a></p>',
  }); // prettier-ignore
  await sql`
    with users as (
      insert into usage_people (external_id, first_seen_at, last_seen_at)
      select 'u-' || ${runId}::text || '-' || n, now(), now() from deliveries where run_id = ${runId} order by n returning id, external_id)
    update account_people p set usage_person = u.id from users u, deliveries d
    where d.run_id = ${runId} and d.person_id = p.id and u.external_id = 'u-' || ${runId}::text || '-' || d.n`.execute(
    db,
  );
  await begin();
  await drain();
  /* Who follows a link at once is taken for a machine. */
  await sql`update in_app_messages set created_at = created_at - interval '1 hour' where run_id = ${runId}`.execute(
    db,
  );
  return { runId, user: (n: number) => `u-${String(runId)}-${String(n)}` };
}

const ask = async (body: object) => {
  const answer = await fetch(`${browser.url}/v1/messages`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { origin },
  });
  return {
    status: answer.status,
    origin: answer.headers.get('access-control-allow-origin'),
    body: (await answer.json()) as { messages?: { id: string; text: string }[] },
  };
};

test('a message is read by whom it was written to, as their product proves them, and by nobody who only knows the public key', async () => {
  const { user, runId } = await givenSent(2);
  const own = await ask({ writeKey: KEY, userId: user(1), proof: proofOfUser(user(1)) });
  expect(own).toMatchObject({
    status: 200,
    origin: '*',
    body: { messages: [{ title: 'Hello Person', layout: 'slide-in' }] },
  });
  expect(own.body.messages?.[0]?.text).toContain('Dear Person 1');
  expect((await ask({ writeKey: KEY, userId: user(1), proof: proofOfUser(user(2)) })).status).toBe(403);
  expect((await ask({ writeKey: KEY, userId: user(1), proof: '0'.repeat(64) })).status).toBe(403);
  expect((await ask({ writeKey: KEY, userId: user(1) })).status).toBe(400);
  expect((await ask({ writeKey: 'no-such-key', userId: user(1), proof: proofOfUser(user(1)) })).status).toBe(
    401,
  );
  expect(
    (await ask({ writeKey: KEY, userId: 'nobody', proof: proofOfUser('nobody') })).body.messages,
  ).toEqual([]);
  const act = (id: string) =>
    fetch(`${browser.url}/v1/messages/acts`, {
      method: 'POST',
      body: JSON.stringify({ writeKey: KEY, id, act: 'dismissed' }),
    }).then(({ status }) => status);
  expect(await act(`${String(runId)}.2.AAAAAAAAAAAAAAAAAAAA`)).toBe(404);
  expect(await act('nonsense')).toBe(404);
});

test('the product shows it at the side of its page, as text; seen and followed count once, and it does not come again', async () => {
  const { user, runId } = await givenSent(1);
  const page = await window.newPage();
  const address = `${origin}/?user=${user(1)}&proof=${proofOfUser(user(1))}`;
  const told = page.waitForResponse((answer) => answer.url().endsWith('/v1/messages/acts') && answer.ok());
  await page.goto(address);
  const message = page.getByRole('region', { name: 'Hello Person' });
  await message.waitFor();
  expect(await message.textContent()).toContain('<script>alert(1)</script>');
  await told;
  const found = await new AxeBuilder({ page }).include('[data-rapport]').analyze();
  expect(found.violations.map(({ id }) => id)).toEqual([]);
  const link = page.getByRole('link', { name: 'Read more' });
  expect(await link.getAttribute('href')).toMatch(/\/c\/[\w-]+$/);
  await page.route('**/c/*', (route) => route.fulfill({ body: 'News' }));
  await link.click();
  await page.waitForURL(/\/c\//);
  await expect
    .poll(
      async () => {
        await drain();
        return (await proofOf(owner.viewer, runId)).events;
      },
      { timeout: 10_000 },
    )
    .toMatchObject({ delivered: 1, opened: 1, clicked: 1 });
  await page.goto(address);
  await page.waitForResponse((answer) => answer.url().endsWith('/v1/messages'));
  await page.waitForTimeout(300);
  expect(await page.locator('[data-rapport]').count()).toBe(0);
  await page.close();
});

test('what somebody has to know comes as a dialog that the keyboard closes; without a proof nothing is asked for', async () => {
  const { user, runId } = await givenSent(1, 'transactional');
  const page = await window.newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(`${origin}/?user=${user(1)}`);
  await page.waitForTimeout(500);
  expect(asked).not.toContain('/v1/messages');
  await page.goto(`${origin}/?user=${user(1)}&proof=${proofOfUser(user(1))}`);
  const dialog = page.getByRole('dialog', { name: 'Hello Person' });
  await dialog.waitFor();
  const told = page.waitForRequest((request) => request.postData()?.includes('dismissed') === true);
  await page.keyboard.press('Escape');
  await told;
  await expect.poll(() => page.locator('[data-rapport]').count()).toBe(0);
  await page.close();
  await expect
    .poll(
      async () => {
        await drain();
        const { rows } = await sql<{ counts: Record<string, number> }>`
          select counts from run_statistics where run_id = ${runId}`.execute(db);
        return rows[0]?.counts;
      },
      { timeout: 10_000 },
    )
    .toMatchObject({ opened: 1, dismissed: 1 });
});

test('the sensor stays below five kilobytes, and what shows messages is loaded only when there are any', () => {
  const weight = gzipSync(readFileSync(`${import.meta.dirname}/../../public/js/sensor.js`), {
    level: 9,
  }).length;
  expect(weight).toBeLessThan(5_000);
});

test('what nobody came for in time is let go of', async () => {
  const { user, runId } = await givenSent(1);
  await sql`update in_app_messages set expires_at = now() - interval '1 day' where run_id = ${runId}`.execute(
    db,
  );
  const { body } = await ask({ writeKey: KEY, userId: user(1), proof: proofOfUser(user(1)) });
  expect(body.messages).toEqual([]);
  await forgetChannels();
  const { rows } = await sql<{
    shown: object;
  }>`select shown from in_app_messages where run_id = ${runId}`.execute(db);
  expect(rows).toEqual([{ shown: {} }]);
});
