import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { db, pool, sql } from '../../../src/platform/db.ts';
import { takeInUsage } from '../../../src/usage/take-in.ts';
import { useBrowser } from '../../support/browser.ts';

const browser = useBrowser(createApp);

/** A product of somebody’s own, on an origin of its own. */
let product: Server;
let origin: string;
let window: BrowserContext;

beforeAll(async () => {
  product = createServer((_req, res) => {
    res.setHeader('content-type', 'text/html').end(`<!doctype html><title>Backups</title>
      <script async src="${browser.url}/js/sensor.js" data-key="demo-write-key" data-user="u-1" data-account="halden" data-module="Console"></script>
      <section data-module="Restore"><button data-track="Restored a file">Restore</button></section>`);
  });
  await new Promise<void>((resolve) => product.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${String((product.address() as AddressInfo).port)}`;
  window = await browser.context();
});
afterAll(async () => {
  await window.close();
  product.close();
  await pool.end();
});

async function counted() {
  await takeInUsage();
  const { rows } = await sql<{ action: string; module: string; events: number }>`
    select d.action, d.module, sum(d.events)::int as events from usage_days d
    join usage_accounts a on a.id = d.usage_account join usage_people p on p.id = d.person
    where a.external_id = 'halden' and p.external_id = 'u-1' and d.action <> 'Active time' group by 1, 2 order by 1`.execute(
    db,
  );
  return rows;
}

test('one tag tells pages and named clicks with their module, of an account and a person', async () => {
  const page = await window.newPage();
  const told = page.waitForResponse((answer) => answer.url().endsWith('/v1/batch') && answer.ok());
  await page.goto(origin);
  await told;
  const sent = page.waitForResponse((answer) => answer.url().endsWith('/v1/batch') && answer.ok());
  await page.click('button');
  await page.evaluate('history.pushState({}, "", "/settings")');
  await sent;
  await page.close();
  await expect.poll(counted).toEqual([
    { action: 'Backups', module: 'Console', events: 2 },
    { action: 'Restored a file', module: 'Restore', events: 1 },
  ]);
});

test('what is told while the network is away is sent from the next page, once', async () => {
  const page = await window.newPage();
  const told = page.waitForResponse((answer) => answer.url().endsWith('/v1/batch') && answer.ok());
  await page.goto(origin);
  await told;
  await window.setOffline(true);
  await page.evaluate('rapport.track("Worked on a train")');
  await page.waitForTimeout(2_500);
  await window.setOffline(false);
  await page.goto(`${origin}/again`);
  await expect
    .poll(async () => (await counted()).filter(({ action }) => action === 'Worked on a train'), {
      timeout: 10_000,
    })
    .toEqual([{ action: 'Worked on a train', module: 'Console', events: 1 }]);
  await page.close();
});

test('it weighs less than five kilobytes', () => {
  expect(gzipSync(readFileSync('public/js/sensor.js')).length).toBeLessThan(5_000);
});
