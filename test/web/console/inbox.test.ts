import { afterAll, beforeAll, expect, test } from 'vitest';

import { follow } from '../../../src/alerts/follows.ts';
import { unread } from '../../../src/alerts/inbox.ts';
import { raiseAlerts } from '../../../src/alerts/raising.ts';
import { createRule } from '../../../src/alerts/rules.ts';
import { plantSeeds } from '../../../src/alerts/seeds.ts';
import { noteHealth } from '../../../src/alerts/signals.ts';
import { createApp } from '../../../src/app.ts';
import { now } from '../../../src/platform/clock.ts';
import { db, pool, sql, transaction } from '../../../src/platform/db.ts';
import { expectAccessible, screenshot, useBrowser } from '../../support/browser.ts';
import { givenAccount } from '../../support/mirror.ts';
import { givenStaff, staffViewer } from '../../support/people.ts';

const browser = useBrowser(createApp);

let clara: Awaited<ReturnType<typeof givenStaff>>;
let ada: Awaited<ReturnType<typeof givenStaff>>;
let accounts: { id: string; name: string }[];
let ruleId = '';

beforeAll(async () => {
  clara = await givenStaff({ roles: ['csm'], name: 'Clara Mendes' });
  ada = await givenStaff({ roles: ['admin'], name: 'Ada Thornton' });
  accounts = await Promise.all(
    [
      'Bergen Foods',
      'Aldgate Printing',
      'Córdoba Textil',
      'Northgate Logistics',
      'Halden Freight',
      'Ōsaka Tools',
      'Westmark',
    ].map((name) => givenAccount({ name, owner_id: clara.userId })),
  );
  await transaction(plantSeeds);
  const viewer = await staffViewer(clara);
  ruleId = await createRule(viewer, {
    name: 'Any change', trigger: 'health.changed', filter: {}, condition: null, scope: 'mine', isForTeam: false, roles: [],
    toInbox: true, toMail: false, webhookId: null, restHours: 0,
  }); // prettier-ignore
  for (const account of accounts.slice(0, 2)) await follow(viewer, 'account', account.id);
  await givenDrops(accounts);
  await givenDrops(accounts.slice(0, 1));
});

afterAll(() => pool.end());

let batch = 100;

async function givenDrops(of: { id: string }[]): Promise<void> {
  batch += 1;
  for (const { id } of of)
    await sql`
      insert into health_history (batch, account_id, status, rank, score, reasons, previous_status, previous_rank, previous_score, occurred_at)
      values (${batch}, ${id}, 'paying', 'poor', 20, '[]', 'paying', 'good', 90, ${now()})`.execute(db);
  await noteHealth({ batch });
  const { rows } = await sql<{ batch: number }>`
    delete from events where name = 'signals.noted' returning (data ->> 'batch')::int as batch`.execute(db);
  for (const one of rows) await raiseAlerts({ batch: one.batch });
}

const waiting = async () => (await unread(await staffViewer(clara))).unread;

const looks = [
  { width: 1280, scheme: 'light', paths: ['/console/inbox', '/console/alerts/new', '/console/follows'] },
  { width: 390, scheme: 'dark', paths: ['/console/inbox', '/console/alerts', '/console/alert-settings'] },
] as const;

test.each(looks)('the pages of alerts read well at $width, $scheme', async ({ paths, ...look }) => {
  const context = await browser.signedIn(clara, look);
  const page = await context.newPage();
  for (const path of [...paths, `/console/alerts/${ruleId}`]) {
    await page.goto(browser.url + path);
    if (path !== '/console/inbox' || look.width === 1280) await expectAccessible(page);
    await screenshot(page, `alerts${path.replace(ruleId, 'one')}-${String(look.width)}-${look.scheme}`);
  }
  await context.close();
});

test('the page of webhooks reads well', async () => {
  const context = await browser.signedIn(ada);
  const page = await context.newPage();
  await page.goto(`${browser.url}/console/webhooks`);
  await expectAccessible(page);
  await context.close();
});

test('new alerts come into an open inbox and its count by themselves', async () => {
  const context = await browser.signedIn(clara);
  const page = await context.newPage();
  await page.goto(`${browser.url}/console/inbox`);
  const [before, lines] = [await waiting(), await page.locator('.inbox-alert').count()];
  await givenDrops(accounts.slice(2, 3));
  const added = (await waiting()) - before;
  expect(added).toBeGreaterThan(0);
  await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))');
  await expect.poll(() => page.locator('.inbox-alert').count()).toBe(lines + added);
  expect(await page.locator('.inbox-unread').textContent()).toBe(String(before + added));
  await context.close();
});

test('the inbox is worked through by keyboard', async () => {
  const context = await browser.signedIn(clara);
  const page = await context.newPage();
  await page.goto(`${browser.url}/console/inbox`);
  const before = await waiting();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  expect(await page.locator('.inbox-alert').nth(1).locator('input').isChecked()).toBe(true);
  await page.keyboard.press('e');
  await page.waitForSelector('.notice.tone-success');
  expect(await waiting()).toBe(before - 1);
  await page.keyboard.press('j');
  await page.keyboard.press('o');
  await page.waitForURL(/inbox\/\d+/);
  await context.close();
});

test('without scripts, everything in it works by reload', async () => {
  const context = await browser.signedIn(clara, { scripts: false });
  const page = await context.newPage();
  await page.goto(`${browser.url}/console/inbox`);
  const before = await waiting();
  await page.locator('input[name=ids]').first().check();
  await page.click('button[value=tomorrow]');
  expect(await waiting()).toBe(before - 1);
  await page.goto(`${browser.url}/console/inbox?state=snoozed`);
  await page.locator('input[name=ids]').first().check();
  await page.click('button[formaction$=reopenings]');
  expect(await waiting()).toBe(before);
  await context.close();
});
