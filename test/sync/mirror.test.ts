import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type * as database from '../../src/platform/db.ts';

import { packageZip } from '../sandbox/metadata/package.ts';
import { created, startSalesforce } from '../support/salesforce.ts';

type Started = Awaited<ReturnType<typeof startSalesforce>>;

let salesforce: Started;
let db: typeof database.db;
let sql: typeof database.sql;
let org: Started['org'];
let sync: Started['sync'];

beforeAll(async () => {
  salesforce = await startSalesforce();
  ({ org, sync } = salesforce);
  ({ db, sql } = await import('../../src/platform/db.ts'));
});

afterAll(async () => {
  await salesforce.sandbox.close();
});

beforeEach(async () => {
  await fetch(`${salesforce.sandbox.url}/__sandbox__/faults`, { method: 'DELETE' });
});

const accountNamed = (name: string) =>
  db.selectFrom('accounts').selectAll().where('name', '=', name).executeTakeFirst();

/** Every row of the org and of the mirror, for a comparison row for row. */
async function bothSides() {
  const { rows: theirs } = await salesforce.sandbox.org.pool.query(
    `select "Id" as id, "Name" as name, extract(epoch from "SystemModstamp")::integer as modified from "Account" where not "IsDeleted" order by "Id"`,
  );
  const ours =
    await sql`select id, name, extract(epoch from modified_at)::integer as modified from accounts where deleted_at is null order by id collate "C"`.execute(
      db,
    );
  return { theirs, ours: ours.rows };
}

/** What the next probe would find out. */
async function theOrgTakesCallsAgain(): Promise<void> {
  const { forgetBudget } = await import('../../src/platform/salesforce/budget/budget.ts');
  await sql`update api_budget set exhausted_since = null`.execute(db);
  forgetBudget();
}

const changesOf = async (table: string) =>
  await db
    .selectFrom('mirror_changes')
    .select(['row_id', 'change'])
    .where('table_name', '=', table)
    .orderBy('batch')
    .execute();

describe('the first load', () => {
  test('brings every object over as it is, and says so with one event each', async () => {
    const accountId = await created(org, 'Account', {
      Name: 'Halden Freight',
      NumberOfEmployees: 41,
      Fax: '+47 1',
    });
    const contactId = await created(org, 'Contact', {
      AccountId: accountId,
      FirstName: 'Maya',
      LastName: 'Okafor',
      Email: ' Maya@Halden.example',
    });
    const caseId = await created(org, 'Case', {
      AccountId: accountId,
      ContactId: contactId,
      Subject: 'Restore fails',
      Status: 'New',
    });
    await created(org, 'CaseComment', { ParentId: caseId, CommentBody: 'Which version?', IsPublished: true });
    await created(org, 'Opportunity', {
      AccountId: accountId,
      Name: 'Support',
      StageName: 'Prospecting',
      CloseDate: '2027-01-31',
      Amount: 1200.5,
    });
    await created(org, 'Rapport_License__c', {
      Rapport_Account__c: accountId,
      Rapport_Code__c: 'TW-1',
      Rapport_Support_Until__c: '2027-01-31',
    });

    await sync.loadAll();

    expect(await accountNamed('Halden Freight')).toMatchObject({
      id: accountId,
      employees: 41,
      attributes: { Fax: '+47 1' },
    });
    expect(await db.selectFrom('contacts').select(['name', 'email_normalized']).execute()).toEqual([
      { name: 'Maya Okafor', email_normalized: 'maya@halden.example' },
    ]);
    const [oneCase] = await db.selectFrom('cases').selectAll().execute();
    expect(oneCase).toMatchObject({
      salesforce_id: caseId,
      contact_id: contactId,
      subject: 'Restore fails',
      is_closed: false,
    });
    expect(
      await db.selectFrom('case_comments').select(['case_id', 'body', 'is_published']).execute(),
    ).toEqual([{ case_id: oneCase?.id, body: 'Which version?', is_published: true }]);
    expect(await db.selectFrom('opportunities').select(['amount_minor', 'close_on']).execute()).toEqual([
      { amount_minor: 120050, close_on: '2027-01-31' },
    ]);
    expect(await db.selectFrom('licenses').select(['code', 'support_until']).execute()).toEqual([
      { code: 'TW-1', support_until: '2027-01-31' },
    ]);
    expect(
      await db.selectFrom('account_contact_relations').select(['account_id', 'is_direct']).execute(),
    ).toEqual([{ account_id: accountId, is_direct: true }]);
    const states = await db.selectFrom('sync_states').select(['sobject', 'phase', 'error']).execute();
    expect(states.filter(({ phase, error }) => phase !== 'live' || error !== null)).toEqual([]);
    const loaded = await sql<{
      data: { table: string };
    }>`select data from events where name = 'mirror.loaded'`.execute(db);
    expect(loaded.rows.map(({ data }) => data.table).sort()).toEqual(
      salesforce.exchange.mappings.map(({ table }) => table).sort(),
    );
    expect(await db.selectFrom('mirror_changes').selectAll().execute()).toEqual([]);
  });
});

