import { randomUUID } from 'node:crypto';

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { caseSeenBy, openCase } from '../../../src/cases/cases.ts';
import { replyToCase } from '../../../src/cases/replies.ts';
import { receiveUpload } from '../../../src/cases/uploads.ts';
import { pool } from '../../../src/platform/db.ts';
import { expectAccessible, looks, screenshot, useBrowser } from '../../support/browser.ts';
import { givenComment, givenEmail, givenFile, givenStatusChange } from '../../support/case-history.ts';
import { givenAccount, givenCase, givenContact, givenUser } from '../../support/mirror.ts';
import { customerViewer, givenCustomer, givenPerson, PASSWORD } from '../../support/people.ts';

const browser = useBrowser(createApp);

type Customer = Awaited<ReturnType<typeof givenCustomer>>;

let maya: Customer;

beforeAll(async () => {
  maya = await givenCustomer({ name: 'Maya Okafor' });
});

afterAll(async () => {
  await pool.end();
});

const givenOurs = async (given: Parameters<typeof givenCase>[0] = {}) =>
  await givenCase({ account: maya.account, contact: maya.contact, ...given });

describe.each(looks)('at $width pixels, $scheme', (look) => {
  test('the offer to switch to the account of a case is accessible, and one click opens the case', async () => {
    const [first, second] = [
      await givenAccount({ name: 'Halden Freight Group' }),
      await givenAccount({ name: 'Halden Cold Storage' }),
    ];
    const related = [{ account: second, roles: ['Decision Maker'] }];
    const person = await givenPerson({ contacts: [await givenContact({ account: first, related })] });
    const { id } = await givenCase({ account: second, subject: 'Freezer log' });
    const context = await browser.signedIn(person, look);
    const page = await context.newPage();
    for (const locale of ['en', 'ja', 'de']) {
      await page.goto(`${browser.url}/${locale}/portal/cases/${id}`);
      await screenshot(page, `portal-elsewhere-${locale}-${String(look.width)}-${look.scheme}`);
      await expectAccessible(page);
    }
    await page.click('button[name=accountId].primary');
    expect(await page.textContent('h1')).toContain('Freezer log');
    await context.close();
  });

  test('the list, the form with errors and a case with everything in its history are accessible', async () => {
    const on = await givenOurs({ status: 'Waiting on Customer', priority: 'High', number: '00001042' });
    const { id: authorId } = await givenUser();
    await givenStatusChange(on, 'New', 'Working');
    await givenComment(on, { body: `See https://tidewater.example/${'long'.repeat(60)}`, authorId });
    await givenEmail(on, { html: '<h1>Hello</h1><ul><li>one</li></ul><a href="https://a.example">x</a>' });
    await givenFile(on, { title: 'w'.repeat(150) });
    await openCase(await customerViewer(maya), {
      id: randomUUID(),
      subject: 'Pending',
      description: 'x',
      priority: 'low',
    });
    const closed = await givenOurs({ status: 'Closed', is_closed: true, subject: 'W'.repeat(200) });

    const context = await browser.signedIn(maya, look);
    const page = await context.newPage();
    for (const path of ['', '?q=none', '/new', `/${on.id}`, `/${closed.id}`]) {
      await page.goto(`${browser.url}/portal/cases${path}`);
      await expectAccessible(page);
    }
    await page.goto(`${browser.url}/portal/cases/new`);
    await send(page);
    expect(await page.title()).toContain('Open a case');
    await expectAccessible(page);
    await context.close();
  });
});

/** Sends the form of the page by the keyboard alone. */
async function send(page: Page): Promise<void> {
  await page.locator('main form.form button.primary').focus();
  await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
}

describe.each([true, false])('with scripts: %s', (scripts) => {
  test('a customer opens a case with two files by the keyboard, replies, closes it and opens it again', async () => {
    const context = await browser.signedIn(maya, { scripts });
    const page = await context.newPage();
    await page.goto(`${browser.url}/portal/cases/new`);
    await page.locator('#field-subject').focus();
    await page.keyboard.type('Restore fails');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Since Tuesday');
    const files = ['a.log', 'b.log'].map((name) => ({
      name,
      mimeType: 'text/plain',
      buffer: Buffer.from('x'),
    }));
    await page.setInputFiles('input[type=file]', files);
    await send(page);
    expect(page.url()).toMatch(/\/portal\/cases\/[0-9a-f-]{36}$/);
    expect(await page.locator('.attachments a').count()).toBe(2);

    await page.locator('#field-text').focus();
    await page.keyboard.type('One more thing');
    await send(page);
    expect(await page.locator('.timeline').textContent()).toContain('One more thing');

    await page.locator('button[popovertarget=close-case]').first().press('Enter');
    await Promise.all([page.waitForEvent('load'), page.locator('#close-case button.primary').press('Enter')]);
    expect(await page.locator('#reply h2').textContent()).toBe('This case is closed');
    await Promise.all([
      page.waitForEvent('load'),
      page.locator('form[action$=reopening] button').press('Enter'),
    ]);
    expect(await page.locator('#reply h2').textContent()).toBe('Reply');
    await context.close();
  });
});

