import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { keepHook } from '../../src/campaigns/outcomes/hook-inbox.ts';
import { proveRun } from '../../src/campaigns/runs/proof.ts';
import { db, pool, sql } from '../../src/platform/db.ts';
import { enqueue } from '../../src/platform/jobs.ts';
import { givenOwner, givenRun } from '../support/campaigns.ts';
import { accepts, startSink } from '../support/mail-sink.ts';
import { launch, type Running } from '../support/processes.ts';

/*
 * Workers that send campaigns are killed, stopped and shut down while they do: nobody is written to twice, nobody is forgotten, and the ledger,
 * the counters and the provider agree in the end (F1–F3, F14). `SEEDS=20 npm run test:faults` for many, `SEED=7` for one.
 */
const isLong = process.env.SEEDS !== undefined;
const FIRST = Number(process.env.SEED ?? (isLong ? 1 : Date.now() % 10_000));
const seeds = Array.from({ length: process.env.SEED === undefined ? Number(process.env.SEEDS ?? 1) : 1 }, (_, index) => FIRST + index); // prettier-ignore
const SIZE = isLong
  ? { runs: 5, people: 4_000, batchSize: 100, kills: 12 }
  : { runs: 2, people: 300, batchSize: 20, kills: 2 };

/** Every point at which a worker dies between claiming a batch and settling it, and while it takes in what the provider tells. */
const points = ['claimed', 'assembled', 'sending', 'posting', 'answered', 'settled', 'taking_in', 'taken_in'];

const sink = await startSink(() => ({ ...accepts, milliseconds: 5 + 20 * Math.random() }));
const workers = new Set<Running>();
let owner: Awaited<ReturnType<typeof givenOwner>>;
let random = Math.random;

beforeAll(async () => {
  owner = await givenOwner();
});
afterEach(async () => {
  for (const worker of workers) await kill(worker);
});
afterAll(async () => {
  await pool.end();
  await sink.close();
});

test.for(seeds)(
  'killed at any point, workers write to nobody twice and forget nobody (F1, seed %i)',
  { timeout: 600_000 },
  async (seed) => {
    random = seeded(seed);
    const runs = await beginRuns();
    const fault = (kill: number) =>
      `seed:${String(seed * 100 + kill)},${points.map((point) => `${point}:0.02`).join(',')}`;
    for (let kill = 0; kill < SIZE.kills; kill += 1) {
      const worker = await start(fault(kill));
      await until(
        async () =>
          worker.child.exitCode !== null || worker.child.signalCode !== null || (await areDone(runs)),
        30,
      );
      await end(worker);
    }
    await expectAllDone(runs);
  },
);

test.for(seeds)('killed at random moments, too (F2, seed %i)', { timeout: 600_000 }, async (seed) => {
  random = seeded(seed);
  const runs = await beginRuns();
  for (let kill = 0; kill < SIZE.kills; kill += 1) {
    const pair = isLong ? [await start(), await start()] : [await start()];
    await tellUntil(150 + 350 * random());
    for (const worker of pair) await end(worker);
  }
  await expectAllDone(runs);
});

test.for(seeds)(
  'a worker that was stopped for longer than its lease and goes on sends nothing that others sent (F3, seed %i)',
  { timeout: 600_000 },
  async (seed) => {
    random = seeded(seed);
    const runs = await beginRuns();
    const zombie = await start(`seed:${String(seed)},sending:0.3:STOP`);
    await until(() => isStopped(zombie), 30);
    const other = await start();
    await expectAllDone(runs, other);
    const before = runs.map(({ runId }) => sink.takenOf(runId).size);
    zombie.child.kill('SIGCONT');
    await sleep(700);
    expect(runs.map(({ runId }) => sink.takenOf(runId).size)).toEqual(before);
    await expectAllDone(runs, other);
  },
);

test.for(seeds)(
  'workers that are shut down in the middle finish what they hold, within ten seconds (F14, seed %i)',
  { timeout: 600_000 },
  async (seed) => {
    random = seeded(seed);
    const runs = await beginRuns();
    for (let deploy = 0; deploy < Math.ceil(SIZE.kills / 3); deploy += 1) {
      const worker = await start();
      await tellUntil(200 + 300 * random());
      const since = Date.now();
      worker.child.kill('SIGTERM');
      expect(await worker.ended).toBe(0);
      expect(Date.now() - since).toBeLessThan(10_000);
      workers.delete(worker);
      const { rows } =
        await sql`select from batches where state in ('sending', 'doubt') and run_id = any(${runs.map(({ runId }) => runId)}::bigint[])`.execute(
          db,
        );
      expect(rows.length).toBe(0);
    }
    await expectAllDone(runs);
  },
);

