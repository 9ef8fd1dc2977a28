import { afterAll, beforeAll, expect, test } from 'vitest';

import { expectAccessible, launch, looks, screenshot, windowOf } from '../../support/browser.ts';
import { startSandbox } from '../../support/sandbox.ts';
import { defineField } from '../../../sandbox/salesforce/schema/define.ts';
import { without } from '../../../sandbox/without.ts';

import type { Connection } from 'jsforce';
import type { Browser, Page } from 'playwright-core';
import type { Look } from '../../support/browser.ts';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let salesforce: Connection;
let browser: Browser;

beforeAll(async () => {
  sandbox = await startSandbox();
  salesforce = await sandbox.connect();
  await defineField(sandbox.org, 'Account', {
    name: 'Rapport_Health_Rank__c',
    label: 'Health Rank',
    type: 'string',
  });
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
  await sandbox.close();
});

async function signedIn(look: Partial<Look> = {}): Promise<Page> {
  const page = await (await browser.newContext(windowOf(look))).newPage();
  await page.goto(`${sandbox.url}/login?startURL=/`);
  await page.getByLabel('Username').fill('admin@rapport.sandbox');
  await page.getByLabel('Password').fill('sandbox');
  await page.getByRole('button', { name: 'Log In' }).click();
  await page.waitForURL(`${sandbox.url}/`);
  return page;
}

const create = async (object: string, record: Record<string, unknown>) =>
  String((await salesforce.sobject(object).create(record)).id);
const records = async (soql: string) =>
  (await salesforce.query<Record<string, unknown>>(soql, { scanAll: true })).records.map((each) =>
    without(each, 'attributes'),
  );

// prettier-ignore
test('people make records, merge those that are the same, delete them and take them back, without scripts', async () => {
  const page = await signedIn({ scripts: false });
  await page.goto(`${sandbox.url}/lightning/o/Account/list`);
  await page.getByRole('link', { name: 'New account' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  expect(await page.getByRole('alert').innerText()).toContain('Required fields are missing: [Name]');
  await page.getByLabel('Account Name').fill('Nordwind GmbH');
  await page.getByLabel('Phone', { exact: false }).first().fill('0431 1');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { level: 1, name: 'Nordwind GmbH' }).waitFor();
  const other = await create('Account', { Name: 'Nordwind', Industry: 'Energy', Phone: '0431 2' });
  const contact = await create('Contact', { LastName: 'Petersen', AccountId: other });
  await page.getByRole('link', { name: 'Merge' }).click();
  await page.getByLabel('Nordwind').check();
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.getByLabel('Account Phone of record 2').check();
  await page.getByRole('button', { name: 'Merge' }).click();
  await page.getByRole('heading', { level: 1, name: 'Nordwind GmbH' }).waitFor();
  expect(await page.getByRole('link', { name: 'Petersen' }).count()).toBe(1);
  expect(await records(`SELECT Name, Phone, Industry FROM Account WHERE IsDeleted = false`)).toEqual([{ Name: 'Nordwind GmbH', Phone: '0431 2', Industry: 'Energy' }]);
  await page.goto(`${sandbox.url}/lightning/r/Contact/${contact}/view`);
  await page.getByRole('link', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.goto(`${sandbox.url}/recycle-bin`);
  await page.getByLabel('Choose Petersen').check();
  await page.getByRole('button', { name: 'Restore' }).click();
  expect(await page.getByRole('status').innerText()).toBe('1 record was restored.');
  await page.getByLabel('Choose Nordwind').check();
  await page.getByRole('button', { name: 'Delete for good' }).click();
  expect(await page.getByText('The recycle bin is empty.').count()).toBe(1);
  expect(await records(`SELECT Id FROM Account WHERE Id = '${other}'`)).toEqual([]);
});

// prettier-ignore
test('a lead is converted into an account that is there, and only looked at from then on', async () => {
  const page = await signedIn();
  const AccountId = await create('Account', { Name: 'Halden Systems' });
  const lead = await create('Lead', { FirstName: 'Ole', LastName: 'Bakke', Company: 'Halden Systems' });
  await page.goto(`${sandbox.url}/lightning/r/Lead/${lead}/view`);
  await page.getByRole('link', { name: 'Convert' }).click();
  await page.getByLabel('Account', { exact: true }).selectOption(AccountId);
  await page.getByRole('button', { name: 'Convert' }).click();
  await page.getByRole('heading', { level: 1, name: 'Ole Bakke' }).waitFor();
  expect(page.url()).toContain('/lightning/r/Contact/');
  expect(await records(`SELECT Name, AccountId FROM Opportunity`)).toEqual([{ Name: 'Halden Systems-', AccountId }]);
  await page.goto(`${sandbox.url}/lightning/r/Lead/${lead}/view`);
  expect(await page.getByText('This lead was converted.').count()).toBe(1);
  expect(await page.getByRole('link', { name: 'Edit' }).count()).toBe(0);
});

// prettier-ignore
test('these pages are accessible in light and dark, on a phone too', async () => {
  const [one, two] = [await create('Account', { Name: 'Alike One', Phone: '1' }), await create('Account', { Name: 'Alike Two', Industry: 'Banking' })];
  const lead = await create('Lead', { LastName: 'Looked at', Company: 'Alike' });
  await salesforce.sobject('Account').destroy(await create('Account', { Name: 'Gone' }));
  const paths = {
    new: '/lightning/o/Opportunity/new', merge: `/lightning/r/Account/${one}/merge?q=Alike`, compare: `/lightning/r/Account/${one}/merge?with=${two}`,
    convert: `/lightning/r/Lead/${lead}/convert`, bin: '/recycle-bin',
  };
  const looked = [['compare', 'convert'], ['new', 'merge', 'bin']] as const;
  for (const [index, look] of looks.entries()) {
    const page = await signedIn(look);
    for (const name of looked[index % 2] ?? []) {
      await page.goto(sandbox.url + paths[name]);
      await expectAccessible(page);
      await screenshot(page, `org-${name}-${String(look.width)}-${look.scheme}`);
    }
  }
});
