import { recomputeAllHealth } from './health/health.ts';
import { pool } from './platform/db.ts';
import { createJobRunner, type JobHandlers } from './platform/job-runner.ts';
import { stopOnSignal } from './platform/process.ts';
import { sweep } from './platform/sweep.ts';
import { reactions } from './reactions.ts';
import { startSchedule } from './schedule.ts';

/** Every job that is put off by name, and what does it. Reactions to events are in reactions.ts. */
export const jobs: JobHandlers = { sweep, recompute_health: recomputeAllHealth };

if (import.meta.main) {
  const runner = createJobRunner({ reactions, jobs });
  const schedule = startSchedule();
  runner.start();
  process.send?.('ready');
  stopOnSignal('worker', async () => {
    await schedule.stop();
    await runner.stop();
    await pool.end();
  });
}
