import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import pg from 'pg';

import { freePort } from '../scripts/postgres.ts';
import { eventually, launch } from '../test/support/processes.ts';

import { emptyDatabase } from './database.ts';
import { openLoop, quantile, type Benchmark } from './harness.ts';

/** A third of what two cores can do: pages of customers and staff, and events of usage. */
const PAGES_A_SECOND = 50;
const BATCHES_A_SECOND = 20;
const EVENTS_A_BATCH = 100;
const SAMPLE_SECONDS = 5;
const CAST = 7;
/** Processes grow until they are warm; what counts is after that. */
const WARM_SHARE = 0.4;

interface Sample {
  seconds: number;
  /** MB of web and worker together, and the files and sockets that they hold open. */
  megabytes: number;
  handles: number;
  connections: number;
  deadRows: number;
}

/**
 * F26: web and worker under a steady load beside their sandbox org. `figure` is by how many MB a minute both grow once they are warm;
 * handles, connections and dead rows are to stay flat too.
 */
export const soak: Benchmark = {
  must: ({ figure, handlesAMinute, connections, deadRowsAtMost, minutes }) =>
    (Number(minutes) < 5 || figure <= 1) &&
    Number(handlesAMinute) <= 5 &&
    Number(connections) <= 60 &&
    Number(deadRowsAtMost) <= 200_000,

  async run({ isFull }) {
    const minutes = isFull ? 10 : 0.75;
    const { server, url } = await emptyDatabase();
    const database = new pg.Client({ connectionString: url });
    await database.connect();
    const house = await openHouse(url, database);

    const samples: Sample[] = [];
    const since = performance.now();
    let sampled: Promise<unknown> = Promise.resolve();
    const sampling = setInterval(() => {
      sampled = sampleOf(house.pids, database, (performance.now() - since) / 1000).then((one) =>
        samples.push(one),
      );
    }, SAMPLE_SECONDS * 1000);
    const latencies = await loadFor(house, minutes * 60);
    clearInterval(sampling);
    await sampled;

    await database.end();
    await house.close();
    server.stop();
    const warm = samples.slice(Math.floor(samples.length * WARM_SHARE));
    const most = (of: keyof Sample) => Math.max(...samples.map((one) => one[of]));
    return {
      figure: round(perMinute(warm, 'megabytes')), minutes, handlesAMinute: round(perMinute(warm, 'handles')),
      megabytes: Math.round(most('megabytes')), connections: most('connections'), deadRowsAtMost: most('deadRows'),
      deadRowsAtEnd: samples.at(-1)?.deadRows ?? 0, p50: round(quantile(latencies, 0.5)), p99: round(quantile(latencies, 0.99)),
      asked: latencies.length, samples: samples.map(({ megabytes }) => Math.round(megabytes)),
    }; // prettier-ignore
  },
};

const round = (value: number) => Math.round(value * 100) / 100;

interface House {
  origin: string;
  pids: number[];
  customer: string;
  staff: string;
  close: () => Promise<void>;
}

/** The sandbox org with its demo data, web and worker, each in a process of its own as in production. */
async function openHouse(url: string, database: pg.Client): Promise<House> {
  const [port, sandboxPort] = [String(await freePort()), String(await freePort())];
  const environment = {
    DATABASE_URL: url, PORT: port, SANDBOX_PORT: sandboxPort, SANDBOX_URL: `http://127.0.0.1:${sandboxPort}`, LOG_LEVEL: 'warn',
    NODE_ENV: 'test', DEMO_ACCOUNTS: '200',
  }; // prettier-ignore
  const file = (name: string) => join(import.meta.dirname, '..', name);
  const sandbox = await launch([file('sandbox/main.ts')], environment);
  Object.assign(process.env, environment);
  const { prepareSandbox } = await import('../scripts/start/prepare-sandbox.ts');
  await prepareSandbox(environment.SANDBOX_URL);
  const web = await launch([file('src/server.ts')], environment);
  const thrifty = ['--max-semi-space-size=8', '--max-old-space-size=320'];
  const worker = await launch([...thrifty, file('src/worker.ts')], environment);
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    pids: [web, worker].map(({ child }) => child.pid ?? 0),
    ...(await signInBoth(origin, database)),
    async close() {
      for (const running of [worker, web, sandbox]) {
        running.child.kill('SIGTERM');
        await running.ended;
      }
    },
  };
}

