import type { BrowserContext } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../../src/app.ts';
import { DAY, now } from '../../src/platform/clock.ts';
import { db } from '../../src/platform/db.ts';
import type { Locale } from '../../src/platform/locale.ts';
import { expectAccessible, type Look, looks, screenshot, useBrowser } from '../support/browser.ts';
import { givenAccount, salesforceId } from '../support/mirror.ts';
import { givenCustomer, givenStaff } from '../support/people.ts';

/* The pages of the frame itself; each surface's own are looked at beside its other tests. */
const browser = useBrowser(createApp);

const modified_at = new Date(now().getTime() - 3 * DAY);
const dayFromNow = (days: number) => new Date(now().getTime() + days * DAY).toISOString().slice(0, 10);

let customer: { email: string };
let newcomer: { email: string };
let admin: { email: string };

beforeAll(async () => {
  const given = await givenCustomer({
    name: 'Maya Okafor',
    account: await givenAccount({ name: 'Halden Freight Group' }),
  });
  const cases = [
    [
      'Restore of a mailbox stops at 40 %',
      'Working',
      'We found the cause: the agent runs out of handles. Version 9.2.1 mends it.',
    ],
    [
      'Nightly job reports “volume shadow copy failed (0x8004230f)” on two of twelve servers',
      'Waiting on Customer',
      'Could you send us the log of the agent?',
    ],
    ['How do we move a license to another machine?', 'New', undefined],
  ] as const;
  for (const [index, [subject, status, answer]] of cases.entries()) {
    const values = {
      account_id: given.account.id,
      contact_id: given.contact.id,
      number: `0000104${String(index)}`,
      subject,
      status,
      created_at: modified_at,
      modified_at,
    };
    const { id } = await db.insertInto('cases').values(values).returning('id').executeTakeFirstOrThrow();
    const comment = {
      salesforce_id: salesforceId('00a'),
      case_id: id,
      is_published: true,
      created_at: modified_at,
      modified_at,
    };
    if (answer !== undefined)
      await db
        .insertInto('case_comments')
        .values({ ...comment, body: answer })
        .execute();
  }
  const products = [
    ['Tidewater Backup Server', 'Server', 400],
    ['Tidewater Monitor', null, 20],
    ['Tidewater Backup Desktop', 'Desktop', -90],
  ] as const;
  for (const [name, edition, days] of products) {
    const product_id = salesforceId('01t');
    await db.insertInto('products').values({ id: product_id, name, modified_at }).execute();
    await db
      .insertInto('licenses')
      .values({
        id: salesforceId('a00'),
        account_id: given.account.id,
        name: 'L-000001',
        product_id,
        edition,
        version: '9.2',
        seats: 25,
        support_until: dayFromNow(days),
        modified_at,
      })
      .execute();
  }
  customer = given;
  newcomer = await givenCustomer({ account: await givenAccount({ name: 'Newcomer Ltd' }) });
  admin = await givenStaff({ roles: ['admin'] });
});

const pages: { path: string; who?: () => { email: string } }[] = [
  { path: '/' },
  { path: '/help' },
  { path: '/no-such-page' },
  { path: '/portal', who: () => customer },
  { path: '/portal?newcomer', who: () => newcomer },
  { path: '/console/design', who: () => admin },
];

const sessions = new Map<string, Parameters<BrowserContext['addCookies']>[0]>();

/** A window of that look in which they are signed in, through the form the first time. */
async function windowOf(
  who: (() => { email: string }) | undefined,
  look: Partial<Look>,
): Promise<BrowserContext> {
  if (who === undefined) return await browser.context(look);
  const known = sessions.get(who().email);
  const context = known === undefined ? await browser.signedIn(who(), look) : await browser.context(look);
  if (known !== undefined) await context.addCookies(known);
  sessions.set(who().email, await context.cookies());
  return context;
}

describe.each(looks)('at $width pixels, $scheme', (look) => {
  test.each(pages)('$path is accessible', async ({ path, who }) => {
    const context = await windowOf(who, look);
    const page = await context.newPage();
    const refused: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('404')) refused.push(message.text());
    });
    await page.goto(browser.url + path);
    await screenshot(page, `frame-${path}-${String(look.width)}-${look.scheme}`);
    await expectAccessible(page);
    expect.soft(refused, 'errors in the browser’s console').toEqual([]);
    await context.close();
  });
});

describe.each<Locale>(['de', 'ja', 'pt'])('in %s', (locale) => {
  test.each(pages.filter(({ path }) => !path.startsWith('/console')))(
    '$path fits a phone',
    async ({ path, who }) => {
      const look = { width: 390, scheme: 'light', locale } as const;
      const context = await windowOf(who, look);
      const page = await context.newPage();
      await page.goto(`${browser.url}/${locale}${path === '/' ? '/' : path}`);
      await screenshot(page, `frame-${locale}-${path}`);
      await expectAccessible(page);
      await context.close();
    },
  );
});

describe('the menus', () => {
  test('open by keyboard, and close on Escape with the focus kept', async () => {
    const context = await browser.signedIn(customer);
    const page = await context.newPage();
    await page.goto(`${browser.url}/portal`);
    await page.locator('.menu-button').last().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('button', { name: 'Sign out' }).isVisible()).toBe(false);
    await context.close();
  });

  test('let a person choose light or dark, and remember it', async () => {
    const context = await browser.context({ scheme: 'light' });
    const page = await context.newPage();
    await page.goto(browser.url);
    await page.getByRole('button', { name: 'Light or dark' }).click();
    await page.goto(`${browser.url}/help`);
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    await context.close();
  });

  test('let a person choose a language, which detection then leaves alone', async () => {
    const context = await browser.context({ locale: 'fr' });
    const page = await context.newPage();
    await page.goto(`${browser.url}/help`);
    expect(await page.locator('html').getAttribute('lang')).toBe('fr');
    await page.getByRole('link', { name: '日本語' }).click();
    await page.waitForURL('**/ja/help');
    await page.goto(`${browser.url}/help`);
    expect(await page.locator('html').getAttribute('lang')).toBe('ja');
    await context.close();
  });
});
