import { afterAll, beforeAll, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { erasePerson } from '../../../src/identity/erasure.ts';
import { db, pool, sql } from '../../../src/platform/db.ts';
import { expectAccessible, looks, screenshot, useBrowser } from '../../support/browser.ts';
import { givenAccount, givenCase, givenContact } from '../../support/mirror.ts';
import { givenStaff } from '../../support/people.ts';

const app = createApp();
const browser = useBrowser(() => app);
const admin = await givenStaff({ roles: ['admin'] });
const names = ['Robin Quayside', 'Maria Quayside'];
const windows = looks.filter(({ width, scheme }) => width > 1000 === (scheme === 'light'));

beforeAll(async () => {
  const account = await givenAccount({ name: 'Halden Freight Group' });
  for (const [index, name] of names.entries()) {
    const contact = await givenContact({ account, name, email: `quayside-${String(index)}@halden.example` });
    await givenCase({ account, contact, is_closed: true, status: 'Closed' });
  }
});

afterAll(() => pool.end());

test('an administrator searches, looks at what is held, types the address and sees what is left to do', async () => {
  for (const [index, look] of windows.entries()) {
    const email = `quayside-${String(index)}@halden.example`;
    const context = await browser.signedIn(admin, look);
    const page = await context.newPage();
    const seen = async (name: string) => {
      await expectAccessible(page);
      await screenshot(page, `erasure-${name}-${String(look.width)}-${look.scheme}`);
    };
    await page.goto(`${browser.url}/console/erasures`);
    await page.getByLabel('Name, e-mail address or user id').fill('quayside');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('heading', { name: 'Who was found' }).waitFor();
    await seen('found');
    expect(page.url(), 'no name stands in an address').toBe(`${browser.url}/console/erasures/searches`);
    await page.getByRole('row', { name: email }).getByRole('button', { name: 'Erase…' }).click();
    await page.getByLabel(`To confirm, type ${email}`).fill('something else');
    await page.getByRole('button', { name: 'Erase for good' }).click();
    await page.getByText('This is not what is asked for.').first().waitFor();
    await seen('review');
    await page.getByLabel(`To confirm, type ${email}`).fill(email);
    await page.getByRole('button', { name: 'Erase for good' }).click();
    await page.waitForURL(/erasures\/[0-9a-f-]{36}$/);
    await erasePerson({ id: page.url().slice(-36) });
    await page.reload();
    await page.getByRole('heading', { name: 'To be done in Salesforce' }).waitFor();
    await seen('done');
    await context.close();
  }
  const { rows } = await sql<{ left: number }>`
    select count(*) as left from contacts where name like '%Quayside%'`.execute(db);
  expect(rows[0]?.left).toBe(0);
}, 120_000);
