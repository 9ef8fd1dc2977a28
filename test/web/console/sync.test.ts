import request from 'supertest';
import { beforeEach, describe, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { db, sql, transaction } from '../../../src/platform/db.ts';
import { statesOf, updateState } from '../../../src/platform/salesforce/mirror/states.ts';
import { noteHeard, noteStatus } from '../../../src/platform/salesforce/streaming/streaming-state.ts';
import { write } from '../../../src/platform/salesforce/outbox/outbox.ts';
import { mappings } from '../../../src/sync.ts';
import { expectAccessible, looks, screenshot, useBrowser } from '../../support/browser.ts';
import { givenCustomer, givenStaff, signedIn } from '../../support/people.ts';
import { salesforceId } from '../../support/mirror.ts';

const app = createApp();
const browser = useBrowser(() => app);

beforeEach(async () => {
  await sql`truncate outbox, sync_states, service_states`.execute(db);
  await statesOf(mappings);
  for (const { sobject } of mappings)
    await updateState(db, sobject, { phase: 'live', synced_at: new Date() });
});

const admin = async () => signedIn(app, await givenStaff({ roles: ['admin'] }));

async function givenRefused(): Promise<void> {
  await transaction((tx) =>
    write(tx, {
      sobject: 'Contact',
      operation: 'update',
      salesforceId: salesforceId('003'),
      fields: { Email: 'maya@halden' },
      feature: 'account',
    }),
  );
  await sql`update outbox set status = 'failed', attempts = 1, error_code = 'INVALID_EMAIL_ADDRESS', error = 'Email: invalid email address: maya@halden'`.execute(
    db,
  );
}

describe('the page of the sync', () => {
  test('shows each object with its progress while it loads', async () => {
    await updateState(db, 'Account', { phase: 'loading', rows_loaded: 50_000, rows_expected: 100_000 });
    const page = await (await admin()).get('/console/sync').expect(200);
    for (const { sobject } of mappings) expect(page.text).toContain(sobject);
    expect(page.text).toContain('50,000 of 100,000');
    expect(page.text).toMatch(/<progress value="50000" max="100000"/);
  });

  test('counts what has not arrived in Salesforce, and leads to it', async () => {
    await givenRefused();
    const page = await (await admin()).get('/console/sync').expect(200);
    expect(page.text).toContain('0 on their way, 1 refused, 0 waiting for a decision.');
    expect(page.text).toContain('href="/console/outbox"');
  });

  test('tells how the event stream stands, and why it was interrupted', async () => {
    const agent = await admin();
    await noteHeard({ replayId: 7, events: 1200, echoes: 3, gaps: 1, objects: new Set(['Account', 'Case']) });
    const live = await agent.get('/console/sync').expect(200);
    for (const told of ['Listening', '1,200', 'Account', 'Case']) expect(live.text).toContain(told);
    await noteStatus('failing', { detail: 'Organization concurrent user limit exceeded', rebuild: true });
    const failing = await agent.get('/console/sync').expect(200);
    for (const told of ['Interrupted', 'Organization concurrent user limit exceeded', 'with the next poll'])
      expect(failing.text).toContain(told);
  });

  test('an object is paused, resumed and loaded again', async () => {
    const agent = await admin();
    const state = () =>
      db
        .selectFrom('sync_states')
        .select(['is_paused', 'phase'])
        .where('sobject', '=', 'Case')
        .executeTakeFirst();
    await agent.post('/console/sync/Case/pauses').expect(303);
    expect(await state()).toEqual({ is_paused: true, phase: 'live' });
    await agent.post('/console/sync/Case/resumptions').expect(303);
    await agent.post('/console/sync/Case/reloads').expect(303);
    expect(await state()).toEqual({ is_paused: false, phase: 'waiting' });
    await agent.post('/console/sync/Nonsense/pauses').expect(404);
  });

  test('says how fast a load goes and when it ends, what an error asks for, and which fields are being read', async () => {
    const begun = new Date(Date.now() - 50_000);
    await updateState(db, 'Account', {
      phase: 'loading',
      rows_loaded: 50_000,
      rows_expected: 150_000,
      load_begun_at: begun,
    });
    await updateState(db, 'Contact', {
      error: 'INVALID_TYPE: This org has no Contact, or hides it from us.',
    });
    await updateState(db, 'Lead', { backfill: ['Region__c'] });
    const page = await (await admin()).get('/console/sync').expect(200);
    expect(page.text).toMatch(/(1,000|99\d) rows a second,\s+about 2 minutes left/);
    expect(page.text).toContain('Give the integration user access to the object');
    expect(page.text).toContain('Region__c');
  });

  test('says when another org answers, and goes on with it once an administrator confirms that', async () => {
    await sql`
      insert into salesforce_orgs (org_id, instance_url, seen_at, confirmed_at, is_current) values
        ('00D000000000001AAA', 'https://a.example', now() - interval '1 day', now(), true),
        ('00D000000000002AAA', 'https://b.example', now(), null, false)`.execute(db);
    const agent = await admin();
    const support = await signedIn(app, await givenStaff({ roles: ['support'] }));
    expect((await support.get('/console/sync').expect(200)).text).not.toContain('org-confirmations');
    const page = await agent.get('/console/sync').expect(200);
    expect(page.text).toContain('00D000000000002AAA');
    await updateState(db, 'Case', { mark_at: new Date() });
    await agent
      .post('/console/sync/org-confirmations')
      .type('form')
      .send({ org: '00D000000000002AAA' })
      .expect(303);
    expect((await agent.get('/console/sync').expect(200)).text).not.toContain('Another Salesforce org');
    const state = await db.selectFrom('sync_states').select('phase').where('sobject', '=', 'Case').execute();
    expect(state).toEqual([{ phase: 'waiting' }]);
    await agent.post('/console/sync/org-confirmations').type('form').send({ org: '00Dnobody' }).expect(404);
    await sql`delete from salesforce_orgs`.execute(db);
  });

  test('says when Salesforce does not answer', async () => {
    const { noteService } = await import('../../../src/platform/readiness.ts');
    await noteService('salesforce', false, 'Salesforce did not answer (ECONNREFUSED)');
    const page = await (await admin()).get('/console/sync').expect(200);
    expect(page.text).toContain('ECONNREFUSED');
  });

  test('shows all staff how things are, and lets administrators alone act', async () => {
    for (const role of ['rep', 'csm', 'support'] as const) {
      const agent = await signedIn(app, await givenStaff({ roles: [role] }));
      const page = await agent.get('/console/sync').expect(200);
      expect(page.text).not.toContain('<form method="post" action="/console/sync');
      await agent.post('/console/sync/Case/pauses').expect(403);
    }
    const customer = await signedIn(app, await givenCustomer());
    await customer.get('/console/sync').expect(403);
    await request(app).get('/console/sync').expect(303);
  });
});

describe.each(looks)('at $width pixels, $scheme', (look) => {
  test('the page is accessible in every state of an object', async () => {
    await updateState(db, 'Account', { phase: 'loading', rows_loaded: 50_000, rows_expected: 100_000 });
    await updateState(db, 'Contact', { phase: 'waiting' });
    await updateState(db, 'Case', { is_paused: true });
    await updateState(db, 'User', {
      error: "INVALID_FIELD: No such column 'Phone' on entity 'User'.",
      hidden_fields: ['Phone', 'Title'],
    });
    await givenRefused();
    const context = await browser.signedIn(await givenStaff({ roles: ['admin'] }), look);
    const page = await context.newPage();
    await page.goto(`${browser.url}/console/sync`);
    await screenshot(page, `console-sync-${String(look.width)}-${look.scheme}`);
    await expectAccessible(page);
    await context.close();
  });
});

test('the progress moves on by itself, and ends as up to date', async () => {
  await updateState(db, 'Account', { phase: 'loading', rows_loaded: 10_000, rows_expected: 100_000 });
  const context = await browser.signedIn(await givenStaff({ roles: ['admin'] }));
  const page = await context.newPage();
  await page.goto(`${browser.url}/console/sync`);
  const state = page.locator('#state-Account');
  await updateState(db, 'Account', { rows_loaded: 60_000 });
  await page.getByRole('button', { name: 'Load again' }).first().click();
  await state.getByText('60,000 of 100,000').waitFor({ timeout: 10_000 });
  expect(await page.locator('[popover]:popover-open').count()).toBe(1);
  await updateState(db, 'Account', { phase: 'live' });
  await state.getByText('Up to date').waitFor({ timeout: 10_000 });
  await context.close();
});
