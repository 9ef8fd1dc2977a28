import { afterAll, beforeAll, expect, test } from 'vitest';

import { castAccounts, castContacts, staff } from '../../../sandbox/cast.ts';
import { expectAccessible, launch, looks, windowOf, type Look } from '../../support/browser.ts';
import { seedDemo } from '../../support/demo-org.ts';
import { startSandbox } from '../../support/sandbox.ts';

import type { Browser, Page } from 'playwright-core';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let browser: Browser;
let accountId = '';

beforeAll(async () => {
  sandbox = await startSandbox();
  await seedDemo(sandbox.org, 120);
  browser = await launch();
  const connection = await sandbox.connect();
  const { records } = await connection.query<{ Id: string }>(
    `SELECT Id FROM Account WHERE Name = '${castAccounts.customer}'`,
  );
  accountId = records[0]?.Id ?? '';
  await connection.sobject('Account').update({
    Id: accountId,
    Rapport_Health_Rank__c: 'Average',
    Rapport_Health_Score__c: 58,
    Rapport_Health_Reasons__c: 'A case with high priority is open\nThe renewal has not moved for three weeks',
    Rapport_Health_At__c: new Date(Date.now() - 3_600_000).toISOString(),
    Rapport_Profile_URL__c: `http://localhost:3000/console/accounts/${accountId}`,
  });
  await connection.sobject('Rapport_Insight__c').create({
    Rapport_Account__c: accountId,
    Rapport_Headline__c: 'Health fell from Good to Average',
    Rapport_Kind__c: 'health.changed',
    Rapport_Rank__c: 'Average',
    Rapport_Score__c: 58,
    Rapport_Occurred_At__c: new Date(Date.now() - 90_000).toISOString(),
  });
});
afterAll(async () => {
  await browser.close();
  await sandbox.close();
});

async function signedIn(name: string, look: Partial<Look> = {}): Promise<Page> {
  const page = await (await browser.newContext(windowOf(look))).newPage();
  await page.goto(`${sandbox.url}/sign-in`);
  await page.getByRole('button', { name }).click();
  await page.waitForURL(`${sandbox.url}/`);
  return page;
}

const nameOf = ({ firstName, lastName }: { firstName: string; lastName: string }) =>
  `${firstName} ${lastName}`;
const asRep = (look?: Partial<Look>) => signedIn(nameOf(staff.rep), look);
const asSupport = (look?: Partial<Look>) => signedIn(nameOf(staff.support), look);

async function caseOf(status: string): Promise<string> {
  const connection = await sandbox.connect();
  const { records } = await connection.query<{ Id: string }>(
    `SELECT Id FROM Case WHERE Account.Name = '${castAccounts.customer}' AND Status = '${status}' ORDER BY CreatedDate DESC LIMIT 1`,
  );
  return records[0]?.Id ?? '';
}

test('a rep sees rank, score, reasons, age and insights of an account, and the way to its profile', async () => {
  const page = await asRep();
  await page.goto(`${sandbox.url}/${accountId}`);
  expect(page.url()).toBe(`${sandbox.url}/lightning/r/Account/${accountId}/view`);
  const panel = page.getByRole('region', { name: 'Rapport insights' });
  await expect(panel.innerText()).resolves.toMatch(/Average\s+health\s+58\s+of 100/);
  await expect(panel.getByRole('listitem').allInnerTexts()).resolves.toEqual(
    expect.arrayContaining([
      'A case with high priority is open',
      expect.stringContaining('Health fell from Good to Average'),
    ]),
  );
  expect(await panel.getByText('Computed').innerText()).toBe('Computed 1 hour ago by Rapport');
  expect(await panel.getByRole('link', { name: 'Open profile' }).getAttribute('href')).toContain(
    '/console/accounts/',
  );
});

