import { generate } from 'otplib';
import { describe, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { issueToken } from '../../../src/identity/email-tokens.ts';
import { db, sql } from '../../../src/platform/db.ts';
import { expectAccessible, looks, screenshot, useBrowser } from '../../support/browser.ts';
import { givenAccount, givenContact } from '../../support/mirror.ts';
import { givenCustomer, givenPerson, givenStaff, PASSWORD } from '../../support/people.ts';

const browser = useBrowser(createApp);

const forVisitors = [
  '/sign-in',
  '/sign-up',
  '/sign-up/sent',
  '/password/forgot',
  '/password/sent',
  '/password/reset/no-such-link',
];
const forPeople = [
  '/account',
  '/account/password',
  '/account/email',
  '/account/security',
  '/account/authenticator',
  '/account/sessions',
];

async function givenPersonOfTwoAccounts() {
  const [one, other] = [
    await givenAccount({ name: 'Halden Freight Group' }),
    await givenAccount({ name: 'Halden Cold Storage' }),
  ];
  return givenPerson({
    contacts: [await givenContact({ account: one, related: [{ account: other }] })],
    name: 'Maya Okafor',
  });
}

/* Each window in another language. */
const languages = ['de', 'ja', 'fr', 'en'] as const;
const everyLook = looks.map((look, index) => ({ ...look, locale: languages[index] ?? 'en' }));

describe.each(everyLook)('at $width pixels, $scheme, $locale', (look) => {
  const name = (path: string) => `people${path}-${String(look.width)}-${look.scheme}-${look.locale}`;

  test('visitors’ pages are accessible', async () => {
    const context = await browser.context(look);
    const page = await context.newPage();
    const token = await issueToken(db, { purpose: 'sign-up', email: 'new@northgate.example' });
    for (const path of [...forVisitors, `/sign-up/confirm/${token}`]) {
      await page.goto(`${browser.url}/${look.locale}${path}`);
      await screenshot(page, name(path.replace(token, 'link')));
      await expectAccessible(page);
    }
    await page.goto(`${browser.url}/${look.locale}/sign-in`);
    await page.fill('input[name=email]', 'nobody@example.com');
    await page.fill('input[name=password]', 'wrong');
    await page.click('main form button:not([type=button])');
    await page.waitForSelector('.error-summary');
    await screenshot(page, name('/sign-in-wrong'));
    await expectAccessible(page);
    await context.close();
  });

  test('the pages of one’s own account are accessible', async () => {
    await sql`delete from rate_limits`.execute(db);
    const context = await browser.signedIn(await givenPersonOfTwoAccounts(), look);
    const page = await context.newPage();
    for (const path of forPeople) {
      await page.goto(`${browser.url}/${look.locale}${path}`);
      await screenshot(page, name(path));
      await expectAccessible(page);
    }
    await context.close();
  });

  test('setting up an authenticator app and giving its code are accessible', async () => {
    const person = await givenCustomer();
    const context = await browser.signedIn(person, look);
    const page = await context.newPage();
    await page.goto(`${browser.url}/${look.locale}/account/authenticator`);
    const secret = (await page.locator('main code').innerText()).replaceAll(' ', '');
    await page.fill('input[name=code]', await generate({ secret }));
    await Promise.all([
      page.waitForSelector('.recovery-codes'),
      page.click('main form button:not([type=button])'),
    ]);
    await screenshot(page, name('/recovery-codes'));
    await expectAccessible(page);
    await context.clearCookies();
    await page.goto(`${browser.url}/${look.locale}/sign-in`);
    await page.fill('input[name=email]', person.email);
    await page.fill('input[name=password]', PASSWORD);
    await Promise.all([page.waitForURL(/sign-in.code/), page.click('main form button:not([type=button])')]);
    await screenshot(page, name('/sign-in-code'));
    await expectAccessible(page);
    await context.close();
  });

  test('a partner’s overview is accessible, and so is the page of whoever has no account', async () => {
    const partner = await browser.signedIn(await givenCustomer({ type: 'Reseller' }), look);
    const page = await partner.newPage();
    await page.goto(`${browser.url}/${look.locale}/partner`);
    expect(new URL(page.url()).pathname).toBe(`/${look.locale}/partner`);
    await screenshot(page, name('/partner'));
    await expectAccessible(page);
    await partner.close();
    const stranger = await browser.context(look);
    const other = await stranger.newPage();
    await other.goto(`${browser.url}/${look.locale}/sign-in`);
    await other.fill('input[name=email]', (await givenPerson()).email);
    await other.fill('input[name=password]', PASSWORD);
    await Promise.all([other.waitForURL(/no-account/), other.click('main form button:not([type=button])')]);
    await screenshot(other, name('/no-account'));
    await expectAccessible(other);
    await stranger.close();
  });
});

test('staff settle sign-ups on an accessible page', async () => {
  for (const name of ['Cedar North', 'Cedar South'])
    await givenContact({
      account: await givenAccount({ name }),
      email: 'shared@cedar.example',
      name: 'Lee Cedar',
    });
  const waiting = await givenPerson({ email: 'shared@cedar.example', name: 'Lee Cedar' });
  await sql`insert into sign_ups (person_id, company, state, created_at) values (${waiting.id}, 'Cedar', 'waiting', now())`.execute(
    db,
  );
  const staff = await givenStaff({ roles: ['support'] });
  for (const look of looks) {
    const context = await browser.signedIn(staff, look);
    const page = await context.newPage();
    await page.goto(`${browser.url}/console/sign-ups`);
    await screenshot(page, `people-console-sign-ups-${String(look.width)}-${look.scheme}`);
    await expectAccessible(page);
    await context.close();
  }
});
