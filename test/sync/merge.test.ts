import { randomUUID } from 'node:crypto';

import { beforeEach, describe, expect, test, vi } from 'vitest';

import { accountObjects } from '../../src/accounts/salesforce.ts';
import { caseObjects } from '../../src/cases/salesforce.ts';
import { db, sql, transaction } from '../../src/platform/db.ts';
import type { Readable } from '../../src/platform/salesforce/mirror/describe.ts';
import { merge, recordsAsSource } from '../../src/platform/salesforce/mirror/merge.ts';
import { write } from '../../src/platform/salesforce/outbox/outbox.ts';
import { resolveCases } from '../../src/platform/salesforce/mirror/late-cases.ts';
import { givenCase, salesforceId } from '../support/mirror.ts';

const types: Record<string, string> = {
  AnnualRevenue: 'currency', NumberOfEmployees: 'int', IsDeleted: 'boolean', SystemModstamp: 'datetime',
  CreatedDate: 'datetime', IsPublished: 'boolean', IsClosed: 'boolean', ClosedDate: 'datetime', Big__c: 'double',
}; // prettier-ignore

const readable = (sobject: string, names: string): Readable => {
  const mapping = [...accountObjects, ...caseObjects].find((each) => each.sobject === sobject)!;
  return {
    mapping,
    hidden: [],
    unfit: [],
    fields: names.split(' ').map((name) => ({ name, type: types[name] ?? 'string' })),
  };
};

const accounts = readable(
  'Account',
  'Id IsDeleted SystemModstamp Name AnnualRevenue NumberOfEmployees Fax Big__c',
);
const cases = readable(
  'Case',
  'Id IsDeleted SystemModstamp Rapport_Id__c CaseNumber Subject Status CreatedDate',
);
const comments = readable(
  'CaseComment',
  'Id IsDeleted SystemModstamp ParentId CommentBody IsPublished CreatedDate',
);

const longAgo = new Date(0);
const taken = (object: Readable, records: object[]) =>
  transaction((tx) => merge(tx, object, recordsAsSource(object, records), longAgo));

const account = (given: object = {}) => ({
  Id: salesforceId('001'),
  IsDeleted: false,
  SystemModstamp: '2026-01-02T03:04:05.000+0000',
  Name: 'Halden Freight',
  ...given,
});

beforeEach(async () => {
  await sql`truncate accounts, cases, case_comments, case_acts, uploads, upload_chunks, outbox`.execute(db);
});

describe('taking rows of Salesforce over', () => {
  test('money is kept in hundredths, numbers as numbers, and fields without a column as attributes', async () => {
    const one = account({ AnnualRevenue: 1234567.89, NumberOfEmployees: 41.0, Fax: '+47 1', Big__c: 1.5 });
    expect(await taken(accounts, [one])).toEqual([{ row_id: one.Id, change: 'created' }]);
    const [row] = await db.selectFrom('accounts').selectAll().execute();
    expect(row).toMatchObject({ name: 'Halden Freight', annual_revenue_minor: 123456789, employees: 41 });
    expect(row?.attributes).toEqual({ Fax: '+47 1', Big__c: 1.5 });
    expect(row?.modified_at).toEqual(new Date('2026-01-02T03:04:05Z'));
  });

  test('a character that no database holds does not stop the row it is in', async () => {
    await taken(accounts, [account({ Name: 'Hal\0den', Fax: 'cut \ud83d' })]);
    const [row] = await db.selectFrom('accounts').select(['name', 'attributes']).execute();
    expect(row).toEqual({ name: 'Halden', attributes: { Fax: 'cut \ufffd' } });
  });

  test('a row that has not changed is not rewritten', async () => {
    const one = account({ AnnualRevenue: 10 });
    await taken(accounts, [one]);
    const place = () =>
      sql<{ ctid: string }>`select ctid::text from accounts`.execute(db).then(({ rows }) => rows);
    const before = await place();
    expect(await taken(accounts, [one])).toEqual([]);
    expect(await place()).toEqual(before);
  });

  test('a row of which nothing but the time is new is kept up to date, and no change to anyone', async () => {
    const one = account();
    await taken(accounts, [one]);
    expect(await taken(accounts, [{ ...one, SystemModstamp: '2026-01-02T04:00:00.000+0000' }])).toEqual([]);
    const row = await db.selectFrom('accounts').select('modified_at').executeTakeFirst();
    expect(row?.modified_at).toEqual(new Date('2026-01-02T04:00:00Z'));
  });

  test('a changed row is an update, a deleted one a tombstone, a restored one is back', async () => {
    const one = account();
    await taken(accounts, [one]);
    expect(await taken(accounts, [{ ...one, Name: 'Halden' }])).toEqual([
      { row_id: one.Id, change: 'updated' },
    ]);
    expect(await taken(accounts, [{ ...one, IsDeleted: true }])).toEqual([
      { row_id: one.Id, change: 'deleted' },
    ]);
    expect(await taken(accounts, [one])).toEqual([{ row_id: one.Id, change: 'updated' }]);
    expect((await db.selectFrom('accounts').select('deleted_at').executeTakeFirst())?.deleted_at).toBeNull();
  });
});