test('whoever has no permission set sees neither health nor licenses', async () => {
  const connection = await sandbox.connect();
  await connection.sobject('User').create({
    Username: 'guest@tidewater.sandbox', LastName: 'Guest', Email: 'guest@tidewater.example', Alias: 'guest', CommunityNickname: 'guest',
    TimeZoneSidKey: 'GMT', LocaleSidKey: 'en_US', LanguageLocaleKey: 'en_US', EmailEncodingKey: 'UTF-8',
    ProfileId: (await connection.query<{ Id: string }>("SELECT Id FROM Profile WHERE Name = 'Standard User'")).records[0]?.Id,
  }); // prettier-ignore
  const page = await (await browser.newContext(windowOf({}))).newPage();
  await page.goto(`${sandbox.url}/login?startURL=/${accountId}`);
  await page.getByLabel('Username').fill('guest@tidewater.sandbox');
  await page.getByLabel('Password').fill('sandbox');
  await page.getByRole('button', { name: 'Log In' }).click();
  await page.getByRole('heading', { level: 1, name: castAccounts.customer }).waitFor();
  expect(await page.getByText(/Rapport\b(?!\.)/).allInnerTexts()).toEqual([]);
  expect(await page.getByRole('link', { name: 'Licenses' }).count()).toBe(0);
  expect((await page.goto(`${sandbox.url}/lightning/o/Rapport_License__c/list`))?.status()).toBe(404);
});

test('support answers a case in public and in private, mails, attaches a file and closes it, and the history tells', async () => {
  const caseId = await caseOf('Working');
  const page = await asSupport({ scripts: false });
  await page.goto(`${sandbox.url}/lightning/r/Case/${caseId}/view`);
  await page.getByLabel('Comment', { exact: true }).fill('The next build mends this.');
  await page.getByRole('button', { name: 'Add comment' }).click();
  await page.getByLabel('Comment', { exact: true }).fill('Build 4190, do not tell before Monday.');
  await page.getByLabel('Internal: only us').first().check();
  await page.getByRole('button', { name: 'Add comment' }).click();
  await page.locator('summary', { hasText: 'E-mail' }).click();
  expect(await page.getByLabel('To', { exact: true }).inputValue()).toBe(castContacts.customer.email);
  await page.getByLabel('Message').fill('Please try the build that we sent.');
  await page.getByRole('button', { name: 'Send e-mail' }).click();
  await page.locator('summary', { hasText: 'File' }).click();
  await page
    .getByLabel('File', { exact: true })
    .setInputFiles({ name: 'fix notes.txt', mimeType: 'text/plain', buffer: Buffer.from('build 4190') });
  await page.getByRole('button', { name: 'Attach file' }).click();
  await page.getByRole('button', { name: 'Close case' }).click();

  const connection = await sandbox.connect();
  const one = async (soql: string) => (await connection.query<Record<string, unknown>>(soql)).records;
  const comments = await one(
    `SELECT CommentBody, IsPublished, CreatedBy.Username FROM CaseComment WHERE ParentId = '${caseId}' ORDER BY CreatedDate DESC, Id DESC LIMIT 2`,
  );
  expect(comments.map(({ CommentBody, IsPublished }) => [CommentBody, IsPublished])).toEqual([
    ['Build 4190, do not tell before Monday.', false],
    ['The next build mends this.', true],
  ]);
  expect(comments[0]?.CreatedBy).toMatchObject({ Username: staff.support.username });
  expect(
    await one(
      `SELECT TextBody, Incoming FROM EmailMessage WHERE ParentId = '${caseId}' ORDER BY MessageDate DESC LIMIT 1`,
    ),
  ).toMatchObject([{ TextBody: 'Please try the build that we sent.', Incoming: false }]);
  expect(
    await one(
      `SELECT Visibility FROM ContentDocumentLink WHERE LinkedEntityId = '${caseId}' AND ContentDocument.Title = 'fix notes'`,
    ),
  ).toMatchObject([{ Visibility: 'AllUsers' }]);
  expect(await one(`SELECT IsClosed FROM Case WHERE Id = '${caseId}'`)).toMatchObject([{ IsClosed: true }]);
  expect(await page.getByRole('region', { name: 'Case feed' }).innerText()).toContain(
    'changed Status from Working to Closed',
  );
});

