import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { Connection } from 'jsforce';

import type * as database from '../../src/platform/db.ts';
import type { Write } from '../../src/platform/salesforce/outbox/outbox.ts';

import { created, startSalesforce } from '../support/salesforce.ts';

/* The three anomalies that Heroku Connect documents of itself (devcenter.heroku.com, "Heroku Connect Rapid Multiple Updates Issues"):
   flip-flop values, temporarily revived deletes, re-inserted records. Each interleaving that brings one about there is built
   here, step by step, and those that our own parts would allow. */

type Started = Awaited<ReturnType<typeof startSalesforce>>;

let salesforce: Started;
let db: typeof database.db;
let sql: typeof database.sql;
let org: Connection;
let sync: Started['sync'];
let offsetMs = 0;

beforeAll(async () => {
  salesforce = await startSalesforce();
  ({ org, sync } = salesforce);
  ({ db, sql } = await import('../../src/platform/db.ts'));
  await sync.loadAll();
});

afterAll(async () => {
  await salesforce.sandbox.close();
});

beforeEach(async () => {
  await fetch(`${salesforce.sandbox.url}/__sandbox__/faults`, { method: 'DELETE' });
  await sql`update outbox set status = 'discarded' where status <> 'delivered'`.execute(db);
});

/** What happens after this happens in a later second of Salesforce's. */
async function later(): Promise<void> {
  offsetMs += 3_000;
  await salesforce.control('/clock', { offsetMs });
}

async function put(write: Write): Promise<void> {
  const { transaction } = await import('../../src/platform/db.ts');
  const { write: putInto } = await import('../../src/platform/salesforce/outbox/outbox.ts');
  await transaction((tx) => putInto(tx, write));
}

async function drained(): Promise<void> {
  await later();
  await sql`update outbox set next_attempt_at = now() where status = 'waiting'`.execute(db);
  await sync.drainOnce().catch(() => undefined);
}

const readables = async () => {
  const { describe: described } = await import('../../src/platform/salesforce/mirror/describe.ts');
  return (await described(salesforce.exchange.mappings)).readables;
};

/** What a reader has in hand: records as Salesforce had them at a moment. Taken over when `take` is called. */
async function read(sobject: string, id: string) {
  const { query } = await import('../../src/platform/salesforce/wire/query.ts');
  const { select } = await import('../../src/platform/salesforce/wire/soql.ts');
  const { merge, mergeSilently, recordsAsSource } =
    await import('../../src/platform/salesforce/mirror/merge.ts');
  const { transaction } = await import('../../src/platform/db.ts');
  const readable = (await readables()).get(sobject)!;
  const readAt = new Date();
  const { records } = await query(select(readable, { conditions: [`Id IN ('${id}')`] }));
  return {
    take: () => transaction((tx) => merge(tx, readable, recordsAsSource(readable, records), readAt)),
    takeAsLoad: () =>
      transaction((tx) => mergeSilently(tx, readable, recordsAsSource(readable, records), readAt)),
  };
}

/** A case that both sides know. */
async function givenCase(): Promise<{ id: string; Id: string }> {
  const id = randomUUID();
  const Id = await created(org, 'Case', { Subject: 'Restore fails', Status: 'New', Rapport_Id__c: id });
  await sync.pollOnce();
  await later();
  return { id, Id };
}

/** As the portal does it: our row, and the write of it. */
async function act({ id, Id }: { id: string; Id: string }, status: string, seen: string): Promise<void> {
  await sql`update cases set status = ${status} where id = ${id}`.execute(db);
  await put({
    sobject: 'Case', operation: 'upsert', rapportId: id, salesforceId: Id, fields: { Status: status }, base: { Status: seen },
    feature: 'cases',
  }); // prettier-ignore
}

const statusHere = async (id: string) =>
  (await db.selectFrom('cases').select('status').where('id', '=', id).executeTakeFirst())?.status;
const contactHere = async (id: string) =>
  await db.selectFrom('contacts').select(['title', 'deleted_at']).where('id', '=', id).executeTakeFirst();
const casesThere = async (id: string) =>
  (await org.query<{ Id: string }>(`SELECT Id FROM Case WHERE Rapport_Id__c = '${id}'`)).records;

