import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { freePort } from '../../scripts/postgres.ts';
import type * as database from '../../src/platform/db.ts';
import type * as people from '../support/people.ts';
import { eventually, launch, type Running } from '../support/processes.ts';
import { created, startSalesforce } from '../support/salesforce.ts';

/* F24: whatever somebody does, and whatever goes wrong with it, no log ever held their address or name; once they are erased nothing does. */

const email = 'zephyrine@quillfeather.example';
const name = 'Zephyrine Quillfeather';
const theirs = /quillfeather|zephyrine/i;

let salesforce: Awaited<ReturnType<typeof startSalesforce>>;
let db: typeof database.db;
let sql: typeof database.sql;
let support: typeof people;
let contactId: string;
let url: string;
let running: Running[] = [];

beforeAll(async () => {
  salesforce = await startSalesforce();
  ({ db, sql } = await import('../../src/platform/db.ts'));
  support = await import('../support/people.ts');
  const { org, sync } = salesforce;
  const accountId = await created(org, 'Account', { Name: 'Halden Freight' });
  contactId = await created(org, 'Contact', { FirstName: 'Zephyrine', LastName: 'Quillfeather', Email: email, AccountId: accountId });
  await sync.loadAll();
  const environment = { PORT: String(await freePort()), LOG_LEVEL: 'debug', SANDBOX_URL: salesforce.sandbox.url };
  url = `http://127.0.0.1:${environment.PORT}`;
  running = await Promise.all(['src/server.ts', 'src/worker.ts'].map((file) => launch([file], environment)));
}, 120_000); // prettier-ignore
afterAll(async () => {
  for (const { child, ended } of running) {
    child.kill('SIGTERM');
    await ended;
  }
  await salesforce.sandbox.close();
});

const logs = () => running.map(({ output }) => output()).join('\n');

const post = async (path: string, body: NonNullable<RequestInit["body"]>, headers: Record<string, string> = {}) =>
  (await fetch(url + path, { method: 'POST', body, headers: { 'sec-fetch-site': 'same-origin', ...headers }, redirect: 'manual' })).status; // prettier-ignore
const form = (fields: Record<string, string>) => new URLSearchParams(fields);

/** What the product tells of her, as it should and as it should not. */
async function tell(messageId: string): Promise<void> {
  const headers = { authorization: `Basic ${btoa('demo-write-key:')}`, 'content-type': 'application/json' };
  const identify = { userId: email, messageId, traits: { email, name }, context: { groupId: 'halden' } };
  expect(await post('/v1/identify', JSON.stringify(identify), headers)).toBe(200);
  expect(await post('/v1/track', JSON.stringify({ userId: email, event: { of: email } }), headers)).toBe(400);
  expect(await post('/v1/track', `{"userId": "${email}`, headers)).toBe(400);
}

/** Jobs that cannot be done, refused in words that quote what they were given: one is dead at once, one is tried again and again. */
async function fail(): Promise<void> {
  for (const attempts of [1, 25])
    await sql`select graphile_worker.add_job('post_webhook', ${JSON.stringify({ deliveryId: `${name} <${email}>` })}::json, max_attempts => ${attempts}::int)`.execute(db);
} // prettier-ignore

/** In every table and in the queue, as text. */
async function found(): Promise<string[]> {
  const { rows: tables } = await sql<{ schema: string; name: string }>`
    select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition and n.nspname in ('public', 'graphile_worker')`.execute(db);
  const hits: string[] = [];
  for (const table of tables) {
    const { rows } = await sql<{ row: string }>`
      select t::text as row from ${sql.id(table.schema, table.name)} t where t::text ~* ${theirs.source}`.execute(db);
    hits.push(...rows.map(({ row }) => `${table.name}: ${row.slice(0, 200)}`));
  }
  return hits;
} // prettier-ignore

const dead = async () =>
  (await sql<{ jobs: number }>`select count(*)::int as jobs from graphile_worker._private_jobs where attempts = max_attempts and last_error is not null`.execute(db)).rows[0]?.jobs; // prettier-ignore

