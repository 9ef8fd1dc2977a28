import { parse } from 'csv-parse/sync';
import type TestAgent from 'supertest/lib/agent.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { recomputeAllHealth } from '../../../src/health/health.ts';
import { DAY, now } from '../../../src/platform/clock.ts';
import { keepReadings } from '../../../src/health/snapshots.queries.ts';
import { db, pool, sql, transaction } from '../../../src/platform/db.ts';
import { givenAccount, givenCase, givenLicense, givenOpportunity } from '../../support/mirror.ts';
import { givenStaff, signedIn } from '../../support/people.ts';

const app = createApp();
const day = (fromToday: number) => new Date(now().getTime() + fromToday * DAY).toISOString().slice(0, 10);

type Staff = Awaited<ReturnType<typeof givenStaff>>;
let clara: Staff;
let csm: TestAgent;
let colleague: TestAgent;
let support: TestAgent;
let ids: Record<'poor' | 'fine' | 'prospect' | 'lone', string>;

/** A paying account; its rank is set by hand, since what makes it is another test's concern. */
async function paying(name: string, rank: 'good' | 'average' | 'poor', columns: object) {
  const account = await givenAccount({ name, created_at: now(), ...columns });
  await givenLicense({ account, support_until: day(200) });
  return { ...account, rank };
}

beforeAll(async () => {
  clara = await givenStaff({ roles: ['csm'], name: 'Clara Mendes' });
  const dana = await givenStaff({ roles: ['csm'], name: 'Dana Ruiz' });
  const accounts = [
    await paying('Aldgate Printing', 'poor', { owner_id: dana.userId, industry: 'Retail', employees: 20 }),
    await paying('Bergen Foods', 'good', { owner_id: clara.userId, industry: 'Energy', employees: 700 }),
    await paying('Lone Star', 'average', { industry: 'Energy' }),
  ];
  const prospect = await givenAccount({ name: 'Prospect Only' });
  const [poor, fine, lone] = accounts;
  ids = { poor: poor?.id ?? '', fine: fine?.id ?? '', lone: lone?.id ?? '', prospect: prospect.id };
  await sql`update accounts set success_manager_id = ${clara.userId} where id = ${ids.poor}`.execute(db);
  await sql`update accounts set attributes = '{"Rating": "Hot"}' where id = ${ids.poor}`.execute(db);
  await recomputeAllHealth();
  const scores = { good: 80, average: 50, poor: 10 };
  for (const { id, rank } of accounts)
    await sql`update health set rank = ${rank}, score = ${scores[rank]}, rank_since = now() - interval '40 days'
              where account_id = ${id}`.execute(db);
  await sql`insert into health_history (batch, account_id, status, rank, score, reasons, occurred_at)
            values (nextval('health_batches'), ${ids.poor}, 'paying', 'poor', 10, '[]', now())`.execute(db);
  await sql`insert into sync_states (sobject, table_name, position, phase, field_types)
            values ('Account', 'accounts', 0, 'live', '{"Rating": "picklist", "Description": "textarea"}')`.execute(
    db,
  );
  csm = await signedIn(app, clara);
  colleague = await signedIn(app, dana);
  support = await signedIn(app, await givenStaff({ roles: ['support'] }));
});

afterAll(() => pool.end());