describe('flip-flop values', () => {
  test('do not show: what was read before our write is not shown after it, waiting, delivered, or read again', async () => {
    const one = await givenCase();
    const before = await read('Case', one.Id);
    await act(one, 'Working', 'New');
    await before.take();
    expect(await statusHere(one.id)).toBe('Working');
    const during = await read('Case', one.Id);
    await drained();
    await during.take();
    expect(await statusHere(one.id)).toBe('Working');
    await sync.pollOnce();
    await before.take();
    await before.takeAsLoad();
    expect(await statusHere(one.id)).toBe('Working');
  });

  test('do not show: our first write coming back does not undo the second, which waits', async () => {
    const one = await givenCase();
    await act(one, 'Working', 'New');
    await drained();
    await act(one, 'Closed', 'Working');
    await sync.pollOnce();
    await sync.lookAgain();
    expect(await statusHere(one.id)).toBe('Closed');
    await drained();
    await sync.pollOnce();
    expect(await statusHere(one.id)).toBe('Closed');
  });

  test("do not show: of two readings of somebody else's change, the older does not win by being slow", async () => {
    const id = await created(org, 'Contact', { LastName: 'Marsh', Title: 'first' });
    const slow = await read('Contact', id);
    await later();
    await org.sobject('Contact').update({ Id: id, Title: 'second' });
    await (await read('Contact', id)).take();
    expect(await slow.take()).toEqual([]);
    await slow.takeAsLoad();
    expect(await contactHere(id)).toMatchObject({ title: 'second' });
  });

  test('do not show while a Bulk load is under way whose snapshot is older than what the poll has brought', async () => {
    const id = await created(org, 'Contact', { LastName: 'Marsh', Title: 'before the load' });
    await sync.pollOnce();
    const snapshot = await read('Contact', id);
    await later();
    await org.sobject('Contact').update({ Id: id, Title: 'during the load' });
    await sync.pollOnce();
    await snapshot.takeAsLoad();
    expect(await contactHere(id)).toMatchObject({ title: 'during the load' });
  });
});

describe('temporarily revived deletes', () => {
  test('do not happen: a reading that began before the delete does not bring the row back', async () => {
    const id = await created(org, 'Contact', { LastName: 'Marsh' });
    await sync.pollOnce();
    const slow = await read('Contact', id);
    await later();
    await org.sobject('Contact').destroy(id);
    await sync.pollOnce();
    expect((await contactHere(id))?.deleted_at).not.toBeNull();
    await slow.take();
    await slow.takeAsLoad();
    expect((await contactHere(id))?.deleted_at).not.toBeNull();
  });

  test('do not happen with a delete that left no trace either', async () => {
    const id = await created(org, 'Contact', { LastName: 'Marsh' });
    await sync.pollOnce();
    const slow = await read('Contact', id);
    const seenGoneAt = new Date(Date.now() + offsetMs + 1_000);
    await sql`update contacts set deleted_at = ${seenGoneAt} where id = ${id}`.execute(db);
    await slow.take();
    await slow.takeAsLoad();
    expect((await contactHere(id))?.deleted_at).not.toBeNull();
  });

  test('are not mistaken for real ones: what somebody takes out of the recycle bin is back', async () => {
    const id = await created(org, 'Contact', { LastName: 'Marsh' });
    await later();
    await org.sobject('Contact').destroy(id);
    await sync.pollOnce();
    await later();
    await org.soap.undelete([id]);
    await sync.pollOnce();
    expect((await contactHere(id))?.deleted_at).toBeNull();
  });

  test('do not happen to a case by an act of ours that was still waiting', async () => {
    const one = await givenCase();
    await act(one, 'Working', 'New');
    await org.sobject('Case').destroy(one.Id);
    await drained();
    await sync.pollOnce();
    const row = await db.selectFrom('cases').select('deleted_at').where('id', '=', one.id).executeTakeFirst();
    expect(row?.deleted_at).not.toBeNull();
    expect(await casesThere(one.id)).toEqual([]);
  });
});

