import request from 'supertest';
import type TestAgent from 'supertest/lib/agent.js';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { db, pool, sql } from '../../../src/platform/db.ts';
import { deadLetters } from '../../../src/platform/jobs.ts';
import { givenStaff, signedIn } from '../../support/people.ts';

const app = createApp();
let admin: TestAgent;

beforeAll(async () => {
  admin = await signedIn(app, await givenStaff({ roles: ['admin'] }));
});

afterAll(() => pool.end());

/** A reaction that failed as often as it may, and a job that has not been tried yet. */
let dead: string;
let alive: string;
beforeEach(async () => {
  await sql`delete from graphile_worker._private_jobs`.execute(db);
  const add = async (task: string, payload: object) => {
    const { rows } = await sql<{ id: number }>`
      select id from graphile_worker.add_job(${task}, ${JSON.stringify(payload)}::json)`.execute(db);
    return String(rows[0]?.id);
  };
  dead = await add('react', { eventId: 7, name: 'case.opened', reaction: 'recomputeHealth' });
  alive = await add('sweep', {});
  await sql`
    update graphile_worker._private_jobs
    set attempts = max_attempts, last_error = ${'<b>it broke</b>\n  at line 1'} where id = ${dead}::bigint`.execute(
    db,
  );
});

test('an administrator sees what failed for good, why, and what it carried', async () => {
  const { text } = await admin.get('/console/dead-letters').expect(200);
  expect(text).toContain('case.opened → recomputeHealth');
  expect(text).toContain('&lt;b&gt;it broke&lt;/b&gt;');
  expect(text).toContain('&#34;eventId&#34;: 7');
  expect(text).not.toContain('sweep');
});

test('a dead letter is tried again with all its attempts', async () => {
  await admin
    .post(`/console/dead-letters/${dead}/retries`)
    .expect(303)
    .expect('Location', '/console/dead-letters');
  expect(await deadLetters()).toEqual([]);
  const { rows } = await sql<{ attempts: number }>`
    select attempts from graphile_worker._private_jobs where id = ${dead}::bigint`.execute(db);
  expect(rows).toEqual([{ attempts: 0 }]);
});

test('a dead letter is given up for good', async () => {
  await admin.post(`/console/dead-letters/${dead}/discards`).expect(303);
  const { rows } = await sql`select 1 from graphile_worker._private_jobs where id = ${dead}::bigint`.execute(
    db,
  );
  expect(rows).toEqual([]);
  const { text } = await admin.get('/console/dead-letters').expect(200);
  expect(text).toContain('No dead letters');
});

test('work that still has attempts is no dead letter, and is left alone', async () => {
  for (const act of ['retries', 'discards']) {
    await admin.post(`/console/dead-letters/${alive}/${act}`).expect(404);
    await admin.post(`/console/dead-letters/999999/${act}`).expect(404);
    await admin.post(`/console/dead-letters/nonsense/${act}`).expect(404);
  }
  const { rows } = await sql`select 1 from graphile_worker._private_jobs where id = ${alive}::bigint`.execute(
    db,
  );
  expect(rows).toHaveLength(1);
});

test('only administrators get there', async () => {
  for (const role of ['rep', 'csm', 'support'] as const) {
    const other = await signedIn(app, await givenStaff({ roles: [role] }));
    await other.get('/console/dead-letters').expect(403);
    await other.post(`/console/dead-letters/${dead}/retries`).expect(403);
    await other.post(`/console/dead-letters/${dead}/discards`).expect(403);
  }
  await request(app).get('/console/dead-letters').expect(303);
  await request(app).post(`/console/dead-letters/${dead}/discards`).expect(403);
  expect(await deadLetters()).toHaveLength(1);
});
