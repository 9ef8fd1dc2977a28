import { setTimeout as sleep } from 'node:timers/promises';

import { Admin } from '@platformatic/kafka';

const { now } = await import('../../../src/platform/clock.ts');
const { config } = await import('../../../src/platform/config.ts');
const { db, sql } = await import('../../../src/platform/db.ts');
const { createJobRunner } = await import('../../../src/platform/job-runner.ts');
const { stagesOf } = await import('../../../src/platform/kafka/relaying.ts');
const { topicOf } = await import('../../../src/platform/kafka/topics.ts');
const work = await import('./work.ts');

/* The worker that remains when the others are dead: this process. It works beside the test, which need not start anything anew for each look. */

/** Works until it is told to stop. What dead workers held has to be free by then. */
export async function startWorking(): Promise<{ stop: () => Promise<void> }> {
  await forgetMembers();
  const runner = createJobRunner(work);
  runner.start();
  return runner;
}

/** A broker waits for members that are gone until their session is over: they are gone at once. */
async function forgetMembers(): Promise<void> {
  if (config.KAFKA_BROKERS === undefined) return;
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...config.KAFKA_BROKERS] });
  for (const stage of stagesOf(work))
    await admin.removeMembersFromConsumerGroup({ groupId: topicOf(stage) }).catch(noSuchGroup);
  await admin.close();
}

function noSuchGroup(): void {
  /* Nobody has joined it yet. */
}

const tasks = ['fan_out', 'react', ...Object.keys(work.jobs)];
const LONGEST_SECONDS = 60;

/** Nothing is due and nothing under way, whoever does it. @throws where that takes a minute */
export async function whenIdle(): Promise<void> {
  const end = performance.now() + LONGEST_SECONDS * 1_000;
  while (!(await isIdle())) {
    if (performance.now() > end) throw new Error(`still at work after ${String(LONGEST_SECONDS)} s`);
    await sleep(10);
  }
}

async function isIdle(): Promise<boolean> {
  const { rows } = await sql<{ idle: boolean }>`
    select not exists (
        select from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
        where t.identifier = any(${tasks}::text[]) and (j.locked_at is not null or (j.run_at <= now() and j.attempts < j.max_attempts)))
      and not exists (select from event_relay where due_at <= ${now()})
      and not exists (select from event_inbox where state in ('sent', 'running')) as idle`.execute(db);
  return rows[0]?.idle === true;
}
