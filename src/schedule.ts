import { createTask } from 'node-cron';

import { now } from './platform/clock.ts';
import { sql, transaction } from './platform/db.ts';
import { enqueue, type JobName, type Jobs } from './platform/jobs.ts';
import { log } from './platform/log.ts';

type Scheduled = { [Name in JobName]: { at: string; job: Name; payload: Jobs[Name] } }[JobName];

/**
 * Everything the clock sets off; `at` is a cron pattern in UTC. Every worker has this clock. A tick only enqueues,
 * and is written down first, so that any number of workers set it off once.
 */
const schedule: readonly Scheduled[] = [
  { at: '17 3 * * *', job: 'sweep', payload: {} },
  { at: '47 3 * * *', job: 'forget_expired', payload: {} },
  { at: '11 2 * * *', job: 'compare_mirror', payload: {} },
  { at: '7 * * * *', job: 'recompute_health', payload: {} },
  { at: '37 * * * *', job: 'forget_uploads', payload: {} },
  { at: '52 * * * *', job: 'note_insight_acts', payload: {} },
  { at: '27 * * * *', job: 'note_milestones', payload: {} },
  { at: '*/5 * * * * *', job: 'take_in_usage', payload: {} },
  { at: '23 * * * *', job: 'match_usage', payload: {} },
  { at: '57 3 * * *', job: 'forget_usage', payload: {} },
  { at: '41 3 * * *', job: 'forget_pages', payload: {} },
  { at: '*/10 * * * * *', job: 'take_in_hooks', payload: {} },
  { at: '*/5 * * * * *', job: 'watch_mailing', payload: {} },
  { at: '*/10 * * * * *', job: 'trigger_campaigns', payload: {} },
  { at: '20 * * * * *', job: 'advance_tracks', payload: {} },
  { at: '40 */5 * * * *', job: 'watch_tracks', payload: {} },
  { at: '32 * * * *', job: 'count_goals', payload: {} },
  { at: '27 * * * *', job: 'refresh_benchmarks', payload: {} },
  { at: '12 * * * *', job: 'watch_alerts', payload: {} },
  { at: '*/5 * * * *', job: 'send_digests', payload: {} },
  { at: '27 4 * * *', job: 'forget_alerts', payload: {} },
  { at: '31 4 * * *', job: 'forget_channels', payload: {} },
  { at: '13 * * * *', job: 'refresh_segments', payload: {} },
  { at: '37 23 * * *', job: 'compare_segments', payload: {} },
];

export function startSchedule(): { stop: () => Promise<void> } {
  const tasks = schedule.map((line) =>
    createTask(line.at, ({ date }) => tick(line, date), {
      timezone: 'UTC',
      name: line.job,
      suppressMissedWarning: true,
    }),
  );
  for (const task of tasks) void task.start();
  return {
    async stop() {
      for (const task of tasks) await task.destroy();
    },
  };
}

async function tick({ job, payload }: Scheduled, at: Date): Promise<void> {
  try {
    await transaction(async (tx) => {
      const { rows } = await sql`
        insert into clock_ticks (job, at) values (${job}, ${at}) on conflict do nothing returning job`.execute(
        tx,
      );
      if (rows.length === 1) await enqueue(tx, job, payload, { key: `clock:${job}` });
    });
  } catch (error) {
    log.error({ err: error, job, at: now() }, 'a tick of the clock was lost');
  }
}
