import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { DAY } from '../../../src/platform/clock.ts';
import { db, pool, sql, transaction } from '../../../src/platform/db.ts';
import { refreshBenchmarks } from '../../../src/usage/benchmarks.ts';
import { collect } from '../../../src/usage/collect.ts';
import { refreshEngagement } from '../../../src/usage/engagement.ts';
import { takeInUsage } from '../../../src/usage/take-in.ts';
import { sourceOfKey } from '../../../src/usage/write-keys.ts';
import { expectAccessible, looks, screenshot, useBrowser } from '../../support/browser.ts';
import { givenAccount, givenCase, givenContact, givenLicense, salesforceId } from '../../support/mirror.ts';
import { givenStaff, signedIn } from '../../support/people.ts';

const app = createApp();
const browser = useBrowser(() => app);
const today = new Date();
const day = (ago: number) => new Date(today.getTime() - ago * DAY).toISOString();

const did = (userId: string, groupId: string, ago: number, event = 'Restored a file') => ({
  type: 'track', userId, groupId, event, timestamp: day(ago), properties: { module: 'Restore', activeSeconds: 120 },
}); // prettier-ignore

const owner = salesforceId('005');
const northgate = await givenAccount({ name: 'Northgate Logistics', owner_id: owner, industry: 'Transport' });
const halden = await givenAccount({ name: 'Halden Cold Storage', industry: 'Food' });
const pia = await givenContact({ account: northgate, email: 'pia@northgate.example', name: 'Pia Power' });
await givenContact({ account: northgate, email: 'nora@northgate.example', name: 'Nora Never' });
const csm = await givenStaff({ roles: ['csm'] });
const admin = await givenStaff({ roles: ['admin'] });

beforeAll(async () => {
  for (const account of [northgate, halden])
    await givenLicense({ account, support_until: day(-100).slice(0, 10), seats: 4 });
  await givenCase({ account: northgate, contact: pia, subject: 'The restore is slow' });
  const messages = [
    { type: 'identify', userId: 'pia', timestamp: day(30), traits: { email: 'pia@northgate.example', role: 'Owner' } },
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].flatMap((ago) => [did('pia', northgate.id, ago), did('pia', northgate.id, ago, 'Ran a backup')]),
    ...[1, 2].map((ago) => did('ron', northgate.id, ago)),
    ...[3, 16, 17, 18, 19, 20].map((ago) => did('fay', halden.id, ago)),
    ...[20, 21, 40].map((ago) => did('gus', halden.id, ago)),
    ...['Ron Regular', 'Fay Fading', 'Gus Gone'].map((name) => ({
      type: 'identify', userId: name.slice(0, 3).toLowerCase(), timestamp: day(1), traits: { name },
    })),
  ]; // prettier-ignore
  await collect((await sourceOfKey('demo-write-key')) ?? 0, messages, { receivedAt: today, bytes: 0 });
  await takeInUsage();
  await transaction((tx) => refreshEngagement(tx, 'all', today));
  await refreshBenchmarks();
});
afterAll(() => pool.end());

const namesOn = (html: string): string[] =>
  [...html.matchAll(/class="row-link" href="\/console\/people\/\d+">([^<]+)</g)].map(
    ([, name]) => name ?? '',
  );

const idOf = async (name: string): Promise<number> => {
  const { rows } = await sql<{ id: number }>`select id from account_people where name = ${name}`.execute(db);
  return rows[0]?.id ?? 0;
};

describe('the list of people', () => {
  test('shows everybody, whoever does most first, contacts that never came included', async () => {
    const agent = await signedIn(app, csm);
    const page = await agent.get('/console/people');
    const names = namesOn(page.text);
    expect(names.slice(0, 3)).toEqual(['Pia Power', 'Ron Regular', 'Fay Fading']);
    expect(names.slice(3).sort()).toEqual(['Gus Gone', 'Nora Never']);
  });

  test('is searched, filtered and sorted by its address', async () => {
    const agent = await signedIn(app, csm);
    const on = async (query: string) => namesOn((await agent.get(`/console/people?${query}`)).text);
    expect(await on('q=PIA%40north')).toEqual(['Pia Power']);
    expect(await on('q=%25')).toEqual([]);
    expect(await on('group=power')).toEqual(['Pia Power']);
    expect(await on('group=fading')).toEqual(['Fay Fading']);
    expect(await on('group=gone')).toEqual(['Gus Gone']);
    expect(await on('group=never')).toEqual(['Nora Never']);
    expect(await on('group=beta')).toEqual(['Pia Power']);
    expect(await on('frequency=occasionally')).toEqual(['Ron Regular']);
    expect(await on('sort=name')).toEqual([
      'Fay Fading',
      'Gus Gone',
      'Nora Never',
      'Pia Power',
      'Ron Regular',
    ]);
    expect((await on('sort=change'))[0]).toBe('Fay Fading');
    expect(await on('status=cancelled')).toEqual([]);
    expect(await on('sort=nonsense&page=-1&group=x')).toHaveLength(5);
    expect(await on('whose=mine')).toEqual([]);
  });

  test('leaves out the people of accounts that were removed', async () => {
    await sql`insert into removed_accounts (account_id, removed_at) values (${halden.id}, now())`.execute(db);
    const agent = await signedIn(app, csm);
    expect(namesOn((await agent.get('/console/people')).text)).not.toContain('Fay Fading');
    await sql`delete from removed_accounts`.execute(db);
  });
});

test('leaders, those who fade and those who went quiet stand side by side (AN1)', async () => {
  const agent = await signedIn(app, csm);
  const page = (await agent.get('/console/people/leaders')).text;
  const boards = page.split('id="board-').map((part) => part.replace(/<[^>]+>/g, ' '));
  expect(boards[1]).toContain('Pia Power');
  expect(boards[2]).toContain('Fay Fading');
  expect(boards[3]).toContain('Gus Gone');
});