test('no line of any log, no dead letter, no outbox or queue row tells of somebody who was erased', { timeout: 120_000 }, async () => {
  const person = await support.givenPerson({ contacts: [{ id: contactId, email }], name });
  await post('/sign-in', form({ email, password: 'not hers' }));
  await post('/sign-up', form({ email, name }));
  await post('/password/forgot', form({ email }));
  const cookie = await support.sessionCookieOf(url, person);
  const draft = new FormData();
  for (const [field, value] of Object.entries({ id: randomUUID(), subject: `${name} asks`, description: `Write to ${email}`, priority: 'high' })) draft.set(field, value);
  expect(await post('/portal/cases', draft, { cookie })).toBe(303);
  for (const path of [`/portal/cases?q=${email}`, `/nowhere/${email}`, `/email/confirm/${email}`, `/portal/cases/${name}`])
    await fetch(url + path, { headers: { cookie, referer: `${url}/?${email}`, 'user-agent': email } });
  await tell('m-1');
  await fail();
  await eventually(dead, (jobs) => jobs !== undefined && jobs > 0, 30);
  await eventually(() => sql<{ id: string }>`select salesforce_id as id from cases where salesforce_id is not null`.execute(db), ({ rows }) => rows.length > 0, 30);
  await salesforce.org.sobject('Case').update((await sql<{ id: string }>`select salesforce_id as id from cases`.execute(db)).rows.map(({ id }) => ({ Id: id, Status: 'Closed' })));
  await eventually(() => sql`select from cases where is_closed`.execute(db), ({ rows }) => rows.length > 0, 30);
  expect((await found()).some((row) => row.startsWith('_private_jobs')), 'before it is in the queue').toBe(true);

  const admin = await support.sessionCookieOf(url, await support.givenStaff({ roles: ['admin'] }));
  expect(await post('/console/erasures', form({ who: email, typed: email }), { cookie: admin })).toBe(303);
  await eventually(() => sql`select from erasures where finished_at is not null`.execute(db), ({ rows }) => rows.length > 0, 30);
  await tell('m-2');
  await post('/sign-in', form({ email, password: support.PASSWORD }));
  await salesforce.org.sobject('Contact').update({ Id: contactId, Title: 'Quillfeather herself' });
  await sql`delete from rate_limits`.execute(db);
  await sql`delete from usage_rejections where received_at > (select max(finished_at) from erasures)`.execute(db);
  await eventually(found, (rows) => rows.length === 0, 20);

  const lines = logs().split('\n');
  expect(lines.length).toBeGreaterThan(20);
  expect(lines.some((line) => line.includes('"level":50')), 'what failed was logged').toBe(true);
  expect(lines.filter((line) => theirs.test(line))).toEqual([]);
}); // prettier-ignore

test('errors are logged by what went wrong, without the rows and addresses that they quote', async () => {
  const program = `
    const { log } = await import('${new URL('../../src/platform/log.ts', import.meta.url).href}');
    const { db, sql, pool } = await import('${new URL('../../src/platform/db.ts', import.meta.url).href}');
    for (const statement of [
      "insert into tags (name, description, tone, created_at) values (null, '${name}', 'info', now())",
      "select '${email}'::uuid",
    ]) await sql.raw(statement).execute(db).catch((err) => log.error({ err }, 'refused'));
    log.error({ err: new Error('outer', { cause: new AggregateError([new Error('to <${email}>')]) }) }, 'for ${encodeURIComponent(email)}');
    await pool.end();
    process.send('ready');`;
  const one = await launch(['--input-type=module', '-e', program], { LOG_LEVEL: 'info' });
  await one.ended;
  const lines = one.output().trim().split('\n').map((line) => JSON.parse(line) as { msg: string; err: { code?: string; message: string } });
  expect(lines.map(({ msg, err }) => [msg, err.code, err.message])).toEqual([
    ['refused', '23502', expect.stringContaining('violates not-null constraint')],
    ['refused', '22P02', 'invalid input syntax for type uuid: "…"'],
    ['for [address]', undefined, 'outer'],
  ]);
  expect(one.output()).toContain('to <[address]>');
  expect(one.output()).not.toMatch(theirs);
}); // prettier-ignore
