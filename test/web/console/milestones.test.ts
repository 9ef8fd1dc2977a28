import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { noteMilestones } from '../../../src/insights/milestones.ts';
import { db, pool, sql } from '../../../src/platform/db.ts';
import { expectAccessible, looks, screenshot, useBrowser } from '../../support/browser.ts';
import { givenAccount, givenCase } from '../../support/mirror.ts';
import { givenStaff, signedIn } from '../../support/people.ts';

const app = createApp();
const browser = useBrowser(() => app);
const page = '/console/insights/milestones';

const csm = await givenStaff({ roles: ['csm'] });
const rep = await givenStaff({ roles: ['rep'] });
let account: { id: string; name: string };

beforeAll(async () => {
  account = await givenAccount({ name: 'Halden Freight Group' });
  for (let each = 0; each < 3; each += 1) await givenCase({ account });
  await noteMilestones();
});

afterAll(() => pool.end());

const draft = {
  name: 'Many questions',
  headline: 'Three questions are open at once: somebody should call',
  rule: JSON.stringify({ field: 'account.openCases', op: 'atLeast', value: 3 }),
  repeats: 'again',
  past: 'told',
};

test('a success manager defines a milestone, and the console and the outbox tell who reached it', async () => {
  const person = await signedIn(app, csm);
  await person.get(`${page}/new`).expect(200);
  await person.post(`${page}/new`).type('form').send(draft).expect(303).expect('location', page);
  await noteMilestones();
  const { text } = await person.get(page).expect(200);
  expect(text).toContain('Many questions');
  expect(text).toMatch(/open cases at least 3/i);
  const { text: told } = await person.get('/console/insights?kind=milestone.reached').expect(200);
  expect(told).toContain('Three questions are open at once');
  expect(told).toContain('Milestone: Many questions');
  const { text: other } = await person.get('/console/insights?kind=health.changed').expect(200);
  expect(other).not.toContain('Three questions are open at once');
  const { text: profile } = await person.get(`/console/accounts/${account.id}/insights`).expect(200);
  expect(profile).toContain('Many questions');
  expect(profile).toMatch(/open cases at least 3 \(found: 3\)/i);
});

test('what cannot be taken is said beside its field, and nothing typed is lost', async () => {
  const person = await signedIn(app, csm);
  const answer = await person
    .post(`${page}/new`)
    .type('form')
    .send({ ...draft, name: '', rule: '{"field":"account.gone","op":"is","value":1}' })
    .expect(422);
  expect(answer.text).toContain('Three questions are open at once: somebody should call');
  expect(answer.text).toContain('account.gone');
  for (const rule of ['{', '[]', '{"all":', 'null', `{"any":[${'{"all":['.repeat(50)}${']}'.repeat(50)}]}`, 'x'.repeat(60_000)])
    expect((await person.post(`${page}/new`).type('form').send({ ...draft, rule })).status).toBe(422);
}); // prettier-ignore

test('it is changed, paused, resumed and deleted from the list', async () => {
  const person = await signedIn(app, csm);
  const { rows } = await sql<{ id: string }>`
    select id from insight_definitions where name = 'Many questions'`.execute(db);
  const id = rows[0]?.id ?? '';
  await person.get(`${page}/${id}`).expect(200);
  await person
    .post(`${page}/${id}`)
    .type('form')
    .send({ ...draft, name: 'Lots of questions' })
    .expect(303);
  await person.post(`${page}/${id}/pauses`).expect(303);
  expect((await person.get(page)).text).toContain('Paused');
  await person.post(`${page}/${id}/resumptions`).expect(303);
  await person.post(`${page}/${id}/deletions`).expect(303);
  expect((await person.get(page)).text).not.toContain('Lots of questions');
  await person.get(`${page}/${id}`).expect(404);
});

test('reps read what is defined, and change nothing', async () => {
  const person = await signedIn(app, rep);
  const { text } = await person.get(page).expect(200);
  expect(text).toContain('Usage halved');
  expect(text).not.toContain(`${page}/new`);
  await person.post(`${page}/new`).type('form').send(draft).expect(403);
  await request(app).get(page).expect(303);
});

test('the pages are accessible, wide and light or narrow and dark', async () => {
  for (const look of looks.filter(({ width, scheme }) => width > 1000 === (scheme === 'light'))) {
    const context = await browser.signedIn(csm, look);
    const window = await context.newPage();
    for (const path of [page, `${page}/new`]) {
      await window.goto(browser.url + path);
      await expectAccessible(window);
      await screenshot(window, `milestones-${path}-${String(look.width)}-${look.scheme}`);
    }
    await context.close();
  }
}, 60_000);
