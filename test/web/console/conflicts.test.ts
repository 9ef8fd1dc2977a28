import { beforeEach, describe, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { db, sql } from '../../../src/platform/db.ts';
import { expectAccessible, looks, screenshot, useBrowser } from '../../support/browser.ts';
import { givenConflict, givenDuplicate } from '../../support/conflicts.ts';
import { givenStaff, signedIn } from '../../support/people.ts';

const app = createApp();
const browser = useBrowser(() => app);

beforeEach(async () => {
  await sql`truncate outbox, conflicts cascade`.execute(db);
});

const support = async () => signedIn(app, await givenStaff({ roles: ['support'] }));
const ofConflict = async (id: number) =>
  await db
    .selectFrom('conflicts')
    .innerJoin('outbox', 'outbox.id', 'conflicts.outbox_id')
    .select([
      'conflicts.status',
      'conflicts.version',
      'outbox.status as write',
      'outbox.fields',
      'outbox.allow_save',
      'outbox.salesforce_id',
    ])
    .where('conflicts.id', '=', id)
    .executeTakeFirstOrThrow();

describe('the inbox', () => {
  test('shows both values with the base, and who changed what', async () => {
    const id = await givenConflict();
    const agent = await support();
    const list = await agent.get('/console/conflicts').expect(200);
    expect(list.text).toContain('theirs@halden.example');
    expect(list.text).toContain('Maya Okafor');
    const { text } = await agent.get(`/console/conflicts/${id}`).expect(200);
    for (const told of [
      'theirs@halden.example',
      'ours@halden.example',
      'seen@halden.example',
      'Ida Berg',
      'Maya Okafor',
    ])
      expect(text).toContain(told);
  });

  test('takes a decision, and takes it back', async () => {
    const id = await givenConflict();
    const agent = await support();
    await agent
      .post(`/console/conflicts/${id}/decisions`)
      .type('form')
      .send({ version: 1, 'choice.Email': 'ours' })
      .expect(303);
    expect(await ofConflict(id)).toMatchObject({
      status: 'decided',
      write: 'waiting',
      fields: { Email: 'ours@halden.example' },
    });
    expect((await agent.get(`/console/conflicts/${id}`)).text).toContain('Take it back');
    await agent.post(`/console/conflicts/${id}/undos`).expect(303);
    expect(await ofConflict(id)).toMatchObject({ status: 'open', write: 'conflict' });
    expect((await agent.get(`/console/conflicts/${id}`)).text).toMatch(/decided: Email: ours/);
  });

  test('asks again for what was not chosen, and for another value that is none', async () => {
    const id = await givenConflict();
    const agent = await support();
    const decide = (choice: object) =>
      agent
        .post(`/console/conflicts/${id}/decisions`)
        .type('form')
        .send({ version: 1, ...choice });
    expect((await decide({}).expect(422)).text).toContain('Choose one');
    expect((await decide({ 'choice.Email': 'other', 'value.Email': ' ' }).expect(422)).text).toContain(
      'Type a value',
    );
    await decide({ 'choice.Email': 'other', 'value.Email': 'third@halden.example' }).expect(303);
    expect(await ofConflict(id)).toMatchObject({ fields: { Email: 'third@halden.example' } });
  });

  test('tells whoever decides second what the first decided, and changes nothing', async () => {
    const id = await givenConflict();
    const [first, second] = [await support(), await support()];
    await first
      .post(`/console/conflicts/${id}/decisions`)
      .type('form')
      .send({ version: 1, 'choice.Email': 'salesforce' })
      .expect(303);
    const late = await second
      .post(`/console/conflicts/${id}/decisions`)
      .type('form')
      .send({ version: 1, 'choice.Email': 'ours' })
      .expect(409);
    expect(late.text).toContain('Somebody was faster');
    expect(late.text).toContain('Email: Salesforce');
    expect(await ofConflict(id)).toMatchObject({ status: 'decided', fields: {} });
  });

  test('decides all that are like it at once, not those that pose another question', async () => {
    const [one, other] = [await givenConflict(), await givenConflict()];
    const different = await givenConflict({ Phone: { base: '1', ours: '2', theirs: '3' } });
    const agent = await support();
    expect((await agent.get(`/console/conflicts/${one}`)).text).toContain('Decide the other one like it');
    await agent
      .post(`/console/conflicts/${one}/decisions`)
      .type('form')
      .send({ version: 1, 'choice.Email': 'ours', alike: 'yes' })
      .expect(303);
    expect(await ofConflict(other)).toMatchObject({ status: 'decided' });
    expect(await ofConflict(different)).toMatchObject({ status: 'open' });
  });

  test('asks about a duplicate with what Salesforce found', async () => {
    const { id, otherId } = await givenDuplicate();
    const agent = await support();
    const { text } = await agent.get(`/console/conflicts/${id}`).expect(200);
    expect(text).toContain('Use one of these records?');
    expect(text).toContain(otherId);
    const decide = (version: number, given: object) =>
      agent
        .post(`/console/conflicts/${id}/decisions`)
        .type('form')
        .send({ version, ...given });
    await decide(1, {}).expect(422);
    await decide(1, { answer: 'save' }).expect(303);
    expect(await ofConflict(id)).toMatchObject({ write: 'waiting', allow_save: true });
    await agent.post(`/console/conflicts/${id}/undos`).expect(303);
    await decide(3, { answer: 'use', record: '00Q000000000000AAA' }).expect(422);
    await decide(3, { answer: 'use', record: otherId }).expect(303);
    expect(await ofConflict(id)).toMatchObject({
      write: 'waiting',
      allow_save: false,
      salesforce_id: otherId,
    });
  });

  test('is for those who may decide', async () => {
    const id = await givenConflict();
    const rep = await signedIn(app, await givenStaff({ roles: ['rep'] }));
    await rep.get('/console/conflicts').expect(403);
    await rep.post(`/console/conflicts/${id}/decisions`).expect(403);
    await (await support()).get('/console/conflicts/4711').expect(404);
  });
});

describe.each(looks)('at $width pixels, $scheme', (look) => {
  test('the inbox and its questions are accessible', async () => {
    const id = await givenConflict({
      Email: { base: 'seen@halden.example', ours: 'ours@halden.example', theirs: 'theirs@halden.example' },
      Phone: { base: '+47 1', ours: null, theirs: '+47 3' },
    });
    await givenConflict();
    const duplicate = await givenDuplicate();
    const context = await browser.signedIn(await givenStaff({ roles: ['support'] }), look);
    const page = await context.newPage();
    for (const [name, path] of [
      ['list', ''],
      ['fields', `/${String(id)}`],
      ['duplicate', `/${String(duplicate.id)}`],
    ]) {
      await page.goto(`${browser.url}/console/conflicts${path ?? ''}`);
      await screenshot(page, `console-conflicts-${name ?? ''}-${String(look.width)}-${look.scheme}`);
      await expectAccessible(page);
    }
    await context.close();
  });
});

test('a conflict is decided with the keyboard alone', async () => {
  const id = await givenConflict();
  const context = await browser.signedIn(await givenStaff({ roles: ['support'] }));
  const page = await context.newPage();
  await page.goto(`${browser.url}/console/conflicts/${String(id)}`);
  await page.locator('input[type=radio]').first().focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByText('The decision is on its way').waitFor();
  expect(await ofConflict(id)).toMatchObject({ status: 'decided', fields: { Email: 'ours@halden.example' } });
  await context.close();
});
