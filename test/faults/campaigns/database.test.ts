import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';

import { migrate } from '../../../scripts/migrate.ts';
import { freePort, startPostgres } from '../../../scripts/postgres.ts';
import { signed } from '../../support/hook-signature.ts';
import { eachSeed, isLong, type Random } from '../../support/seeds.ts';

import { startProxy } from './proxy.ts';

/*
 * F4, F5, F13: the database crashes, is away, refuses, is slow or holds locks while campaigns are under way. A worker of its own goes through
 * all of it, seed after seed, and never exits. Its time is real: leases are short.
 */
const own = isLong ? await ownServer() : undefined;
const url = new URL(own?.url ?? process.env.DATABASE_URL ?? '');
const proxy = await startProxy(Number(url.port));
process.env.DATABASE_URL = url.href;
process.env.DATABASE_POOL = '8';
process.env.CAMPAIGN_LEASE_SECONDS = '2';
process.env.CAMPAIGN_GRACE_SECONDS = '1';
const {
  areDone, begin, closeWorld, end, expectAllRight, forgetPosts, freeJobs, isAlive, leftOf, makeWorld, refusingOne, sink, startVictim, watch,
} = await import('./world.ts'); // prettier-ignore
const { givenRun } = await import('../../support/campaigns.ts');
const { db, isDatabaseTrouble, sql } = await import('../../../src/platform/db.ts');

let world: Awaited<ReturnType<typeof makeWorld>>;
let worker: Awaited<ReturnType<typeof startVictim>>;

beforeAll(async () => {
  world = await makeWorld();
  const through = new URL(url);
  through.port = String(proxy.port);
  worker = await startVictim(undefined, { DATABASE_URL: through.href });
});
beforeEach(forgetPosts);
afterAll(async () => {
  await end(worker, 'SIGTERM');
  await closeWorld();
  proxy.close();
  await own?.remove();
});

