import { parse } from 'csv-parse/sync';
import type TestAgent from 'supertest/lib/agent.js';
import { beforeAll, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { now } from '../../../src/platform/clock.ts';
import { db, sql } from '../../../src/platform/db.ts';
import { refreshSegments } from '../../../src/segments/refresh.ts';
import { suggestions } from '../../../src/segments/suggestions.ts';
import { expectAccessible, useBrowser } from '../../support/browser.ts';
import { givenAccount, givenContact } from '../../support/mirror.ts';
import { givenStaff, signedIn } from '../../support/people.ts';
import { settleSegments } from '../../support/segments.ts';

const app = createApp();
const browser = useBrowser(() => app);
const retail = JSON.stringify({ field: 'account.industry', op: 'is', value: ['Retail'] });

let clara: Awaited<ReturnType<typeof givenStaff>>;
let csm: TestAgent;
let rep: TestAgent;
const accounts: { id: string; name: string }[] = [];

beforeAll(async () => {
  await sql`truncate sync_states`.execute(db);
  clara = await givenStaff({ roles: ['csm'], name: 'Clara Mendes' });
  const ruth = await givenStaff({ roles: ['rep'], name: 'Ruth Calloway' });
  [csm, rep] = [await signedIn(app, clara), await signedIn(app, ruth)];
  for (const [index, name] of ['Aldgate Printing', 'Bergen Foods', '=SUM(1)', '<b>Water</b> AG'].entries()) {
    const owner_id = index === 0 ? clara.userId : ruth.userId;
    accounts.push(await givenAccount({ name, industry: index === 3 ? 'Energy' : 'Retail', owner_id }));
    await givenContact({ account: accounts[index] ?? { id: '' }, name: 'Nora Lund' });
  }
  await sql`
    insert into health (account_id, status, rank, score, open_cases, urgent_cases, contacts, changed_at)
    select id, 'paying', 'average', 55, 0, 0, 0, ${now()} from accounts`.execute(db);
  await sql`
    insert into account_people (account_id, contact_id, name, days_active_14)
    select account_id, id, name, 6 from contacts where account_id is not null`.execute(db);
  await refreshSegments();
  await settleSegments();
}, 60_000);

const form = { name: 'Shops', description: 'All who sell', folder: 'Trade', shared: 'yes', rule: retail };

async function make(agent: TestAgent, fields: Record<string, string>): Promise<string> {
  const { headers } = await agent.post('/console/segments/new').type('form').send(fields).expect(303);
  await refreshSegments();
  await settleSegments();
  return String(headers.location);
}

const namesIn = (html: string): string[] =>
  [...html.matchAll(/class="row-link" href="\/console\/[^"]+">([^<]*)</g)].map(([, name = '']) => name);

test('a list is made, found, shown with its members, its rule in words and its CSV, for every one of the staff', async () => {
  const page = await make(csm, form);
  const { text } = await rep.get(page).expect(200);
  expect(namesIn(text)).toEqual(['=SUM(1)', 'Aldgate Printing', 'Bergen Foods']);
  expect(text).toContain('industry is Retail');
  expect(text).not.toContain(`${page}/edit`);
  expect(namesIn((await rep.get(`${page}?sort=-name&q=e`)).text)).toEqual([
    'Bergen Foods',
    'Aldgate Printing',
  ]);
  expect(namesIn((await csm.get(`${page}?mine=yes`)).text)).toEqual(['Aldgate Printing']);
  const csv = await csm.get(`${page}/members.csv`).expect(200).expect('content-type', /csv/);
  const rows: Record<string, string>[] = parse(csv.text, { columns: true, bom: true });
  expect(rows.map((row) => row.Account).sort()).toEqual(["'=SUM(1)", 'Aldgate Printing', 'Bergen Foods']);
  const { text: changes } = await rep.get(`${page}/changes?change=entered`).expect(200);
  expect(namesIn(changes)).toHaveLength(3);
  expect((await rep.get('/console/segments')).text).toContain('All who sell');
});

test('chosen columns are remembered, and what is no column is ignored', async () => {
  const page = await make(csm, { ...form, name: 'Columns' });
  const id = page.split('/').at(-1) ?? '';
  await csm
    .post('/console/segment-columns')
    .type('form')
    .send({ id, entity: 'account', columns: ['industry', 'nonsense', 'country'], query: 'q=a' })
    .expect(303)
    .expect('location', `${page}?q=a`);
  const { text } = await csm.get(page);
  expect(text).toContain('?sort=industry');
  expect(text).not.toContain('?sort=health');
  await csm.post('/console/segment-columns').type('form').send({ id, entity: 'account' }).expect(303);
});

test('a list of people names them and their accounts', async () => {
  const rule = JSON.stringify({ field: 'person.daysActive', op: 'atLeast', value: 5 });
  const page = await make(csm, { ...form, name: 'Busy', entity: 'person', rule });
  expect((await rep.get(page)).text).toContain('Nora Lund');
});

test('wrong input gets a clear answer beside its field, and nothing typed is lost', async () => {
  const wrong: [Record<string, string>, string][] = [
    [{ ...form, name: '' }, 'Fill in this field'],
    [{ ...form, name: 'x'.repeat(81) }, 'This is too long'],
    [{ ...form, name: 'Json', rule: '{"all": [' }, 'not JSON'],
    [{ ...form, name: 'Field', rule: '{"field": "account.nothing", "op": "is", "value": "x"}' }, 'there is none of this name'],
    [{ ...form, name: 'Person', rule: '{"field": "person.name", "op": "known"}' }, 'cannot be asked here'],
    [{ ...form, name: 'Hostile', rule: `{"field": "account.name", "op": "is", "value": "'; drop table segments; --", "x": 1}` }, 'no part of the language'],
    [{ ...form, name: 'Gone', rule: '{"field": "account.segments", "op": "hasAny", "value": ["00000000-0000-4000-8000-000000000000"]}' }, 'names a list that is gone'],
  ]; // prettier-ignore
  for (const [fields, message] of wrong) {
    const { text, status } = await csm.post('/console/segments/new').type('form').send(fields);
    expect(status, fields.name).toBe(422);
    expect(text.includes(message), `${fields.name ?? ''}: ${message}`).toBe(true);
    expect(text.includes('All who sell'), fields.name).toBe(true);
  }
  for (const id of ['nonsense', '00000000-0000-4000-8000-000000000000'])
    await csm.get(`/console/segments/${id}`).expect(404);
});

test('members are tagged in bulk, one by one on their profile, and it is told who did', async () => {
  const page = await make(csm, { ...form, name: 'To tag' });
  const [one] = accounts;
  await csm
    .post(`${page}/tags`)
    .type('form')
    .send({ tag: 'Visit', accounts: [one?.id ?? ''] })
    .expect(303);
  await csm.post(`${page}/tags`).type('form').send({ tag: 'All shops', whom: 'all' }).expect(303);
  await csm.post(`${page}/tags`).type('form').send({ tag: '', whom: 'all' }).expect(303);
  const marks = `/console/accounts/${one?.id ?? ''}/marks`;
  await csm
    .post(`${marks}/tags`)
    .type('form')
    .send({ tag: 'By hand', from: 'marks' })
    .expect('location', marks);
  await csm.post(`${marks}/tags/removals`).type('form').send({ tag: 'Visit' }).expect(303);
  const { text } = await rep.get(marks).expect(200);
  expect(text.match(/tone-neutral" title="Set by Clara Mendes/g)).toHaveLength(2);
  expect(text).toContain('Taken off');
  expect((await rep.get('/console/tags/history?tag=All%20shops')).text).toContain('Bergen Foods');
  await rep.post(`${marks}/tags`).type('form').send({ tag: 'No' }).expect(403);
});

test('members are marked with a level of risk in bulk, with a reason; others than editors mark nobody', async () => {
  const page = await make(csm, { ...form, name: 'To mark' });
  const [one] = accounts;
  const mark = (fields: Record<string, string | string[]>, agent = csm) => agent.post(`${page}/risk`).type('form').send(fields);
  const atRisk = async () => namesIn((await rep.get('/console/risk')).text);
  await mark({ mark: 'set', level: 'red', reason: ' ', whom: 'all' }).expect(303);
  await mark({ mark: 'set', level: 'purple', reason: 'So', whom: 'all' }).expect(303);
  await mark({ mark: 'set', level: 'red', reason: 'So' }).expect(303);
  await mark({ mark: 'set', level: 'red', reason: 'So', whom: 'all' }, rep).expect(403);
  expect(await atRisk()).toEqual([]);
  await mark({ mark: 'set', level: 'yellow', reason: 'Their shops close', whom: 'all' }).expect(303);
  expect((await atRisk()).sort()).toEqual(['=SUM(1)', 'Aldgate Printing', 'Bergen Foods']);
  expect((await rep.get('/console/risk')).text).toContain('Their shops close');
  await mark({ mark: 'clear', accounts: [one?.id ?? ''] }).expect(303);
  expect((await atRisk()).sort()).toEqual(['=SUM(1)', 'Bergen Foods']);
  await mark({ mark: 'clear', whom: 'all' }).expect(303);
  expect(await atRisk()).toEqual([]);
}); // prettier-ignore

const idOf = (account: { id: string } | undefined) => account?.id ?? '';

test('a member’s page of reasons says of each condition whether it holds, and what it looked at', async () => {
  const rule = { all: [{ field: 'account.industry', op: 'is', value: ['Retail'] }, { any: [{ field: 'account.name', op: 'contains', value: 'Ald' }, { not: { field: 'account.openCases', op: 'atLeast', value: 5 } }] }] };
  const page = await make(csm, { ...form, name: 'Reasons', rule: JSON.stringify(rule) });
  const [member, , , other] = accounts;
  const list = await rep.get(page).expect(200);
  expect(list.text).toContain(`${page}/members/${idOf(member)}`);
  const said = (html: string) =>
    [...html.matchAll(/visually-hidden">([^<]+): <\/span><\/span><span>([^<]*)(?:<span[^>]*>([^<]*))?/g)].map(([, holds = '', what = '', value = '']) => [holds, what.trim(), value.trim()]);
  const { text } = await rep.get(`${page}/members/${idOf(member)}`).expect(200);
  expect(text).toContain('Why Aldgate Printing is in “Reasons”');
  expect(said(text)).toEqual([
    ['Holds', 'industry is Retail', '· now: Retail'],
    ['Holds', 'One of these has to hold:', ''],
    ['Holds', 'name contains “Ald”', '· now: Aldgate Printing'],
    ['Holds', 'This must not hold:', ''],
    ['Does not hold', 'open cases at least 5', '· now: 0'],
  ]);
  const without = await rep.get(`${page}/members/${idOf(other)}`).expect(200);
  expect(without.text).toContain('is not in “Reasons”');
  expect(without.text).toContain('&lt;b&gt;Water');
  expect(said(without.text)[0]).toEqual(['Does not hold', 'industry is Retail', '· now: Energy']);
  for (const nobody of ['001000000000000AAA', 'nonsense', '1']) await rep.get(`${page}/members/${nobody}`).expect(404);
  const people = await make(csm, { ...form, name: 'Reasons of people', entity: 'person', rule: JSON.stringify({ field: 'person.daysActive', op: 'atLeast', value: 5 }) });
  const { rows } = await sql<{ id: number }>`select id from account_people limit 1`.execute(db);
  const person = await rep.get(`${people}/members/${String(rows[0]?.id)}`).expect(200);
  expect(said(person.text)).toEqual([['Holds', expect.stringContaining('at least 5'), '· now: 6']]);
  expect((await rep.get(`/console/accounts/${idOf(member)}/marks`)).text).toContain(`${page}/members/${idOf(member)}`);
}); // prettier-ignore

test('a risk level needs a reason, counts until its day, and can be taken back', async () => {
  const marks = `/console/accounts/${accounts[1]?.id ?? ''}/marks`;
  const say = (fields: Record<string, string>) => csm.post(`${marks}/risk`).type('form').send(fields);
  expect((await say({ level: 'red', reason: ' ' }).expect(422)).text).toContain('Bergen Foods');
  await say({ level: 'purple', reason: 'So' }).expect(422);
  await say({ level: 'red', reason: 'So', expiresOn: '2001-01-01' }).expect(422);
  await say({ level: 'red', reason: 'So', expiresOn: 'tomorrow' }).expect(422);
  await say({ level: 'red', reason: 'Their champion left', expiresOn: '2099-01-01' }).expect(303);
  expect((await rep.get('/console/risk?level=red')).text).toContain('Their champion left');
  await csm.post(`${marks}/risk/removals`).expect(303);
  expect((await rep.get('/console/risk?level=red')).text).not.toContain('Their champion left');
  expect((await rep.get(marks)).text).toContain('Their champion left');
});

test('triggers and rules of risk are made and ended on their pages, with what is wrong beside the field', async () => {
  const page = await make(csm, { ...form, name: 'With rules' });
  const segmentId = page.split('/').at(-1) ?? '';
  await csm.post('/console/tags/triggers').type('form').send({ moment: 'entered', act: 'add', tag: 'Ruled' }).expect(422);
  await csm.post('/console/tags/triggers').type('form').send({ segmentId, moment: 'entered', act: 'add', tag: 'Ruled' }).expect(303);
  await csm.post('/console/tags/triggers').type('form').send({ segmentId, moment: 'entered', act: 'add', tag: 'Ruled' }).expect(422);
  await csm.post('/console/risk/rules').type('form').send({ segmentId, level: 'yellow', reason: 'Ruled so' }).expect(303);
  expect((await rep.get('/console/risk')).text).toContain('Ruled so');
  expect((await csm.get(page)).text).toContain('cannot be archived or deleted while it is used');
  await csm.post(`${page}/deletions`).expect(303).expect('location', page);
  await csm.post('/console/tags/deletions').type('form').send({ name: 'Ruled' }).expect(303);
  expect((await csm.get('/console/tags')).text).toContain('With rules');
  for (const [path, where] of [['tags/triggers', 'tag_triggers'], ['risk/rules', 'risk_rules']] as const) {
    const { rows } = await sql<{ id: number }>`select id from ${sql.table(where)} where segment_id = ${segmentId}`.execute(db);
    await csm.post(`/console/${path}/${String(rows[0]?.id)}/removals`).expect(303);
    await csm.post(`/console/${path}/${String(rows[0]?.id)}/removals`).expect(404);
  }
  await csm.post(`${page}/archivals`).expect(303).expect('location', '/console/segments');
  await csm.post(`${page}/restorations`).expect(303);
  await csm.post(`${page}/deletions`).expect('location', '/console/segments');
  await csm.get(page).expect(404);
}); // prettier-ignore

test('a success manager finds the suggested lists, stars one, builds one of their own, and every page reads well everywhere', async () => {
  const context = await browser.signedIn(clara);
  const page = await context.newPage();
  await page.goto(`${browser.url}/console/segments`);
  for (const { name } of suggestions) expect(await page.getByRole('link', { name, exact: true }).count(), name).toBe(1);
  await page.getByRole('button', { name: 'Favorite: At risk' }).click();
  await page.getByRole('rowheader', { name: 'Favorites' }).waitFor();
  await page.getByRole('link', { name: 'New list', exact: true }).click();
  await page.getByRole('button', { name: 'Add a condition' }).first().click();
  await page.getByRole('combobox', { name: 'Field' }).fill('industry');
  await page.getByRole('option', { name: 'Industry', exact: true }).first().click();
  await page.locator('.rule-value input, .rule-value select').first().fill('Energy');
  await page.keyboard.press('Enter');
  await page.getByText('<b>Water</b> AG').waitFor();
  await page.getByLabel('Name').fill('Power');
  await page.getByRole('button', { name: 'Make the list' }).click();
  await page.getByRole('heading', { name: 'Power' }).waitFor();
  await refreshSegments();
  await page.getByRole('link', { name: '<b>Water</b> AG', exact: true }).waitFor();
  const own = new URL(page.url()).pathname;
  await context.close();

  const marks = `/console/accounts/${accounts[0]?.id ?? ''}/marks`;
  const wide = ['/console/segments', own, `${own}/members/${accounts[0]?.id ?? ''}`, `${own}/changes`, `${own}/edit`, '/console/tags', '/console/risk', marks];
  for (const [look, paths] of [[{ width: 1280, scheme: 'light' }, wide], [{ width: 390, scheme: 'dark' }, [own, marks]]] as const) {
    const window = await browser.signedIn(clara, look);
    const shown = await window.newPage();
    for (const path of paths) {
      await shown.goto(browser.url + path);
      await expectAccessible(shown);
    }
    await window.close();
  }
}, 120_000); // prettier-ignore