const page = async (path: string, agent = csm) => (await agent.get(path).expect(200)).text;
const namesIn = (html: string): string[] =>
  [...html.matchAll(/main-cell"><a class="row-link" href="\/console\/accounts\/[^"]+">([^<]*)</g)].map(
    ([, name = '']) => name,
  );
/** The rows of the chart of groups: label, good, average, poor, all. */
const groupsIn = (html: string): string[][] =>
  [
    ...html.matchAll(
      /<tr><th scope="row">(?:<a[^>]*>)?([^<]*)(?:<\/a>)?<\/th><td class="chart-bar-cell">.*?<\/tr>/gs,
    ),
  ].map(([row, label = '']) => [
    label,
    ...[...row.matchAll(/<td class="number">(?:<a[^>]*>)?(\d+)/g)].map(([, count = '']) => count),
  ]);
const linksIn = (html: string): string[] =>
  [...html.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'));

describe('the dashboard of health', () => {
  test('shows the breakdown and the score of all paying accounts, and what a poor one pays', async () => {
    const html = await page('/console/health');
    expect(html).toContain('3 paying accounts');
    expect(html).toMatch(/ring-score[^>]*>50</);
    expect(namesIn(html)).toEqual(['Aldgate Printing', 'Lone Star', 'Bergen Foods']);
  });

  test('a slice leads to the accounts of its rank below, with the guidance for them (HE8, HE18)', async () => {
    const slice = linksIn(await page('/console/health')).find((href) => href.startsWith('?rank=poor'));
    const html = await page(`/console/health${slice ?? ''}`.replace('#accounts', ''));
    expect(namesIn(html)).toEqual(['Aldgate Printing']);
    expect(html).toContain('Call first');
  });

  test('breaks down by success manager, whom the owner stands in for, and by company size (HE10, HE11)', async () => {
    expect(groupsIn(await page('/console/health?by=manager'))).toEqual([
      ['Clara Mendes', '1', '0', '1', '2'], ['Nobody', '0', '1', '0', '1'],
    ]); // prettier-ignore
    expect(groupsIn(await page('/console/health?by=size'))).toEqual([
      ['Up to 49 employees', '0', '0', '1', '1'], ['250 to 999 employees', '1', '0', '0', '1'], ['Not known', '0', '1', '0', '1'],
    ]); // prettier-ignore
  });

  test('breaks down by any attribute of Salesforce, and every bar leads to its accounts', async () => {
    const html = await page('/console/health?by=Rating');
    expect(html).not.toContain('value="Description"');
    expect(groupsIn(html).map(([label]) => label)).toEqual(['Not known', 'Hot']);
    for (const [link, names] of [
      ['?by=Rating&field=Rating&value=Hot#accounts', ['Aldgate Printing']],
      ['?by=Rating&field=Rating&value=-#accounts', ['Lone Star', 'Bergen Foods']],
    ] as const) {
      expect(linksIn(html)).toContain(link);
      expect(namesIn(await page(`/console/health${link.replace('#accounts', '')}`))).toEqual(names);
    }
  });

  test('lists those that are poor for long (HE22)', async () => {
    expect(namesIn(await page('/console/health?persistent=1'))).toEqual(['Aldgate Printing']);
    await sql`update health set rank_since = now() where account_id = ${ids.poor}`.execute(db);
    expect(namesIn(await page('/console/health?persistent=1'))).toEqual([]);
    await sql`update health set rank_since = now() - interval '40 days' where account_id = ${ids.poor}`.execute(
      db,
    );
  });

  test('draws the score of each day that is known, over 90 days or a year', async () => {
    await sql`insert into health_days values (current_date - 80, 8, 2, 0), (current_date - 300, 0, 0, 10) on conflict do nothing`.execute(
      db,
    );
    await sql`insert into health_history (batch, account_id, status, reasons, occurred_at)
              values (nextval('health_batches'), ${ids.prospect}, 'unknown', '[]', now())`.execute(db);
    expect(await page('/console/health')).toContain('Down 40 points over this time.');
    expect(await page('/console/health?span=365')).toContain('Up 50 points over this time.');
  });

  test('odd questions get the plain dashboard, never an error', async () => {
    for (const query of [
      'by=__proto__',
      'by=Description',
      'span=1e9',
      'by[]=x',
      'size=0',
      'field=a&field=b&value=c',
      'renewal=-1',
      'field=__proto__&value=x',
    ])
      await csm.get(`/console/health?${query}`).expect(200);
  });
});

describe('views of a list', () => {
  const save = (body: object, agent = csm) =>
    agent
      .post('/console/views')
      .type('form')
      .send({ list: 'accounts', ...body });

  test('a view keeps filters, order and columns under a name, and leads back to them', async () => {
    const { headers } = await save({
      name: 'Energy, by name',
      query: 'industry=Energy&columns=health,industry&sort=-name',
    }).expect(303);
    const html = await page(headers.location ?? '');
    expect(namesIn(html)).toEqual(['Lone Star', 'Bergen Foods']);
    expect(html).toMatch(/aria-current="page">Energy, by name</);
    const csv = await csm
      .get(`/console/accounts.csv?${(headers.location ?? '').split('?')[1] ?? ''}`)
      .expect(200);
    const [first] = parse<Record<string, string>>(csv.text, { columns: true, bom: true });
    expect(Object.keys(first ?? {})).toEqual(['Salesforce id', 'Name', 'Health', 'Industry']);
  });

  test('a view is one’s own until it is shared; nobody deletes another’s', async () => {
    expect(await page('/console/accounts', colleague)).not.toContain('Energy, by name');
    const { headers } = await save({ name: 'Ours', query: 'rank=poor', isShared: 'yes' }).expect(303);
    expect(await page('/console/accounts', colleague)).toContain('>Ours<');
    const id = new URLSearchParams((headers.location ?? '').split('?')[1]).get('view') ?? '';
    await colleague.post(`/console/views/${id}/deletion`).expect(403);
    await csm.post(`/console/views/${id}/deletion`).expect(303);
    expect(await page('/console/accounts', colleague)).not.toContain('>Ours<');
  });

  test('a list begins with the view that a person chose, for them alone', async () => {
    const { headers } = await save({ name: 'First', query: 'rank=good', isDefault: 'yes' }).expect(303);
    const id = new URLSearchParams((headers.location ?? '').split('?')[1]).get('view') ?? '';
    const { headers: first } = await csm.get('/console/accounts').expect(303);
    expect(first.location).toBe(`/console/accounts?rank=good&view=${id}`);
    expect(namesIn(await page('/console/accounts?view=all'))).toHaveLength(4);
    await colleague.get('/console/accounts').expect(200);
    await csm.post('/console/default-views').type('form').send({ list: 'accounts', view: '' }).expect(303);
    await csm.get('/console/accounts').expect(200);
  });

  test('a name is asked for, an unknown view is not found, and the same name replaces the view', async () => {
    const { headers } = await save({ name: ' ', query: 'rank=good' }).expect(303);
    expect(headers.location).toBe('/console/accounts?rank=good');
    expect(await page(headers.location ?? '')).toContain('Give the view a name');
    await csm.post('/console/views/00000000-0000-4000-8000-000000000000/deletion').expect(404);
    await save({ name: 'first', query: 'rank=poor' }).expect(303);
    const { rows } = await sql`select name, query from saved_views where lower(name) = 'first'`.execute(db);
    expect(rows).toEqual([{ name: 'first', query: 'rank=poor' }]);
  });
});

describe('the junk-list', () => {
  test('a removed account is in no list and no distribution, its page says so, and it can be put back (AP8)', async () => {
    await csm
      .post(`/console/accounts/${ids.poor}/removal`)
      .type('form')
      .send({ reason: 'A test account' })
      .expect(303);
    expect(namesIn(await page('/console/accounts?view=all'))).not.toContain('Aldgate Printing');
    expect(await page('/console/health')).toContain('2 paying accounts');
    expect((await csm.get('/console/accounts.csv').expect(200)).text).not.toContain('Aldgate');
    expect(await page(`/console/accounts/${ids.poor}`)).toContain('Removed from the lists');
    expect(await page('/console/removed-accounts')).toContain('A test account');
    await csm.post(`/console/accounts/${ids.poor}/restoration`).expect(303);
    expect(await page('/console/health')).toContain('3 paying accounts');
  });

  test('support may look at accounts, and remove none', async () => {
    await support.post(`/console/accounts/${ids.poor}/removal`).expect(403);
    expect(await page(`/console/accounts/${ids.poor}`, support)).not.toContain('/removal');
  });
});

test('a profile tells how the score moved in 30 days, and leads to its history (AP2)', async () => {
  const trendOf = async () => /class="trend[^"]*" href="([^"]*)"[^>]*>.*?<\/svg>([^<]*)</s.exec(await page(`/console/accounts/${ids.lone}`));
  const before = async (score: number) => {
    await transaction((tx) => keepReadings(tx, day(-31)));
    await sql`update health_readings set score = ${score} where account_id = ${ids.lone} and day = ${day(-31)}`.execute(db);
  };
  await before(30);
  expect((await trendOf())?.[2]).toContain('20');
  expect(await page(`/console/accounts/${ids.lone}`)).toContain('class="trend up"');
  await before(65);
  expect(await page(`/console/accounts/${ids.lone}`)).toContain('class="trend down"');
  expect((await trendOf())?.[1]).toBe(`/console/accounts/${ids.lone}/health#changes`);
}); // prettier-ignore

describe('several accounts at once', () => {
  const act = (body: object, agent = csm) =>
    agent
      .post('/console/account-acts')
      .type('form')
      .send({ list: 'accounts', query: 'sort=name', ...body });

  test('are tagged and followed, and the list is shown again as it was', async () => {
    const { headers } = await act({ act: 'tag', tag: 'Key account', accounts: [ids.fine, ids.lone] }).expect(
      303,
    );
    expect(headers.location).toBe('/console/accounts?sort=name');
    expect(namesIn(await page('/console/accounts?tag=Key+account'))).toEqual(['Bergen Foods', 'Lone Star']);
    await act({ act: 'untag', tag: 'Key account', accounts: ids.lone }).expect(303);
    expect(namesIn(await page('/console/accounts?tag=Key+account'))).toEqual(['Bergen Foods']);
    await act({ act: 'follow', accounts: [ids.fine] }).expect(303);
    const { rows } = await sql`select target from follows where person_id = ${clara.id}`.execute(db);
    expect(rows).toEqual([{ target: ids.fine }]);
  });

  test('are marked with a level of risk and its reason, and that is taken back', async () => {
    const accounts = [ids.fine, ids.lone];
    await act({ act: 'risk', level: 'yellow', reason: ' ', accounts }).expect(303);
    await act({ act: 'risk', level: 'yellow', reason: 'Budget is cut', accounts }, support).expect(403);
    expect(namesIn(await page('/console/accounts?risk=yellow'))).toEqual([]);
    await act({ act: 'risk', level: 'yellow', reason: 'Budget is cut', accounts }).expect(303);
    expect(namesIn(await page('/console/accounts?risk=yellow'))).toEqual(['Bergen Foods', 'Lone Star']);
    await act({ act: 'unrisk', accounts }).expect(303);
    expect(namesIn(await page('/console/accounts?risk=yellow'))).toEqual([]);
  });

  test('nothing chosen, no tag, or no right to it says so and changes nothing', async () => {
    await act({ act: 'tag', tag: 'Key account' }).expect(303);
    await act({ act: 'tag', tag: ' ', accounts: [ids.poor] }).expect(303);
    await act({ act: 'remove', accounts: ["'; drop table accounts"] }).expect(303);
    await act({ act: 'remove', accounts: [ids.poor] }, support).expect(403);
    expect(namesIn(await page('/console/accounts?view=all'))).toContain('Aldgate Printing');
  });
});

test('the timeline tells signals that nothing else tells, but no list and no rule that is one person’s own', async () => {
  const { rows } = await sql<{ id: string; is_shared: boolean }>`
    insert into segments (name, entity, rule, owner_id, is_shared, created_at, changed_at) values
      ('At large', 'account', '{"all":[]}', null, true, now(), now()), ('Secretly mine', 'account', '{"all":[]}', ${clara.id}, false, now(), now())
    returning id, is_shared`.execute(db);
  const listOf = (shared: boolean) => rows.find((row) => row.is_shared === shared)?.id;
  const { rows: own } = await sql<{ id: string }>`
    insert into alert_rules (name, trigger, scope, owner_id, changed_at) values ('Only mine', 'condition.met', 'all', ${clara.id}, now()) returning id`.execute(db);
  const data = [
    ['stopped', 'usage.stopped', null, { activeOn: '2026-01-05' }],
    ['in', 'segment.entered', null, { segment: 'At large', segmentId: listOf(true) }],
    ['secret', 'segment.entered', null, { segment: 'Secretly mine', segmentId: listOf(false) }],
    ['mine', 'condition.met', own[0]?.id ?? null, { rank: 'good', score: 1 }],
    ['rank', 'health.changed', null, { rank: 'good', previousRank: 'poor', score: 80 }],
  ] as const;
  for (const [cause, kind, rule, what] of data)
    await sql`insert into signals (batch, cause, kind, account_id, rule_id, data, occurred_at, noted_at)
              values (1, ${cause}, ${kind}, ${ids.fine}, ${rule}, ${JSON.stringify(what)}, now(), now())`.execute(db);
  const html = await page(`/console/accounts/${ids.fine}/timeline?topic=signals`);
  expect([...html.matchAll(/timeline-what">([^<]*)/g)].map(([, what]) => what).sort()).toEqual([
    'Came onto the list “At large”.', 'Nobody has used the product since Jan 5, 2026',
  ]);
  expect(await page(`/console/accounts/${ids.fine}/timeline`)).toContain('At large');
}); // prettier-ignore

describe('the timeline', () => {
  test('tells of cases, opportunities, health, tags and risk in one order, and can be narrowed to one kind', async () => {
    await givenCase({
      account: { id: ids.fine },
      subject: 'Restore fails',
      created_at: new Date(now().getTime() - DAY),
    });
    await givenOpportunity({
      account: { id: ids.fine },
      name: 'Support 2027',
      is_closed: true,
      is_won: true,
      amount_minor: 50_000,
      close_on: day(-5),
    });
    await sql`insert into account_tag_changes (batch, account_id, tag, change, occurred_at)
              values (1, ${ids.fine}, 'Onboarding', 'added', now() - interval '2 days')`.execute(db);
    const html = await page(`/console/accounts/${ids.fine}/timeline`);
    const order = ['Case opened: Restore fails', 'Tagged Onboarding', 'Won: Support 2027, $500.00'].map(
      (text) => html.indexOf(text),
    );
    expect(order).toEqual(order.toSorted((one, other) => one - other));
    expect(order).not.toContain(-1);
    const deals = await page(`/console/accounts/${ids.fine}/timeline?topic=deals`);
    expect(deals).toContain('Won: Support 2027');
    expect(deals).not.toContain('Restore fails');
  });

  test('its pages hold everything once, even what happened in the same moment', async () => {
    const at = new Date(now().getTime() - 30 * DAY);
    for (let count = 0; count < 100; count += 1)
      await givenCase({ account: { id: ids.lone }, subject: `Case ${String(count)}`, created_at: at });
    const told: string[] = [];
    let path: string | undefined = `/console/accounts/${ids.lone}/timeline?topic=cases`;
    while (path !== undefined) {
      const html: string = await page(path);
      told.push(...[...html.matchAll(/Case opened: (Case \d+)/g)].map(([, title = '']) => title));
      const next = /rel="next" href="([^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&');
      path = next === undefined ? undefined : `/console/accounts/${ids.lone}/timeline${next}`;
    }
    expect(told).toHaveLength(100);
    expect(new Set(told).size).toBe(100);
    await csm.get(`/console/accounts/${ids.lone}/timeline?after=nonsense&topic=__proto__`).expect(200);
  });
});

describe('the form of an account’s attributes', () => {
  const fields = [
    { name: 'Industry', label: 'Industry', type: 'picklist', isRestricted: true, choices: [{ value: 'Energy', label: 'Energy' }] },
    { name: 'NumberOfEmployees', label: 'Employees', type: 'int', digits: 8 },
    { name: 'Site', label: 'Site', type: 'string', length: 80 },
  ].map((one) => ({
    isUpdateable: true, isCalculated: false, isRequired: false, length: 0, digits: 0, scale: 0, choices: [], isRestricted: false, refersTo: [], ...one,
  })); // prettier-ignore

  beforeAll(async () => {
    await sql`insert into described_fields values ('Account', ${JSON.stringify(fields)}, now())`.execute(db);
  });

  test('shows what is wrong beside its field, keeps everything that was typed, and writes nothing', async () => {
    const path = `/console/accounts/${ids.fine}/attributes/edit`;
    const typed = {
      'value.NumberOfEmployees': 'many',
      'seen.NumberOfEmployees': '700',
      'value.Site': 'Oslo <b>',
      'seen.Site': '',
    };
    const { text } = await csm.post(path).type('form').send(typed).expect(422);
    expect(text).toContain('Type a number.');
    expect(text).toContain('value="many"');
    expect(text).toContain('Oslo &lt;b&gt;');
    expect(
      (await sql`select 1 from outbox where salesforce_id = ${ids.fine} and fields ? 'Site'`.execute(db))
        .rows,
    ).toEqual([]);
    await csm
      .post(path)
      .type('form')
      .send({ ...typed, 'value.NumberOfEmployees': '710' })
      .expect(303);
    const shown = await page(`/console/accounts/${ids.fine}/attributes`);
    expect(shown).toContain('On its way to Salesforce');
    expect(shown).toContain('710');
  });

  test('a change of somebody else’s meanwhile is shown, and saving again is meant', async () => {
    const path = `/console/accounts/${ids.fine}/attributes/edit?field=Industry`;
    await sql`update accounts set industry = 'Media' where id = ${ids.fine}`.execute(db);
    const { text } = await csm
      .post(path)
      .type('form')
      .send({ 'value.Industry': 'Energy', 'seen.Industry': 'Retail' })
      .expect(422);
    expect(text).toContain('In Salesforce now: Media');
    expect(text).toMatch(/name="seen.Industry" value="Media"/);
    await csm
      .post(path)
      .type('form')
      .send({ 'value.Industry': 'Energy', 'seen.Industry': 'Media' })
      .expect(303);
    await csm.get(`/console/accounts/${ids.fine}/attributes/edit?field=Nonsense`).expect(404);
  });
});

test('the morning page tells what changed since yesterday in one’s own accounts, and which renewals come', async () => {
  await sql`create table if not exists health_readings_now partition of health_readings default`.execute(db);
  await sql`insert into health_readings (day, account_id, status, rank, score, open_cases, urgent_cases, contacts)
            select current_date - 1, account_id, 'paying', 'good', 90, 0, 0, 0 from health where status = 'paying'
            on conflict (account_id, day) do update set rank = 'good', score = 90`.execute(db);
  await sql`update health set renewal_on = current_date + 20 where account_id = ${ids.fine}`.execute(db);
  await sql`insert into health_history (batch, account_id, status, reasons, occurred_at)
            values (nextval('health_batches'), ${ids.prospect}, 'unknown', '[]', now())`.execute(db);
  const html = await page('/console');
  const [, changed = ''] = html.split('id="changed"');
  const [own = ''] = changed.split('id="attention"');
  expect(own).toContain('Aldgate Printing');
  expect(own).not.toContain('Lone Star');
  expect(html.split('id="renewals"')[1]).toContain('Bergen Foods');
  expect(await page('/console', support)).toContain('<h1>Overview</h1>');
});