describe('re-inserted records', () => {
  test('do not happen: an update that waits while its record is deleted creates no new one', async () => {
    const one = await givenCase();
    await act(one, 'Working', 'New');
    await org.sobject('Case').destroy(one.Id);
    await drained();
    expect(await casesThere(one.id)).toEqual([]);
    const [row] = await db
      .selectFrom('outbox')
      .select(['status', 'error_code'])
      .where('rapport_id', '=', one.id)
      .execute();
    expect(row).toEqual({ status: 'failed', error_code: 'ENTITY_IS_DELETED' });
  });

  test.each(['it is in the recycle bin', 'it has been purged, but the mirror had met it'])(
    'do not happen to a record whose creation got no answer, and which somebody deleted before we asked again: %s',
    async (where) => {
      const id = randomUUID();
      await sql`insert into cases (id, subject, status, created_at, modified_at) values (${id}, 'Restore fails', 'New', now(), to_timestamp(0))`.execute(
        db,
      );
      await salesforce.control('/faults', {
        match: { path: '/composite/sobjects/Case', nth: 1 },
        effect: { dropAfterCommit: true },
      });
      await put({
        sobject: 'Case',
        operation: 'upsert',
        rapportId: id,
        fields: { Subject: 'Restore fails', Status: 'New' },
        feature: 'cases',
      });
      await drained();
      const [arrived] = await casesThere(id);
      if (where.startsWith('it has been purged')) {
        await sql`update cases set salesforce_id = ${arrived?.Id} where id = ${id}`.execute(db);
        await org.sobject('Case').destroy(arrived!.Id);
        await org.soap.emptyRecycleBin([arrived!.Id]);
      } else await org.sobject('Case').destroy(arrived!.Id);
      await drained();
      expect(await casesThere(id)).toEqual([]);
      expect(
        (
          await db
            .selectFrom('outbox')
            .select(['status', 'salesforce_id'])
            .where('rapport_id', '=', id)
            .execute()
        )[0],
      ).toEqual({
        status: 'delivered',
        salesforce_id: arrived?.Id,
      });
    },
  );

  test('do not happen: a record that was given up here before Salesforce had it is not created by what waited behind it', async () => {
    const id = randomUUID();
    const write = { sobject: 'Case', operation: 'upsert', rapportId: id, feature: 'cases' } as const;
    await put({
      ...write,
      fields: { Subject: 'Restore fails', Status: 'No such status', ContactId: '003000000000000AAA' },
    });
    await drained();
    await put({ ...write, fields: { Status: 'Working' }, base: { Status: 'New' } });
    await drained();
    expect(await casesThere(id)).toEqual([]);
    const refused = await db
      .selectFrom('outbox')
      .select('id')
      .where('rapport_id', '=', id)
      .where('status', '=', 'failed')
      .executeTakeFirstOrThrow();
    const { discard } = await import('../../src/platform/salesforce/outbox/outbox-acts.ts');
    await discard(refused.id);
    await drained();
    expect(await casesThere(id)).toEqual([]);
    expect(await db.selectFrom('outbox').select('error_code').where('rapport_id', '=', id).orderBy('id').execute()).toEqual([
      { error_code: 'DISCARDED' }, { error_code: 'PARENT_GIVEN_UP' },
    ]); // prettier-ignore
  });

  test('do not happen to a comment whose creation got no answer, and which Support deleted since', async () => {
    const one = await givenCase();
    await salesforce.control('/faults', {
      match: { method: 'POST', path: '/composite/sobjects', nth: 1 },
      effect: { dropAfterCommit: true },
    });
    await put({
      sobject: 'CaseComment', operation: 'create', rapportId: randomUUID(), fields: { CommentBody: 'Any news?', IsPublished: true },
      parent: { field: 'ParentId', sobject: 'Case', rapportId: one.id, salesforceId: one.Id }, feature: 'cases',
    }); // prettier-ignore
    await drained();
    const comments = async () =>
      (await org.query<{ Id: string }>(`SELECT Id FROM CaseComment WHERE ParentId = '${one.Id}'`)).records;
    await org.sobject('CaseComment').destroy((await comments())[0]!.Id);
    await drained();
    expect(await comments()).toEqual([]);
  });
});
