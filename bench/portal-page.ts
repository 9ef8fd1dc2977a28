import { join } from 'node:path';

import { freePort } from '../scripts/postgres.ts';
import { launch } from '../test/support/processes.ts';

import { emptyDatabase, onDatabase } from './database.ts';
import { closedLoop, interleave, openLoop, quantile, type Benchmark } from './harness.ts';

const PAGE = '/portal/cases';
const CONNECTIONS = 16;
const PAIRS = 16;
const STEADY_PER_SECOND = 200;
const WARM_UP_SECONDS = 3;
/** As in the Procfile. */
const thrifty = ['--max-semi-space-size=8', '--max-old-space-size=256'];

/** P12: a customer's list of cases, with session and queries, against the same template on constant data. */
export const portalPage: Benchmark = {
  must: ({ figure, p99 }) => figure >= 0.3 && Number(p99) <= 50,

  async run({ isFull }) {
    const { server, url } = await emptyDatabase();
    const cookie = await fill(url, isFull ? 1_000_000 : 50_000);

    const [port, floorPort] = [await freePort(), await freePort()];
    const environment = { DATABASE_URL: url, NODE_ENV: 'test', LOG_LEVEL: 'warn', PORT: `${port}` };
    const web = await launch([...thrifty, join(import.meta.dirname, '../src/server.ts')], {
      ...environment,
      MALLOC_ARENA_MAX: '2',
    });
    const floor = await launch([join(import.meta.dirname, 'floor/page.ts')], {
      ...environment, PAGE, COOKIE: cookie, FLOOR_PORT: `${floorPort}`,
    }); // prettier-ignore

    const page = { origin: `http://127.0.0.1:${port}`, path: PAGE, headers: { cookie } };
    const constant = { ...page, origin: `http://127.0.0.1:${floorPort}` };
    const [ours, theirs] = [closedLoop(page, CONNECTIONS), closedLoop(constant, CONNECTIONS)];
    /* Code is compiled as it is used: within a second or two neither is as quick as it will stay. */
    for (const slice of [ours, theirs]) await slice(WARM_UP_SECONDS * 1000);
    const found = await interleave(ours, theirs, PAIRS);
    await openLoop(page, STEADY_PER_SECOND, WARM_UP_SECONDS);
    const latencies = await openLoop(page, STEADY_PER_SECOND, isFull ? 30 : 10);
    const floorLatencies = await openLoop(constant, STEADY_PER_SECOND, isFull ? 30 : 5);

    web.child.kill('SIGTERM');
    floor.child.kill('SIGTERM');
    await Promise.all([web.ended, floor.ended]);
    server.stop();
    return {
      figure: round(found.ratio), productPerSecond: round(found.productRate), floorPerSecond: round(found.floorRate),
      p50: round(quantile(latencies, 0.5)), p99: round(quantile(latencies, 0.99)),
      floorP99: round(quantile(floorLatencies, 0.99)), pairs: found.ratios.length,
      ratios: found.ratios.map(round),
    }; // prettier-ignore
  },
};

const round = (value: number) => Math.round(value * 1000) / 1000;

/** A customer with 200 cases among that many others; resolves to the cookie of their session. */
async function fill(url: string, cases: number): Promise<string> {
  process.env.DATABASE_URL = url;
  process.env.NODE_ENV = 'test';
  process.env.LOG_LEVEL = 'silent';
  const { createApp } = await import('../src/app.ts');
  const { givenCustomer, sessionCookieOf } = await import('../test/support/people.ts');
  const { pool } = await import('../src/platform/db.ts');
  const customer = await givenCustomer();
  const cookie = await sessionCookieOf(createApp(), customer);
  await pool.end();
  const insert = (rows: number, account: string) => `
    insert into cases (salesforce_id, number, account_id, subject, description, status, priority, created_at, modified_at)
    select '500' || md5(${account} || n), n::text, ${account}, 'Backup of volume ' || n || ' stops at 40 %',
           repeat('The log says that the volume is not there. ', 5), (array['New', 'Working', 'Closed'])[1 + n % 3], 'Medium',
           now() - n * interval '1 minute', now()
    from generate_series(1, ${rows}) n`;
  await onDatabase(url, [
    insert(200, `'${customer.account.id}'`),
    insert(cases, `'001' || (n % 5000)`),
    'vacuum analyze',
  ]);
  return cookie;
}