describe('what was typed', () => {
  test('survives a session that ended, for its writer alone, and is gone once it was taken', async () => {
    const context = await browser.signedIn(maya);
    const page = await context.newPage();
    const form = `${browser.url}/portal/cases/new`;
    const signIn = async (person: { email: string }) => {
      await page.goto(`${browser.url}/sign-in`);
      await page.fill('input[name=email]', person.email);
      await page.fill('input[name=password]', PASSWORD);
      await Promise.all([page.waitForEvent('load'), page.click('main form button:not([type=button])')]);
    };
    await page.goto(form);
    await page.locator('#field-subject').pressSequentially('Long story');
    await page.locator('#field-description').pressSequentially('Written for an hour');
    await context.clearCookies();
    await send(page);
    expect(await page.title()).not.toContain('Long story');

    await signIn(await givenCustomer());
    await page.goto(form);
    expect(await page.inputValue('#field-description')).toBe('');
    await context.clearCookies();
    await signIn(maya);
    await page.goto(form);
    expect(await page.inputValue('#field-subject')).toBe('Long story');
    expect(await page.inputValue('#field-description')).toBe('Written for an hour');

    await send(page);
    expect(await page.locator('h1').textContent()).toBe('Long story');
    await page.goto(form);
    expect(await page.inputValue('#field-description')).toBe('');
    await context.close();
  });
});

describe('what others wrote (F18)', () => {
  const payloads = [
    '<script>window.harmed = 1</script>',
    '"><img src=x onerror="window.harmed = 1">',
    '\'"></textarea></title><svg onload="window.harmed = 1">',
    'javascript:window.harmed=1//https://a.example/"onmouseover="window.harmed=1',
    '{{constructor.constructor("window.harmed=1")()}} <%= 1 %> ${window.harmed=1}',
  ];

  test('runs nowhere: names, subjects, comments, e-mails, files and searches are text', async () => {
    const evil = payloads.join(' ');
    const account = await givenAccount({ name: evil });
    const customer = await givenCustomer({ account, name: `Maya ${evil}` });
    const viewer = await customerViewer(customer);
    const { id: authorId } = await givenUser({ name: evil });
    const on = await givenCase({ account, contact: customer.contact, subject: evil, description: evil });
    await givenComment(on, { body: evil, authorId });
    await givenEmail(on, {
      subject: evil,
      fromName: evil,
      html: `${evil}<a href="javascript:window.harmed=1">go</a><p style="background:url(javascript:window.harmed=1)">x`,
    });
    await givenFile(on, { title: evil, extension: 'html' });
    const file = await receiveUpload(
      viewer,
      `${payloads[1] ?? ''}.svg`,
      (async function* () {
        yield await Promise.resolve(
          Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="window.harmed=1"/>'),
        );
      })(),
    );
    if ('problem' in file) throw new Error(file.problem);
    await replyToCase(viewer, on.id, { id: randomUUID(), text: evil }, [file.id]);

    const context = await browser.signedIn(customer);
    const page = await context.newPage();
    const refused: string[] = [];
    page.on('dialog', (dialog) => void dialog.dismiss());
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) refused.push(message.text());
    });
    for (const path of ['', `?q=${encodeURIComponent(evil)}`, '/new', `/${on.id}`]) {
      await page.goto(`${browser.url}/portal/cases${path}`);
      for (const link of await page.locator('main a').all()) await link.hover({ force: true });
      expect(await page.evaluate('window.harmed'), path).toBeUndefined();
      expect(await page.locator('a[href^="javascript:" i]').count()).toBe(0);
    }
    expect(refused).toEqual([]);

    const entry = (await caseSeenBy(viewer, on.id)).timeline.find(
      ({ kind, isPending }) => kind === 'file' && isPending,
    );
    const download = page.waitForEvent('download');
    await page.goto(`${browser.url}/portal/cases/${on.id}/files/${entry?.id ?? ''}`).catch(() => undefined);
    expect((await download).suggestedFilename()).toMatch(/\.svg$/);
    await context.close();
  });
});
