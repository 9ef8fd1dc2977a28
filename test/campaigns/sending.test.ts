import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { accepts, startSink, type Sink } from '../support/mail-sink.ts';

/* The settings are read when the product is first imported: the provider has to be there before. */
const sink: Sink = await startSink();
process.env.SENDGRID_BASE_URL = sink.url;
process.env.SENDGRID_API_KEY = 'SG.test';

const { givenOwner, givenRun } = await import('../support/campaigns.ts');
const { sql, db, pool } = await import('../../src/platform/db.ts');
const { drainJobs } = await import('../../src/platform/job-runner.ts');
const { reactions } = await import('../../src/reactions.ts');
const { jobs } = await import('../../src/worker.ts');
const { proveRun } = await import('../../src/campaigns/proof.ts');

const drain = () => drainJobs({ reactions, jobs });
let owner: Awaited<ReturnType<typeof givenOwner>>;

beforeAll(async () => {
  owner = await givenOwner();
});
beforeEach(async () => {
  sink.behave = () => accepts;
  await sql`update channel_states set closed_until = null, troubles = 0, next_at = null, per_minute = null`.execute(db);
});
afterAll(async () => {
  await pool.end();
  await sink.close();
});

test('a run goes out, each person once, and is proven', async () => {
  const { runId, begin } = await givenRun(owner, { people: 250, batchSize: 100 });
  await begin();
  await drain();
  const taken = sink.takenOf(runId);
  expect(taken.size).toBe(250);
  expect([...taken.values()].every((times) => times === 1)).toBe(true);
  const proof = await proveRun(runId);
  expect(proof).toMatchObject({ state: 'completed', sent: 250, problems: [], isHashRight: true });
});
