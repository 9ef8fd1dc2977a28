import { recomputeAllHealth, recomputeDueHealth } from '../../src/health/health.ts';
import { tellHealth } from '../../src/insights/insights.ts';
import { db, pool, sql } from '../../src/platform/db.ts';

/* What a worker does about health, in a process of its own that a test can kill: `due` or `all` judges, `tell` tells the last batch. */

process.send?.('ready');
const [, , act] = process.argv;
if (act === 'due') await recomputeDueHealth();
if (act === 'all') await recomputeAllHealth();
if (act === 'tell') {
  const { rows } = await sql<{ data: { batch: number; accounts: number } }>`
    select data from events where name = 'health.changed' order by id desc limit 1`.execute(db);
  for (const { data } of rows) await tellHealth(data);
}
await pool.end();
