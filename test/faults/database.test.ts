import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { migrate } from '../../scripts/migrate.ts';
import { freePort, startPostgres, type EmbeddedPostgres } from '../../scripts/postgres.ts';
import { eventually, launch, type Running } from '../support/processes.ts';

/** F4: the database crashes, restarts, is away for a while, drops its connections. */
let folder: string;
let server: EmbeddedPostgres;
let port: number;
let web: Running;
let worker: Running;

const start = () => startPostgres({ directory: join(folder, 'postgres'), settings: { port: String(port) } });
const statusOf = async (path: string) => {
  const response = await fetch(`http://127.0.0.1:${String(webPort)}${path}`);
  await response.arrayBuffer();
  return response.status;
};
let webPort: number;

beforeAll(async () => {
  folder = await mkdtemp('/tmp/rapport-f4-');
  await chmod(folder, 0o755);
  port = await freePort();
  server = await start();
  webPort = await freePort();
  await migrate(server.url());
  const environment = {
    DATABASE_URL: server.url(),
    PORT: String(webPort),
    NODE_ENV: 'development',
    LOG_LEVEL: 'warn',
  };
  web = await launch(['src/server.ts'], environment);
  worker = await launch(['src/worker.ts'], environment);
});
afterAll(async () => {
  worker.child.kill('SIGTERM');
  web.child.kill('SIGTERM');
  await Promise.all([worker.ended, web.ended]);
  server.stop();
  await rm(folder, { recursive: true, force: true });
});

test('F4: while the database is away /readyz answers 503 and no process exits; 5 s after it is back all is well', async () => {
  await eventually(
    () => statusOf('/readyz'),
    (status) => status === 200,
  );
  server.crash();
  await eventually(
    () => statusOf('/readyz'),
    (status) => status === 503,
  );
  expect(await statusOf('/healthz')).toBe(200);

  server = await start();
  await eventually(
    () => statusOf('/readyz'),
    (status) => status === 200,
    5,
  );
  expect([web.child.exitCode, worker.child.exitCode], `${web.output()}\n${worker.output()}`).toEqual([
    null,
    null,
  ]);
});

test('F4: jobs queued before three crashes are done once they are over', { timeout: 120_000 }, async () => {
  const client = async <T>(work: (client: pg.Client) => Promise<T>) => {
    const connection = new pg.Client({ connectionString: server.url() });
    await connection.connect();
    try {
      return await work(connection);
    } finally {
      await connection.end();
    }
  };
  const waiting = () =>
    client(
      async (c) =>
        (await c.query('select count(*) as n from graphile_worker._private_jobs')).rows[0] as { n: string },
    );
  for (let crash = 0; crash < 3; crash++) {
    await client((c) => c.query(`select graphile_worker.add_job('sweep') from generate_series(1, 20)`));
    server.crash();
    server = await start();
  }
  await eventually(waiting, ({ n }) => Number(n) === 0, 60);
  expect([web.child.exitCode, worker.child.exitCode], `${web.output()}\n${worker.output()}`).toEqual([
    null,
    null,
  ]);
});

test('F4: all connections reset at once: the next request is answered', async () => {
  const connection = new pg.Client({ connectionString: server.url() });
  await connection.connect();
  await connection.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  );
  await connection.end();
  await eventually(
    () => statusOf('/readyz'),
    (status) => status === 200,
    5,
  );
  expect([web.child.exitCode, worker.child.exitCode], `${web.output()}\n${worker.output()}`).toEqual([
    null,
    null,
  ]);
});
