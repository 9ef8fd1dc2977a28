import { randomBytes, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type * as database from '../../src/platform/db.ts';
import type { Write } from '../../src/platform/salesforce/outbox/outbox.ts';

import { created, startSalesforce } from '../support/salesforce.ts';

type Started = Awaited<ReturnType<typeof startSalesforce>>;

let salesforce: Started;
let db: typeof database.db;
let sql: typeof database.sql;
let org: Started['org'];
let sync: Started['sync'];
let accountId: string;

beforeAll(async () => {
  salesforce = await startSalesforce();
  ({ org, sync } = salesforce);
  ({ db, sql } = await import('../../src/platform/db.ts'));
  accountId = await created(org, 'Account', { Name: 'Halden Freight' });
  await sync.loadAll();
});

afterAll(async () => {
  await salesforce.sandbox.close();
});

beforeEach(async () => {
  await clearFaults();
  await sql`update outbox set status = 'discarded' where status <> 'delivered'`.execute(db);
});

const clearFaults = () => fetch(`${salesforce.sandbox.url}/__sandbox__/faults`, { method: 'DELETE' });
const fault = (match: object, effect: object) => salesforce.control('/faults', { match, effect });

async function put(...writes: Write[]): Promise<void> {
  const { transaction } = await import('../../src/platform/db.ts');
  const { writeAll } = await import('../../src/platform/salesforce/outbox/outbox.ts');
  await transaction((tx) => writeAll(tx, writes));
}

/** A case as the portal opens it: our row, and its way to Salesforce. */
async function opened(fields: Write['fields'] = {}): Promise<string> {
  const id = randomUUID();
  const now = new Date();
  await db
    .insertInto('cases')
    .values({
      id,
      subject: 'Restore fails',
      status: 'New',
      created_at: now,
      modified_at: new Date(0),
      account_id: accountId,
    })
    .execute();
  await put({
    sobject: 'Case',
    operation: 'upsert',
    rapportId: id,
    fields: { Subject: 'Restore fails', Status: 'New', AccountId: accountId, ...fields },
    feature: 'cases',
  });
  return id;
}

async function replied(caseId: string, body: string): Promise<string> {
  const id = randomUUID();
  const now = new Date();
  await db
    .insertInto('case_comments')
    .values({ id, case_id: caseId, body, is_published: true, created_at: now, modified_at: new Date(0) })
    .execute();
  await put({
    sobject: 'CaseComment', operation: 'create', rapportId: id, fields: { CommentBody: body, IsPublished: true },
    parent: { field: 'ParentId', sobject: 'Case', rapportId: caseId }, feature: 'cases',
  }); // prettier-ignore
  return id;
}

const due = () => sql`update outbox set next_attempt_at = now() where status = 'waiting'`.execute(db);
const casesThere = async (id: string) =>
  (
    await org.query<{ Id: string; Status: string }>(
      `SELECT Id, Status FROM Case WHERE Rapport_Id__c = '${id}'`,
    )
  ).records;
const commentsThere = async (caseId: string) =>
  (
    await org.query<{ Id: string; CommentBody: string }>(
      `SELECT Id, CommentBody FROM CaseComment WHERE Parent.Rapport_Id__c = '${caseId}' ORDER BY CreatedDate, Id`,
    )
  ).records;
const rowsOf = (caseId: string) =>
  db.selectFrom('outbox').selectAll().where('serial_key', '=', `Case:${caseId}`).orderBy('id').execute();

describe('what the portal writes', () => {
  test('a case and its reply reach Salesforce in order, know their ids there, and come back as themselves', async () => {
    const id = await opened();
    const commentId = await replied(id, 'Maya Okafor (customer portal):\n\nSince Monday');
    expect(await sync.drainOnce()).toBe(2);
    const [there] = await casesThere(id);
    const [comment] = await commentsThere(id);
    expect(comment?.CommentBody).toContain('Since Monday');
    await sync.pollOnce();
    const [own] = await db
      .selectFrom('cases')
      .select(['salesforce_id', 'number'])
      .where('id', '=', id)
      .execute();
    expect(own).toEqual({ salesforce_id: there?.Id, number: expect.stringMatching(/^\d+$/) as string });
    expect(
      await db
        .selectFrom('case_comments')
        .select(['id', 'salesforce_id'])
        .where('case_id', '=', id)
        .execute(),
    ).toEqual([{ id: commentId, salesforce_id: comment?.Id }]);
    const events = await sql<{
      data: object;
    }>`select data from events where name = 'outbox.delivered' order by id desc limit 2`.execute(db);
    expect(events.rows.map(({ data }) => data)).toContainEqual({
      sobject: 'Case',
      rows: [{ rapportId: id, salesforceId: there?.Id, outboxId: (await rowsOf(id))[0]?.id }],
    });
  });

  test('a case whose answer was lost after Salesforce had taken it is there once', async () => {
    await fault({ path: '/composite/sobjects/Case', nth: 1 }, { dropAfterCommit: true });
    const id = await opened();
    await expect(sync.drainOnce()).rejects.toMatchObject({ kind: 'retry' });
    await due();
    expect(await sync.drainOnce()).toBe(1);
    expect(await casesThere(id)).toHaveLength(1);
  });

  test('a reply whose answer was lost is looked for, and is there once', async () => {
    const id = await opened();
    await sync.drainOnce();
    await fault({ method: 'POST', path: '/composite/sobjects', nth: 1 }, { dropAfterCommit: true });
    const first = await replied(id, 'ok');
    await replied(id, 'ok');
    await expect(sync.drainOnce()).rejects.toMatchObject({ isAmbiguous: true });
    await sync.pollOnce();
    await due();
    expect(await sync.drainOnce()).toBe(2);
    await sync.pollOnce();
    expect(await commentsThere(id)).toHaveLength(2);
    const here = await db
      .selectFrom('case_comments')
      .select(['id', 'salesforce_id'])
      .where('case_id', '=', id)
      .execute();
    expect(here).toHaveLength(2);
    expect(here.map((row) => row.id)).toContain(first);
    expect(new Set(here.map((row) => row.salesforce_id)).size).toBe(2);
  });

  test('a file arrives byte for byte, on its case, visible to customers, and once', async () => {
    const id = await opened();
    const uploadId = randomUUID();
    const bytes = randomBytes(700_000);
    await sql`insert into uploads (id, person_id, case_id, name, size_bytes, received_at)
              values (${uploadId}, ${randomUUID()}, ${id}, 'log “1”.zip', ${bytes.length}, now())`.execute(
      db,
    );
    for (const [position, at] of [0, 262_144, 524_288].entries())
      await sql`insert into upload_chunks (upload_id, position, bytes) values (${uploadId}, ${position}, ${bytes.subarray(at, at + 262_144)})`.execute(
        db,
      );
    await put({
      sobject: 'ContentVersion', operation: 'create', rapportId: uploadId, feature: 'cases',
      fields: { Title: 'log “1”.zip', PathOnClient: 'log “1”.zip', Rapport_Id__c: uploadId },
      parent: { field: 'FirstPublishLocationId', sobject: 'Case', rapportId: id },
    }); // prettier-ignore
    await fault({ method: 'POST', path: '/sobjects/ContentVersion', nth: 1 }, { dropAfterCommit: true });
    await expect(sync.drainOnce()).rejects.toMatchObject({ isAmbiguous: true });
    await due();
    expect(await sync.drainOnce()).toBe(1);

    const versions = await org.query<{ Id: string; ContentDocumentId: string }>(
      `SELECT Id, ContentDocumentId FROM ContentVersion WHERE Rapport_Id__c = '${uploadId}'`,
    );
    expect(versions.records).toHaveLength(1);
    const { versionBytes } = await import('../../src/platform/salesforce/wire/download.ts');
    const received = Buffer.concat(
      (await (await versionBytes(versions.records[0]!.Id)).toArray()) as Buffer[],
    );
    expect(received.equals(bytes)).toBe(true);
    await sync.pollOnce();
    const link = await db
      .selectFrom('file_links')
      .select(['case_id', 'visibility'])
      .where('document_id', '=', versions.records[0]!.ContentDocumentId)
      .execute();
    expect(link).toContainEqual({ case_id: id, visibility: 'AllUsers' });
  });
});

describe('what Salesforce refuses', () => {
  test('a rejected record is kept with its reason, does not stop the others, and goes out once it is mended', async () => {
    const bad = await opened({ ContactId: '003000000000000AAA' });
    const good = await opened();
    await sync.drainOnce();
    expect(await casesThere(good)).toHaveLength(1);
    const [row] = await rowsOf(bad);
    expect(row).toMatchObject({ status: 'failed' });
    expect(row?.error).not.toBe('');
    await sql`update outbox set fields = fields - 'ContactId' where id = ${row?.id}`.execute(db);
    const { retry } = await import('../../src/platform/salesforce/outbox/outbox-acts.ts');
    await retry(row!.id);
    await sync.drainOnce();
    expect(await casesThere(bad)).toHaveLength(1);
  });

  test('a locked record is tried again', async () => {
    await fault(
      { path: '/composite/sobjects/Case', nth: 1 },
      { status: 400, errorCode: 'UNABLE_TO_LOCK_ROW' },
    );
    const id = await opened();
    await sync.drainOnce().catch(() => undefined);
    expect((await rowsOf(id))[0]).toMatchObject({ status: 'waiting', error_code: 'UNABLE_TO_LOCK_ROW' });
    await due();
    await sync.drainOnce();
    expect(await casesThere(id)).toHaveLength(1);
  });

  test('a change that was refused and given up shows what Salesforce holds again', async () => {
    const id = await opened();
    await sync.drainOnce();
    await sync.pollOnce();
    const [own] = await db.selectFrom('cases').select('salesforce_id').where('id', '=', id).execute();
    await db.updateTable('cases').set({ status: 'Closed' }).where('id', '=', id).execute();
    await put({
      sobject: 'Case',
      operation: 'upsert',
      rapportId: id,
      salesforceId: own!.salesforce_id,
      fields: { Status: 'Closed', OwnerId: '005000000000000AAA' },
      feature: 'cases',
    });
    await sync.drainOnce();
    await sync.pollOnce();
    expect(await db.selectFrom('cases').select('status').where('id', '=', id).execute()).toEqual([
      { status: 'New' },
    ]);
  });
});

describe('when Salesforce is away', () => {
  test('everything waits in the outbox and is delivered when it is back', async () => {
    await fault({}, { status: 503, errorCode: 'SERVER_UNAVAILABLE' });
    const ids = [await opened(), await opened()];
    await expect(sync.drainOnce()).rejects.toMatchObject({ kind: 'retry' });
    await clearFaults();
    await due();
    await sync.drainOnce();
    for (const id of ids) expect(await casesThere(id)).toHaveLength(1);
  });

  test('many records go out 200 to a request, with one event a request', async () => {
    const accounts = Array.from({ length: 450 }, (_, i) => ({ Name: `Many ${i}` }));
    const ids: string[] = [];
    for (let i = 0; i < accounts.length; i += 200)
      ids.push(
        ...(await org.sobject('Account').create(accounts.slice(i, i + 200))).map((result) => result.id ?? ''),
      );
    const before = await sql<{
      count: number;
    }>`select count(*) from events where name = 'outbox.delivered'`.execute(db);
    await put(
      ...ids.map((id): Write => ({
        sobject: 'Account',
        operation: 'update',
        salesforceId: id,
        fields: { Rapport_Health_Score__c: 71 },
        feature: 'insights',
      })),
    );
    expect(await sync.drainOnce()).toBe(450);
    const after = await sql<{
      count: number;
    }>`select count(*) from events where name = 'outbox.delivered'`.execute(db);
    expect(after.rows[0]!.count - before.rows[0]!.count).toBe(3);
    const { totalSize } = await org.query('SELECT COUNT() FROM Account WHERE Rapport_Health_Score__c = 71');
    expect(totalSize).toBe(450);
  });
});
