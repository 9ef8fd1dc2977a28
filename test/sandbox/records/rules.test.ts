import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { contextOfAdmin } from './admin.ts';
import { startSandbox } from '../../support/sandbox.ts';
import { without } from '../../../sandbox/without.ts';
import { deleteRecords, undeleteRecords } from '../../../sandbox/salesforce/records/delete.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let salesforce: Connection;

beforeAll(async () => {
  sandbox = await startSandbox();
  salesforce = await sandbox.connect();
});

afterAll(() => sandbox.close());

const create = async (object: string, record: Record<string, unknown>) =>
  String((await salesforce.sobject(object).create(record)).id);
const records = async (soql: string) => {
  const answer = await salesforce.query<Record<string, unknown>>(soql);
  return answer.records.map((record) => without(record, 'attributes'));
};

describe('cases', () => {
  test('take account and address from their contact', async () => {
    const AccountId = await create('Account', { Name: 'A' });
    const ContactId = await create('Contact', {
      LastName: 'C',
      AccountId,
      Email: 'c@a.example',
      Phone: '12',
    });
    const id = await create('Case', { ContactId });
    expect(await salesforce.sobject('Case').retrieve(id)).toMatchObject({
      AccountId,
      ContactEmail: 'c@a.example',
      ContactPhone: '12',
    });
  });

  test('say when they were closed, and forget it when reopened', async () => {
    const id = await create('Case', { Subject: 'S' });
    await salesforce.sobject('Case').update({ Id: id, Status: 'Closed' });
    expect(await records(`SELECT IsClosed, ClosedDate FROM Case WHERE Id = '${id}'`)).toEqual([
      { IsClosed: true, ClosedDate: expect.stringMatching(/^20/) as string },
    ]);
    await salesforce.sobject('Case').update({ Id: id, Status: 'Working' });
    expect(await records(`SELECT IsClosed, ClosedDate FROM Case WHERE Id = '${id}'`)).toEqual([
      { IsClosed: false, ClosedDate: null },
    ]);
  });

  test('keep a history of creation, status and owner', async () => {
    const queue = await create('Group', { Name: 'Tier 2', Type: 'Queue' });
    await create('QueueSobject', { QueueId: queue, SobjectType: 'Case' });
    const id = await create('Case', { Subject: 'S' });
    await salesforce.sobject('Case').update({ Id: id, Status: 'Escalated', OwnerId: queue });
    expect(
      await records(`SELECT Field, OldValue, NewValue FROM CaseHistory WHERE CaseId = '${id}' ORDER BY Id`),
    ).toEqual([
      { Field: 'created', OldValue: null, NewValue: null },
      { Field: 'Status', OldValue: 'New', NewValue: 'Escalated' },
      { Field: 'Owner', OldValue: 'Ada Thornton', NewValue: 'Tier 2' },
      { Field: 'Owner', OldValue: salesforce.userInfo?.id, NewValue: queue },
    ]);
    expect(await records(`SELECT Owner.Type FROM Case WHERE Id = '${id}'`)).toMatchObject([
      { Owner: { Type: 'Group' } },
    ]);
  });

  test('take comments of up to 4,000 bytes', async () => {
    const ParentId = await create('Case', { Subject: 'S' });
    await expect(create('CaseComment', { ParentId, CommentBody: 'é'.repeat(2000) })).resolves.toMatch(/^00a/);
    await expect(create('CaseComment', { ParentId, CommentBody: 'é'.repeat(2001) })).rejects.toMatchObject({
      errorCode: 'STRING_TOO_LONG',
    });
  });
});

test("a contact's account is its direct relationship, and the former one ends", async () => {
  const [one, two] = [await create('Account', { Name: 'One' }), await create('Account', { Name: 'Two' })];
  const ContactId = await create('Contact', { LastName: 'C', AccountId: one });
  await create('AccountContactRelation', { AccountId: two, ContactId, Roles: 'Influencer' });
  await salesforce.sobject('Contact').update({ Id: ContactId, AccountId: two });
  const soql = `SELECT AccountId, IsDirect, Roles FROM AccountContactRelation WHERE ContactId = '${ContactId}'`;
  expect(await records(soql)).toEqual([{ AccountId: two, IsDirect: true, Roles: 'Influencer' }]);
  await expect(create('AccountContactRelation', { AccountId: two, ContactId })).rejects.toMatchObject({
    errorCode: 'DUPLICATE_VALUE',
  });
});

