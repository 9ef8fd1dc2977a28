import { createServer } from 'node:http';

import pg from 'pg';
import { Pool } from 'undici';

/*
 * The floor of P1: the least that writes a ledger of the same shape, reads what messages are made of, posts as many bytes to the provider, notes what was taken, takes in
 * what is told and counts it. No eligibility, no content, no fences, no signatures, no statistics: a crash anywhere loses or doubles messages.
 * `POST /go {people, campaigns, bytes}` answers when the last message was told of as delivered, in milliseconds. Environment: DATABASE_URL, FLOOR_PORT, SINK_URL.
 */
interface Task {
  campaigns: number;
  people: number;
  /** Of a recipient's part of a request. */
  bytes: number;
  /** Whether the rows of a table are read for each. */
  hasTable: boolean;
}

const LANES = 4;
const BATCH = 1_000;
const db = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const sink = new Pool(process.env.SINK_URL ?? '', { connections: LANES });
let delivered = 0;
let nextRun = 1_000_000;

createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => {
    const text = Buffer.concat(chunks).toString();
    const work = req.url === '/go' ? go(JSON.parse(text) as Task) : takeIn(text).then(() => '');
    void work.then((answer) => res.end(answer));
  });
}).listen(Number(process.env.FLOOR_PORT), '127.0.0.1', () => process.send?.('ready'));

async function go({ campaigns, people, bytes, hasTable }: Task): Promise<string> {
  const since = performance.now();
  delivered = 0;
  const runs = Array.from({ length: campaigns }, () => nextRun++);
  const filler = 'x'.repeat(bytes);
  const waiting: { run: number; batch: number }[] = [];
  const planning = Promise.all(runs.map(async (run) => {
    await plan(run, people);
    for (let batch = 0; batch * BATCH < people; batch++) waiting.push({ run, batch });
  })); // prettier-ignore
  let isPlanned = false;
  void planning.then(() => (isPlanned = true));
  const lane = async () => {
    for (;;) {
      const next = waiting.shift();
      if (next !== undefined) await send(next, { hasTable, filler });
      else if (isPlanned) return;
      else await new Promise((wait) => setTimeout(wait, 5));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  while (delivered < campaigns * people) await new Promise((wait) => setTimeout(wait, 10));
  return String(performance.now() - since);
}

async function plan(run: number, people: number): Promise<void> {
  await db.query(
    `insert into floor_deliveries (run_id, n, person_id, account_id, address, locale, batch)
     select $1::bigint, row_number() over (order by id), id, account_id, email_normalized, 'en', (row_number() over (order by id) - 1) / ${String(BATCH)}
     from account_people order by id limit $2`,
    [run, people],
  );
}

async function send(
  { run, batch }: { run: number; batch: number },
  { hasTable, filler }: { hasTable: boolean; filler: string },
): Promise<void> {
  const { rows } = await db.query<{ n: number; address: string }>(
    `select d.n, d.address, p.name, p.title, p.engagement, a.name as account, a.industry, a.billing_country
     from floor_deliveries d join account_people p on p.id = d.person_id join accounts a on a.id = d.account_id
     where d.run_id = $1 and d.batch = $2`,
    [run, batch],
  );
  if (hasTable)
    await db.query(
      `select d.account_id, t.* from (select distinct d.account_id, coalesce(a.parent_id, a.id) as head
       from floor_deliveries d join accounts a on a.id = d.account_id where d.run_id = $1 and d.batch = $2) d
     cross join lateral (
       select a.name, l.seats, l.support_until from accounts a join licenses l on l.account_id = a.id
       where a.id = d.head or a.parent_id = d.head order by l.support_until limit 5) t`,
      [run, batch],
    );
  const all = rows.map(({ n, address }) =>
    `{"to":[{"email":"${address}"}],"substitutions":{"%s1%":"${filler}"},"custom_args":{"run":"${String(run)}","n":"${String(n)}","batch":"${String(batch)}"}}`); // prettier-ignore
  const body = `{"personalizations":[${all.join(',')}],"from":{"email":"a@b.example"},"subject":"Hello","content":[{"type":"text/html","value":"${'y'.repeat(4_000)}"}]}`;
  const answer = await sink.request({
    path: '/v3/mail/send',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  await answer.body.dump();
  await db.query(
    `update floor_deliveries set state = 'sent', settled_at = now() where run_id = $1 and batch = $2`,
    [run, batch],
  );
}

interface Event {
  sg_event_id: string;
  run: string;
  n: string;
  event: string;
}

async function takeIn(text: string): Promise<void> {
  const events = JSON.parse(text) as Event[];
  await db.query(
    `insert into floor_events (event_id, run_id, n, kind)
     select * from unnest($1::text[], $2::bigint[], $3::int[], $4::text[]) on conflict do nothing`,
    [
      events.map((e) => e.sg_event_id),
      events.map((e) => e.run),
      events.map((e) => e.n),
      events.map((e) => e.event),
    ],
  );
  const told = events.filter(({ event }) => event === 'delivered');
  await db.query(
    `update floor_deliveries d set outcome = 3 from (select distinct * from unnest($1::bigint[], $2::int[]) as t (run, n) order by 1, 2) t
     where d.run_id = t.run and d.n = t.n`,
    [told.map(({ run }) => run), told.map(({ n }) => n)],
  );
  delivered += told.length;
}
