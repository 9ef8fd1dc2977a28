import { readFileSync } from 'node:fs';

import pg from 'pg';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';

import { freePort } from '../../scripts/postgres.ts';
import { db, pool, sql } from '../../src/platform/db.ts';
import { takeInUsage } from '../../src/usage/take-in.ts';
import { eventually, launch, type Running } from '../support/processes.ts';
import { emptyUsage } from '../support/usage.ts';

/* Usage that was acknowledged is never lost, and counted once: whatever is killed (F1, F2), and however much comes (F13). */

const SEEDS = Number(process.env.SEEDS ?? 1);
const MB = 1024 * 1024;

let port: number;
let running: Running[] = [];

beforeEach(async () => {
  await emptyUsage();
  port = await freePort();
});
afterEach(async () => {
  for (const each of running) each.child.kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  running = [];
});
afterAll(() => pool.end());

async function started(args: string[], environment: Record<string, string> = {}): Promise<Running> {
  const one = await launch(args, {
    PORT: String(port),
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    ...environment,
  });
  running.push(one);
  return one;
}

async function killed(one: Running): Promise<void> {
  one.child.kill('SIGKILL');
  await one.ended;
}

interface Answer {
  status: number;
  retryAfter: string | null;
}

/** Sends one batch; undefined when no answer came. */
async function send(name: string, events: number): Promise<Answer | undefined> {
  const batch = Array.from({ length: events }, (_, index) => ({
    type: 'track', messageId: `${name}-${index}`, userId: `user ${index % 7}`, event: 'Restored a file',
    context: { groupId: `account ${index % 3}` }, properties: { module: 'Restore', note: 'x'.repeat(100) },
  })); // prettier-ignore
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Basic ${btoa('demo-write-key:')}` },
      body: JSON.stringify({ batch }),
      signal: AbortSignal.timeout(60_000),
    });
    await answer.arrayBuffer();
    return { status: answer.status, retryAfter: answer.headers.get('retry-after') };
  } catch {
    return undefined;
  }
}

/** Of the batches that were acknowledged, those of which anything is missing; and whether the sums are of what is stored. */
async function reckon(acknowledged: readonly string[], events: number) {
  await takeInUsage();
  const { rows: stored } = await sql<{ batch: string; events: number }>`
    select regexp_replace(message_id, '-\\d+$', '') as batch, count(*)::int as events from usage_events group by 1`.execute(db);
  const whole = new Set(stored.filter((one) => one.events === events).map(({ batch }) => batch));
  const { rows } = await sql<{ days: number; accounts: number; people: number; stored: number }>`
    select (select sum(events) from usage_days) as days, (select sum(events) from usage_account_days) as accounts,
      (select sum(events) from usage_person_days) as people, (select count(*) from usage_events) as stored`.execute(db);
  return { lost: acknowledged.filter((batch) => !whole.has(batch)), ...rows[0] };
} // prettier-ignore

test('whatever is killed while usage streams in: what was acknowledged is stored and counted once', { timeout: 120_000 * SEEDS }, async () => {
  const acknowledged: string[] = [];
  const over = new AbortController();
  const isOver = () => over.signal.aborted;
  let web = await started(['src/server.ts']);
  let counter = await started(['test/faults/ingestion-counter.ts']);
  const sender = async (name: string) => {
    for (let turn = 0; !isOver(); turn += 1) {
      const batch = `${name} ${turn}`;
      while (!isOver() && (await send(batch, 25))?.status !== 200) await pause(20);
      if (!isOver()) acknowledged.push(batch);
    }
  };
  const senders = ['ana', 'ben', 'cho', 'dee'].map(sender);
  for (let kill = 0; kill < 2 * SEEDS; kill += 1) {
    await pause(200 + Math.random() * 500);
    await killed(web);
    web = await started(['src/server.ts']);
    await pause(Math.random() * 300);
    await killed(counter);
    counter = await started(['test/faults/ingestion-counter.ts']);
  }
  await pause(500);
  over.abort();
  await Promise.all(senders);
  await killed(counter);
  await eventually(() => reckon(acknowledged, 25), ({ lost }) => lost.length === 0, 10);
  const sums = await reckon(acknowledged, 25);
  expect(acknowledged.length).toBeGreaterThan(10);
  expect([sums.days, sums.accounts, sums.people]).toEqual([sums.stored, sums.stored, sums.stored]);
}); // prettier-ignore

test('too much at once is turned away with a time to come back; memory stays, what was taken is stored', { timeout: 120_000 * SEEDS }, async () => {
  /* As production starts it. */
  const thrifty = ['--max-semi-space-size=8', '--max-old-space-size=256'];
  const web = await started([...thrifty, 'src/server.ts'], { DATABASE_POOL: '6', MALLOC_ARENA_MAX: '2' });
  expect((await send('warm', 200))?.status).toBe(200);
  const slow = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await slow.connect();
  await slow.query('begin; lock table usage_inbox in share mode');
  let most = 0;
  const before = memoryOf(web);
  const watch = setInterval(() => (most = Math.max(most, memoryOf(web))), 50);
  const flood = Array.from({ length: 200 * SEEDS }, (_, index) => send(`flood ${index}`, 1_000));
  await pause(4_000);
  expect((await send('one more', 1))?.status, 'while it is full').toBe(503);
  await slow.query('rollback');
  await slow.end();
  const answers = await Promise.all(flood);
  clearInterval(watch);
  const statuses = [...new Set(answers.map((answer) => answer?.status))].sort();
  const refused = answers.filter((answer) => answer?.status === 503);
  expect(statuses.filter((status) => status !== undefined)).toEqual([200, 503]);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.every((answer) => Number(answer?.retryAfter) > 0)).toBe(true);
  expect(most / MB, `${String(before / MB)} MB before`).toBeLessThan(300);
  await eventually(() => send('after', 1), (answer) => answer?.status === 200, 10);
  const taken = answers.flatMap((answer, index) => (answer?.status === 200 ? [`flood ${index}`] : []));
  expect((await reckon(taken, 1_000)).lost).toEqual([]);
}); // prettier-ignore

const pause = (milliseconds: number) => new Promise((wait) => setTimeout(wait, milliseconds));

/** Resident memory, in bytes. */
function memoryOf({ child }: Running): number {
  const [, pages = '0'] = readFileSync(`/proc/${String(child.pid)}/statm`, 'utf8').split(' ');
  return Number(pages) * 4096;
}
