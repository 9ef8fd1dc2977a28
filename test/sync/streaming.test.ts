import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';

import type * as database from '../../src/platform/db.ts';
import type * as streaming from '../../src/platform/salesforce/streaming/streaming-state.ts';

import { select } from '../sandbox/events/support.ts';
import { created, startSalesforce } from '../support/salesforce.ts';

type Started = Awaited<ReturnType<typeof startSalesforce>>;

let salesforce: Started;
let db: typeof database.db;
let streamingState: typeof streaming.streamingState;
let listening: { isLive: () => boolean; stop: () => Promise<void> };

/* The event stream without the poll that would find everything a little later: whatever arrives, a hint brought. */
beforeAll(async () => {
  salesforce = await startSalesforce();
  ({ db } = await import('../../src/platform/db.ts'));
  ({ streamingState } = await import('../../src/platform/salesforce/streaming/streaming-state.ts'));
  await select(salesforce.org, 'Account', 'Contact', 'Case');
  await salesforce.sync.loadAll();
  const { newCourse, pollOnce } = await import('../../src/platform/salesforce/mirror/course.ts');
  const { listen } = await import('../../src/platform/salesforce/streaming/streaming.ts');
  const course = newCourse(salesforce.exchange.mappings, new AbortController().signal);
  course.stream.nudge = () => void pollOnce(course);
  listening = listen(course, { silenceLook: 300, silence: 200, suspicion: 500, longestPause: 500 });
  await live();
});

afterAll(async () => {
  await listening.stop();
  await salesforce.sandbox.close();
});

afterEach(async () => {
  await salesforce.control('/events/limit');
  await fetch(`${salesforce.sandbox.url}/__sandbox__/faults`, { method: 'DELETE' });
});

const until = (check: () => Promise<void>, timeout = 20_000) => vi.waitFor(check, { timeout, interval: 50 });
const live = () => until(async () => { expect(await streamingState()).toMatchObject({ status: 'live' }); }); // prettier-ignore
const account = async (id: string) =>
  await db.selectFrom('accounts').select(['name', 'deleted_at']).where('id', '=', id).executeTakeFirst();
const arrives = (id: string, name: string, timeout?: number) =>
  until(async () => { expect(await account(id)).toMatchObject({ name }); }, timeout); // prettier-ignore
const given = (Name: string) => created(salesforce.org, 'Account', { Name });
const rename = (Id: string, Name: string) => salesforce.org.sobject('Account').update({ Id, Name });

test('what changes in Salesforce is here within two seconds', async () => {
  const since = performance.now();
  const id = await given('Told at once');
  await arrives(id, 'Told at once');
  await rename(id, 'Told again');
  await arrives(id, 'Told again');
  await salesforce.org.sobject('Account').destroy(id);
  await until(async () => { expect((await account(id))?.deleted_at).not.toBeNull(); }); // prettier-ignore
  expect(performance.now() - since).toBeLessThan(10_000);
  expect(await streamingState()).toMatchObject({ status: 'live', objects: ['Account'] });
});

test('an echo of our own writes is not read again', async () => {
  const before = await streamingState();
  const { send } = await import('../../src/platform/salesforce/wire/connection.ts');
  const { body } = await send<{ id: string }>({
    method: 'POST',
    path: '/sobjects/Account',
    body: { Name: 'Ours' },
  });
  await until(async () => { expect((await streamingState()).echoes).toBe(before.echoes + 1); }); // prettier-ignore
  expect(await account(body.id)).toBeUndefined();
});

test('a gap makes its records be read, an overflow the whole object', async () => {
  const id = await given('Under the bridge');
  await arrives(id, 'Under the bridge');
  await quietly(`update "Account" set "Name" = 'Slipped by' where "Id" = '${id}'`);
  await salesforce.control('/events/gap', { object: 'Account', recordIds: [id] });
  await arrives(id, 'Slipped by');
  await quietly(`update "Account" set "Name" = 'Flowed over', "SystemModstamp" = now() where "Id" = '${id}'`);
  await salesforce.control('/events/overflow', { object: 'Account' });
  await arrives(id, 'Flowed over');
  await until(async () => { expect((await streamingState()).gaps).toBeGreaterThanOrEqual(2); }); // prettier-ignore
});

