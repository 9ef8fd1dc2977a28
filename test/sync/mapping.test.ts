import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type * as database from '../../src/platform/db.ts';
import type * as settingsModule from '../../src/platform/salesforce/mirror/settings.ts';

import { packageZip } from '../sandbox/metadata/package.ts';
import { created, startSalesforce } from '../support/salesforce.ts';

type Started = Awaited<ReturnType<typeof startSalesforce>>;

let salesforce: Started;
let db: typeof database.db;
let sql: typeof database.sql;
let settings: typeof settingsModule;
let org: Started['org'];
let sync: Started['sync'];
let by: string;

const ids: Record<string, string> = {};

beforeAll(async () => {
  salesforce = await startSalesforce();
  ({ org, sync } = salesforce);
  ({ db, sql } = await import('../../src/platform/db.ts'));
  settings = await import('../../src/platform/salesforce/mirror/settings.ts');
  const { givenStaff } = await import('../support/people.ts');
  ({ id: by } = await givenStaff({ roles: ['admin'] }));
  ids.account = await created(org, 'Account', { Name: 'Halden Freight', Site: 'Oslo', Fax: '+47 1' });
});

afterAll(async () => {
  await salesforce.sandbox.close();
});

/** Deploys fields of accounts, or a whole object, as an administrator of the org would. */
async function deploy(files: Record<string, string>, members: Record<string, string[]>): Promise<void> {
  const { deployZip } = await import('../../src/platform/salesforce/wire/metadata.ts');
  await deployZip(packageZip(members, files));
}

const field = (name: string, type: string, more = '') =>
  `<fields><fullName>${name}</fullName><label>${name}</label><type>${type}</type>${more}</fields>`;

const account = async () =>
  await db.selectFrom('accounts').selectAll().where('id', '=', ids.account!).executeTakeFirstOrThrow();
const notices = async () =>
  await db.selectFrom('field_notices').select(['sobject', 'field', 'notice']).orderBy('id').execute();

