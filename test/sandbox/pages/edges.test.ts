import { createServer } from 'node:http';
import { once } from 'node:events';

import jsforce from 'jsforce';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { SANDBOX_PASSWORD, staff } from '../../../sandbox/cast.ts';
import { expectAccessible, launch, looks, screenshot, windowOf } from '../../support/browser.ts';
import { clientAt, startSandbox } from '../../support/sandbox.ts';

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let browser: Browser;
let application: Server;
let oauth2: jsforce.OAuth2;

beforeAll(async () => {
  sandbox = await startSandbox();
  browser = await launch();
  application = createServer((req, res) => {
    res.setHeader('content-type', 'text/html').end(`<title>App</title>${req.url ?? ''}`);
  }).listen(0, '127.0.0.1');
  await once(application, 'listening');
  const redirectUri = `http://127.0.0.1:${String((application.address() as AddressInfo).port)}/callback`;
  oauth2 = new jsforce.OAuth2({ ...clientAt(sandbox.url), redirectUri, useVerifier: true });
  await send('maya@halden.example', 'Your case <b>00001042</b> was answered');
});
afterAll(async () => {
  await browser.close();
  application.close();
  await sandbox.close();
});

const send = (to: string, subject: string) =>
  fetch(`${sandbox.url}/sendgrid/v3/mail/send`, {
    method: 'POST',
    headers: { authorization: 'Bearer SG.test', 'content-type': 'application/json' },
    body: JSON.stringify({
      personalizations: [{ to: [{ email: to, name: 'Maya Okafor' }] }],
      from: { email: 'support@tidewater.example', name: 'Tidewater Support' },
      subject,
      content: [
        { type: 'text/plain', value: 'Hello Maya,\nsee https://portal.example/en/portal/cases/1 please.' },
        {
          type: 'text/html',
          value:
            '<html lang="en"><title>Mail</title><main><h1>Hello Maya</h1><p><a href="https://portal.example/">Your case</a></p></main></html>',
        },
      ],
    }),
  });

test('a person signs in and allows the application in a real browser', async () => {
  const page = await (await browser.newContext(windowOf({}))).newPage();
  await page.goto(oauth2.getAuthorizationUrl({ state: 'mine' }));
  await page.getByLabel('Username').fill(staff.admin.username);
  await page.getByLabel('Password').fill(SANDBOX_PASSWORD);
  await page.getByRole('button', { name: 'Log In' }).click();
  await expectAccessible(page);
  await screenshot(page, 'sandbox-consent');
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.waitForURL(/\/callback\?code=/);
  const back = new URL(page.url());
  expect(back.searchParams.get('state')).toBe('mine');
  const reply = await oauth2.requestToken(back.searchParams.get('code') ?? '');
  expect(reply.access_token).toMatch(/^00D/);
});

test.each(looks)('sign-in and mailbox are accessible at $width, $scheme', async (look) => {
  const page = await (await browser.newContext(windowOf(look))).newPage();
  const name = `${String(look.width)}-${look.scheme}`;
  for (const path of [
    '/login',
    '/services/oauth2/authorize?client_id=nobody',
    '/mailbox',
    '/mailbox?search=nothing',
    '/mailbox/1',
    '/mailbox/99',
  ]) {
    await page.goto(sandbox.url + path);
    // axe waits for an answer from the frame of a mail, in which no script may run.
    await page.evaluate(`document.querySelector('iframe')?.remove()`);
    await expectAccessible(page);
    await screenshot(page, `sandbox${path}-${name}`);
  }
});

test('a mail is read in the mailbox as its recipient sees it', async () => {
  const page = await (await browser.newContext(windowOf({}))).newPage();
  await page.goto(`${sandbox.url}/mailbox?to=maya@halden.example`);
  await page.getByRole('link', { name: 'Your case <b>00001042</b> was answered' }).click();
  await page.frameLocator('iframe').getByRole('heading', { name: 'Hello Maya' }).waitFor();
  expect(
    await page.getByRole('link', { name: 'https://portal.example/en/portal/cases/1' }).getAttribute('href'),
  ).toBe('https://portal.example/en/portal/cases/1');
});
