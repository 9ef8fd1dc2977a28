import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { Connection } from 'jsforce';

import type * as database from '../../src/platform/db.ts';
import type { Write } from '../../src/platform/salesforce/outbox/outbox.ts';

import { created, startSalesforce } from '../support/salesforce.ts';

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
  await sql`update conflicts set status = 'overtaken' where status = 'open'`.execute(db);
});

async function put(write: Write): Promise<number> {
  const { transaction } = await import('../../src/platform/db.ts');
  const { write: putInto } = await import('../../src/platform/salesforce/outbox/outbox.ts');
  return await transaction((tx) => putInto(tx, write));
}

async function drained(): Promise<void> {
  offsetMs += 3_000;
  await salesforce.control('/clock', { offsetMs });
  await sql`update outbox set next_attempt_at = now() where status = 'waiting'`.execute(db);
  await sync.drainOnce().catch(() => undefined);
}

const row = async (id: number) =>
  await db.selectFrom('outbox').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

const aCase = (fields: Write['fields'] = {}): Write => ({
  sobject: 'Case', operation: 'upsert', rapportId: randomUUID(), fields: { Subject: 'Restore fails', Status: 'New', ...fields }, feature: 'cases',
}); // prettier-ignore

const ofContact = (id: string, fields: Write['fields'], base: Write['fields']): Write => ({
  sobject: 'Contact', operation: 'update', salesforceId: id, fields, base, feature: 'account',
}); // prettier-ignore

async function theConflict() {
  const { conflictsOf } = await import('../../src/platform/salesforce/outbox/conflicts-list.ts');
  const [conflict] = (await conflictsOf({ status: 'open', page: 1 })).conflicts;
  if (!conflict) throw new Error('there is no conflict');
  return conflict;
}

describe('what a person has to mend', () => {
  test.each([
    ['too long', { Subject: 'x'.repeat(300) }, 'STRING_TOO_LONG'],
    ['a reference to nothing', { ContactId: '003000000000000AAA' }, 'INVALID_CROSS_REFERENCE_KEY'],
    ['no id', { ContactId: 'x' }, 'MALFORMED_ID'],
    ['an unknown field', { Nonsense__c: 1 }, 'INVALID_FIELD'],
  ])('is set aside at once in the words of Salesforce: %s', async (_, fields, code) => {
    const id = await put(aCase(fields));
    await drained();
    expect(await row(id)).toMatchObject({ status: 'failed', error_code: code, attempts: 1 });
    expect((await row(id)).error).not.toBe('');
  });

  test('is a field that we may not write', async () => {
    const id = await created(org, 'Contact', { LastName: 'Marsh' });
    const write = await put(ofContact(id, { CreatedDate: '2020-01-01T00:00:00Z' }, {}));
    await sql`insert into field_owners (sobject, field, owner) values ('Contact', 'CreatedDate', 'rapport') on conflict do nothing`.execute(
      db,
    );
    await drained();
    expect(await row(write)).toMatchObject({
      status: 'failed',
      error_code: 'INVALID_FIELD_FOR_INSERT_UPDATE',
    });
  });
});

describe('what passes by itself', () => {
  test.each(['UNABLE_TO_LOCK_ROW', 'QUERY_TIMEOUT', 'SERVER_UNAVAILABLE'])(
    'is tried again later, one row of many as well: %s',
    async (errorCode) => {
      const [locked, free] = [aCase(), aCase()];
      await salesforce.control('/faults', {
        match: { object: 'Case' },
        effect: { rows: { records: [locked.rapportId], errorCode, message: 'not now' } },
      });
      const [one, other] = [await put(locked), await put(free)];
      await drained();
      expect(await row(one)).toMatchObject({ status: 'waiting', error_code: errorCode });
      expect(await row(other)).toMatchObject({ status: 'delivered' });
      await fetch(`${salesforce.sandbox.url}/__sandbox__/faults`, { method: 'DELETE' });
      await drained();
      expect(await row(one)).toMatchObject({ status: 'delivered' });
    },
  );

  test('is shown to a person once it has not passed for long', async () => {
    const one = aCase();
    await salesforce.control('/faults', {
      match: { object: 'Case' },
      effect: { rows: { records: [one.rapportId], errorCode: 'UNABLE_TO_LOCK_ROW', message: 'not now' } },
    });
    const id = await put(one);
    await sql`update outbox set attempts = 11 where id = ${id}`.execute(db);
    await drained();
    expect(await row(id)).toMatchObject({ status: 'failed', attempts: 12 });
  });
});

