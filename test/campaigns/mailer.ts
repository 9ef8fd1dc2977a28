import { endRun } from '../../src/campaigns/runs/completion.ts';
import { sendBatches, sendRun, watchMailing } from '../../src/campaigns/mailing/mailing.ts';
import { takeInHooks } from '../../src/campaigns/outcomes/intake.ts';
import { pool } from '../../src/platform/db.ts';
import { createJobRunner, type JobHandlers } from '../../src/platform/job-runner.ts';
import type { Reactions } from '../../src/platform/jobs.ts';
import { stopOnSignal } from '../../src/platform/process.ts';

/* A worker of the stages mailing and webhooks alone: what tests kill, and start again, many times. */
const reactions = {
  'run.planned': { sendRun },
  'run.ended': {},
  'hooks.received': { takeInHooks },
  'deliveries.changed': {},
} as unknown as Reactions;
const jobs = {
  send_batches: sendBatches,
  watch_mailing: watchMailing,
  end_run: endRun,
  take_in_hooks: takeInHooks,
  send_mail: () => Promise.resolve(),
} as unknown as JobHandlers;

const runner = createJobRunner({ reactions, jobs });
runner.start();
process.send?.('ready');
stopOnSignal('mailer', async () => {
  await runner.stop();
  await pool.end();
});
