import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startSink } from '../../support/mail-sink.ts';

/* The settings are read when the product is first imported: the provider has to be there before. */
const sink = await startSink();
process.env.SENDGRID_BASE_URL = sink.url;
process.env.SENDGRID_API_KEY = 'SG.test';
process.env.MAIL_FROM = 'news@harbour.example';

const { createApp } = await import('../../../src/app.ts');
const { keepHook } = await import('../../../src/campaigns/outcomes/hook-inbox.ts');
const { watchMailing } = await import('../../../src/campaigns/mailing/mailing.ts');
const { db, pool, sql } = await import('../../../src/platform/db.ts');
const { drainJobs } = await import('../../../src/platform/job-runner.ts');
const { reactions } = await import('../../../src/reactions.ts');
const { createSegment } = await import('../../../src/segments/segments.ts');
const { refreshSegments } = await import('../../../src/segments/refresh.ts');
const { jobs } = await import('../../../src/worker.ts');
const { expectAccessible, looks, screenshot, useBrowser } = await import('../../support/browser.ts');
const { givenMessage } = await import('../../support/campaigns.ts');
const { givenAccount, givenContact } = await import('../../support/mirror.ts');
const { givenStaff, staffViewer } = await import('../../support/people.ts');
const { settleSegments } = await import('../../support/segments.ts');

const browser = useBrowser(createApp);
const isThorough = process.env.LOOKS === 'all';
let clara: Awaited<ReturnType<typeof givenStaff>>;
let ada: Awaited<ReturnType<typeof givenStaff>>;

beforeAll(async () => {
  await sql`truncate sync_states`.execute(db);
  clara = await givenStaff({ roles: ['csm'], name: 'Clara Mendes', email: 'clara@rapport.example' });
  ada = await givenStaff({ roles: ['admin'], name: 'Ada Thornton' });
  const account = await givenAccount({ name: 'Bergen Foods', industry: 'Retail' });
  for (const name of ['Nora Lund', 'Omar Haddad', 'Pia Power'])
    await givenContact({ account, name, email: `${name.split(' ')[0]?.toLowerCase() ?? ''}@bergen.example` });
  await sql`
    insert into account_people (account_id, contact_id, name, email_normalized)
    select account_id, id, name, lower(email) from contacts where account_id is not null`.execute(db);
  const viewer = await staffViewer(clara);
  const rule = { field: 'account.industry', op: 'is', value: ['Retail'] } as const;
  await createSegment(viewer, {
    name: 'Shops',
    description: '',
    folder: null,
    entity: 'account',
    rule,
    isShared: true,
  });
  await givenMessage(viewer, {
    html: '<p>Dear {{ person.name }}, <a href="{{ links.unsubscribe }}">no more of this</a></p>',
  });
  await refreshSegments();
  await settleSegments();
}, 60_000);

afterAll(async () => {
  await pool.end();
  await sink.close();
});

/** Everything that a worker would do. */
async function work(): Promise<void> {
  await drainJobs({ reactions, jobs });
  await watchMailing();
  await drainJobs({ reactions, jobs });
}

/** Saves the step, and goes on to the next. */
async function onward(page: Page, step: string): Promise<void> {
  await page.getByRole('button', { name: `Save and go to: ${step}` }).click();
  await page.waitForURL(new RegExp(`/${step.toLowerCase()}$`));
}

