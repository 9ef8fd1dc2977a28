import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';

import { from as copyFrom } from 'pg-copy-streams';
import type pg from 'pg';

import { emptyDatabase } from './database.ts';
import { median, type Benchmark } from './harness.ts';

/** Events of a measured turn, in posts as large as SendGrid makes them. */
const TURN = 16_000;
const A_POST = 1_000;
const PAIRS = 10;
const FULL_PAIRS = 50;

/**
 * P6: events of SendGrid verified, kept, each once, told of on the ledger's rows and counted, against a bare COPY of the same events into a table with
 * their ids as its key. Then all of it a second time: what was told already must cost half at most. The statistics have to be what was told.
 */
export const webhooks: Benchmark = {
  must: ({ figure, replay, isEqual }) => figure >= 0.15 && Number(replay) >= 2 && isEqual === 1,

  async run({ isFull }) {
    const { server, url } = await emptyDatabase();
    const { intake, floor, statistics, end } = await prepare(url, isFull ? FULL_PAIRS : PAIRS);
    const turns = Array.from({ length: isFull ? FULL_PAIRS : PAIRS }, (_, turn) => postsOf(turn));
    const rates = { product: [] as number[], floor: [] as number[], replay: [] as number[] };
    for (const [index, posts] of turns.entries()) {
      const before = index % 2 === 0 ? undefined : await floor(posts);
      rates.product.push(await intake(posts));
      rates.floor.push(before ?? (await floor(posts)));
      rates.replay.push(await intake(posts));
    }
    const ratios = rates.product.map((rate, pair) => rate / (rates.floor[pair] ?? NaN));
    const counted = await statistics();
    const told = turns.length * (TURN / 2);
    await end();
    server.stop();
    return {
      figure: round(median(ratios)), replay: round(median(rates.replay) / median(rates.product)),
      isEqual: counted.processed === told && counted.delivered === told ? 1 : 0,
      eventsPerSecond: Math.round(median(rates.product)), replayedPerSecond: Math.round(median(rates.replay)),
      floorPerSecond: Math.round(median(rates.floor)), events: turns.length * TURN, ratios: ratios.map(round),
    }; // prettier-ignore
  },
};

const round = (value: number) => Math.round(value * 1000) / 1000;

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

interface Post {
  body: Buffer;
  timestamp: string;
  signature: string;
  events: Record<string, string | number>[];
}

/** Each recipient of a turn is told of twice: processed and delivered, as SendGrid mixes them. */
function postsOf(turn: number): Post[] {
  const first = turn * (TURN / 2) + 1;
  const events = Array.from({ length: TURN }, (_, i) => eventOf(first + Math.floor(i / 2), i % 2 === 0));
  return Array.from({ length: TURN / A_POST }, (_, i) => signed(events.slice(i * A_POST, (i + 1) * A_POST)));
}

const eventOf = (n: number, isProcessed: boolean) => ({
  email: `person${String(n)}@customer${String(n % 997)}.example`,
  event: isProcessed ? 'processed' : 'delivered',
  timestamp: 1_800_000_000 + n,
  sg_event_id: randomUUID(),
  sg_message_id: '14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0',
  'smtp-id': '<14c5d75ce93.dfd.64b469@ismtpd-555>',
  category: 'release-5',
  response: '250 2.0.0 OK',
  run: '1',
  n: String(n),
  batch: String(Math.floor(n / 1000)),
});

function signed(events: Post['events']): Post {
  const body = Buffer.from(JSON.stringify(events));
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = sign('sha256', Buffer.concat([Buffer.from(timestamp), body]), privateKey);
  return { body, timestamp, signature: signature.toString('base64'), events };
}

async function prepare(url: string, turns: number) {
  Object.assign(process.env, { DATABASE_URL: url, NODE_ENV: 'test', LOG_LEVEL: 'warn' });
  const { pool } = await import('../src/platform/db.ts');
  const { keepHook } = await import('../src/campaigns/outcomes/hook-inbox.ts');
  const { takeInHooks } = await import('../src/campaigns/outcomes/intake.ts');
  const { isSignedBySendgrid } = await import('../src/channels/sendgrid-events.ts');
  await fill(pool, turns * (TURN / 2));
  const rule = {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    toleranceSeconds: 3_600,
    at: new Date(),
  };
  return {
    intake: (posts: readonly Post[]) =>
      rate(async () => {
        for (const post of posts) {
          if (!isSignedBySendgrid(post.body, post, rule)) throw new Error('a signature does not hold');
          await keepHook('sendgrid', post.body);
        }
        await takeInHooks();
      }),
    floor: (posts: readonly Post[]) => rate(() => copy(pool, posts)),
    statistics: async () => {
      const { rows } = await pool.query<{ counts: Record<string, number> }>(
        'select counts from run_statistics',
      );
      return rows[0]?.counts ?? {};
    },
    end: () => pool.end(),
  };
}

/** Events a second. */
async function rate(work: () => Promise<void>): Promise<number> {
  const since = performance.now();
  await work();
  return TURN / ((performance.now() - since) / 1000);
}

async function fill(pool: pg.Pool, people: number): Promise<void> {
  await pool.query(`
    insert into campaigns (name, message_class, channel, owner_id, created_at, changed_at)
      values ('Release 5', 'marketing', 'email', gen_random_uuid(), now(), now());
    insert into runs (campaign_id, revision, trigger_key, triggered_at, state, fixed)
      select id, 1, 'bench', now(), 'sending', '{}' from campaigns;
    insert into deliveries (run_id, n, person_id, account_id, address, locale, batch, state)
      select 1, i, i, 'a' || i, 'person' || i || '@customer.example', 'en', i / 1000, 'sent' from generate_series(1, ${String(people)}) i;
    insert into batches (run_id, batch, size, state, due_at, posted_at)
      select 1, batch, count(*), 'sent', now(), now() from deliveries group by batch;
    create table floor_inbox (event_id text primary key, run_id bigint, n integer, kind text, occurred_at bigint, email text);
    analyze`);
}

/** The floor: the same events as lines of text, into one table. */
async function copy(pool: pg.Pool, posts: readonly Post[]): Promise<void> {
  const lines = posts.map(({ events }) =>
    events
      .map((event) =>
        [event.sg_event_id, event.run, event.n, event.event, event.timestamp, event.email].join('\t'),
      )
      .join('\n')
      .concat('\n'),
  );
  const client = await pool.connect();
  try {
    await pipeline(Readable.from(lines), client.query(copyFrom('copy floor_inbox from stdin')));
  } finally {
    client.release();
  }
}
