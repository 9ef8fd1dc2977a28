import { afterAll, beforeAll, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { recomputeAllHealth } from '../../../src/health/health.ts';
import { keepReadings } from '../../../src/health/snapshots.queries.ts';
import { DAY, now } from '../../../src/platform/clock.ts';
import { pool, transaction } from '../../../src/platform/db.ts';
import { expectAccessible, looks, useBrowser } from '../../support/browser.ts';
import { givenAccount, givenCase, givenLicense } from '../../support/mirror.ts';
import { givenStaff } from '../../support/people.ts';

/* The Health tab of an account's profile, as a success manager sees it in a browser (HE9, HE22, HE25). */

const app = createApp();
const browser = useBrowser(() => app);
const day = (fromToday: number) => new Date(now().getTime() + fromToday * DAY).toISOString().slice(0, 10);

let clara: { email: string };
let poor: { id: string; name: string };
let prospect: { id: string };

beforeAll(async () => {
  clara = await givenStaff({ roles: ['csm'], name: 'Clara Mendes' });
  poor = await givenAccount({ name: 'Aldgate Printing', created_at: now() });
  prospect = await givenAccount({ name: 'Prospect Only' });
  await givenLicense({ account: poor, support_until: day(200), seats: 25 });
  for (let count = 0; count < 6; count += 1)
    await givenCase({ account: poor, priority: 'High', subject: `Restore fails ${String(count)}`, created_at: now() });
  await recomputeAllHealth();
  await transaction(async (tx) => {
    for (const ago of [40, 12, 5, 1]) await keepReadings(tx, day(-ago));
  });
}); // prettier-ignore
afterAll(() => pool.end());

test('tells the rank, why, from which records, what is missing and what would help, to every eye and by keyboard', async () => {
  for (const look of looks) {
    const context = await browser.signedIn(clara, look);
    const page = await context.newPage();
    await page.goto(`${browser.url}/console/accounts/${poor.id}`);
    await page.locator('nav.tabs').getByRole('link', { name: 'Health', exact: true }).click();
    await page.waitForURL(/\/health$/);
    const main = page.locator('main');
    await main.locator('.flag-list').waitFor();
    const text = (await main.textContent()) ?? '';
    for (const told of ['Poor', 'urgent', 'To become good', 'are not known', 'Judged by the profile', 'What to do:']) expect(text, told).toContain(told);
    expect(await main.locator('a[href*="/lightning/r/Case/"], a[href*="Case"]').count(), 'the cases are linked').toBeGreaterThan(0);
    await expectAccessible(page);
    await main.getByRole('link', { name: 'A year' }).press('Enter');
    await page.waitForURL(/span=365/);
    await main.locator('svg').first().waitFor();
    await context.close();
  }
}); // prettier-ignore

test('without scripts it says the same, and of who does not pay that there is no rank', async () => {
  const context = await browser.signedIn(clara, { scripts: false });
  const page = await context.newPage();
  await page.goto(`${browser.url}/console/accounts/${poor.id}/health`);
  await page.getByText('To become good').first().waitFor();
  await page.goto(`${browser.url}/console/accounts/${prospect.id}/health`);
  expect(await page.locator('main').textContent()).not.toContain('To become good');
  await context.close();
});