describe('more of Salesforce', () => {
  test('leads, tasks, events, assets, contracts, campaigns with their members and record types are mirrored', async () => {
    const accountId = ids.account!;
    const contact = await created(org, 'Contact', { LastName: 'Okafor', AccountId: accountId });
    const lead = await created(org, 'Lead', { LastName: 'Marsh', Company: 'Northgate' });
    const task = await created(org, 'Task', {
      Subject: 'Call back',
      WhatId: accountId,
      WhoId: contact,
      ActivityDate: '2026-05-04',
    });
    await created(org, 'Event', {
      Subject: 'Review',
      WhatId: accountId,
      StartDateTime: '2026-05-04T10:00:00Z',
      DurationInMinutes: 30,
      ActivityDateTime: '2026-05-04T10:00:00Z',
    });
    await created(org, 'Asset', { Name: 'Backup server', AccountId: accountId, Price: 120.5 });
    await created(org, 'Contract', {
      AccountId: accountId,
      StartDate: '2026-01-01',
      ContractTerm: 12,
      Status: 'Draft',
    });
    const campaign = await created(org, 'Campaign', { Name: 'Spring', IsActive: true });
    await created(org, 'CampaignMember', { CampaignId: campaign, LeadId: lead, Status: 'Sent' });
    await sync.loadAll();
    expect(await db.selectFrom('leads').select(['name', 'company', 'is_converted']).execute()).toEqual([
      { name: 'Marsh', company: 'Northgate', is_converted: false },
    ]);
    expect(
      await db
        .selectFrom('salesforce_tasks')
        .select(['id', 'subject', 'account_id', 'who_id', 'due_on', 'is_closed'])
        .execute(),
    ).toEqual([
      {
        id: task,
        subject: 'Call back',
        account_id: accountId,
        who_id: contact,
        due_on: '2026-05-04',
        is_closed: false,
      },
    ]);
    expect(await db.selectFrom('salesforce_events').select(['subject', 'account_id']).execute()).toEqual([
      { subject: 'Review', account_id: accountId },
    ]);
    expect(await db.selectFrom('assets').select(['name', 'price_minor']).execute()).toEqual([
      { name: 'Backup server', price_minor: 12050 },
    ]);
    expect(
      await db.selectFrom('contracts').select(['account_id', 'term_months', 'starts_on']).execute(),
    ).toEqual([{ account_id: accountId, term_months: 12, starts_on: '2026-01-01' }]);
    expect(await db.selectFrom('salesforce_campaigns').select(['name', 'is_active']).execute()).toEqual([
      { name: 'Spring', is_active: true },
    ]);
    expect(
      await db
        .selectFrom('salesforce_campaign_members')
        .select(['campaign_id', 'lead_id', 'status'])
        .execute(),
    ).toEqual([{ campaign_id: campaign, lead_id: lead, status: 'Sent' }]);
    expect(
      await db
        .selectFrom('sync_states')
        .select(['sobject', 'error', 'hidden_fields'])
        .where('error', 'is not', null)
        .execute(),
    ).toEqual([]);
  });

  test('an object that an administrator adds is loaded, followed, buried and forgotten like any other', async () => {
    await deploy(
      {
        'objects/Visit__c.object': `<CustomObject><label>Visit</label><pluralLabel>Visits</pluralLabel><nameField><label>Visit</label><type>Text</type></nameField><deploymentStatus>Deployed</deploymentStatus><sharingModel>ReadWrite</sharingModel>${field('Minutes__c', 'Number', '<precision>6</precision><scale>0</scale>')}</CustomObject>`,
      },
      { CustomObject: ['Visit__c'] },
    );
    const first = await created(org, 'Visit__c', { Name: 'Oslo', Minutes__c: 40 });
    const { objectsNamed } = await import('../../src/platform/salesforce/mirror/catalog.ts');
    const { objects } = await objectsNamed('visit', new Set(['Account']));
    expect(objects).toMatchObject([{ name: 'Visit__c', label: 'Visit', isCustom: true }]);
    await settings.changeSettings({ sobject: 'Visit__c', by }, (before) => ({ ...before, isChosen: true }));
    await sync.loadAll();
    const rows = () =>
      sql<{ id: string; name: string; minutes: number; gone: boolean }>`
      select id, name, (attributes ->> 'Minutes__c')::numeric as minutes, deleted_at is not null as gone
      from salesforce_records where sobject = 'Visit__c' order by name`
        .execute(db)
        .then((answer) => answer.rows);
    expect(await rows()).toEqual([{ id: first, name: 'Oslo', minutes: 40, gone: false }]);
    const second = await created(org, 'Visit__c', { Name: 'Turku', Minutes__c: 15 });
    await org.sobject('Visit__c').update({ Id: first, Minutes__c: 45 });
    await sync.pollOnce();
    await org.sobject('Visit__c').destroy(second);
    await sync.pollOnce();
    expect(await rows()).toEqual([
      { id: first, name: 'Oslo', minutes: 45, gone: false },
      { id: second, name: 'Turku', minutes: 15, gone: true },
    ]);
    await settings.changeSettings({ sobject: 'Visit__c', by }, (before) => ({ ...before, isChosen: false }));
    await sync.pollOnce();
    expect(await rows()).toEqual([]);
    expect(
      await db.selectFrom('sync_states').select('sobject').where('sobject', '=', 'Visit__c').execute(),
    ).toEqual([]);
  });
});