test('an edit saves what was changed, and says beside the field what is wrong', async () => {
  const caseId = await caseOf('On Hold');
  const page = await asSupport();
  await page.goto(`${sandbox.url}/lightning/r/Case/${caseId}/edit`);
  await page.getByLabel('Account').fill('No Such Company');
  await page.getByLabel('Priority').selectOption('High');
  await page.getByRole('button', { name: 'Save' }).click();
  expect(await page.getByRole('alert').innerText()).toContain('no single record is called “No Such Company”');
  expect(await page.getByLabel('Account').getAttribute('aria-invalid')).toBe('true');
  expect(await page.getByLabel('Priority').inputValue()).toBe('High');
  await page.getByLabel('Account').fill(castAccounts.customerSecond);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.waitForURL(`**/lightning/r/Case/${caseId}/view`);
  const saved = await (
    await sandbox.connect()
  ).query<{ Priority: string; Account: { Name: string } }>(
    `SELECT Priority, Account.Name FROM Case WHERE Id = '${caseId}'`,
  );
  expect(saved.records).toMatchObject([{ Priority: 'High', Account: { Name: castAccounts.customerSecond } }]);
});

test('a list is searched, sorted and paged', async () => {
  const page = await asRep();
  await page.goto(`${sandbox.url}/lightning/o/Account/list?view=all`);
  expect(await page.getByRole('status').innerText()).toMatch(/^120 accounts/);
  await page.getByRole('link', { name: 'Employees' }).click();
  const figures = (await page.locator('tbody tr td:nth-child(5)').allInnerTexts()).map((text) =>
    Number(text.replaceAll(',', '')),
  );
  expect(figures).toEqual(figures.toSorted((one, other) => one - other));
  await page.getByRole('link', { name: 'Next' }).click();
  expect(await page.getByRole('navigation', { name: 'Pages' }).innerText()).toContain('51–100 of 120');
  await page.getByLabel('Search this list').fill("halden'%_");
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  expect(await page.locator('.empty').innerText()).toContain('Nothing matches');
  await page.getByLabel('Search this list').fill('halden');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  expect(await page.locator('tbody tr').count()).toBe(2);
});

test('pages are for people who are signed in, and forms for our own pages', async () => {
  const turned = await fetch(`${sandbox.url}/lightning/o/Account/list`, { redirect: 'manual' });
  expect(turned.headers.get('location')).toBe('/sign-in?startURL=%2Flightning%2Fo%2FAccount%2Flist');
  const page = await asSupport();
  const cookies = await page.context().cookies();
  const forged = await fetch(`${sandbox.url}/lightning/r/Case/${await caseOf('Closed')}/status`, {
    method: 'POST',
    headers: {
      cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'https://elsewhere.example',
    },
    body: 'status=New',
  });
  expect(forged.status).toBe(403);
});

test('the API log shows what a program asked and what it was answered', async () => {
  const connection = await sandbox.connect();
  await expect(connection.query('SELECT Nonsense FROM Account')).rejects.toThrow();
  await new Promise((resolve) => setTimeout(resolve, 600));
  const page = await asRep();
  await page.goto(`${sandbox.url}/log?path=Nonsense`);
  await page
    .getByRole('link', { name: /GET .*SELECT Nonsense FROM Account/ })
    .first()
    .click();
  expect(await page.locator('pre').last().innerText()).toContain("No such column 'Nonsense'");
});

test.each(looks)('every page is accessible at $width pixels, $scheme', { timeout: 180_000 }, async (look) => {
  const closed = await caseOf('Closed');
  const paths = [
    '/',
    '/lightning/o/Account/list',
    `/lightning/r/Account/${accountId}/view`,
    `/lightning/r/Account/${accountId}/related/Contacts/view`,
    `/lightning/r/Case/${closed}/view`,
    `/lightning/r/Case/${closed}/edit`,
    '/search?q=halden',
    '/log',
    '/sign-in',
    '/lightning/r/Account/0015g00000zzzzzAAA/view',
  ];
  const page = await asSupport(look);
  for (const path of paths) {
    await page.goto(sandbox.url + path);
    await expectAccessible(page);
  }
});