describe('opportunities', () => {
  test('take probability and forecast from their stage', async () => {
    const id = await create('Opportunity', {
      Name: 'O',
      StageName: 'Value Proposition',
      CloseDate: '2026-12-01',
      Amount: 200,
    });
    expect(await salesforce.sobject('Opportunity').retrieve(id)).toMatchObject({
      Probability: 50,
      ForecastCategory: 'Pipeline',
      ExpectedRevenue: 100,
      FiscalYear: 2026,
      FiscalQuarter: 4,
    });
    await salesforce.sobject('Opportunity').update({ Id: id, StageName: 'Closed Won' });
    expect(await salesforce.sobject('Opportunity').retrieve(id)).toMatchObject({
      IsWon: true,
      IsClosed: true,
      Probability: 100,
    });
  });

  test('add up their lines, which are priced by the price book', async () => {
    const [book] = await records('SELECT Id FROM Pricebook2 WHERE IsStandard = true');
    const Product2Id = await create('Product2', { Name: 'Backup Server', ProductCode: 'BS', IsActive: true });
    const PricebookEntryId = await create('PricebookEntry', {
      Pricebook2Id: book?.Id,
      Product2Id,
      UnitPrice: 100,
      IsActive: true,
    });
    const OpportunityId = await create('Opportunity', {
      Name: 'O',
      StageName: 'Prospecting',
      CloseDate: '2026-12-01',
    });
    await create('OpportunityLineItem', { OpportunityId, PricebookEntryId, Quantity: 3 });
    const dear = await create('OpportunityLineItem', {
      OpportunityId,
      PricebookEntryId,
      Quantity: 1,
      UnitPrice: 80,
      Discount: 50,
    });
    const sums = () =>
      records(
        `SELECT Amount, HasOpportunityLineItem, (SELECT Name, ProductCode, TotalPrice FROM OpportunityLineItems ORDER BY Id) FROM Opportunity WHERE Id = '${OpportunityId}'`,
      );
    expect(await salesforce.sobject('Opportunity').retrieve(OpportunityId)).toMatchObject({
      Pricebook2Id: book?.Id,
    });
    expect(await sums()).toMatchObject([
      {
        Amount: 340,
        HasOpportunityLineItem: true,
        OpportunityLineItems: {
          records: [{ Name: 'O Backup Server', ProductCode: 'BS', TotalPrice: 300 }, { TotalPrice: 40 }],
        },
      },
    ]);
    await salesforce.sobject('OpportunityLineItem').update({ Id: dear, Quantity: 2 });
    expect(await sums()).toMatchObject([{ Amount: 380 }]);
    await salesforce.sobject('OpportunityLineItem').destroy(dear);
    expect(await sums()).toMatchObject([{ Amount: 300 }]);
  });
});

test('a file version makes its document, shares it where it is published, and gives way to a later one', async () => {
  const FirstPublishLocationId = await create('Case', { Subject: 'S' });
  const first = await create('ContentVersion', {
    PathOnClient: 'logs/backup.log',
    VersionData: 'aGVsbG8=',
    FirstPublishLocationId,
  });
  const [version] = await records(
    `SELECT ContentDocumentId, Title, IsLatest, VersionNumber, ContentSize FROM ContentVersion WHERE Id = '${first}'`,
  );
  expect(version).toMatchObject({ Title: 'backup', IsLatest: true, VersionNumber: '1', ContentSize: 5 });
  const links = await records(
    `SELECT ContentDocument.LatestPublishedVersionId, ShareType, Visibility FROM ContentDocumentLink WHERE LinkedEntityId = '${FirstPublishLocationId}'`,
  );
  expect(links).toMatchObject([
    { ContentDocument: { LatestPublishedVersionId: first }, ShareType: 'V', Visibility: 'AllUsers' },
  ]);
  const soql = `SELECT (SELECT ContentDocument.Title FROM ContentDocumentLinks) FROM Case WHERE Id = '${FirstPublishLocationId}'`;
  expect(await records(soql)).toMatchObject([
    { ContentDocumentLinks: { records: [{ ContentDocument: { Title: 'backup' } }] } },
  ]);
  const second = await create('ContentVersion', {
    PathOnClient: 'backup.log',
    VersionData: 'aGVsbG8h',
    ContentDocumentId: version?.ContentDocumentId,
  });
  expect(
    await records(
      `SELECT Id, IsLatest, VersionNumber FROM ContentVersion WHERE ContentDocumentId = '${String(version?.ContentDocumentId)}' ORDER BY VersionNumber`,
    ),
  ).toEqual([
    { Id: first, IsLatest: false, VersionNumber: '1' },
    { Id: second, IsLatest: true, VersionNumber: '2' },
  ]);
});

test('a task belongs to the account of what it is about', async () => {
  const AccountId = await create('Account', { Name: 'A' });
  const WhatId = await create('Case', { AccountId });
  const id = await create('Task', { Subject: 'Call', WhatId, Status: 'Completed' });
  expect(await salesforce.sobject('Task').retrieve(id)).toMatchObject({
    AccountId,
    IsClosed: true,
    CompletedDateTime: expect.stringMatching(/^20/) as string,
  });
});

test('what went into the recycle bin together comes back together', async () => {
  const ctx = await contextOfAdmin(sandbox.org);
  const AccountId = await create('Account', { Name: 'A' });
  const lost = await create('Contact', { LastName: 'Lost before', AccountId });
  await create('Contact', { LastName: 'Taken along', AccountId });
  await deleteRecords(ctx, [lost]);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await deleteRecords(ctx, [AccountId]);
  expect(await undeleteRecords(ctx, [AccountId])).toMatchObject([{ success: true }]);
  expect(await records(`SELECT LastName FROM Contact WHERE AccountId = '${AccountId}'`)).toEqual([
    { LastName: 'Taken along' },
  ]);
});