describe('fields that change in Salesforce', () => {
  test('one that becomes readable is filled for the rows that are here, without loading them again', async () => {
    await deploy(
      {
        'objects/Account.object': `<CustomObject>${field('Region__c', 'Text', '<length>40</length><defaultValue>"Nordics"</defaultValue>')}</CustomObject>`,
      },
      { CustomField: ['Account.Region__c'] },
    );
    await salesforce.sandbox.org.pool.query(`update "Account" set "Region__c" = 'Nordics'`);
    await sync.lookAgain();
    expect((await account()).attributes).not.toHaveProperty('Region__c');
    await sync.compareOnce();
    expect((await account()).attributes).toMatchObject({ Region__c: 'Nordics', Fax: '+47 1' });
    expect(await notices()).toContainEqual({ sobject: 'Account', field: 'Region__c', notice: 'readable' });
    expect(
      await db
        .selectFrom('sync_states')
        .select(['backfill', 'phase'])
        .where('sobject', '=', 'Account')
        .executeTakeFirst(),
    ).toEqual({ backfill: [], phase: 'live' });
  });

  test('one that is hidden leaves the attributes, and a column whose field is hidden keeps what it had', async () => {
    await org.sobject('Account').update({ Id: ids.account!, Industry: 'Shipping' });
    await sync.pollOnce();
    const show = hide('Account.Fax', 'Account.Industry');
    await org.sobject('Account').update({ Id: ids.account!, Name: 'Halden Freight Group' });
    const other = await created(org, 'Account', { Name: 'Brightwater Labs' });
    await sync.lookAgain();
    await sync.pollOnce();
    const row = await account();
    expect(row).toMatchObject({ name: 'Halden Freight Group', industry: 'Shipping' });
    expect(row.attributes).not.toHaveProperty('Fax');
    expect(await notices()).toContainEqual({ sobject: 'Account', field: 'Fax', notice: 'gone' });
    const state = () =>
      db
        .selectFrom('sync_states')
        .select('hidden_fields as hidden')
        .where('sobject', '=', 'Account')
        .executeTakeFirst();
    expect(await state()).toEqual({ hidden: ['Industry'] });
    await sync.proveOnce();
    expect(
      await db.selectFrom('drift_findings').select('field').where('sobject', '=', 'Account').execute(),
    ).toEqual([]);
    show();
    await org.sobject('Account').destroy(other);
    await sync.lookAgain();
    await sync.pollOnce();
    await sync.compareOnce();
    expect((await account()).attributes).toMatchObject({ Fax: '+47 1' });
    expect(await state()).toEqual({ hidden: [] });
  });

  test('one whose type no longer fits its column leaves the column as it is; one of another type is read again', async () => {
    const type = retype('Account', 'NumberOfEmployees', 'string');
    await org.sobject('Account').update({ Id: ids.account!, Name: 'Halden Freight' });
    await sync.lookAgain();
    await sync.pollOnce();
    expect((await account()).name).toBe('Halden Freight');
    const state = await db
      .selectFrom('sync_states')
      .select(['unfit_fields', 'error'])
      .where('sobject', '=', 'Account')
      .executeTakeFirst();
    expect(state).toEqual({ unfit_fields: ['NumberOfEmployees'], error: null });
    expect(await notices()).toContainEqual({
      sobject: 'Account',
      field: 'NumberOfEmployees',
      notice: 'unfit',
    });
    type();
    await sync.lookAgain();
    await sync.compareOnce();
    expect(await notices()).toContainEqual({
      sobject: 'Account',
      field: 'NumberOfEmployees',
      notice: 'retyped',
    });
  });
});

/** Takes read access to fields from everybody, until what it returns is called. */
function hide(...names: string[]): () => void {
  const { security } = salesforce.sandbox.org;
  const { mayRead } = security;
  security.mayRead = (user, sobject, field) =>
    !names.includes(`${sobject.name}.${field.name}`) && mayRead(user, sobject, field);
  return () => {
    security.mayRead = mayRead;
  };
}

/** Gives a field another type, until what it returns is called. */
function retype(sobject: string, name: string, type: string): () => void {
  const described = salesforce.sandbox.org.catalog.find(sobject)?.field(name) as { type: string };
  const before = described.type;
  described.type = type;
  return () => {
    described.type = before;
  };
}

describe('what an administrator chooses', () => {
  test('a field fills another column: every row is read again, and it can be taken back', async () => {
    await sync.pollOnce();
    await settings.changeSettings({ sobject: 'Account', by }, (before) => ({
      ...before,
      columns: { industry: 'Region__c' },
    }));
    await sync.loadAll();
    let row = await account();
    expect(row).toMatchObject({ industry: 'Nordics' });
    expect(row.attributes).not.toHaveProperty('Region__c');
    const [last] = await settings.mappingHistory('Account');
    expect(last).toMatchObject({
      sobject: 'Account',
      isLast: true,
      before: { columns: {} },
      after: { columns: { industry: 'Region__c' } },
    });
    await settings.undoChange(last!.id, by);
    await sync.loadAll();
    row = await account();
    expect(row).toMatchObject({ industry: 'Shipping', attributes: { Region__c: 'Nordics' } });
  });

  test('a field that is left out goes from here, and is back when it is wanted again', async () => {
    await settings.changeSettings({ sobject: 'Account', by }, (before) => ({
      ...before,
      leftOut: ['Region__c'],
    }));
    await sync.pollOnce();
    expect((await account()).attributes).not.toHaveProperty('Region__c');
    const [change] = await settings.mappingHistory('Account', 1);
    await settings.changeSettings({ sobject: 'Account', by }, (before) => ({
      ...before,
      owners: { ...before.owners, Name: 'salesforce' },
    }));
    await expect(settings.undoChange(change!.id, by)).rejects.toThrow();
    await settings.changeSettings({ sobject: 'Account', by }, (before) => ({ ...before, leftOut: [] }));
    await sync.pollOnce();
    await sync.compareOnce();
    expect((await account()).attributes).toMatchObject({ Region__c: 'Nordics' });
    expect(
      await db
        .selectFrom('field_owners')
        .select('owner')
        .where('sobject', '=', 'Account')
        .where('field', '=', 'Name')
        .execute(),
    ).toEqual([{ owner: 'salesforce' }]);
  });
});
