import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { from as copyFrom } from 'pg-copy-streams';

/**
 * The loading worker of P9, and its floor. `prepare`, `job`, `load`, `again` are the product's own code; `copy` is the floor: the bytes
 * that the org sent, from a file into a table of texts, without an index. Environment: DATABASE_URL, SANDBOX_URL, SPOOL.
 */
const { deployPackage } = await import('../../scripts/salesforce-deploy.ts');
const { db, pool, sql } = await import('../../src/platform/db.ts');
const { removeJob, startJob, waitForJob } = await import('../../src/platform/salesforce/wire/bulk.ts');
const { stream } = await import('../../src/platform/salesforce/wire/connection.ts');
const { describe, names } = await import('../../src/platform/salesforce/mirror/describe.ts');
const { load } = await import('../../src/platform/salesforce/mirror/load.ts');
const { select } = await import('../../src/platform/salesforce/wire/soql.ts');
const { reload, statesOf, updateState } = await import('../../src/platform/salesforce/mirror/states.ts');
const { exchange } = await import('../../src/sync.ts');

const mapping = exchange.mappings.find(({ sobject }) => sobject === 'Contact');
if (!mapping) throw new Error('the mirror has no contacts');
const contacts = [mapping];
const never = new AbortController().signal;
const file = join(process.env.SPOOL ?? '.', 'contacts.csv');

let job = '';
let rows = 0;

async function readable() {
  const described = await describe(contacts);
  const known = ('readables' in described ? described.readables : described).get('Contact');
  if (!known) throw new Error('the org has no contacts');
  return known;
}

async function prepare(): Promise<number> {
  await deployPackage();
  await statesOf(contacts);
  return 0;
}

/** Has the org prepare the result, which is its work and not ours, and keeps its bytes for the floor. */
async function prepareJob(): Promise<number> {
  if (job !== '') await removeJob(job);
  const known = await readable();
  job = await startJob(select(known), 'query');
  await waitForJob(job, never);
  rows = 0;
  let locator = '';
  const columns = names(known).map((name) => `"${name}" text`);
  await sql`drop table if exists bench_floor`.execute(db);
  await sql`create table bench_floor (${sql.raw(columns.join(', '))})`.execute(db);
  for (let page = 0; page === 0 || locator !== ''; page += 1) {
    const answer = await stream({
      path: `/jobs/query/${job}/results?maxRecords=50000${locator === '' ? '' : `&locator=${locator}`}`,
      headers: { accept: 'text/csv' },
    });
    await pipeline(answer.body, createWriteStream(`${file}.${String(page)}`));
    rows += Number(answer.headers['sforce-numberofrecords']);
    locator = answer.headers['sforce-locator'] ?? '';
    if (locator === 'null') locator = '';
    pages = page + 1;
  }
  return rows;
}

let pages = 0;

/** The first load of the object, from the org's finished job. */
async function loadFirst(): Promise<number> {
  const known = await readable();
  await sql`truncate contacts`.execute(db);
  await updateState(db, 'Contact', {
    phase: 'loading', mark_at: null, seen_at: null, rows_loaded: 0, rows_expected: rows, load_started_at: new Date(),
    bulk_job: await sameJob(), bulk_locator: null, fields: names(known),
  }); // prettier-ignore
  await sql`delete from sync_loaded`.execute(db);
  const seconds = await timed(async () => {
    const state = (await statesOf(contacts)).get('Contact');
    if (state) await load(known, state, never);
  });
  const { rows: counted } = await sql<{ count: number }>`select count(*) as count from contacts`.execute(db);
  if (counted[0]?.count !== rows)
    throw new Error(`${String(counted[0]?.count)} of ${String(rows)} rows were loaded`);
  return seconds;
}

/** The product removes the job that it has read; the next load needs one that is ready. */
async function sameJob(): Promise<string> {
  const { send } = await import('../../src/platform/salesforce/wire/connection.ts');
  const isThere = await send({ path: `/jobs/query/${job}` }).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    job = await startJob(select(await readable()), 'query');
    await waitForJob(job, never);
  }
  return job;
}

/** Loads the unchanged object once more. @returns how many rows it rewrote */
async function loadAgain(): Promise<number> {
  await sql`create table before as select id, xmin::text as version from contacts`.execute(db);
  await reload('Contact');
  const state = (await statesOf(contacts)).get('Contact');
  if (state) await load(await readable(), state, never);
  const { rows: rewritten } = await sql<{ count: number }>`
    select count(*) as count from contacts c left join before b on b.id = c.id and b.version = c.xmin::text
    where b.id is null`.execute(db);
  await sql`drop table before`.execute(db);
  return rewritten[0]?.count ?? -1;
}

async function copyBare(): Promise<number> {
  await sql`truncate bench_floor`.execute(db);
  const client = await pool.connect();
  try {
    return await timed(async () => {
      for (let page = 0; page < pages; page += 1)
        await pipeline(
          createReadStream(`${file}.${String(page)}`),
          client.query(copyFrom('copy bench_floor from stdin with (format csv, header)')),
        );
    });
  } finally {
    client.release();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  await work();
  return (performance.now() - since) / 1000;
}

const acts: Record<string, () => Promise<number>> = {
  prepare,
  job: prepareJob,
  load: loadFirst,
  again: loadAgain,
  copy: copyBare,
  rss: () => Promise.resolve(process.resourceUsage().maxRSS / 1024),
};

process.on('message', (what: string) => {
  void acts[what]?.().then(
    (measured) => process.send?.({ measured }),
    (error: unknown) =>
      process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
