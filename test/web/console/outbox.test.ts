import request from 'supertest';
import { beforeEach, describe, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { db, sql } from '../../../src/platform/db.ts';
import { expectAccessible, looks, screenshot, useBrowser } from '../../support/browser.ts';
import { givenWrite } from '../../support/conflicts.ts';
import { salesforceId } from '../../support/mirror.ts';
import { givenCustomer, givenStaff, signedIn } from '../../support/people.ts';

const app = createApp();
const browser = useBrowser(() => app);

beforeEach(async () => {
  await sql`truncate outbox, conflicts cascade`.execute(db);
});

const admin = async () => signedIn(app, await givenStaff({ roles: ['admin'] }));
const refused = (error = 'Email: invalid email address: maya@halden', fields = { Email: 'maya@halden' }) =>
  givenWrite({ fields }, { status: 'failed', errorCode: 'INVALID_EMAIL_ADDRESS', error, attempts: 1 });
const stateOf = (id: number) =>
  db
    .selectFrom('outbox')
    .select(['status', 'attempts', 'fields', 'error_code'])
    .where('id', '=', id)
    .executeTakeFirst();

describe('the list', () => {
  test('shows of each record its state, the last error in the words of Salesforce, attempts, and the next one', async () => {
    await refused();
    await givenWrite(
      { sobject: 'Case', feature: 'cases' },
      { errorCode: 'UNABLE_TO_LOCK_ROW', error: 'unable to obtain exclusive access', attempts: 3 },
    );
    const page = await (await admin()).get('/console/outbox').expect(200);
    expect(page.text).toContain('Email: invalid email address: maya@halden');
    expect(page.text).toContain('UNABLE_TO_LOCK_ROW');
    expect(page.text.indexOf('Refused')).toBeLessThan(page.text.indexOf('UNABLE_TO_LOCK_ROW'));
  });

  test('is filtered by state, object, feature, error and words, and sorted', async () => {
    await refused();
    await givenWrite({ sobject: 'Case', feature: 'cases', fields: { Subject: 'Backup 50 % done' } });
    await givenWrite({ sobject: 'Account', feature: 'insights' }, { status: 'delivered' });
    const agent = await admin();
    const shown = async (query: string) => {
      const { text } = await agent.get(`/console/outbox?${query}`).expect(200);
      return ['Contact', 'Case', 'Account'].filter((name) => text.includes(`">${name}</a>`));
    };
    expect(await shown('')).toEqual(['Contact', 'Case']);
    expect(await shown('status=failed')).toEqual(['Contact']);
    expect(await shown('status=delivered')).toEqual(['Account']);
    expect(await shown('object=Case')).toEqual(['Case']);
    expect(await shown('feature=cases')).toEqual(['Case']);
    expect(await shown('error=INVALID_EMAIL_ADDRESS')).toEqual(['Contact']);
    expect(await shown('q=50+%25+done')).toEqual(['Case']);
    expect(await shown('q=50_done')).toEqual([]);
    const { text } = await agent.get('/console/outbox?sort=-attempts').expect(200);
    expect(text.indexOf('">Contact</a>')).toBeLessThan(text.indexOf('">Case</a>'));
  });

  test('goes by pages of fifty', async () => {
    for (let i = 0; i < 51; i += 1) await givenWrite({ salesforceId: salesforceId('003') });
    const agent = await admin();
    expect((await agent.get('/console/outbox')).text).toContain('Page 1 of 2');
    expect((await agent.get('/console/outbox?page=2')).text.match(/class="row-link"/g)).toHaveLength(1);
  });
});

describe('what Salesforce refused', () => {
  test('is sent again or given up, one or all of an error', async () => {
    const [one, two, other] = [
      await refused(),
      await refused(),
      await givenWrite({}, { status: 'failed', errorCode: 'STRING_TOO_LONG' }),
    ];
    const agent = await admin();
    await agent.post(`/console/outbox/${one}/retries`).expect(303);
    expect(await stateOf(one)).toMatchObject({ status: 'waiting', attempts: 0 });
    expect(await stateOf(two)).toMatchObject({ status: 'failed' });
    await agent
      .post('/console/outbox/retries')
      .type('form')
      .send({ code: 'INVALID_EMAIL_ADDRESS' })
      .expect(303);
    expect(await stateOf(two)).toMatchObject({ status: 'waiting' });
    expect(await stateOf(other)).toMatchObject({ status: 'failed' });
    await agent.post('/console/outbox/discards').type('form').send({ code: 'STRING_TOO_LONG' }).expect(303);
    expect(await stateOf(other)).toMatchObject({ status: 'discarded' });
  });

  test('says no more of what a later write of the record has said', async () => {
    const id = salesforceId('003');
    const older = await givenWrite(
      { salesforceId: id, fields: { Email: 'old', Phone: '1' } },
      { status: 'failed', errorCode: 'X' },
    );
    await givenWrite({ salesforceId: id, fields: { Email: 'new' } }, { status: 'delivered' });
    await (await admin()).post(`/console/outbox/${older}/retries`).expect(303);
    expect(await stateOf(older)).toMatchObject({ status: 'waiting', fields: { Phone: '1' } });
  });

  test('is mended by hand and sent again: each field written, emptied or left out', async () => {
    const id = await givenWrite(
      { fields: { Email: 'maya@halden', Phone: '1', Title: 'CTO', Rank__c: 3 } },
      { status: 'failed', errorCode: 'INVALID_EMAIL_ADDRESS', error: 'Email: invalid' },
    );
    const agent = await admin();
    const mend = (fields: object) => agent.post(`/console/outbox/${id}/fields`).type('form').send(fields);
    const kept = { 'way.Phone': 'empty', 'way.Title': 'skip', 'way.Rank__c': 'write', 'value.Rank__c': '4' };
    const wrong = await mend({ ...kept, 'value.Email': ' ', 'value.Rank__c': 'four' }).expect(422);
    expect(wrong.text).toContain('Type a value of that kind');
    expect(await stateOf(id)).toMatchObject({ status: 'failed' });
    await mend({ ...kept, 'value.Email': 'maya@halden.example' }).expect(303);
    expect(await stateOf(id)).toMatchObject({
      status: 'waiting',
      fields: { Email: 'maya@halden.example', Phone: null, Rank__c: 4 },
    });
    expect((await agent.get(`/console/outbox/${id}`)).text).toContain('Changed by hand');
  });

  test('can be given up once, with a question that says what it means; what waits cannot', async () => {
    const [id, waiting] = [await refused(), await givenWrite()];
    const agent = await admin();
    expect((await agent.get(`/console/outbox/${id}`)).text).toContain('Discard this for good?');
    await agent.post(`/console/outbox/${id}/discards`).expect(303);
    expect(await stateOf(id)).toMatchObject({ status: 'discarded' });
    await agent.post(`/console/outbox/${id}/discards`).expect(404);
    await agent.post(`/console/outbox/${waiting}/discards`).expect(404);
    await agent.get('/console/outbox/999999').expect(404);
    await agent.get('/console/outbox/x').expect(404);
  });

  test('is told with what to do about it, and with all writes of the record', async () => {
    const id = salesforceId('003');
    await givenWrite({ salesforceId: id }, { status: 'delivered' });
    const later = await givenWrite(
      { salesforceId: id },
      {
        status: 'failed',
        errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY',
        error: 'insufficient access rights on object id',
      },
    );
    const { text } = await (await admin()).get(`/console/outbox/${later}`).expect(200);
    expect(text).toContain('permission set Rapport Integration');
    expect(text).toContain('Writes of this record');
  });
});

test('all staff see how things are; administrators alone see the values, and act', async () => {
  const id = await refused();
  for (const role of ['rep', 'csm', 'support'] as const) {
    const agent = await signedIn(app, await givenStaff({ roles: [role] }));
    const { text } = await agent.get(`/console/outbox/${id}`).expect(200);
    expect(text).toContain('Email: invalid email address');
    expect(text).not.toContain(`action="/console/outbox/${String(id)}/`);
    expect(text).not.toContain('name="value.Email"');
    await agent.post(`/console/outbox/${id}/retries`).expect(403);
  }
  await (await signedIn(app, await givenCustomer())).get('/console/outbox').expect(403);
  await request(app).get('/console/outbox').expect(303);
});

describe.each(looks)('at $width pixels, $scheme', (look) => {
  test('the list and a refused row are accessible', async () => {
    const id = await refused();
    await givenWrite(
      { sobject: 'Case', feature: 'cases' },
      {
        errorCode: 'UNABLE_TO_LOCK_ROW',
        error: 'unable to obtain exclusive access to this record',
        attempts: 3,
      },
    );
    await givenWrite(
      {
        salesforceId: salesforceId('001'),
        sobject: 'Account',
        base: { Phone: '+47 1' },
        fields: { Phone: '+47 2' },
      },
      { status: 'waiting' },
    );
    const context = await browser.signedIn(await givenStaff({ roles: ['admin'] }), look);
    const page = await context.newPage();
    for (const [name, path] of [
      ['list', ''],
      ['refused', `/${String(id)}`],
    ]) {
      await page.goto(`${browser.url}/console/outbox${path ?? ''}`);
      await screenshot(page, `console-outbox-${name ?? ''}-${String(look.width)}-${look.scheme}`);
      await expectAccessible(page);
    }
    await context.close();
  });
});

test('the list renews itself, and leaves the keyboard where it is', async () => {
  const id = await givenWrite();
  const context = await browser.signedIn(await givenStaff({ roles: ['admin'] }));
  const page = await context.newPage();
  await page.goto(`${browser.url}/console/outbox`);
  await page.locator(`#write-${String(id)} a`).focus();
  await sql`update outbox set status = 'failed', error_code = 'STRING_TOO_LONG', error = 'data value too large' where id = ${id}`.execute(
    db,
  );
  await page.getByText('data value too large').waitFor({ timeout: 10_000 });
  expect(await page.evaluate('document.activeElement?.closest("tr")?.id')).toBe(`write-${String(id)}`);
  await context.close();
});