test('a campaign is built, approved by a second person, sent, watched as it goes, and proved', async () => {
  const context = await browser.signedIn(clara);
  const page = await context.newPage();
  await page.goto(`${browser.url}/console/campaigns`);
  await page.getByRole('link', { name: 'New campaign' }).first().click();
  await expectAccessible(page);
  await page.getByLabel('Name', { exact: true }).fill('Spring news');
  await page.getByLabel('Customer success').check();
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.waitForURL(/\/audience$/);
  const address = page.url().replace(/\/audience$/, '');
  const shops = await page.locator('#field-segmentId option', { hasText: 'Shops' }).getAttribute('value');
  await page.getByLabel('Smart list').selectOption(shops);
  await page.getByText('of 3 people would get it').waitFor();
  await expectAccessible(page);
  await onward(page, 'Content');
  await page.getByLabel('Message', { exact: true }).selectOption({ index: 1 });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.frameLocator('iframe').getByText('Dear').waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Send test' }).click();
  await page.getByText('The test is on its way to clara@rapport.example').waitFor();
  await onward(page, 'When');
  await page.getByLabel('Again and again').check();
  await page.getByLabel('Every week', { exact: true }).waitFor();
  await page.getByLabel('By hand').check();
  await expectAccessible(page);
  await onward(page, 'Policy');
  await page.getByLabel('Topic').selectOption('onboarding');
  await page.getByLabel('None', { exact: true }).check();
  await onward(page, 'Goal');
  await page.locator('.rule-preview:not([data-state="counting"])').waitFor();
  await expectAccessible(page);
  await onward(page, 'Review');
  await page.getByText('of 3 people would get it').waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Ask for approval' }).click();
  await page.getByText('Somebody else has to decide').waitFor();

  const second = await browser.signedIn(ada);
  const approving = await second.newPage();
  await approving.goto(`${address}/approval`);
  await expectAccessible(approving);
  await approving.getByLabel('Comment').fill('Go ahead');
  await approving.getByRole('button', { name: 'Approve' }).click();
  await approving.getByText('It is approved.').waitFor();
  await second.close();

  await page.goto(address);
  await page.getByRole('button', { name: 'Send now' }).first().click();
  await page.getByText('It goes to 3 people at once.').waitFor();
  await page.locator('#activate-campaign').getByRole('button', { name: 'Send now' }).click();
  await page.waitForURL(/\/console\/runs\/\d+$/);
  await page.getByText('The audience is being chosen').waitFor();
  await expectAccessible(page);
  await work();
  await page.getByText('Every one of 3 is settled').waitFor();
  await keepHook('sendgrid', JSON.stringify(sink.events()));
  await work();
  expect([...sink.takenOf(Number(page.url().split('/').pop())).values()]).toEqual([1, 1, 1]);
  await page.reload();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Proof' }).click();
  await page.getByText('The run is proved').waitFor();
  await expectAccessible(page);
  await page.goto(`${address}/people?q=omar`);
  await page.getByRole('link', { name: 'Omar Haddad' }).click();
  await page.getByText('Omar Haddad got it.').waitFor();
  await expectAccessible(page);
  await context.close();
}, 240_000);

test('the pages are accessible on a phone and in the dark', async () => {
  const { rows } = await sql<{ id: string; run: number }>`
    select c.id, max(r.id) as run from campaigns c join runs r on r.campaign_id = c.id group by c.id`.execute(db);
  const [{ id, run } = { id: '', run: 0 }] = rows;
  const campaign = `/console/campaigns/${id}`;
  const few = ['', '/audience', '/content', '/policy', '/approval'].map((part) => campaign + part);
  const more = ['/basics', '/when', '/goal', '/review', '/people'].map((part) => campaign + part);
  const elsewhere = ['/console/runs', '/console/topics', '/console/topics/new', '/console/suppressions', '/console/campaigns'];
  const always = [...few, `/console/runs/${String(run)}`, `/console/runs/${String(run)}/ledger`, '/console/settings/campaigns'];
  for (const look of looks.filter(({ width }) => isThorough || width < 600)) {
    const context = await browser.signedIn(ada, look);
    const page = await context.newPage();
    for (const path of isThorough ? [...always, ...more, ...elsewhere, `/console/runs/${String(run)}/proof`] : always) {
      await page.goto(browser.url + path);
      await page.waitForLoadState(isThorough ? 'networkidle' : 'load');
      await expectAccessible(page);
      const name = path.replace(campaign, '-one').replace(/\/console\/runs\/\d+/, '/console/runs/one');
      await screenshot(page, `campaigns-${name}-${String(look.width)}-${look.scheme}`);
    }
    await context.close();
  }
}, 240_000); // prettier-ignore

test('cohorts of a campaign are added, moved and kept on a phone', async () => {
  const { rows } = await sql<{ id: string }>`select id from campaigns limit 1`.execute(db);
  const context = await browser.signedIn(clara, { width: 390, scheme: 'light' });
  const page = await context.newPage();
  await page.goto(`${browser.url}/console/campaigns/${rows[0]?.id ?? ''}/rollout`);
  await page.getByRole('button', { name: 'Go out in cohorts' }).click();
  await page.getByLabel('Another cohort').selectOption({ label: 'Active in the last 7 days' });
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.locator('.rule-preview[data-state="counted"]').waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Move “Active in the last 7 days” up' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('In cohorts').waitFor();
  const order = await page.locator('.rollout-cohort h3').allInnerTexts();
  expect(order).toEqual(['Active in the last 7 days', 'A few by lot']);
  await context.close();
}, 60_000);
