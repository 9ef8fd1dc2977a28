import { afterAll, beforeEach, expect, test } from 'vitest';

import { db, pool, sql, transaction } from '../../src/platform/db.ts';
import { record, type EventName } from '../../src/platform/events.ts';
import { drainJobs } from '../../src/platform/job-runner.ts';
import { deadLetters, discardDeadLetter, retryDeadLetter, type Reactions } from '../../src/platform/jobs.ts';
import { eventually } from '../support/processes.ts';

const seen: string[] = [];
let isBroken = false;

const happened = 'test.happened' as EventName;
const reactions = {
  [happened]: {
    note: (data: { word: string }) => Promise.resolve(void seen.push(data.word)),
    fail: () =>
      isBroken
        ? Promise.reject(new Error('the printer is on fire'))
        : Promise.resolve(void seen.push('mended')),
  },
} as unknown as Reactions;
const work = { reactions, jobs: {} as never };

/** The queue writes down a failure a moment after the job has ended. */
const drain = async () => {
  await drainJobs(work);
  const locked = async () =>
    (await sql`select 1 from graphile_worker._private_jobs where locked_at is not null`.execute(db)).rows
      .length;
  await eventually(locked, (jobs) => jobs === 0);
};
const happen = (word: string) => transaction((tx) => record(tx, happened, { word } as never));
const exhaust = () =>
  sql`update graphile_worker._private_jobs set attempts = max_attempts where attempts > 0`.execute(db);

beforeEach(async () => {
  seen.length = 0;
  isBroken = false;
  await sql`delete from graphile_worker._private_jobs`.execute(db);
});
afterAll(() => pool.end());

test('an event sets off each of its reactions', async () => {
  await happen('hello');
  await drain();
  expect(seen.sort()).toEqual(['hello', 'mended']);
});

test('an event of a transaction that fails never happened', async () => {
  await expect(
    transaction(async (tx) => {
      await record(tx, happened, { word: 'lost' } as never);
      throw new Error('changed my mind');
    }),
  ).rejects.toThrow('changed my mind');
  await drain();
  expect(seen).toEqual([]);
});

test('a reaction that fails retries alone, ends among the dead letters, and can be retried from there', async () => {
  isBroken = true;
  await happen('once');
  await drain();
  expect(seen).toEqual(['once']);

  await exhaust();
  const [letter] = await deadLetters();
  expect(letter).toMatchObject({ task: 'react', payload: { reaction: 'fail' } });
  expect(letter?.error).toContain('the printer is on fire');

  isBroken = false;
  await retryDeadLetter(letter?.id ?? '');
  await drain();
  expect(seen).toEqual(['once', 'mended']);
  expect(await deadLetters()).toEqual([]);
});

test('a dead letter can be discarded', async () => {
  isBroken = true;
  await happen('again');
  await drain();
  await exhaust();
  const [letter] = await deadLetters();
  await discardDeadLetter(letter?.id ?? '');
  expect(await deadLetters()).toEqual([]);
});

test('what an older worker does not know yet, while a deploy rolls out, waits for a newer one', async () => {
  await happen('news');
  await drainJobs({ ...work, reactions: {} as Reactions });
  expect(seen).toEqual([]);
  /* The failure is written down a moment after the queue has ended. */
  const put = sql`select from graphile_worker._private_jobs where attempts = 1 and locked_at is null`;
  await expect.poll(async () => (await put.execute(db)).rows.length).toBe(1);
  await sql`update graphile_worker._private_jobs set run_at = now()`.execute(db);
  await drain();
  expect(seen.sort()).toEqual(['mended', 'news']);

  await transaction((tx) =>
    sql`select graphile_worker.add_job('react', json_build_object('eventId', max(id), 'name', ${happened}::text, 'reaction', 'fail'))
        from events`.execute(tx),
  );
  await drainJobs({ ...work, reactions: { [happened]: {} } as unknown as Reactions });
  expect(await sql`select from graphile_worker._private_jobs`.execute(db)).toHaveProperty('rows.length', 1);
});
