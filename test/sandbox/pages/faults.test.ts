import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { presetGroups } from '../../../sandbox/control/presets.ts';
import { expectAccessible, launch, looks, screenshot, windowOf } from '../../support/browser.ts';
import { startSandbox } from '../../support/sandbox.ts';

import type { Browser, Page } from 'playwright-core';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let browser: Browser;

beforeAll(async () => {
  sandbox = await startSandbox();
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
  await sandbox.close();
});
beforeEach(() => fetch(`${sandbox.url}/__sandbox__/faults`, { method: 'DELETE' }));

async function faultsPage(): Promise<Page> {
  const page = await (await browser.newContext(windowOf({ scripts: false }))).newPage();
  page.setDefaultTimeout(5000);
  await page.goto(`${sandbox.url}/faults`);
  return page;
}

const rows = (page: Page) => page.getByRole('region', { name: /Active faults/ }).locator('tbody tr');

test('a preset is switched on, counts what it hits and is removed again, without scripts', async () => {
  const page = await faultsPage();
  await page.getByRole('button', { name: 'Switch on: A refresh that is refused' }).click();
  await page.getByRole('button', { name: 'Switch on: Some records are locked' }).click();
  expect(await page.getByRole('status').innerText()).toContain(
    'Some records are locked: active from now on.',
  );
  expect(await rows(page).count()).toBe(2);
  await expect(sandbox.connect()).rejects.toThrow('expired access/refresh token');
  const connection = await sandbox.connect();
  const [saved] = await connection.sobject('Account').create([{ Name: 'x' }]);
  expect(saved).toMatchObject({ success: false, errors: [{ statusCode: 'UNABLE_TO_LOCK_ROW' }] });
  await page.reload();
  expect(await rows(page).first().innerText()).toMatch(/requests to \/services\/oauth2\/token, 1 time at most\s+are answered 400 invalid_grant\s+2\s+1/); // prettier-ignore
  await page.getByRole('button', { name: 'Remove A refresh that is refused' }).click();
  await expect.poll(() => rows(page).count()).toBe(1);
  await page.getByRole('button', { name: 'Remove all' }).click();
  await page.getByText('Nothing goes wrong on purpose.').waitFor();
});

test('every preset is one that the control plane takes', async () => {
  for (const { id } of presetGroups.flatMap(({ presets }) => presets)) {
    const answer = await fetch(`${sandbox.url}/faults/presets/${id}`, { method: 'POST', redirect: 'manual' });
    expect([id, answer.status]).toEqual([id, 303]);
  }
  const page = await faultsPage();
  expect(await rows(page).count()).toBeGreaterThan(18);
  expect((await fetch(`${sandbox.url}/faults/presets/nonesuch`, { method: 'POST' })).status).toBe(404);
});

test('a fault of one’s own is added, or refused with what is wrong about it', async () => {
  const page = await faultsPage();
  const field = page.getByLabel('JSON, as POST');
  await field.fill('{"match": {"pathh": "x"}, "effect": {}}');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'pathh' }).waitFor();
  expect(await field.inputValue()).toContain('pathh');
  await field.fill('nonsense');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'This is no JSON.' }).waitFor();
  await field.fill('{"match": {"path": "/limits", "nth": 2}, "effect": {"truncate": {"bytes": 10}}}');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await rows(page).first().waitFor();
  expect(await rows(page).innerText()).toMatch(/requests to \/limits, from number 2\s+get an answer that ends after 10 bytes/); // prettier-ignore
});

test('switches change the org at once and say what they did', async () => {
  const page = await faultsPage();
  const connection = await sandbox.connect();
  await page.getByLabel('API requests left today').fill('0');
  await page.getByRole('button', { name: 'Set the requests left' }).click();
  await expect(connection.query('SELECT Id FROM Account')).rejects.toMatchObject({
    errorCode: 'REQUEST_LIMIT_EXCEEDED',
  });
  await page.getByLabel('API requests left today').fill('1000');
  await page.getByRole('button', { name: 'Set the requests left' }).click();
  await page.getByLabel('Clock of the org').fill('-90');
  await page.getByRole('button', { name: 'Set the clock' }).click();
  expect(Math.round((sandbox.org.clock.now().getTime() - Date.now()) / 60_000)).toBe(-90);
  await page.getByLabel('Clock of the org').fill('0');
  await page.getByRole('button', { name: 'Set the clock' }).click();
  await page.getByRole('button', { name: 'Turn on rotation' }).click();
  await page.getByRole('button', { name: 'Turn off rotation' }).waitFor();
  await page.getByLabel('Rows a second').fill('50');
  await page.getByRole('button', { name: 'Set for Bulk jobs' }).click();
  await rows(page).filter({ hasText: 'do 50 rows a second' }).waitFor();
  await page.getByRole('button', { name: 'Forget all' }).click();
  await page.getByRole('button', { name: 'Send a gap event' }).click();
  await page.getByRole('status').filter({ hasText: 'Subscribers were told of a gap in the changes of Account.' }).waitFor();
  await page.getByRole('button', { name: 'Send an overflow event' }).click();
  await page.getByRole('button', { name: 'Expire', exact: true }).click();
  await page.getByRole('button', { name: 'Turn on the refusal of clients' }).click();
  await page.getByRole('button', { name: 'Turn off the refusal of clients' }).click();
  await page.getByRole('button', { name: 'Turn on silence' }).click();
  await page.getByRole('button', { name: 'Turn off silence' }).click();
  await page.getByRole('button', { name: 'Cut off' }).click();
  await page.getByLabel('Gap in the changes of').fill('Nonesuch');
  await page.getByRole('button', { name: 'Send a gap event' }).click();
  await page.getByRole('alert').filter({ hasText: 'There is no object Nonesuch.' }).waitFor();
  await page.getByRole('button', { name: 'Revoke tokens too' }).click();
  await page.getByRole('status').filter({ hasText: 'all refresh tokens have been revoked' }).waitFor();
  const later = restless(connection.accessToken);
  expect((await later).status).toBe(401);
}); // prettier-ignore

const restless = (token: string | null | undefined) =>
  fetch(`${sandbox.url}/services/data/v60.0/limits`, {
    headers: { authorization: `Bearer ${String(token)}` },
  });

test('another site cannot switch anything', async () => {
  const answer = await fetch(`${sandbox.url}/faults/presets/slow`, {
    method: 'POST',
    headers: { 'sec-fetch-site': 'cross-site' },
  });
  expect(answer.status).toBe(403);
});

test.each(looks)('the page is sound at $width pixels, $scheme', async (look) => {
  const page = await (await browser.newContext(windowOf(look))).newPage();
  page.setDefaultTimeout(5000);
  await fetch(`${sandbox.url}/faults/presets/trigger`, { method: 'POST', redirect: 'manual' });
  await page.goto(`${sandbox.url}/faults`);
  await page.getByRole('button', { name: 'Switch on: Cut after the work' }).click();
  await page.getByRole('status').waitFor();
  await expectAccessible(page);
  await screenshot(page, `crm-faults-${String(look.width)}-${look.scheme}`);
});
