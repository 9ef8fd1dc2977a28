import { afterAll, expect, test } from 'vitest';

import { db, pool, sql } from '../../src/platform/db.ts';
import { freeJobsOfTheDead, secondsSinceHeartbeat } from '../../src/platform/heartbeats.ts';
import { createJobRunner } from '../../src/platform/job-runner.ts';
import { enqueue, type Reactions } from '../../src/platform/jobs.ts';
import '../../src/platform/sweep.ts';

afterAll(() => pool.end());

const until = async (isTrue: () => boolean | Promise<boolean>) => {
  while (!(await isTrue())) await new Promise((wait) => setTimeout(wait, 20));
};

test('a worker beats while it runs, and takes over what a silent one held', async () => {
  await sql`select graphile_worker.add_job('greet')`.execute(db);
  await sql`
    update graphile_worker._private_jobs set locked_by = 'pool-that-was-killed', locked_at = now() - interval '40 seconds',
      attempts = 1`.execute(db);
  await sql`
    insert into worker_heartbeats values ('killed', array['pool-that-was-killed'], now() - interval '1 hour',
      now() - interval '40 seconds')`.execute(db);

  let greetings = 0;
  const jobs = { greet: () => Promise.resolve(greetings++) } as never;
  const runner = createJobRunner({ reactions: {} as Reactions, jobs });
  runner.start();
  await until(() => greetings === 1);
  expect(await secondsSinceHeartbeat()).toBeLessThan(10);

  await runner.stop();
  expect(await secondsSinceHeartbeat()).toBeUndefined();
});

test('a worker survives the loss of all its database connections and goes on', async () => {
  let greetings = 0;
  const jobs = { greet: () => Promise.resolve(greetings++) } as never;
  const runner = createJobRunner({ reactions: {} as Reactions, jobs });
  runner.start();
  await until(async () => (await secondsSinceHeartbeat()) !== undefined);
  await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`.execute(db);
  await sql`select graphile_worker.add_job('greet')`.execute(db);
  await until(() => greetings === 1);
  await runner.stop();
});

test('a worker that was taken for dead, and goes on, does not cross out what was asked for since', async () => {
  let begun = 0;
  const { promise: held, resolve: goOn } = Promise.withResolvers<undefined>();
  const greet = async () => {
    begun += 1;
    await held;
  };
  const ask = (later: string) =>
    sql`select graphile_worker.add_job('greet', job_key => 'greet', run_at => now() + ${later}::interval)`.execute(db);
  const runner = createJobRunner({ reactions: {} as Reactions, jobs: { greet } as never });
  runner.start();
  await ask('0');
  await until(async () => begun === 1 && (await secondsSinceHeartbeat()) !== undefined);
  await sql`update graphile_worker._private_jobs set run_at = now() + interval '1 hour'`.execute(db);
  await freeJobsOfTheDead(new Date(Date.now() + 60_000));
  await ask('2 hours');
  goOn(undefined);
  await runner.stop();
  const { rows } = await sql`delete from graphile_worker._private_jobs returning key, locked_by`.execute(db);
  expect(rows).toEqual([{ key: 'greet', locked_by: null }]);
}); // prettier-ignore

test('what is asked for just when a job of its key begins is done after it', async () => {
  const ask = () => enqueue(db, 'sweep', {}, { key: 'sweep' });
  await ask();
  const worker = await pool.connect();
  await worker.query('begin');
  await worker.query(`update graphile_worker._private_jobs set locked_at = now(), locked_by = 'somebody', attempts = 1`);
  const asked = ask();
  const isWaiting = () => sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
  await until(async () => (await isWaiting()).rows.length > 0);
  await worker.query('commit');
  worker.release();
  await asked;
  const { rows } = await sql`delete from graphile_worker._private_jobs returning key, locked_by`.execute(db);
  expect(rows).toEqual(expect.arrayContaining([{ key: null, locked_by: 'somebody' }, { key: 'sweep', locked_by: null }]));
}); // prettier-ignore

test.each([0, 2, 5, 10, 20, 40])('a worker that is told to stop %i ms after it began ends, and takes nothing more', async (milliseconds) => {
  const runner = createJobRunner({ reactions: {} as Reactions, jobs: { greet: () => Promise.resolve() } as never });
  runner.start();
  await new Promise((wait) => setTimeout(wait, milliseconds));
  await runner.stop();
  await sql`select graphile_worker.add_job('greet')`.execute(db);
  await new Promise((wait) => setTimeout(wait, 50));
  const { rows } = await sql`delete from graphile_worker._private_jobs returning locked_at, attempts`.execute(db);
  expect(rows).toEqual([{ locked_at: null, attempts: 0 }]);
}); // prettier-ignore