test('cohorts are compared by when they began, and by what their accounts are', async () => {
  const agent = await signedIn(app, csm);
  for (const [by, shown] of [['industry', 'Transport'], ['began', 'Never began'], ['stage', 'Established'], ['size', 'Not known']]) {
    const page = await agent.get(`/console/people/cohorts?by=${String(by)}`);
    expect(page.text).toContain(shown);
  } // prettier-ignore
});

test('a person’s page says what they do, where, and which cases they opened', async () => {
  const agent = await signedIn(app, csm);
  const page = (await agent.get(`/console/people/${String(await idOf('Pia Power'))}`)).text;
  for (const shown of ['Pia Power', 'Northgate Logistics', 'The restore is slow', 'Ran a backup', 'Restore', 'pia@northgate.example', 'Owner'])
    expect(page).toContain(shown); // prettier-ignore
  for (const id of ['0', '999999', 'x', '99999999999999999999', '1e400'])
    expect((await agent.get(`/console/people/${id}`)).status, id).toBe(404);
});

test('an account’s page shows its usage, how that compares, and its people ranked', async () => {
  const agent = await signedIn(app, csm);
  const usage = (await agent.get(`/console/accounts/${northgate.id}/usage`)).text;
  expect(usage).toContain('Compared with others');
  expect(usage).toContain('Days active of 14');
  const people = (await agent.get(`/console/accounts/${northgate.id}/people`)).text;
  expect(namesOn(people)).toEqual(['Pia Power', 'Ron Regular', 'Nora Never']);
  expect(people).toContain('2 active, 0 gone quiet, 1 never active');
});

describe('what status, stage and engagement follow from', () => {
  const form = {
    statusField: '', statusMeanings: '', graceDays: '0', overTrials: 'free', stageField: '', stageMeanings: '', onboardingDays: '90',
    metric: 'actions', contractDays: '365', daily: '9', weekly: '5', occasionally: '2',
  }; // prettier-ignore
  const path = '/console/settings/engagement';

  test('is for administrators alone', async () => {
    const agent = await signedIn(app, csm);
    expect((await agent.get(path)).status).toBe(403);
    expect((await agent.post(path).type('form').send(form)).status).toBe(403);
    expect((await agent.post(`${path}/previews`).type('form').send(form)).status).toBe(403);
  });

  test('shows its effect before anything is kept, then has everybody judged anew', async () => {
    const agent = await signedIn(app, admin);
    const changed = { ...form, statusField: 'Industry', statusMeanings: 'Food = cancelled\n\n' };
    const seen = await agent.post(`${path}/previews`).type('form').send(changed);
    expect(seen.status).toBe(200);
    expect(seen.text).toContain('1 account would have another status or stage.');
    expect(seen.text).toContain('Food = cancelled');
    expect((await sql`select from engagement_settings`.execute(db)).rows).toHaveLength(0);
    expect((await agent.post(path).type('form').send(changed)).status).toBe(303);
    const { rows } = await sql`select from events where name = 'engagement.ruled'`.execute(db);
    expect(rows).toHaveLength(1);
    await transaction((tx) => refreshEngagement(tx, 'all', today));
    const { rows: judged } = await sql<{ status: string }>`
      select status from account_engagement where account_id = ${halden.id}`.execute(db);
    expect(judged).toEqual([{ status: 'cancelled' }]);
  });

  test('what cannot be is refused beside its field, and nothing typed is lost', async () => {
    const agent = await signedIn(app, admin);
    const wrong: [object, string][] = [
      [{ graceDays: 'soon' }, 'Give a number of days.'],
      [{ graceDays: '-1' }, 'Give a number of days.'],
      [{ onboardingDays: '9999' }, 'outside of what is possible'],
      [{ daily: '5', weekly: '5' }, 'Daily must be more days'],
      [{ statusMeanings: 'Customer: paying' }, 'Each line must be a value'],
      [{ stageMeanings: 'Live = paying' }, 'Each line must be a value'],
      [{ statusField: "Type'; drop table accounts; --" }, 'Choose a field'],
      [{ metric: 'money' }, 'error'],
      [{ statusMeanings: Array.from({ length: 51 }, (_, index) => `v${index} = free`).join('\n') }, 'At most 50'],
    ]; // prettier-ignore
    for (const [typed, said] of wrong)
      for (const to of [path, `${path}/previews`]) {
        const answer = await agent
          .post(to)
          .type('form')
          .send({ ...form, ...typed });
        expect(answer.status, said).toBe(422);
        expect(answer.text, said).toContain(said);
      }
    const kept = await agent
      .post(path)
      .type('form')
      .send({ ...form, graceDays: '12', statusMeanings: 'Customer: paying' });
    expect(kept.text).toContain('Customer: paying');
    expect(kept.text).toContain('value="12"');
  });
});

test('people are looked at in each window', { timeout: 120_000 }, async () => {
  const id = await idOf('Pia Power');
  for (const look of looks) {
    const context = await browser.signedIn(admin, look);
    const page = await context.newPage();
    for (const [name, path] of [
      ['list', '/console/people'], ['leaders', '/console/people/leaders'], ['cohorts', '/console/people/cohorts'],
      ['person', `/console/people/${String(id)}`], ['usage', `/console/accounts/${northgate.id}/usage`],
      ['account-people', `/console/accounts/${northgate.id}/people`], ['settings', '/console/settings/engagement'],
    ] as const) {
      await page.goto(browser.url + path);
      expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(look.width);
      await expectAccessible(page);
      await screenshot(page, `people-${name}-${String(look.width)}-${look.scheme}`);
    } // prettier-ignore
    await context.close();
  }
});
