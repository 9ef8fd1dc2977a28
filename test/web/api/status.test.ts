import { afterAll, expect, test } from 'vitest';
import request from 'supertest';

import { createApp } from '../../../src/app.ts';
import { db, pool, sql } from '../../../src/platform/db.ts';
import { noteService } from '../../../src/platform/readiness.ts';

const app = createApp();
afterAll(() => pool.end());

test('/healthz says that the process answers', async () => {
  await request(app).get('/healthz').expect(200, { status: 'ok' });
});

test('/readyz shows a missing worker and a silent Salesforce as degraded, with 200', async () => {
  await noteService('salesforce', false, 'no answer in 10 s');
  const answer = await request(app).get('/readyz').expect(200);
  expect(answer.body).toMatchObject({
    status: 'degraded',
    checks: {
      database: { status: 'ok' },
      worker: { status: 'degraded' },
      salesforce: { detail: 'no answer in 10 s' },
    },
  });
});

test('/readyz answers 503 while a migration is missing', async () => {
  await sql`update migrations set name = 'gone' where name = '0001-platform.sql'`.execute(db);
  const answer = await request(app).get('/readyz').expect(503);
  expect(answer.body).toMatchObject({ checks: { database: { detail: 'not migrated: 0001-platform.sql' } } });
  await sql`update migrations set name = '0001-platform.sql' where name = 'gone'`.execute(db);
});

test('/metrics shows requests and jobs in the format of Prometheus', async () => {
  await sql`select graphile_worker.add_job('sweep')`.execute(db);
  const { text } = await request(app).get('/metrics').expect(200);
  expect(text).toContain('rapport_jobs{state="waiting"} 1');
  expect(text).toContain('process_cpu_seconds_total');
});