/** A server that a test may crash: that of all tests is not. */
async function ownServer() {
  const folder = await mkdtemp('/tmp/rapport-campaigns-');
  await chmod(folder, 0o755);
  const settings = {
    port: String(await freePort()), max_connections: '60', deadlock_timeout: '200ms', fsync: 'off', full_page_writes: 'off', shared_buffers: '64MB',
  }; // prettier-ignore
  const start = () => startPostgres({ directory: `${folder}/postgres`, settings });
  let server = await start();
  await migrate(server.url());
  return {
    url: server.url(),
    crash: async () => {
      server.crash();
      server = await start();
    },
    restart: async () => {
      server.stop();
      server = await start();
    },
    async remove() {
      server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Milliseconds that the test waits for the end, however loaded the machine is. */
const LONGEST = 80_000;

type Trouble = (random: Random, campaigns: readonly string[], seed: number) => Promise<void>;

/** Some campaigns are under way, trouble comes at some moment, and when it is over all is as if it had not been. */
async function survive(random: Random, seed: number, trouble: Trouble): Promise<void> {
  sink.behave = refusingOne(() => ({ takes: true, milliseconds: 30 * random() }));
  const campaigns = [await begin(world), await begin(world)];
  const listeners = [worker];
  await watch(random, { listeners, until: () => false, seconds: random.between(0, 0.35) });
  await trouble(random, campaigns, seed);
  const since = Date.now();
  for (
    let turn = 0;
    !(await patiently(() => areDone(campaigns))) && Date.now() - since < LONGEST;
    turn += 1
  ) {
    await patiently(freeJobs);
    if (turn === 1) await patiently(async () => (await givenRun(world.owner, { people: 1 })).begin());
    await patiently(() => watch(random, { listeners, until: () => areDone(campaigns), seconds: 1 }));
  }
  expect(await areDone(campaigns), `done; ${await leftOf(campaigns)}`).toBe(true);
  expect(isAlive(worker), `the worker ended: ${worker.output()}`).toBe(true);
  await expectAllRight(world, campaigns);
}

/** The test's own connections break, too. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1)
    try {
      return await work();
    } catch (error) {
      if (tries > 100 || !isDatabaseTrouble(error)) throw error;
      await sleep(100);
    }
}

async function onConnection<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url.href });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Every write of campaigns meets that error. */
async function refusing(
  code: string,
  { seconds, chance }: { seconds: number; chance: number },
): Promise<void> {
  const tables = [
    'batches',
    'deliveries',
    'run_statistics',
    'hook_inbox',
    'events',
    'outbox',
    'delivery_events',
  ];
  await onConnection(async (client) => {
    await client.query(`
      create or replace function refuse() returns trigger language plpgsql as $$ begin
        if current_setting('application_name') <> 'test' and random() < ${String(chance)} then raise exception using errcode = '${code}', message = 'refused'; end if;
        return null; end $$`);
    /* One by one, and again where a worker holds another of them. */
    const each = async (statement: (table: string) => string) => {
      for (const table of tables) await patiently(() => client.query(statement(table)));
    };
    await each((table) => `create trigger refuse before insert or update on ${table} for each statement execute function refuse()`); // prettier-ignore
    await sleep(seconds * 1000);
    await each((table) => `drop trigger refuse on ${table}`);
  });
}

/** Nobody else gets a connection for a while. */
async function exhaustion(random: Random): Promise<void> {
  proxy.reset();
  const held: pg.Client[] = [];
  for (let tries = 0; tries < 80; tries += 1) {
    const client = new pg.Client({ connectionString: url.href });
    client.on('error', () => undefined);
    if (
      await client.connect().then(
        () => true,
        () => false,
      )
    )
      held.push(client); // prettier-ignore
    else break;
  }
  await sleep(random.between(300, 1_500));
  await Promise.all(held.map((client) => client.end()));
}

const troubles: Record<string, Trouble> = {
  ...(own && { crash: own.crash, restart: own.restart, exhaustion }),
  async absence(random, _, seed) {
    proxy.shut();
    await sleep(isLong && seed === 3 ? 30_000 : random.between(500, 3_000));
    proxy.open();
  },
  async reset(random) {
    for (let times = 0; times < 4; times += 1) {
      proxy.reset();
      await sleep(random.between(20, 200));
    }
  },
  'full disk': (random) => refusing('53100', { seconds: random.between(0.3, 1.5), chance: 1 }),
};

/** The seed says which. */
function troubleOf(seed: number, among: Record<string, Trouble>): Trouble {
  const all = Object.values(among);
  return all[seed % all.length] ?? (() => Promise.resolve());
}

eachSeed('F4', 'what a database does that crashes, is away, resets, has no connections or no room leaves campaigns right', (random, seed) =>
  survive(random, seed, troubleOf(seed, troubles)),
); // prettier-ignore

/** Somebody holds rows of a campaign, in the order in which nobody else takes them. */
async function holding(campaigns: readonly string[], { seconds, first, then }: { seconds: number; first: string; then?: string }): Promise<void> {
  await onConnection(async (client) => {
    const ofRuns = `run_id in (select id from runs where campaign_id = '${campaigns[0] ?? ''}')`;
    const lock = (table: string) =>
      client.query(`select from ${table} where ${table === 'runs' ? `campaign_id = '${campaigns[0] ?? ''}'` : ofRuns} for update`);
    await client.query('begin');
    await lock(first);
    await sleep(seconds * 1000);
    if (then !== undefined) await lock(then).catch(() => undefined);
    await client.query('rollback').catch(() => undefined);
  });
} // prettier-ignore

const conflicts: Record<string, Trouble> = {
  async deadlock(random, campaigns) {
    for (let times = 0; times < 3; times += 1)
      await holding(campaigns, { seconds: 0.15, ...random.pick([{ first: 'run_statistics', then: 'batches' }, { first: 'deliveries', then: 'batches' }, { first: 'batches', then: 'runs' }]) }); // prettier-ignore
  },
  serialization: (random) => refusing('40001', { seconds: random.between(0.3, 1.2), chance: 0.4 }),
  async 'statement timeout'(random) {
    const end = Date.now() + random.between(400, 1_500);
    await onConnection(async (client) => {
      while (Date.now() < end) {
        await client.query(
          `select pg_cancel_backend(pid) from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and client_port is not null and application_name <> 'test'`,
        );
        await sleep(25);
      }
    });
  },
  'held lock': (random, campaigns, seed) =>
    holding(campaigns, { seconds: isLong && seed === 4 ? 10 : random.between(0.5, 2.5), first: random.pick(['runs', 'batches', 'deliveries', 'run_statistics']) }), // prettier-ignore
};

eachSeed('F5', 'deadlocks, conflicts, statements that take too long and locks that somebody holds are got over', (random, seed) =>
  survive(random, seed, troubleOf(seed, conflicts)),
); // prettier-ignore

/* What the provider is answered is kept, whatever comes at the same time. */
eachSeed('F13', 'a flood of webhooks over a slow database loses nothing that was acknowledged, and campaigns go on', async (random, seed) => {
  const acknowledged: string[] = [];
  const statuses = new Set<number>();
  let end = 0;
  const flood = async (sender: number) => {
    for (let post = 0; post === 0 || Date.now() < end; post += 1) {
      const ids = Array.from({ length: 20 }, (_, event) => `flood-${String(seed)}-${String(sender)}-${String(post)}-${String(event)}`);
      const body = JSON.stringify(ids.map((sg_event_id) => ({ sg_event_id, event: 'delivered', run: '0', n: '1', timestamp: Math.floor(Date.now() / 1000) })));
      const status = await fetch(`http://127.0.0.1:${String(worker.port)}/hooks/sendgrid`, { method: 'POST', body, headers: signed(body) }).then((answer) => answer.status, () => 0);
      statuses.add(status);
      if (status === 204) acknowledged.push(...ids);
    }
  };
  await survive(random, seed, async () => {
    proxy.slow(random.between(2, 12));
    end = Date.now() + (isLong ? 2_500 : 1_200);
    await Promise.all(Array.from({ length: 40 }, (_, sender) => flood(sender)));
    proxy.slow(0);
  });
  expect([...statuses].filter((status) => ![204, 503, 429].includes(status))).toEqual([]);
  const { rows } = await sql<{ kept: number }>`
    select count(*) as kept from unnest(${acknowledged}::text[]) id
    where id in (select data ->> 'sg_event_id' from stray_events) or exists (select from hook_inbox where body like '%' || id || '%')`.execute(db);
  expect(acknowledged.length, `acknowledged, of answers ${[...statuses].join()}`).toBeGreaterThan(0);
  expect(rows[0]?.kept).toBe(acknowledged.length);
}); // prettier-ignore
