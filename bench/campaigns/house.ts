import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import pg from 'pg';
import { request } from 'undici';

import { freePort } from '../../scripts/postgres.ts';
import { launch, type Running } from '../../test/support/processes.ts';
import { emptyDatabase, onDatabase } from '../database.ts';

import { people as fill } from './people.ts';

/** All that a burst of campaigns needs: a database with people, a provider, the product's processes, and the floor's. */
export interface House {
  db: pg.Client;
  worker: Running;
  /** Where the portal is. */
  portal: string;
  /** Activates campaigns of so many people each, at once. @returns milliseconds until the last message was told of and counted */
  burst: (campaigns: number, people: number) => Promise<Burst>;
  /** Activates one more campaign, of so many people, beside whatever goes on. @returns milliseconds until the provider had the last message */
  beside: (people: number) => Promise<number>;
  /** The floor's time for the same. */
  floor: (campaigns: number, people: number, bytes: number) => Promise<number>;
  end: () => Promise<void>;
}

export interface Burst {
  milliseconds: number;
  /** Until the provider had taken the last message. */
  taken: number;
  runs: number[];
  counts: Record<'requests' | 'bytes' | 'messages' | 'duplicates' | 'tooMany', number>;
}

const folder = (name: string) => join(import.meta.dirname, '..', name);

export async function openHouse(peopleThere: number, message: { hasTable: boolean }): Promise<House> {
  const { server, url } = await emptyDatabase();
  const ports = { sink: await freePort(), web: await freePort(), floor: await freePort() };
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const settings = {
    DATABASE_URL: url, NODE_ENV: 'test', LOG_LEVEL: 'warn', SENDGRID_API_KEY: 'SG.bench', SENDGRID_BASE_URL: at(ports.sink),
    SENDGRID_WEBHOOK_PUBLIC_KEY: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  }; // prettier-ignore
  Object.assign(process.env, settings);
  await onDatabase(url, fill(peopleThere));
  const sinkKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const sink = await launch([folder('campaigns/sink.ts')], {
    SINK_PORT: String(ports.sink),
    SINK_KEY: sinkKey,
  });
  const web = await launch([folder('../src/server.ts')], { ...settings, PORT: String(ports.web) });
  const worker = await launch(
    [...thrifty, folder('../src/worker.ts'), '--stages', 'planning,mailing,webhooks'],
    { ...settings, MALLOC_ARENA_MAX: '2' },
  );
  const floorSettings = { DATABASE_URL: url, FLOOR_PORT: String(ports.floor), SINK_URL: at(ports.sink) };
  const bare = await launch([folder('floor/pipeline.ts')], floorSettings);
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  const made = await (await import('./campaign.ts')).makeCampaigns(message);
  const trigger = (campaigns: number, people: number) => made.trigger(campaigns, people);
  const { burst, beside, floor } = measures(db, ports, { trigger, message });
  return {
    db,
    worker,
    portal: new URL(at(ports.web)).origin,
    burst,
    beside,
    floor,
    async end() {
      await made.end();
      await db.end();
      for (const each of [worker, web, bare, sink]) each.child.kill('SIGKILL');
      await Promise.all([worker, web, bare, sink].map(({ ended }) => ended));
      server.stop();
    },
  };
}

/* As in the Procfile. */
const thrifty = ['--max-semi-space-size=8', '--max-old-space-size=320'];

const at = (port: number) => `http://127.0.0.1:${String(port)}/`;

function measures(
  db: pg.Client,
  ports: { sink: number; web: number; floor: number },
  {
    trigger,
    message,
  }: { trigger: (campaigns: number, people: number) => Promise<number[]>; message: { hasTable: boolean } },
): Pick<House, 'burst' | 'beside' | 'floor'> {
  const tellSink = (path: string, body: object = {}) => asked(at(ports.sink) + path, body);
  return {
    burst: async (campaigns, people) => {
      await tellSink('forget');
      await tellSink('target', { url: `${at(ports.web)}hooks/sendgrid` });
      const since = performance.now();
      const runs = await trigger(campaigns, people);
      const taken = await sentAll(db, runs, since);
      await toldAll(db, runs, campaigns * people);
      const milliseconds = performance.now() - since;
      return { milliseconds, taken, runs, counts: JSON.parse(await tellSink('counts')) as Burst['counts'] };
    },
    beside: async (people) => {
      const since = performance.now();
      return await sentAll(db, await trigger(1, people), since);
    },
    floor: async (campaigns, people, bytes) => {
      await tellSink('forget');
      await tellSink('target', { url: `${at(ports.floor)}events` });
      return Number(await asked(`${at(ports.floor)}go`, { campaigns, people, bytes, ...message }));
    },
  };
}

async function asked(url: string, body: object): Promise<string> {
  const answer = await request(url, {
    method: 'POST',
    body: JSON.stringify(body),
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return await answer.body.text();
}

const LONGEST = 850_000;

async function waitFor(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + LONGEST;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error('the campaigns did not end');
    await new Promise((wait) => setTimeout(wait, 20));
  }
}

async function sentAll(db: pg.Client, runs: number[], since: number): Promise<number> {
  await waitFor(async () => {
    const { rows } = await db.query(`select from runs where id = any($1) and state <> 'completed' limit 1`, [
      runs,
    ]);
    return rows.length === 0;
  });
  return performance.now() - since;
}

async function toldAll(db: pg.Client, runs: number[], messages: number): Promise<void> {
  await waitFor(async () => {
    const { rows } = await db.query<{ delivered: string | null }>(
      `select sum((counts ->> 'delivered')::bigint) as delivered from run_statistics where run_id = any($1)`,
      [runs],
    );
    return Number(rows[0]?.delivered ?? 0) >= messages;
  });
}

/** The most memory that a process has had, in MB. */
export function peakMemory({ child }: Running): number {
  const status = readFileSync(`/proc/${String(child.pid)}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}