test(
  'two workers share a run; one that joins helps, and nothing is lost with one that leaves',
  { timeout: 600_000 },
  async () => {
    random = seeded(FIRST);
    const run = await givenRun(owner, { people: SIZE.people, batchSize: 2 });
    const first = await start();
    await run.begin();
    await tellUntil(150);
    const second = await start();
    await until(async () => (await sentBy(run.runId)) >= 2, 30);
    expect(await sentBy(run.runId)).toBeGreaterThanOrEqual(2);
    await end(first);
    await expectAllDone([run], second);
  },
);

/** How many workers have sent batches of a run. */
async function sentBy(runId: number): Promise<number> {
  const { rows } = await sql<{ workers: number }>`
    select count(distinct leased_by) as workers from batches where run_id = ${runId} and state = 'sent'`.execute(
    db,
  );
  return rows[0]?.workers ?? 0;
}

type Run = Awaited<ReturnType<typeof givenRun>>;

async function beginRuns(): Promise<Run[]> {
  const runs: Run[] = [];
  for (let run = 0; run < SIZE.runs; run += 1)
    runs.push(await givenRun(owner, { people: SIZE.people, batchSize: SIZE.batchSize }));
  for (const { begin } of runs) await begin();
  return runs;
}

async function start(fault?: string): Promise<Running> {
  const worker = await launch(['test/campaigns/mailer.ts'], {
    SENDGRID_API_KEY: 'SG.test', SENDGRID_BASE_URL: sink.url, LOG_LEVEL: 'silent', CAMPAIGN_LEASE_SECONDS: '2', CAMPAIGN_GRACE_SECONDS: '1',
    ...(fault !== undefined && { FAULT: fault }),
  }); // prettier-ignore
  workers.add(worker);
  await freeJobs();
  return worker;
}

async function kill(worker: Running): Promise<void> {
  worker.child.kill('SIGKILL');
  await worker.ended;
  workers.delete(worker);
}

async function end(worker: Running): Promise<void> {
  await kill(worker);
  await freeJobs();
}

/** What dead workers held is free at once, without waiting for their hearts; and the clock ticks. */
async function freeJobs(): Promise<void> {
  await sql`select graphile_worker.force_unlock_workers(array(select distinct locked_by from graphile_worker._private_jobs where locked_by is not null))`.execute(
    db,
  );
  await sql`update graphile_worker._private_jobs set run_at = now() where run_at > now() and attempts < max_attempts`.execute(
    db,
  );
  await tick();
}

async function tick(): Promise<void> {
  await enqueue(db, 'watch_mailing', {}, { key: 'clock:watch_mailing' });
}

/** The provider tells of what it took, a part of it more than once and out of order. */
async function tell(): Promise<void> {
  const events = sink.events();
  if (events.length === 0) return;
  await keepHook('sendgrid', JSON.stringify(events));
  if (random() < 0.2) await keepHook('sendgrid', JSON.stringify(events.toReversed()));
}

async function tellUntil(milliseconds: number): Promise<void> {
  const end = Date.now() + milliseconds;
  while (Date.now() < end) {
    await tell();
    await sleep(50);
  }
}

async function until(isSo: () => Promise<boolean>, seconds: number): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await isSo()) && Date.now() < end) {
    await tell();
    await tick();
    await sleep(100);
  }
}

async function areDone(runs: readonly Run[]): Promise<boolean> {
  const { rows } = await sql`
    select from runs where id = any(${runs.map(({ runId }) => runId)}::bigint[]) and ledger_hash is null`.execute(
    db,
  );
  const { rows: untaken } = await sql`select from hook_inbox limit 1`.execute(db);
  return rows.length === 0 && untaken.length === 0;
}

/** A worker that nobody kills has everything come to its end: what was never posted goes out once later mails are heard of. */
async function expectAllDone(runs: readonly Run[], worker?: Running): Promise<void> {
  const last = worker ?? (await start());
  const later = await givenRun(owner, { people: 1 });
  const since = Date.now();
  await until(async () => {
    const { rows } =
      await sql`select from batches where state in ('ready', 'sending') and run_id <> ${later.runId}`.execute(
        db,
      );
    return rows.length === 0;
  }, 60);
  await later.begin();
  await until(() => areDone([...runs, later]), 90);
  await tell();
  await until(() => areDone(runs), 30);
  const seconds = (Date.now() - since) / 1000;
  for (const { runId } of runs) {
    const times = [...sink.takenOf(runId).values()];
    expect(
      times.filter((each) => each !== 1),
      `written to more than once, of run ${String(runId)}`,
    ).toEqual([]);
    expect(times.length, `written to, of run ${String(runId)}, after ${String(seconds)} s`).toBe(SIZE.people);
    const proof = await proveRun(runId);
    expect(proof).toMatchObject({
      state: 'completed',
      sent: SIZE.people,
      heard: SIZE.people,
      isHashRight: true,
      problems: [],
    });
  }
  if (worker === undefined) await kill(last);
}

/** Whether the kernel holds the process. */
async function isStopped({ child }: Running): Promise<boolean> {
  const stat = await readFile(`/proc/${String(child.pid)}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')')).includes(' T ');
}

function seeded(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}
