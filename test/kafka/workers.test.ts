import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { startBroker } from '../../scripts/kafka/broker.ts';
import { eventually, launch, type Running } from '../support/processes.ts';

/* Workers that come, go and die while events are carried, and a broker that does: on one of its own. */

const broker = await startBroker();
process.env.KAFKA_BROKERS = broker.address;
process.env.KAFKA_PARTITIONS = '4';
const { db, pool, sql, transaction } = await import('../../src/platform/db.ts');
const { record } = await import('../../src/platform/events.ts');
const { freeJobsOfTheDead } = await import('../../src/platform/heartbeats.ts');
const { readiness } = await import('../../src/platform/readiness.ts');

const workers = new Set<Running>();
const start = async (environment: Record<string, string> = {}) => {
  const worker = await launch(['test/kafka/noter.ts'], { LOG_LEVEL: 'silent', ...environment });
  workers.add(worker);
  return worker;
};
const end = async (worker: Running, signal: NodeJS.Signals) => {
  worker.child.kill(signal);
  workers.delete(worker);
  return await worker.ended;
};

let recorded = 0;
const happen = (count: number, word?: string) =>
  transaction(async (tx) => {
    for (let each = 0; each < count; each += 1) {
      recorded += 1;
      await record(tx, 'test.happened' as never, { word: word ?? `word ${String(recorded)}` } as never);
    }
  });

interface Notes {
  words: number;
  notes: number;
  pids: number;
}
async function notes(): Promise<Notes> {
  const { rows } = await sql<Notes>`
    select count(distinct word) as words, count(*) as notes, count(distinct pid) as pids from notes`.execute(db);
  return rows[0] ?? { words: 0, notes: 0, pids: 0 };
} // prettier-ignore
const allNoted = (count: number) => eventually(notes, ({ words }) => words === count, 40);

beforeAll(async () => {
  await sql`create table notes (word text not null, pid int not null)`.execute(db);
});
beforeEach(async () => {
  recorded = 0;
  await sql`truncate notes`.execute(db);
});
afterEach(async () => {
  for (const worker of workers) expect(await end(worker, 'SIGTERM')).toBe(0);
});
afterAll(async () => {
  await pool.end();
  await broker.discard();
});

test('a worker that joins takes its share, and one that leaves loses nothing and doubles nothing', async () => {
  const first = await start();
  await happen(40);
  await allNoted(40);
  await start();
  await eventually(
    async () => {
      await happen(20);
      await new Promise((wait) => setTimeout(wait, 200));
      return (await notes()).pids;
    },
    (pids) => pids === 2,
    30,
  );
  await happen(200);
  expect(await end(first, 'SIGTERM')).toBe(0);
  await happen(20);
  await allNoted(recorded);
  expect((await notes()).notes).toBe(recorded);
});

test('what a killed worker held, and what it would have got, is done by the others', async () => {
  await start({ MORTAL: 'yes' }).then(async (mortal) => {
    await happen(10);
    await happen(1, 'deadly');
    await happen(60);
    expect(await mortal.ended).toBe('SIGKILL');
    workers.delete(mortal);
  });
  await freeJobsOfTheDead(new Date(Date.now() + 60_000));
  await start();
  await allNoted(71);
  const { rows } = await sql<{ word: string; times: number }>`
    select word, count(*) as times from notes group by 1 having count(*) > 1`.execute(db);
  /* It had done what it was killed for, and whatever else it had in hand, but had not written that down. */
  expect(rows.length).toBeLessThanOrEqual(4);
  expect(rows).toContainEqual({ word: 'deadly', times: 2 });
}); // prettier-ignore

test('while the broker is away events wait, which shows as degraded; with its return all of them are done, once', async () => {
  await start();
  await happen(30);
  await allNoted(30);
  await broker.kill();
  await happen(50);
  const { checks } = await eventually(readiness, ({ checks }) => checks.kafka?.status === 'degraded', 30);
  expect(checks.kafka?.detail).toContain('wait');
  expect((await notes()).words).toBe(30);
  await broker.start();
  await allNoted(80);
  expect((await notes()).notes).toBe(80);
  expect((await eventually(readiness, ({ checks }) => checks.kafka?.status === 'ok')).checks.kafka?.status).toBe('ok');
}); // prettier-ignore

test('workers that start before the broker does begin when it is there', async () => {
  await broker.kill();
  await start();
  await happen(20);
  await eventually(readiness, ({ checks }) => checks.kafka?.status === 'degraded', 30);
  await broker.start();
  await allNoted(20);
});

test('a relay that dies between sending and crossing out has it sent again, and nothing is done twice', async () => {
  const first = await start({ FAULT: 'relayed:1', WITHOUT: 'rest' });
  await happen(25);
  expect(await first.ended).toBe('SIGKILL');
  workers.delete(first);
  await freeJobsOfTheDead(new Date(Date.now() + 60_000));
  await start();
  await allNoted(25);
  await new Promise((wait) => setTimeout(wait, 500));
  expect((await notes()).notes).toBe(25);
});
