import { afterAll, beforeAll, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { recomputeAllHealth } from '../../../src/health/health.ts';
import { DAY, now } from '../../../src/platform/clock.ts';
import { db, pool, sql } from '../../../src/platform/db.ts';
import { useBrowser } from '../../support/browser.ts';
import { givenAccount, givenLicense } from '../../support/mirror.ts';
import { givenStaff } from '../../support/people.ts';

/* The way of every morning: from the ring to the accounts behind it, why one is ranked as it is, and into its page. */

const browser = useBrowser(createApp);
let clara: Awaited<ReturnType<typeof givenStaff>>;

beforeAll(async () => {
  clara = await givenStaff({ roles: ['csm'], name: 'Clara Mendes' });
  const support_until = new Date(now().getTime() + 200 * DAY).toISOString().slice(0, 10);
  const ranks = { 'Aldgate Printing': 'poor', 'Bergen Foods': 'good', 'Castle Books': 'good' } as const;
  const accounts = await Promise.all(
    Object.keys(ranks).map((name) => givenAccount({ name, owner_id: clara.userId, created_at: now() })),
  );
  for (const account of accounts) await givenLicense({ account, support_until });
  await recomputeAllHealth();
  for (const [name, rank] of Object.entries(ranks))
    await sql`update health set rank = ${rank}, score = ${rank === 'poor' ? 10 : 90} from accounts a
              where a.id = health.account_id and a.name = ${name}`.execute(db);
});

afterAll(() => pool.end());

test('a click on a slice of the ring shows its accounts, one of which leads to its page and its tabs', async () => {
  const context = await browser.signedIn(clara);
  const page = await context.newPage();
  await page.goto(`${browser.url}/console/health`);
  const ring = page.locator('svg.ring');
  const { width = 0, height = 0 } = (await ring.boundingBox()) ?? {};
  /* The last third of the circle is the poor one's: its middle, at four o'clock before the top. */
  await ring.click({ position: { x: width * (0.5 - 0.866 * 0.379), y: height * (0.5 - 0.5 * 0.379) } });
  await page.waitForURL(/rank=poor/);
  const names = page.locator('#accounts ~ .table-wrap .main-cell');
  expect(await names.allTextContents()).toEqual(['Aldgate Printing']);
  await names.getByRole('link').click();
  await page.waitForURL(/\/console\/accounts\/001/);
  expect(await page.locator('h1').textContent()).toBe('Aldgate Printing');
  for (const tab of ['Timeline', 'Attributes', 'Cases']) {
    await page
      .getByRole('navigation', { name: 'About this account' })
      .getByRole('link', { name: tab })
      .click();
    await page.waitForURL(new RegExp(`/${tab.toLowerCase()}$`));
    expect(await page.locator('.tabs [aria-current]').textContent()).toBe(tab);
  }
  await context.close();
});

test('a rank explains itself to the pointer, to the keyboard, and without scripts to a click', async () => {
  const context = await browser.signedIn(clara);
  const page = await context.newPage();
  await page.goto(`${browser.url}/console/accounts?rank=poor`);
  const rank = page.locator('button.why').first();
  const panel = page.locator('.why-panel').first();
  await rank.hover();
  await panel.waitFor({ state: 'visible' });
  const [button, box] = [await rank.boundingBox(), await panel.boundingBox()];
  expect(Math.abs((box?.y ?? 0) - (button?.y ?? 0))).toBeLessThan(400);
  await page.mouse.move(5, 5);
  await panel.waitFor({ state: 'hidden' });
  await page.getByRole('link', { name: 'Aldgate Printing' }).focus();
  await page.keyboard.press('Tab');
  await panel.waitFor({ state: 'visible' });
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'hidden' });
  await context.close();

  const plain = await browser.signedIn(clara, { scripts: false });
  const still = await plain.newPage();
  await still.goto(`${browser.url}/console/accounts?rank=poor`);
  await still.locator('button.why').first().click();
  await still.locator('.why-panel').first().waitFor({ state: 'visible' });
  await plain.close();
});

test('a view is saved from the list, and a removed account comes back with a click', async () => {
  const context = await browser.signedIn(clara);
  const page = await context.newPage();
  await page.goto(`${browser.url}/console/accounts`);
  await page.locator('select[name=rank]').selectOption('good');
  await page.waitForURL(/rank=good/);
  await page.locator('summary', { hasText: 'Save view' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Good ones');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.waitForURL(/view=/);
  expect(await page.locator('.tabs [aria-current]').textContent()).toBe('Good ones');
  await page.getByRole('link', { name: 'Bergen Foods' }).click();
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('button', { name: 'Remove it' }).click();
  await page.getByText('Removed from the lists').waitFor();
  await page.getByRole('button', { name: 'Put it back' }).click();
  await page.getByText('The account is back on the lists.').waitFor();
  await context.close();
});
