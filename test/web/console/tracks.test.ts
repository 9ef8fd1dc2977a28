import { randomUUID } from 'node:crypto';

import { parse } from 'csv-parse/sync';
import type { Page } from 'playwright-core';
import type TestAgent from 'supertest/lib/agent.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startSink } from '../../support/mail-sink.ts';

/* The settings are read when the product is first imported: the provider has to be there before. */
const sink = await startSink();
process.env.SENDGRID_BASE_URL = sink.url;
process.env.SENDGRID_API_KEY = 'SG.test';
process.env.MAIL_FROM = 'news@harbour.example';

const { createApp } = await import('../../../src/app.ts');
const { changeCampaignSettings, deliveredSettings } =
  await import('../../../src/campaigns/definition/settings.ts');
const { watchMailing } = await import('../../../src/campaigns/mailing/mailing.ts');
const { db, pool, sql } = await import('../../../src/platform/db.ts');
const { drainJobs } = await import('../../../src/platform/job-runner.ts');
const { reactions } = await import('../../../src/reactions.ts');
const { advanceTracks } = await import('../../../src/tracks/advancing.ts');
const { jobs } = await import('../../../src/worker.ts');
const { expectAccessible, looks, screenshot, useBrowser } = await import('../../support/browser.ts');
const { givenAccount, givenContact } = await import('../../support/mirror.ts');
const { givenStaff, signedIn, staffViewer } = await import('../../support/people.ts');
const { saveTag } = await import('../../../src/segments/tags.ts');

const browser = useBrowser(createApp);
const isThorough = process.env.LOOKS === 'all';
let clara: Awaited<ReturnType<typeof givenStaff>>;
let ada: Awaited<ReturnType<typeof givenStaff>>;
let csm: TestAgent;
let rep: TestAgent;

beforeAll(async () => {
  await sql`truncate sync_states`.execute(db);
  clara = await givenStaff({ roles: ['csm'], name: 'Clara Mendes', email: 'clara@rapport.example' });
  ada = await givenStaff({ roles: ['admin'], name: 'Ada Thornton' });
  /* Whatever the hour is, nobody waits for the end of quiet hours. */
  const { transactional } = deliveredSettings.limits;
  const limits = { ...deliveredSettings.limits, success: transactional };
  await changeCampaignSettings(await staffViewer(ada), { ...deliveredSettings, limits });
  csm = await signedIn(createApp(), clara);
  rep = await signedIn(createApp(), await givenStaff({ roles: ['rep'] }));
  await saveTag(await staffViewer(clara), { name: 'Welcomed', tone: 'info', description: '' });
  const account = await givenAccount({ name: 'Bergen Foods', industry: 'Retail' });
  for (const name of ['Nora Lund', 'Omar Haddad', 'Pia Power'])
    await givenContact({ account, name, email: `${name.split(' ')[0]?.toLowerCase() ?? ''}@bergen.example` });
  await sql`
    insert into account_people (account_id, contact_id, name, email_normalized)
    select account_id, id, name, lower(email) from contacts where account_id is not null`.execute(db);
}, 60_000);

afterAll(async () => {
  await pool.end();
  await sink.close();
});

/** Everything that a worker would do. */
async function work(): Promise<void> {
  await drainJobs({ reactions, jobs });
  await advanceTracks();
  await drainJobs({ reactions, jobs });
  await watchMailing();
  await drainJobs({ reactions, jobs });
}

/** The steps as they are drawn: `1. Send`, `2. Wait` and so on. */
const drawn = (page: Page): Promise<string[]> =>
  page.locator('.track-list .track-open .track-kind').allTextContents();

/** Has a page believe that somebody looks at it, or nobody. */
const showing = (page: Page, state: 'hidden' | 'visible'): Promise<unknown> =>
  page.evaluate(`Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'))`);

const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });

