import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { freePort } from '../scripts/postgres.ts';
import { launch } from '../test/support/processes.ts';

import { emptyDatabase } from './database.ts';
import { closedLoop, interleave, openLoop, quantile, type Benchmark } from './harness.ts';

const BATCH = 100;
const CONNECTIONS = 8;
const PAIRS = 16;
const STEADY_PER_SECOND = 10_000;

/** P7: usage events taken and on disk before they are answered for, against reading them and no more; in batches of a hundred. */
export const usageIngestion: Benchmark = {
  must: ({ figure, p99, eventsPerSecond }) =>
    figure >= 0.15 && Number(eventsPerSecond) >= 20_000 && Number(p99) <= 100,

  async run({ isFull }) {
    const { server, url } = await emptyDatabase();
    const [port, floorPort] = [await freePort(), await freePort()];
    const environment = { DATABASE_URL: url, NODE_ENV: 'test', LOG_LEVEL: 'warn', PORT: `${port}` };
    const web = await launch([join(import.meta.dirname, '../src/server.ts')], environment);
    const floor = await launch([join(import.meta.dirname, 'floor/ingest.ts')], {
      FLOOR_PORT: `${floorPort}`,
    });

    const headers = { 'content-type': 'application/json', authorization: `Basic ${btoa('demo-write-key:')}` };
    const product = { origin: `http://127.0.0.1:${port}`, path: '/v1/batch', headers, body: batchOf() };
    const bare = { ...product, origin: `http://127.0.0.1:${floorPort}` };
    const found = await interleave(closedLoop(product, CONNECTIONS), closedLoop(bare, CONNECTIONS), PAIRS);
    const latencies = await openLoop(product, STEADY_PER_SECOND / BATCH, isFull ? 60 : 10);
    const counted = await countAll(url);

    web.child.kill('SIGTERM');
    floor.child.kill('SIGTERM');
    await Promise.all([web.ended, floor.ended]);
    server.stop();
    return {
      figure: round(found.ratio), eventsPerSecond: Math.round(found.productRate * BATCH),
      floorPerSecond: Math.round(found.floorRate * BATCH), p50: round(quantile(latencies, 0.5)),
      p99: round(quantile(latencies, 0.99)), ...counted, ratios: found.ratios.map(round),
    }; // prettier-ignore
  },
};

const round = (value: number) => Math.round(value * 1000) / 1000;

/** Bodies of a hundred events of some 320 bytes, each with an id of its own; the text is made once, the ids each time. */
function batchOf(): () => string {
  const events = Array.from({ length: BATCH }, (_, index) => ({
    type: 'track', messageId: '', userId: `user-${index % 40}`, event: 'Viewed backup status', timestamp: new Date().toISOString(),
    context: { groupId: `account-${index % 12}`, library: { name: 'analytics-node', version: '2.2.0' } },
    properties: { module: 'Backup', volume: `volume ${index}`, size: index * 4096 },
  })); // prettier-ignore
  return () => {
    const run = randomUUID();
    const batch = events.map((event, index) => ({ ...event, messageId: `${run}-${index}` }));
    return JSON.stringify({ batch, sentAt: new Date().toISOString() });
  };
}

/** How fast a worker counts what waits. */
async function countAll(url: string): Promise<{ counted: number; countedPerSecond: number }> {
  process.env.DATABASE_URL = url;
  process.env.NODE_ENV = 'test';
  process.env.LOG_LEVEL = 'silent';
  const { takeInUsage } = await import('../src/usage/take-in.ts');
  const { pool } = await import('../src/platform/db.ts');
  const since = performance.now();
  await takeInUsage();
  const seconds = (performance.now() - since) / 1000;
  const { rows } = await pool.query<{ events: number }>('select sum(events)::int as events from usage_days');
  await pool.end();
  const counted = rows[0]?.events ?? 0;
  return { counted, countedPerSecond: Math.round(counted / seconds) };
}
