import { afterAll, beforeAll, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { pool } from '../../../src/platform/db.ts';
import { expectAccessible, useBrowser } from '../../support/browser.ts';
import { givenCustomer, signedIn } from '../../support/people.ts';

const browser = useBrowser(createApp);
let customer: Awaited<ReturnType<typeof givenCustomer>>;

beforeAll(async () => {
  customer = await givenCustomer();
});
afterAll(async () => {
  await pool.end();
});

test('a browser is asked for permission when its owner presses the button, and not before', async () => {
  const context = await browser.signedIn(customer);
  const page = await context.newPage();
  await page.addInitScript(`
    globalThis.asked = [];
    Notification.requestPermission = async () => { asked.push('asked'); return 'denied'; };`);
  await page.goto(`${browser.url}/en/portal/preferences`);
  const button = page.getByRole('button', { name: 'Show notifications' });
  await button.waitFor();
  expect(await page.evaluate('asked')).toEqual([]);
  await expectAccessible(page);
  await button.click();
  await page.getByText('This browser does not allow notifications of this site.').waitFor();
  expect(await page.evaluate('asked')).toEqual(['asked']);
  await context.close();
});

test('subscriptions are refused that are no browser’s', async () => {
  const agent = await signedIn(createApp(), customer);
  const post = (fields: object) => agent.post('/portal/push-subscriptions').type('form').send(fields);
  const keys = { p256dh: 'B'.repeat(87), auth: 'a'.repeat(22) };
  expect((await post({ endpoint: 'https://push.example/1', ...keys })).status).toBe(204);
  expect((await post({ endpoint: 'http://127.0.0.1/1', ...keys })).status).toBe(422);
  expect((await post({ endpoint: 'https://push.example/1', p256dh: '<', auth: '' })).status).toBe(422);
});