describe('a duplicate rule', () => {
  const lead = (): Write => ({
    sobject: 'Lead', operation: 'upsert', rapportId: randomUUID(), feature: 'sign-up',
    fields: { FirstName: 'Maya', LastName: 'Okafor', Company: 'Halden Freight', Email: 'maya@halden.example' },
  }); // prettier-ignore

  beforeAll(async () => {
    await salesforce.control('/duplicate-rules', { object: 'Lead', active: true });
  });

  afterAll(async () => {
    await salesforce.control('/duplicate-rules', { object: 'Lead', active: false });
  });

  test('has a person decide, who sees what Salesforce found and may save anyway', async () => {
    const other = await created(org, 'Lead', lead().fields);
    const write = lead();
    const id = await put(write);
    await drained();
    expect(await row(id)).toMatchObject({ status: 'conflict', error_code: 'DUPLICATES_DETECTED' });
    const conflict = await theConflict();
    expect(conflict).toMatchObject({
      kind: 'duplicate',
      label: 'Maya Okafor',
      found: { allowSave: true, records: [{ id: other, name: 'Maya Okafor', sobject: 'Lead' }] },
    });
    const { answer } = await import('../../src/platform/salesforce/outbox/conflicts-decide.ts');
    await answer({ id: conflict.id, version: conflict.version, by: 'Sam' }, { answer: 'save' });
    await drained();
    expect(await row(id)).toMatchObject({ status: 'delivered' });
    expect(
      (await org.query(`SELECT Id FROM Lead WHERE Rapport_Id__c = '${write.rapportId}'`)).totalSize,
    ).toBe(1);
  });

  test('is asked again, record by record, where the answer for many does not say what it found', async () => {
    const other = await created(org, 'Lead', {
      ...lead().fields,
      LastName: 'Berg',
      Email: 'ida@halden.example',
    });
    const write: Write = {
      ...lead(),
      fields: { ...lead().fields, LastName: 'Berg', Email: 'ida@halden.example' },
    };
    const rows = {
      records: [write.rapportId],
      errorCode: 'DUPLICATES_DETECTED',
      message: 'Use one of these records?',
    };
    await salesforce.control('/faults', { match: { object: 'Lead', nth: 1 }, effect: { rows } });
    await put(write);
    await drained();
    const { conflictsOf } = await import('../../src/platform/salesforce/outbox/conflicts-list.ts');
    const { conflicts } = await conflictsOf({ status: 'open', page: 1 });
    expect(conflicts.at(-1)).toMatchObject({ kind: 'duplicate', found: { records: [{ id: other }] } });
  });

  test('may have found the same: then what was missing there is filled in, and the record is ours', async () => {
    const known = { FirstName: 'Per', LastName: 'Lund', Company: 'Lund AS', Email: 'per@lund.example' };
    const other = await created(org, 'Lead', { ...known, Title: 'CTO' });
    const write: Write = { ...lead(), fields: { ...known, Title: 'CEO', Phone: '+47 9' } };
    const id = await put(write);
    await drained();
    const { conflictsOf } = await import('../../src/platform/salesforce/outbox/conflicts-list.ts');
    const conflict = (await conflictsOf({ status: 'open', page: 1 })).conflicts.at(-1)!;
    const { answer } = await import('../../src/platform/salesforce/outbox/conflicts-decide.ts');
    await answer(
      { id: conflict.id, version: conflict.version, by: 'Sam' },
      { answer: 'use', recordId: other },
    );
    await drained();
    expect(await org.sobject('Lead').retrieve(other)).toMatchObject({
      Phone: '+47 9',
      Title: 'CTO',
      Rapport_Id__c: write.rapportId,
    });
    expect(await row(id)).toMatchObject({
      status: 'conflict',
      salesforce_id: other,
      fields: { Title: 'CEO' },
    });
  });

  test('does not stop the others of the same request', async () => {
    const stranger: Write = {
      ...lead(),
      fields: { LastName: 'Somebody', Company: 'Elsewhere', Email: 'else@where.example' },
    };
    const [one, other] = [await put(lead()), await put(stranger)];
    await drained();
    expect(await row(one)).toMatchObject({ status: 'conflict' });
    expect(await row(other)).toMatchObject({ status: 'delivered' });
  });
});

