import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { freePort } from '../scripts/postgres.ts';
import { launch } from '../test/support/processes.ts';

import { emptyDatabase, onDatabase } from './database.ts';
import { median, type Benchmark } from './harness.ts';

/** Rows of the measured load; several loads alternate with as many bare copies. */
const ROWS = 50_000;
const PAIRS = 8;
const FULL_ROWS = 5_000_000;

/**
 * P9: the initial load of contacts, from the sandbox's Bulk API into the mirror by the product's own code, against a bare COPY of the
 * same bytes into a table of texts. The loading worker is a process of its own, with the flags of the Procfile.
 */
export const initialLoad: Benchmark = {
  must: ({ figure, rewritten, rssMegabytes }) =>
    figure >= 0.15 && rewritten === 0 && Number(rssMegabytes) <= 256,

  async run({ isFull }) {
    const { server, url } = await emptyDatabase();
    const sandbox = await startOrg(url);
    const worker = await startWorker(url, sandbox.url);
    await worker.ask('prepare');

    await fill(url, ROWS);
    const ratios: number[] = [];
    const rates = { product: [] as number[], floor: [] as number[] };
    await worker.ask('job');
    await worker.ask('load');
    for (let pair = 0; pair < PAIRS; pair += 1) {
      const floorFirst = pair % 2 === 1;
      const before = floorFirst ? await worker.ask('copy') : 0;
      const product = await worker.ask('load');
      const floor = floorFirst ? before : await worker.ask('copy');
      rates.product.push(ROWS / product);
      rates.floor.push(ROWS / floor);
      ratios.push(floor / product);
    }
    const rewritten = await worker.ask('again');
    const full = isFull ? await fullLoad(url, worker) : {};
    const rssMegabytes = await worker.ask('rss');
    await worker.stop();
    sandbox.child.kill('SIGTERM');
    await sandbox.ended;
    server.stop();
    return {
      figure: round(median(ratios)), productPerSecond: Math.round(median(rates.product)),
      floorPerSecond: Math.round(median(rates.floor)), rewritten, rssMegabytes: Math.round(rssMegabytes),
      pairs: ratios.length, ratios: ratios.map(round), ...full,
    }; // prettier-ignore
  },
};

const round = (value: number) => Math.round(value * 1000) / 1000;

/** Five million rows in one load, beside a bare COPY of all of them. */
async function fullLoad(url: string, worker: Worker) {
  await fill(url, FULL_ROWS);
  await worker.ask('job');
  const seconds = await worker.ask('load');
  const floorSeconds = await worker.ask('copy');
  const rewrittenFull = await worker.ask('again');
  return {
    fullRows: FULL_ROWS, fullSeconds: round(seconds), fullPerSecond: Math.round(FULL_ROWS / seconds),
    fullRatio: round(floorSeconds / seconds), rewrittenFull,
  }; // prettier-ignore
}

async function startOrg(url: string) {
  const port = await freePort();
  const running = await launch([join(import.meta.dirname, '../sandbox/main.ts')], {
    DATABASE_URL: url,
    SANDBOX_PORT: String(port),
  });
  return { ...running, url: `http://127.0.0.1:${String(port)}` };
}

interface Worker {
  /** Has the worker do something, and tells what it measured. */
  ask: (what: string) => Promise<number>;
  stop: () => Promise<void>;
}

async function startWorker(url: string, sandboxUrl: string): Promise<Worker> {
  const spool = join(import.meta.dirname, '../.data/bench-spool');
  mkdirSync(spool, { recursive: true });
  const child = fork(join(import.meta.dirname, 'floor/loader.ts'), {
    execArgv: ['--max-semi-space-size=8', '--max-old-space-size=320'],
    env: {
      ...process.env,
      DATABASE_URL: url,
      SANDBOX_URL: sandboxUrl,
      NODE_ENV: 'test',
      LOG_LEVEL: 'warn',
      SPOOL: spool,
    },
  });
  await once(child, 'message');
  return {
    async ask(what) {
      const answer = once(child, 'message');
      child.send(what);
      const [{ measured, error }] = (await answer) as [{ measured?: number; error?: string }];
      if (measured === undefined) throw new Error(`${what}: ${error ?? ''}`);
      return measured;
    },
    async stop() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

/** Contacts as a company has them, straight into the org's table: its own rules are not what is measured. */
async function fill(url: string, rows: number): Promise<void> {
  await onDatabase(url, [
    'set search_path to sandbox',
    `set sandbox.capture to 'off'`,
    'set session_replication_role to replica',
    'truncate "Contact"',
    `insert into "Contact" ("Id", "AccountId", "FirstName", "LastName", "Email", "Phone", "Title", "Department",
        "MailingStreet", "MailingCity", "MailingPostalCode", "MailingCountry", "OwnerId", "CreatedById", "LastModifiedById",
        "CreatedDate", "LastModifiedDate", "SystemModstamp", "IsDeleted")
     select '003' || lpad(n::text, 12, '0') || 'AAA', '001' || lpad((n / 5)::text, 12, '0') || 'AAA', 'Maya ' || n, 'Okafor',
        'maya' || n || '@halden.example', '+1 555 ' || n, 'Backup administrator', 'Information technology',
        n || ' Harbour Street', 'Northgate', lpad((n % 100000)::text, 5, '0'), 'United States', u."Id", u."Id", u."Id", at, at, at, false
     from generate_series(1, ${String(rows)}) n, lateral (select now() - n * interval '1 second' as at) times,
        (select "Id" from "User" order by "Id" limit 1) u`,
    'analyze "Contact"',
  ]);
}
