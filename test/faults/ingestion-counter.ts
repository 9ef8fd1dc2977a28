import { pool } from '../../src/platform/db.ts';
import { takeInUsage } from '../../src/usage/take-in.ts';

/* A process that does nothing but count what waits, to be killed by tests. */
process.send?.('ready');
for (;;) {
  await takeInUsage().catch(() => undefined);
  if (pool.ended) break;
  await new Promise((wait) => setTimeout(wait, 20));
}