describe('a record that was merged into another', () => {
  async function merged(
    sobject: 'Contact' | 'Account',
    fields: object,
  ): Promise<{ loser: string; master: string }> {
    const loser = await created(org, sobject, { ...fields });
    const master = await created(org, sobject, { ...fields });
    const results = await org.soap.merge([
      { masterRecord: { type: sobject, Id: master }, recordToMergeIds: [loser] },
    ] as never);
    expect([results].flat()[0]).toMatchObject({ success: true });
    return { loser, master };
  }

  test('is followed: what was meant for it is weighed against, and written to, the one that remains', async () => {
    const { loser, master } = await merged('Contact', { LastName: 'Marsh', Phone: '+47 1' });
    const id = await put(ofContact(loser, { Phone: '+47 2' }, { Phone: '+47 1' }));
    await drained();
    await drained();
    expect(await row(id)).toMatchObject({ status: 'delivered', salesforce_id: master });
    expect(await org.sobject('Contact').retrieve(master)).toMatchObject({ Phone: '+47 2' });
  });

  test('is not followed by what Rapport reckoned of it alone: the one that remains has its own health', async () => {
    const { loser, master } = await merged('Account', { Name: 'Halden Freight' });
    await org.sobject('Account').update({ Id: master, Rapport_Health_Score__c: 80 });
    const id = await put({
      sobject: 'Account', operation: 'update', salesforceId: loser, feature: 'insights', fields: { Rapport_Health_Score__c: 12 },
    }); // prettier-ignore
    await drained();
    await drained();
    expect(await row(id)).toMatchObject({ status: 'discarded' });
    expect(await org.sobject('Account').retrieve(master)).toMatchObject({ Rapport_Health_Score__c: 80 });
  });

  test('is followed by a case that was opened for it', async () => {
    const { loser, master } = await merged('Account', { Name: 'Halden Freight' });
    const id = await put({
      sobject: 'Case', operation: 'upsert', rapportId: randomUUID(), feature: 'cases',
      fields: { Subject: 'Restore fails', Status: 'New', AccountId: loser },
    }); // prettier-ignore
    await drained();
    await drained();
    expect(await row(id)).toMatchObject({ status: 'delivered' });
    const opened = await org.sobject('Case').retrieve(String((await row(id)).salesforce_id));
    expect(opened).toMatchObject({ AccountId: master });
  });

  test('is followed by what hangs on it', async () => {
    const { loser, master } = await merged('Account', { Name: 'Halden Freight' });
    const id = await put({
      sobject: 'Rapport_Insight__c', operation: 'upsert', rapportId: randomUUID(), feature: 'insights',
      fields: { Rapport_Headline__c: 'Health is poor' }, parent: { field: 'Rapport_Account__c', sobject: 'Account', salesforceId: loser },
    }); // prettier-ignore
    await drained();
    await drained();
    expect(await row(id)).toMatchObject({ status: 'delivered' });
    const { records } = await org.query<{ Rapport_Account__c: string }>(
      `SELECT Rapport_Account__c FROM Rapport_Insight__c WHERE Id = '${(await row(id)).salesforce_id}'`,
    );
    expect(records[0]?.Rapport_Account__c).toBe(master);
  });
});

describe('a record that is gone', () => {
  test('refuses what is meant for it, and goes on once it is taken out of the recycle bin', async () => {
    const contact = await created(org, 'Contact', { LastName: 'Marsh', Phone: '+47 1' });
    await org.sobject('Contact').destroy(contact);
    const id = await put(ofContact(contact, { Phone: '+47 2' }, { Phone: '+47 1' }));
    await drained();
    expect(await row(id)).toMatchObject({ status: 'failed', error_code: 'ENTITY_IS_DELETED' });
    await org.soap.undelete([contact]);
    const { retry } = await import('../../src/platform/salesforce/outbox/outbox-acts.ts');
    await retry(id);
    await drained();
    expect(await org.sobject('Contact').retrieve(contact)).toMatchObject({ Phone: '+47 2' });
  });
});
