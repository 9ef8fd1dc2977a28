import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { freePort } from '../../scripts/postgres.ts';
import { db, pool, sql } from '../../src/platform/db.ts';
import { eventually, launch, type Running } from '../support/processes.ts';
import { givenCustomer, sessionCookieOf } from '../support/people.ts';

/** F14: new versions are rolled out while people work: SIGTERM, drain, start, over and over. */
const DEPLOYS = 3;
const LONGEST_DRAIN_MILLISECONDS = 10_000;

let port: number;
let environment: Record<string, string>;
let web: Running;
let worker: Running;
/** Who opens cases: a name, and the cookie of their session. */
const signedIn: [string, string][] = [];

const startWeb = () => launch(['src/server.ts'], environment);
const startWorker = () => launch(['src/worker.ts'], environment);

beforeAll(async () => {
  port = await freePort();
  environment = {
    PORT: String(port),
    SANDBOX_URL: `http://127.0.0.1:${String(await freePort())}`,
    LOG_LEVEL: 'silent',
  };
  [web, worker] = await Promise.all([startWeb(), startWorker()]);
  for (const name of ['Ada', 'Ben', 'Cleo', 'Dan'])
    signedIn.push([name, await sessionCookieOf(origin(), await givenCustomer({ name }))]);
});
afterAll(async () => {
  for (const { child, ended } of [web, worker]) {
    child.kill('SIGTERM');
    await ended;
  }
  await pool.end();
});

/** Ends a process as a deploy does; it must drain in time and end with 0. */
async function drained({ child, ended }: Running): Promise<void> {
  const since = Date.now();
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(Date.now() - since).toBeLessThan(LONGEST_DRAIN_MILLISECONDS);
}

/** As many as one person may open in an hour, less a few. */
const MOST_CASES = 50;

/** Somebody opens cases one after another, sending each again until it is answered; resolves to how many. */
async function openCases([name, cookie]: [string, string], isOver: () => boolean): Promise<number> {
  let opened = 0;
  while (!isOver() && opened < MOST_CASES) {
    const subject = `${name} ${String(opened)}`;
    const draft = { id: randomUUID(), subject, description: 'During a deploy.', priority: 'medium' };
    while (!(await isTaken(draft, cookie))) await new Promise((wait) => setTimeout(wait, 20));
    opened += 1;
  }
  return opened;
}

const origin = () => `http://127.0.0.1:${String(port)}`;

async function isTaken(draft: Record<string, string>, cookie: string): Promise<boolean> {
  const body = new FormData();
  for (const [name, value] of Object.entries(draft)) body.set(name, value);
  const headers = { cookie, connection: 'close', 'sec-fetch-site': 'same-origin' };
  const sent = fetch(`${origin()}/portal/cases`, { method: 'POST', headers, body, redirect: 'manual' });
  const answer = await sent.catch(() => undefined);
  if (answer === undefined) return false;
  if (answer.status !== 303) throw new Error(`${String(answer.status)}: ${await answer.text()}`);
  return true;
}

test(
  'F14: deploys during a burst lose and double no case and no reaction, and drain within ten seconds',
  { timeout: 180_000 },
  async () => {
    let isOver = false;
    const people = signedIn.map((person) => openCases(person, () => isOver));
    for (let deploy = 0; deploy < DEPLOYS; deploy++) {
      await new Promise((wait) => setTimeout(wait, 500));
      await Promise.all([drained(web), drained(worker)]);
      [web, worker] = await Promise.all([startWeb(), startWorker()]);
    }
    isOver = true;
    const opened = (await Promise.all(people)).reduce((sum, each) => sum + each, 0);
    expect(opened).toBeGreaterThan(10);

    const { rows } = await sql<{ subject: string }>`select subject from cases`.execute(db);
    expect(rows.length).toBe(opened);
    expect(new Set(rows.map(({ subject }) => subject)).size).toBe(opened);

    const unreacted = async () =>
      (
        await sql`select 1 from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
                where t.identifier in ('fan_out', 'react')`.execute(db)
      ).rows.length;
    await eventually(unreacted, (jobs) => jobs === 0, 60);
  },
);
