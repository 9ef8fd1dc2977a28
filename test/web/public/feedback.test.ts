import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { preferencesUrl } from '../../../src/campaigns/mailing/links.ts';
import { db, pool, sql } from '../../../src/platform/db.ts';
import { givenOwner, givenRun } from '../../support/campaigns.ts';

const app = createApp();
let runId: number;

beforeAll(async () => {
  ({ runId } = await givenRun(await givenOwner(), { people: 3, name: 'LM7 Quiet trial about to expire' }));
});
afterAll(() => pool.end());

const pathOf = (n: number, locale?: string, run = runId): string =>
  `${new URL(preferencesUrl({ runId: run, n }, locale)).pathname}/feedback`;
const answer = (n: number, answers: object, run = runId) =>
  request(app)
    .post(pathOf(n, 'en', run))
    .type('form')
    .send(answers);

interface Task {
  rapport_id: string;
  Subject: string;
  Description: string;
  Status: string;
}
async function tasks(): Promise<Task[]> {
  const { rows } = await sql<{ task: Task }>`
    select fields || jsonb_build_object('rapport_id', rapport_id) as task from outbox where sobject = 'Task' order by id`.execute(
    db,
  );
  return rows.map(({ task }) => task);
}

test('the form asks three questions in the language of the mail, and looking at it changes nothing', async () => {
  const german = await request(app).get(pathOf(1, 'de'));
  expect(german.status).toBe(200);
  expect(german.text).toContain('Was kam dazwischen?');
  expect(german.headers['referrer-policy']).toBe('no-referrer');
  expect((await request(app).get(pathOf(1, 'ja'))).text).toContain('何が妨げになりましたか');
  expect(await tasks()).toEqual([]);
});

test('answers become a task of the account’s owner: done, unless a call is wanted', async () => {
  const answered = await answer(1, { hindrance: 'missing', wish: 'Backups <of> tapes' });
  expect([answered.status, answered.text.includes('Your answers have arrived')]).toEqual([200, true]);
  await answer(2, { hindrance: 'time', wantsCall: 'on' });
  expect(await tasks()).toMatchObject([
    {
      Subject: 'Feedback: LM7 Quiet trial about to expire', Status: 'Completed',
      Description: 'Person 1\nSomething that they need is missing\nBackups <of> tapes',
    },
    { Status: 'Not Started', Description: 'Person 2\nThere was no time\nWould like to be called' },
  ]); // prettier-ignore
});

test('who answers again says it of the same task', async () => {
  await answer(1, { hindrance: 'unneeded' });
  const ids = (await tasks()).map((task) => task.rapport_id);
  expect(new Set(ids)).toEqual(new Set([`feedback:${String(runId)}:1`, `feedback:${String(runId)}:2`]));
});

test('nothing is taken without the first answer, and what was typed is still there', async () => {
  const before = await tasks();
  const refused = await answer(3, { wish: 'Peace and quiet' });
  expect(refused.status).toBe(422);
  expect(refused.text).toContain('Peace and quiet');
  expect((await answer(3, { hindrance: 'weather' })).status).toBe(422);
  expect(await tasks()).toEqual(before);
});

test('an address that we did not make leads nowhere; the answers to a test mail are not kept', async () => {
  const before = await tasks();
  const forged = pathOf(1).replace(/.(?=\/feedback$)/, (end) => (end === 'A' ? 'B' : 'A'));
  expect((await request(app).get(forged)).status).toBe(410);
  expect((await request(app).post(forged).type('form').send({ hindrance: 'time' })).status).toBe(410);
  expect((await request(app).get(pathOf(99))).status).toBe(410);
  expect((await answer(0, { hindrance: 'time' }, 0)).status).toBe(200);
  expect(await tasks()).toEqual(before);
});