test('a track is made from a template, changed by keyboard, approved by a second person and switched on; a path tells what somebody got', async () => {
  const context = await browser.signedIn(clara);
  const page = await context.newPage();
  await page.goto(`${browser.url}/console/tracks`);
  await page.getByRole('link', { name: 'Start from a template' }).first().click();
  await page.getByText('Counting').first().waitFor({ state: 'detached' });
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Every new user' }).click();
  await page.getByLabel('The module to find').fill('Restore');
  await page.getByRole('button', { name: 'Make a track of it' }).click();
  await page.waitForURL(/\/edit$/);
  const address = page.url().replace(/\/edit$/, '');
  expect(await drawn(page)).toEqual(['1. Send', '2. Wait', '3. Branch', '4. Send']);
  await page.locator('.rule-preview[data-state="counted"]').waitFor();
  await expectAccessible(page);

  /* What is typed is in the drawing at once; a step is added, moved and taken back by keyboard alone. */
  await page.locator('.track-open', { hasText: '2. Wait' }).focus();
  await page.keyboard.press('Enter');
  await heading(page, '2. Wait').waitFor();
  await page.getByLabel('How long').fill('soon');
  await page.locator('.track-open', { hasText: '2. Wait' }).focus();
  await page.keyboard.press('Insert');
  await heading(page, 'What happens here?').waitFor();
  await page.getByRole('button', { name: /^Tag/ }).press('Enter');
  await heading(page, '3. Tag').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Alt+ArrowUp');
  await heading(page, '2. Tag').waitFor();
  expect(await drawn(page)).toEqual(['1. Send', '2. Tag', '3. Wait', '4. Branch', '5. Send']);
  await page.keyboard.press('Delete');
  await page.getByText('It was removed.').waitFor();
  await page.keyboard.press('Control+z');
  await heading(page, '2. Tag').waitFor();
  await page.getByLabel('Tag', { exact: true }).fill('Welcomed');
  await page.getByRole('button', { name: 'Save', exact: true }).click();

  /* What cannot be taken is said at its step, and is still there as it was typed. */
  await page.getByRole('heading', { name: 'Please check what you entered' }).waitFor();
  await heading(page, '3. Wait').waitFor();
  expect(await page.getByLabel('How long').inputValue()).toBe('soon');
  await expectAccessible(page);
  await page.getByLabel('How long').fill('3');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('The track is saved.').waitFor();
  expect(await page.locator('.track-told').allTextContents()).toContain('3 days');

  await page.getByRole('link', { name: 'Check and ask for approval' }).click();
  await page.getByText('people would come in').first().waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Ask for approval' }).click();
  await page.getByText('Somebody else has to decide').waitFor();
  const second = await browser.signedIn(ada);
  const approving = await second.newPage();
  await approving.goto(`${address}/approval`);
  await approving.getByText('Counting whom it is for').waitFor();
  expect(await approving.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  await expectAccessible(approving);
  await work();
  /* The page is there anew as soon as it is counted. */
  await approving.getByLabel('Comment').fill('Go ahead');
  await approving.getByText('people would come in').first().waitFor();
  await expectAccessible(approving);
  await approving.getByRole('button', { name: 'Approve' }).click();
  await approving.getByText('It is approved.').waitFor();
  await second.close();

  await page.goto(address);
  await page.getByRole('button', { name: 'Switch on' }).first().click();
  await page.locator('#activate-track').getByRole('button', { name: 'Switch on' }).click();
  await page.getByText('The track is active.').waitFor();

  await page.goto(`${address}/people/new?q=omar`);
  await page.getByLabel('Omar Haddad').check();
  await page.getByRole('button', { name: 'Count them' }).first().click();
  await page.getByText('person would come in').waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Add 1 person' }).first().click();
  await page.locator('#add-people').getByRole('button', { name: 'Add 1 person' }).click();
  await page.getByText('One person came in.').waitFor();
  await page.goto(address);
  await page.getByText('1 here').first().waitFor();
  const asked: string[] = [];
  page.on('request', (one) => one.resourceType() === 'fetch' && asked.push(new URL(one.url()).pathname));
  await work();
  /* Its page follows without being loaded again: who was at the first step waits at the third. */
  await page.locator('.track-node', { hasText: '3. Wait' }).getByText('1 here').waitFor();
  await page.locator('.track-funnel, .funnel', { hasText: 'Sent' }).waitFor();
  expect(new Set(asked)).toEqual(new Set([new URL(`${address}/figures`).pathname]));
  await showing(page, 'hidden');
  asked.length = 0;
  await page.waitForTimeout(2_500);
  expect(asked).toEqual([]);
  await showing(page, 'visible');
  await post(csm, new URL(`${address}/pauses`).pathname).expect(303);
  await page.getByText('Paused by Clara Mendes').waitFor();
  await post(csm, new URL(`${address}/resumptions`).pathname).expect(303);
  await page.getByRole('link', { name: '1 here' }).click();
  await page.getByRole('link', { name: 'Omar Haddad' }).click();
  await page.getByText('Added by Clara Mendes').waitFor();
  await page.getByText('Here now').waitFor();
  expect(await page.locator('.track-path .timeline-head strong').allTextContents()).toEqual([
    'Came in', '1. Send', '2. Tag', '3. Wait', 'What comes next',
  ]); // prettier-ignore
  await page.getByRole('link', { name: /^Row 1 of run/ }).waitFor();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Omar Haddad' }).click();
  await page.locator('#person-tracks').getByRole('link', { name: 'Every new user' }).waitFor();
  await context.close();
}, 240_000);

test('the pages of tracks are accessible on a phone and in the dark', async () => {
  const { rows } = await sql<{ id: string; person: number }>`
    select track_id as id, max(person_id) as person from track_people group by 1`.execute(db);
  const [{ id, person } = { id: '', person: 0 }] = rows;
  const track = `/console/tracks/${id}`;
  const always = ['', '/edit', `/people/${String(person)}`].map((part) => track + part);
  const more = ['/settings', '/keys', '/goal', '/approval', '/people', '/people/new?q=bergen', '/edit?step=welcome', '/edit?step=unused', '/edit?step=leave'];
  const elsewhere = ['/console/tracks', '/console/tracks/templates', '/console/tracks/new', '/console/tracks/templates/LM18', `/console/people/${String(person)}`];
  for (const look of looks.filter(({ width }) => isThorough || width < 600)) {
    const context = await browser.signedIn(ada, look);
    const page = await context.newPage();
    for (const path of isThorough ? [...always, ...more.map((part) => track + part), ...elsewhere] : always) {
      await page.goto(browser.url + path);
      await page.waitForLoadState(isThorough ? 'networkidle' : 'load');
      await expectAccessible(page);
      await screenshot(page, `tracks-${path.replace(track, 'one')}-${String(look.width)}-${look.scheme}`);
    }
    await context.close();
  }
}, 240_000); // prettier-ignore

const post = (agent: TestAgent, path: string, fields: object = {}) =>
  agent.post(path).type('form').send(fields);

/** A new track, and what its editor would send as it stands. */
async function begun(name: string): Promise<{ page: string; fields: Record<string, string> }> {
  const { headers } = await post(csm, '/console/tracks/new', { name, messageClass: 'success' }).expect(303);
  const page = (headers.location ?? '').replace(/\/edit$/, '');
  return { page, fields: fieldsIn((await csm.get(`${page}/edit`).expect(200)).text) };
}

function fieldsIn(html: string): Record<string, string> {
  const unescaped = (text: string) =>
    text
      .replaceAll('&#34;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');
  const hidden = html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g);
  return Object.fromEntries([...hidden].map(([, name = '', value = '']) => [name, unescaped(value)]));
}