describe('following what changes', () => {
  test('a change is taken over by the next poll, and the change log names it', async () => {
    const halden = await accountNamed('Halden Freight');
    await org.sobject('Account').update({ Id: halden!.id, Name: 'Halden Freight Group' });
    await sync.pollOnce();
    expect(await accountNamed('Halden Freight Group')).toBeDefined();
    expect(await changesOf('accounts')).toEqual([{ row_id: halden!.id, change: 'updated' }]);
    const events = await sql<{
      data: { batch: number };
    }>`select data from events where name = 'mirror.changed' and data ->> 'table' = 'accounts'`.execute(db);
    expect(events.rows).toHaveLength(1);
  });

  test('nothing changed is nothing written', async () => {
    await sync.pollOnce();
    expect(await sync.pollOnce()).toBe(0);
    expect(await sync.lookAgain()).toBe(0);
  });

  test('a status change of a case arrives with its history', async () => {
    const [one] = await db.selectFrom('cases').select('salesforce_id').execute();
    await org.sobject('Case').update({ Id: one!.salesforce_id!, Status: 'Closed' });
    await sync.pollOnce();
    expect(await db.selectFrom('cases').select(['status', 'is_closed']).execute()).toEqual([
      { status: 'Closed', is_closed: true },
    ]);
    const history = await db
      .selectFrom('case_changes')
      .select(['field', 'old_value', 'new_value'])
      .where('field', '=', 'Status')
      .execute();
    expect(history).toEqual([{ field: 'Status', old_value: 'New', new_value: 'Closed' }]);
  });

  test('a deleted contact becomes a tombstone, and a restored one is back', async () => {
    const id = await created(org, 'Contact', { LastName: 'Marsh' });
    await sync.pollOnce();
    await org.sobject('Contact').destroy(id);
    await sync.pollOnce();
    const row = await db.selectFrom('contacts').select('deleted_at').where('id', '=', id).executeTakeFirst();
    expect(row?.deleted_at).not.toBeNull();
    expect((await changesOf('contacts')).map(({ change }) => change)).toEqual(['created', 'deleted']);
  });

  test('more rows of one second than an answer holds all arrive', async () => {
    const names = Array.from({ length: 2_300 }, (_, i) => ({ Name: `Batch ${String(i).padStart(4, '0')}` }));
    for (let i = 0; i < names.length; i += 200) await org.sobject('Account').create(names.slice(i, i + 200));
    await salesforce.sandbox.org.pool.query(
      `update "Account" set "SystemModstamp" = (select max("SystemModstamp") from "Account") where "Name" like 'Batch %'`,
    );
    await sync.pollOnce();
    const { theirs, ours } = await bothSides();
    expect(ours).toEqual(theirs);
    expect(ours.length).toBeGreaterThan(2_300);
  });

  test('a row that becomes visible late, behind what has been read, is found by the second look', async () => {
    const id = await created(org, 'Account', { Name: 'Late Arrival' });
    await salesforce.sandbox.org.pool.query(
      `update "Account" set "SystemModstamp" = "SystemModstamp" - interval '70 seconds' where "Id" = $1`,
      [id],
    );
    await sync.pollOnce();
    expect(await accountNamed('Late Arrival')).toBeUndefined();
    await sync.lookAgain();
    expect(await accountNamed('Late Arrival')).toBeDefined();
  });

  test('a role that is taken away in Salesforce is gone here', async () => {
    const before = await db
      .selectFrom('permission_set_assignments')
      .selectAll()
      .where('deleted_at', 'is', null)
      .execute();
    const userId = (await org.identity()).user_id;
    const set = await org.query<{ Id: string }>(
      `SELECT Id FROM PermissionSet WHERE Name = 'Rapport_Support'`,
    );
    const id = await created(org, 'PermissionSetAssignment', {
      AssigneeId: userId,
      PermissionSetId: set.records[0]!.Id,
    });
    await sync.lookAgain();
    const assigned = await db
      .selectFrom('permission_set_assignments')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    expect(assigned).toMatchObject({ user_id: userId, permission_set: 'Rapport_Support', deleted_at: null });
    await org.sobject('PermissionSetAssignment').destroy(id);
    await sync.lookAgain();
    expect(
      await db.selectFrom('permission_set_assignments').selectAll().where('deleted_at', 'is', null).execute(),
    ).toEqual(before);
  });

  test('a session that expires in between is renewed without anybody noticing', async () => {
    await salesforce.control('/tokens/expire');
    const id = (await accountNamed('Late Arrival'))!.id;
    org = await salesforce.sandbox.connect();
    await org.sobject('Account').update({ Id: id, Name: 'Later Arrival' });
    await sync.pollOnce();
    expect(await accountNamed('Later Arrival')).toBeDefined();
  });

  test('an org that does not answer loses nothing: the next poll goes on from where the last one was', async () => {
    await salesforce.control('/faults', {
      match: { path: '/composite' },
      effect: { status: 503, errorCode: 'SERVER_UNAVAILABLE' },
    });
    await org
      .sobject('Account')
      .update({ Id: (await accountNamed('Later Arrival'))!.id, Name: 'Latest Arrival' });
    await expect(sync.pollOnce()).rejects.toMatchObject({ kind: 'retry' });
    await fetch(`${salesforce.sandbox.url}/__sandbox__/faults`, { method: 'DELETE' });
    await sync.pollOnce();
    expect(await accountNamed('Latest Arrival')).toBeDefined();
  });
});