/** The cast can sign in as soon as the sync has brought them. */
async function signInBoth(origin: string, database: pg.Client): Promise<{ customer: string; staff: string }> {
  const cast = async () => (await database.query('select from credentials')).rowCount ?? 0;
  await eventually(cast, (people) => people === CAST, 120);
  return {
    customer: await signIn(origin, 'customer@rapport.example'),
    staff: await signIn(origin, 'csm@rapport.example'),
  };
}

async function signIn(origin: string, email: string): Promise<string> {
  const answer = await fetch(`${origin}/sign-in`, {
    method: 'POST',
    headers: { 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ email, password: 'rapport-demo' }),
    redirect: 'manual',
  });
  if (answer.status !== 303) throw new Error(`${email} could not sign in: ${await answer.text()}`);
  const cookies = answer.headers.getSetCookie().map((one) => one.split(';')[0] ?? '');
  return cookies.join('; ');
}

const customerPages = ['/portal', '/portal/cases', '/portal/cases/new'];
const staffPages = ['/console', '/console/accounts', '/console/health', '/console/insights', '/console/sync'];

async function loadFor({ origin, customer, staff }: House, seconds: number): Promise<number[]> {
  const pages = [
    ...customerPages.map((path) => ({ origin, path, headers: { cookie: customer } })),
    ...staffPages.map((path) => ({ origin, path, headers: { cookie: staff } })),
  ];
  const headers = { 'content-type': 'application/json', authorization: `Basic ${btoa('demo-write-key:')}` };
  const [latencies] = await Promise.all([
    Promise.all(pages.map((page) => openLoop(page, PAGES_A_SECOND / pages.length, seconds))),
    openLoop({ origin, path: '/v1/batch', headers, body: batchOf }, BATCHES_A_SECOND, seconds),
  ]);
  return latencies.flat();
}

function batchOf(): string {
  const timestamp = new Date().toISOString();
  const batch = Array.from({ length: EVENTS_A_BATCH }, (_, index) => ({
    type: 'track', messageId: randomUUID(), userId: `user-${index % 40}`, event: 'Viewed backup status', timestamp,
    context: { groupId: `account-${index % 12}` }, properties: { module: 'Backup', size: index },
  })); // prettier-ignore
  return JSON.stringify({ batch, sentAt: timestamp });
}

async function sampleOf(pids: readonly number[], database: pg.Client, seconds: number): Promise<Sample> {
  const { rows } = await database.query<{ connections: number; deadRows: number }>(`
    select (select count(*)::int from pg_stat_activity where datname = current_database()) as connections,
           (select coalesce(sum(n_dead_tup), 0)::int from pg_stat_user_tables where schemaname = 'public') as "deadRows"`);
  const sum = (of: (pid: number) => number) => pids.reduce((all, pid) => all + of(pid), 0);
  const [{ connections, deadRows } = { connections: 0, deadRows: 0 }] = rows;
  return { seconds, megabytes: sum(megabytesOf), handles: sum(handlesOf), connections, deadRows };
}

const megabytesOf = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

const handlesOf = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;

/** By how much it grows in a minute: the slope of the straight line that fits best. */
function perMinute(samples: readonly Sample[], of: keyof Sample): number {
  const mean = (numbers: number[]) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
  const x = samples.map(({ seconds }) => seconds / 60);
  const y = samples.map((one) => one[of]);
  const [middleX, middleY] = [mean(x), mean(y)];
  const spread = x.reduce((sum, one) => sum + (one - middleX) ** 2, 0);
  return x.reduce((sum, one, index) => sum + (one - middleX) * ((y[index] ?? 0) - middleY), 0) / spread;
}