/** Changes rows of the org without an event, as a lost message would. */
async function quietly(statement: string): Promise<void> {
  const client = await salesforce.sandbox.org.pool.connect();
  await client.query(`begin; select set_config('sandbox.capture', 'off', true); ${statement}; commit`);
  client.release();
}

test('more changes in one go than it pays to name are polled', async () => {
  await salesforce.control('/events/limit', { overflowAt: 10 });
  const results = await salesforce.org.sobject('Account').create(
    Array.from({ length: 200 }, (_, at) => ({ Name: `Many ${String(at)}` })),
  ); // prettier-ignore
  await arrives(results.at(-1)?.id ?? '', 'Many 199');
});

test('after the node has gone, what happened meanwhile comes by replay', async () => {
  const id = await given('Before');
  await arrives(id, 'Before');
  await until(async () => { expect((await streamingState()).replayId).not.toBeNull(); }); // prettier-ignore
  const { rebuilds } = await streamingState();
  await salesforce.control('/events/disconnect');
  await rename(id, 'Meanwhile');
  await arrives(id, 'Meanwhile');
  expect((await streamingState()).rebuilds).toBe(rebuilds + 1);
  await live();
});

test('a connection that is cut is made anew', async () => {
  const id = await given('Whole');
  await salesforce.control('/events/disconnect', { drop: true });
  await rename(id, 'Cut');
  await arrives(id, 'Cut');
  await live();
});

test('a replay id that is too old costs a poll and nothing else', async () => {
  const id = await given('Long ago');
  await arrives(id, 'Long ago');
  const { gaps } = await streamingState();
  await quietly(
    `update "Account" set "Name" = 'Lost with its event', "SystemModstamp" = now() where "Id" = '${id}'`,
  );
  await salesforce.control('/events/expire-retention');
  await salesforce.control('/events/disconnect');
  await arrives(id, 'Lost with its event');
  expect((await streamingState()).gaps).toBe(gaps + 1);
  await live();
});

test('a session that ends is replaced, and the subscription with it', async () => {
  const id = await given('Old session');
  await arrives(id, 'Old session');
  await salesforce.control('/tokens/expire');
  const org = await salesforce.sandbox.connect();
  await org.sobject('Account').update({ Id: id, Name: 'New session' });
  await arrives(id, 'New session');
  salesforce.org = org;
  await live();
});

test('a subscription that only looks alive is noticed and made anew', async () => {
  const id = await given('Speaking');
  await arrives(id, 'Speaking');
  const { rebuilds } = await streamingState();
  await salesforce.control('/events/limit', { isSilent: true });
  await new Promise((wait) => setTimeout(wait, 300));
  await rename(id, 'Silent');
  await until(async () => {
    await salesforce.sync.pollOnce();
    expect((await streamingState()).rebuilds).toBeGreaterThan(rebuilds);
  });
  await salesforce.control('/events/limit');
  await live();
  await rename(id, 'Speaking again');
  await arrives(id, 'Speaking again');
});

test('cookies come back to the node that set them', async () => {
  await salesforce.control('/events/limit', { needsCookie: true });
  await salesforce.control('/events/disconnect');
  const id = await given('Same node');
  await arrives(id, 'Same node');
  await live();
});

test('Salesforce that refuses the stream is told on the page, and asked again', async () => {
  await salesforce.control('/events/limit', { concurrentClients: 0 });
  await salesforce.control('/events/disconnect');
  await until(async () => {
    expect(await streamingState()).toMatchObject({
      status: 'failing',
      detail: 'Organization concurrent user limit exceeded',
    });
  });
  await salesforce.control('/events/limit');
  await live();
  const id = await given('Let in again');
  await arrives(id, 'Let in again');
});