describe('loading again', () => {
  test('a large object comes by Bulk API in pages, equal row for row, and what has not changed is not rewritten', async () => {
    const { reload } = await import('../../src/platform/salesforce/mirror/states.ts');
    const places = async () => (await sql`select ctid::text, id from accounts order by id`.execute(db)).rows;
    await sync.pollOnce();
    const before = await places();
    await reload('Account');
    await sync.loadAll();
    const { theirs, ours } = await bothSides();
    expect(ours).toEqual(theirs);
    expect(await places()).toEqual(before);
    const [state] = await db.selectFrom('sync_states').selectAll().where('sobject', '=', 'Account').execute();
    expect(state).toMatchObject({ phase: 'live', bulk_job: null });
    expect(state!.rows_loaded).toBe(state!.rows_expected);
  });

  test('a row that vanished without a trace is buried', async () => {
    const { reload } = await import('../../src/platform/salesforce/mirror/states.ts');
    const gone = (await accountNamed('Batch 0007'))!;
    await salesforce.sandbox.org.pool.query(`delete from "Account" where "Id" = $1`, [gone.id]);
    await reload('Account');
    await sync.loadAll();
    const row = await db
      .selectFrom('accounts')
      .select('deleted_at')
      .where('id', '=', gone.id)
      .executeTakeFirst();
    expect(row?.deleted_at).not.toBeNull();
    expect((await changesOf('accounts')).at(-1)).toEqual({ row_id: gone.id, change: 'deleted' });
  });

  test('a page that breaks off in the middle is fetched again', async () => {
    const { reload } = await import('../../src/platform/salesforce/mirror/states.ts');
    await salesforce.control('/faults', {
      match: { path: '/results', nth: 1 },
      effect: { dropAfterCommit: true },
    });
    await reload('Account');
    await sync.loadAll();
    const { theirs, ours } = await bothSides();
    expect(ours).toEqual(theirs);
  });

  test('a paused object stays as it is until it is resumed', async () => {
    const { pause, resume } = await import('../../src/platform/salesforce/mirror/states.ts');
    await pause('Account');
    const one = (await accountNamed('Batch 0008'))!;
    await org.sobject('Account').update({ Id: one.id, Name: 'Changed meanwhile' });
    await sync.pollOnce();
    expect(await accountNamed('Changed meanwhile')).toBeUndefined();
    await resume('Account');
    await sync.pollOnce();
    expect(await accountNamed('Changed meanwhile')).toBeDefined();
  });

  test('a load that is cut off goes on with the same job', async () => {
    const { reload } = await import('../../src/platform/salesforce/mirror/states.ts');
    const jobs = async () => {
      const { records } = await org.request<{ records: { id: string }[] }>('/jobs/query');
      return records.map(({ id }) => id);
    };
    const before = await jobs();
    await salesforce.control('/faults', {
      match: { path: '/results' },
      effect: { status: 403, errorCode: 'REQUEST_LIMIT_EXCEEDED' },
    });
    await reload('Account');
    await expect(sync.loadAll()).rejects.toMatchObject({ kind: 'quota' });
    const begun = (await jobs()).filter((id) => !before.includes(id));
    expect(begun).toHaveLength(1);
    await fetch(`${salesforce.sandbox.url}/__sandbox__/faults`, { method: 'DELETE' });
    await theOrgTakesCallsAgain();
    const started: string[] = [];
    await sync.loadAll();
    started.push(...(await jobs()).filter((id) => !before.includes(id) && !begun.includes(id)));
    expect(started).toEqual([]);
    const { theirs, ours } = await bothSides();
    expect(ours).toEqual(theirs);
  });

  test('an object that Bulk refuses is read plainly', async () => {
    const { reload } = await import('../../src/platform/salesforce/mirror/states.ts');
    await salesforce.control('/faults', {
      match: { method: 'POST', path: '/jobs/query' },
      effect: { status: 400, errorCode: 'INVALIDENTITY' },
    });
    await reload('Account');
    await sync.loadAll();
    const { theirs, ours } = await bothSides();
    expect(ours).toEqual(theirs);
  });

  test('a field that is new in Salesforce appears by itself', async () => {
    const { deployZip } = await import('../../src/platform/salesforce/wire/metadata.ts');
    await deployZip(regionField());
    const id = await created(org, 'Account', { Name: 'With a region', Region__c: 'Nordics' });
    await sync.lookAgain();
    const account = await accountNamed('With a region');
    expect(account).toMatchObject({ id, attributes: { Region__c: 'Nordics' } });
  });
});

/** A package with one more field of accounts, readable by our user. */
function regionField(): Buffer {
  return packageZip(
    { CustomField: ['Account.Region__c'] },
    {
      'objects/Account.object':
        '<CustomObject><fields><fullName>Region__c</fullName><label>Region</label><type>Text</type><length>40</length></fields></CustomObject>',
    },
  );
}