describe('cases and what hangs on them', () => {
  const salesforceCase = (given: object = {}) => ({
    Id: salesforceId('500'), IsDeleted: false, SystemModstamp: '2026-01-02T03:04:05.000+0000',
    CreatedDate: '2026-01-02T03:04:05.000+0000', Subject: 'Restore fails', Status: 'New', Rapport_Id__c: null, ...given,
  }); // prettier-ignore

  test('a case opened here that comes back keeps its own key', async () => {
    const id = randomUUID();
    await db
      .insertInto('cases')
      .values({ id, subject: 'Restore fails', status: 'New', created_at: longAgo, modified_at: longAgo })
      .execute();
    const echo = salesforceCase({ Rapport_Id__c: id, CaseNumber: '00001001' });
    await taken(cases, [echo]);
    expect(await db.selectFrom('cases').select(['id', 'number', 'salesforce_id']).execute()).toEqual([
      { id, number: '00001001', salesforce_id: echo.Id },
    ]);
  });

  test('a case of Salesforce keeps the key it got when it was first met', async () => {
    const one = salesforceCase();
    await taken(cases, [one]);
    const [first] = await db.selectFrom('cases').select('id').execute();
    await taken(cases, [{ ...one, Status: 'Working' }]);
    expect(await db.selectFrom('cases').select(['id', 'status']).execute()).toEqual([
      { id: first?.id, status: 'Working' },
    ]);
  });

  test('what somebody typed into our id by hand does no harm', async () => {
    await taken(cases, [salesforceCase({ Rapport_Id__c: 'copied from the old system' })]);
    expect(await db.selectFrom('cases').select('subject').execute()).toEqual([{ subject: 'Restore fails' }]);
  });

  test('a case with a change of ours on its way is left alone until that has arrived', async () => {
    const { id, salesforceId: Id } = await givenCase({ status: 'Closed' });
    await transaction((tx) =>
      write(tx, {
        sobject: 'Case',
        operation: 'upsert',
        rapportId: id,
        salesforceId: Id,
        fields: { Status: 'Closed' },
        feature: 'cases',
      }),
    );
    await taken(cases, [salesforceCase({ Id, Status: 'New' })]);
    expect((await db.selectFrom('cases').select('status').executeTakeFirst())?.status).toBe('Closed');
    await sql`update outbox set status = 'failed'`.execute(db);
    await taken(cases, [
      salesforceCase({ Id, Status: 'New', SystemModstamp: '2026-01-16T00:00:00.000+0000' }),
    ]);
    expect((await db.selectFrom('cases').select('status').executeTakeFirst())?.status).toBe('New');
  });

  test('a case that is closed here while older news of it is being taken over stays closed', async () => {
    const one = salesforceCase();
    await taken(cases, [one]);
    const { id } = await db.selectFrom('cases').select('id').executeTakeFirstOrThrow();
    let merged: Promise<unknown> | undefined;
    await transaction(async (tx) => {
      await sql`select from cases where id = ${id} for update`.execute(tx);
      merged = taken(cases, [{ ...one, Subject: 'Restore fails again' }]);
      await vi.waitFor(async () => {
        const { rows } = await sql`
          select from pg_locks join pg_stat_activity using (pid) where not granted and datname = current_database()`.execute(
          db,
        );
        expect(rows).toHaveLength(1);
      });
      await sql`update cases set status = 'Closed' where id = ${id}`.execute(tx);
      await write(tx, {
        sobject: 'Case', operation: 'upsert', rapportId: id, salesforceId: one.Id, fields: { Status: 'Closed' }, feature: 'cases',
      }); // prettier-ignore
    });
    expect(await merged).toEqual([]);
    expect(await db.selectFrom('cases').select('status').executeTakeFirst()).toEqual({ status: 'Closed' });
  });

  test('a comment that arrives before its case is tied to it afterwards', async () => {
    const parent = salesforceCase();
    const comment = {
      ...salesforceCase(),
      Id: salesforceId('00a'),
      ParentId: parent.Id,
      CommentBody: 'Try again',
      IsPublished: true,
    };
    await taken(comments, [comment]);
    expect((await db.selectFrom('case_comments').select('case_id').executeTakeFirst())?.case_id).toBeNull();
    await taken(cases, [parent]);
    await resolveCases([comments]);
    const [row] = await db.selectFrom('cases').select('id').execute();
    expect((await db.selectFrom('case_comments').select('case_id').executeTakeFirst())?.case_id).toBe(
      row?.id,
    );
  });

  test('a comment of ours that the sync meets before its delivery is known is taken for our own', async () => {
    const { id: caseId, salesforceId: parentId } = await givenCase();
    const id = randomUUID();
    const body = 'Maya Okafor (customer portal):\n\nIt works now';
    await db
      .insertInto('case_comments')
      .values({ id, case_id: caseId, body, is_published: true, created_at: longAgo, modified_at: longAgo })
      .execute();
    await transaction(
      (tx) =>
      write(tx, {
        sobject: 'CaseComment', operation: 'create', rapportId: id, fields: { CommentBody: body }, feature: 'cases',
        parent: { field: 'ParentId', sobject: 'Case', rapportId: caseId, salesforceId: parentId },
      }), // prettier-ignore
    );
    await sql`update outbox set status = 'sending'`.execute(db);
    await taken(comments, [
      {
        ...salesforceCase(),
        Id: salesforceId('00a'),
        ParentId: parentId,
        CommentBody: body,
        IsPublished: true,
      },
    ]);
    expect(await db.selectFrom('case_comments').select('id').execute()).toEqual([{ id }]);
  });
});
