import { pool, sql, db } from '../../src/platform/db.ts';
import { createJobRunner } from '../../src/platform/job-runner.ts';
import type { Reactions } from '../../src/platform/jobs.ts';
import { stopOnSignal } from '../../src/platform/process.ts';

/* A worker that notes who did what, each time somebody did: what tests kill, and start again. */

async function note({ word }: { word: string }): Promise<void> {
  await sql`insert into notes (word, pid) values (${word}, ${process.pid})`.execute(db);
  await new Promise((wait) => setTimeout(wait, 20));
  if (word === 'deadly' && process.env.MORTAL !== undefined) process.kill(process.pid, 'SIGKILL');
}

const work = { reactions: { 'test.happened': { note } } as unknown as Reactions, jobs: {} as never };
const runner = createJobRunner(work, { without: (process.env.WITHOUT ?? '').split(',') });
runner.start();
process.send?.('ready');
stopOnSignal('noter', async () => {
  await runner.stop();
  await pool.end();
});