describe('the pages of tracks', () => {
  test('find tracks by name and state, whatever is asked of them; who may only read is offered nothing to change', async () => {
    await begun('Hello <b>all</b>');
    const { text } = await rep.get('/console/tracks?q=hello&sort=name').expect(200);
    expect(text).toContain('Hello &lt;b&gt;all&lt;/b&gt;');
    expect(text).not.toContain('/console/tracks/new');
    expect((await rep.get('/console/tracks?q=hello&status=active').expect(200)).text).toContain(
      'No track matches',
    );
    for (const odd of ['status=x', 'owner=1', 'page=-1', 'sort=-nothing', 'sort=here', 'status=archived'])
      await rep.get(`/console/tracks?${odd}`).expect(200);
    await rep.get('/console/tracks/templates/LM99').expect(404);
    const wrong = await post(csm, '/console/tracks/new', { name: '', description: 'Kept as typed' }).expect(
      422,
    );
    expect(wrong.text).toContain('Kept as typed');
    expect(wrong.text).toContain('href="#field-messageClass"');
  });

  test('say at its step what cannot be saved, and what is missing for an approval; nothing typed is lost', async () => {
    const { page, fields } = await begun('Careful');
    const added = await post(csm, `${page}/edit/drafts`, { ...fields, act: 'add:wait:0' }).expect(200);
    expect(added.text).toContain('1. Wait');
    const typed = { ...fieldsIn(added.text), amount: '<i>0.5</i>', unit: 'days', act: 'add:branch:1' };
    const branched = await post(csm, `${page}/edit/drafts`, typed).expect(200);
    const bad = { ...fieldsIn(branched.text), rule: '{"all":[{"field":"person.nothing","op":"is","value":["a"]}]}' };
    const { text } = await post(csm, `${page}/edit`, bad).expect(422);
    expect(text).toContain('1. Wait: Give a whole number, 400 days at most.');
    expect(text).toMatch(/href="#field-rule[^"]*">2\. Branch: /);
    expect(text).not.toContain('<i>0.5');
    expect(fieldsIn(text).draft).toContain('<i>0.5</i>');
    const mended = { ...fieldsIn(text), form: '', draft: (fieldsIn(text).draft ?? '').replace('<i>0.5</i>', '2').replace('person.nothing', 'person.email') };
    await post(csm, `${page}/edit`, { ...mended, draft: mended.draft.replace('"is\\",\\"value\\":[\\"a\\"]', '"known\\"') }).expect(303);
    const review = await csm.get(`${page}/approval`).expect(200);
    expect(review.text).toContain('Nobody can come in yet');
    expect(review.text).not.toContain('Ask for approval</button>');
  }); // prettier-ignore

  test('do not put one person’s track in place of another’s unseen', async () => {
    const { page, fields } = await begun('Of two');
    await post(csm, `${page}/settings`, {
      name: 'Of two', messageClass: 'success', topic: 'onboarding', quiet: 'none', waitDays: '0', holdoutPercent: '0', failurePercent: '10',
    }).expect(303); // prettier-ignore
    const { text } = await post(csm, `${page}/edit`, fields).expect(422);
    expect(text).toContain('Somebody else saved this track');
    await post(csm, `${page}/edit`, fieldsIn(text)).expect(303);
    const wrong = await post(csm, `${page}/settings`, { name: '', messageClass: 'success', topic: 'product-news', quiet: 'own', waitDays: 'x', holdoutPercent: '0', failurePercent: '10' }).expect(422); // prettier-ignore
    expect(wrong.text).toContain('href="#field-waitDays"');
  });

  test('answer what cannot be done now with the track as it is, and strangers’ addresses not at all', async () => {
    const { page } = await begun('Early');
    for (const noun of ['activations', 'pauses', 'resumptions', 'approval-requests', 'withdrawals'])
      await post(csm, `${page}/${noun}`).expect(303).expect('location', page);
    expect((await csm.get(page).expect(200)).text).toContain('cannot be done as the track stands now');
    await csm.get(`${page}/people/4711`).expect(404);
    await csm.get(`${page}/people/abc`).expect(404);
    await post(csm, `${page}/people/additions`, { key: randomUUID() }).expect(422);
    await post(csm, `${page}/goal`, { entity: 'signal', name: 'Goal', days: '0', signal: '' }).expect(422);
    await rep.get(`${page}/edit`).expect(403);
    await rep.get(`${page}/approval/forecast`).expect(200);
    await rep.get(page.replace('tracks', 'campaigns')).expect(303).expect('location', page);
    await csm.get(`/console/tracks/${randomUUID()}/edit`).expect(404);
    await post(csm, `${page}/archivals`).expect(303);
    expect((await csm.get(page).expect(200)).text).not.toContain(`${page}/edit`);
  });

  test('hand over who is in a track as a table', async () => {
    const { rows } = await sql<{ id: string }>`select track_id as id from track_people limit 1`.execute(db);
    const page = `/console/tracks/${rows[0]?.id ?? ''}`;
    const { text } = await rep.get(`${page}/people.csv?q=omar`).expect(200);
    const [row, ...others] = parse(text, { columns: true, bom: true });
    expect(row).toMatchObject({ Person: 'Omar Haddad', Account: 'Bergen Foods', State: 'in', Step: '3. Wait' });
    expect(others).toEqual([]);
    expect((await rep.get(`${page}/people?q=nobody`).expect(200)).text).toContain('Nobody matches');
    for (const odd of ['state=x', 'step=%3Cb', 'page=0', 'state=done&step=welcome']) await rep.get(`${page}/people?${odd}`).expect(200);
  }); // prettier-ignore
});
