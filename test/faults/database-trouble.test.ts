import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';
import pg from 'pg';
import request from 'supertest';

process.env.DATABASE_POOL = '6';
const { createApp } = await import('../../src/app.ts');
const { db, pool, sql } = await import('../../src/platform/db.ts');
const { givenCustomer, sessionCookieOf } = await import('../support/people.ts');

/** F4, F5: the database is there, but cannot do what it is asked. */
const app = createApp();
let cookie: string;

beforeAll(async () => {
  cookie = await sessionCookieOf(app, await givenCustomer());
});
afterAll(() => pool.end());

const openCase = (id: string) =>
  request(app)
    .post('/portal/cases')
    .set('Cookie', cookie)
    .field({ id, subject: 'Restore stops', description: 'At 40 %.', priority: 'high' });

test('F4: a full disk is said plainly with 503 and when to try again; once there is room the same case is taken', async () => {
  await sql`create function refuse() returns trigger language plpgsql as
    $$ begin raise exception using errcode = 'disk_full', message = 'could not extend file'; end $$`.execute(
    db,
  );
  await sql`create trigger full_disk before insert on cases execute function refuse()`.execute(db);
  const id = randomUUID();
  const refused = await openCase(id);
  expect(refused.status).toBe(503);
  expect(refused.headers['retry-after']).toBe('5');
  expect(refused.text).not.toContain('could not extend');

  await sql`drop trigger full_disk on cases`.execute(db);
  await openCase(id).expect(303);
});

test('F4, F5: while a lock holds up every connection of the pool, requests wait; when it is gone all are answered', async () => {
  const blocker = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await blocker.connect();
  await blocker.query('begin; lock table cases in access exclusive mode');
  const pages = Array.from({ length: 24 }, () =>
    request(app)
      .get('/portal/cases')
      .set('Cookie', cookie)
      .then(({ status }) => status),
  );
  await new Promise((wait) => setTimeout(wait, 1_000));
  await request(app).get('/healthz').expect(200);
  await blocker.query('rollback');
  expect(new Set(await Promise.all(pages))).toEqual(new Set([200]));
  await blocker.end();
});

test('F5: a statement that runs into its time limit is answered with 503, and the next request with the page', async () => {
  const blocker = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await blocker.connect();
  await blocker.query('begin; lock table cases in access exclusive mode');
  const connections = await Promise.all(Array.from({ length: 6 }, () => pool.connect()));
  for (const connection of connections) {
    await connection.query(`set lock_timeout = '300ms'`);
    connection.release();
  }
  await request(app).get('/portal/cases').set('Cookie', cookie).expect(503);
  await blocker.query('rollback');
  await blocker.end();
  await request(app).get('/portal/cases').set('Cookie', cookie).expect(200);
});
