import { randomUUID } from 'node:crypto';

import { beforeEach, expect, test } from 'vitest';

import { db, sql, transaction } from '../../src/platform/db.ts';
import { claim, fail, reviveInterrupted } from '../../src/platform/salesforce/outbox/claims.ts';
import { type Write, write, writeAll } from '../../src/platform/salesforce/outbox/outbox.ts';
import { discard } from '../../src/platform/salesforce/outbox/outbox-acts.ts';
import { salesforceId } from '../support/mirror.ts';

const put = (...writes: Write[]) => transaction((tx) => writeAll(tx, writes));
const health = (id: string, score: number): Write => ({
  sobject: 'Account', operation: 'update', salesforceId: id, fields: { Rapport_Health_Score__c: score }, feature: 'insights',
}); // prettier-ignore
const aCase = (id: string, fields: Write['fields'] = { Subject: 'Restore fails' }): Write => ({
  sobject: 'Case', operation: 'upsert', rapportId: id, fields, feature: 'cases',
}); // prettier-ignore
const comment = (caseId: string, body: string): Write => ({
  sobject: 'CaseComment', operation: 'create', rapportId: randomUUID(), fields: { CommentBody: body }, feature: 'cases',
  parent: { field: 'ParentId', sobject: 'Case', rapportId: caseId },
}); // prettier-ignore

beforeEach(async () => {
  await sql`truncate outbox`.execute(db);
});

test('what an act writes is gone with the act when that fails', async () => {
  const failing = transaction(async (tx) => {
    await write(tx, aCase(randomUUID()));
    throw new Error('the act failed');
  });
  await expect(failing).rejects.toThrow('the act failed');
  expect(await db.selectFrom('outbox').select('id').execute()).toEqual([]);
});

test('a record that still waits takes newer fields over instead of going out twice', async () => {
  const id = salesforceId('001');
  await put(health(id, 40));
  await put({ ...health(id, 75), fields: { Rapport_Health_Score__c: 75, Rapport_Health_Rank__c: 'Good' } });
  const rows = await db.selectFrom('outbox').select('fields').execute();
  expect(rows).toEqual([{ fields: { Rapport_Health_Score__c: 75, Rapport_Health_Rank__c: 'Good' } }]);
});

test('a record with something of its own waiting behind it is written again after that', async () => {
  const id = randomUUID();
  await put(aCase(id));
  await put(comment(id, 'Any news?'));
  await put(aCase(id, { Status: 'Closed' }));
  expect(await db.selectFrom('outbox').select('sobject').orderBy('id').execute()).toEqual([
    { sobject: 'Case' }, { sobject: 'CaseComment' }, { sobject: 'Case' },
  ]); // prettier-ignore
});

test('a record and its children go one after another, records of their own side by side, cases first', async () => {
  const [one, other] = [randomUUID(), randomUUID()];
  await put(health(salesforceId('001'), 40));
  await put(aCase(one), comment(one, 'first'), comment(one, 'second'), aCase(other));
  const claimed = await claim();
  expect(claimed.map(({ sobject }) => sobject).sort()).toEqual(['Account', 'Case', 'Case']);
  expect(await claim()).toEqual([]);
});

test('a child goes out with the id of its parent once Salesforce has that', async () => {
  const id = randomUUID();
  await put(aCase(id), comment(id, 'first'));
  const parentId = salesforceId('500');
  await claim();
  await sql`update outbox set status = 'delivered', salesforce_id = ${parentId}, delivered_at = now() where sobject = 'Case'`.execute(
    db,
  );
  const [child] = await claim();
  expect(child?.parent).toEqual({
    field: 'ParentId',
    sobject: 'Case',
    rapportId: id,
    salesforceId: parentId,
  });
});

test('a child whose parent was refused waits for it', async () => {
  const id = randomUUID();
  await put(aCase(id), comment(id, 'first'));
  await claim();
  await sql`update outbox set status = 'failed' where sobject = 'Case'`.execute(db);
  expect(await claim()).toEqual([]);
  expect(
    await db
      .selectFrom('outbox')
      .select(['status', 'error_code'])
      .where('sobject', '=', 'CaseComment')
      .execute(),
  ).toEqual([{ status: 'waiting', error_code: 'WAITS_FOR_PARENT' }]);
});

test('giving a case up that Salesforce never took gives up what waits for it', async () => {
  const id = randomUUID();
  await put(aCase(id), comment(id, 'first'));
  await claim();
  await sql`update outbox set status = 'failed' where sobject = 'Case'`.execute(db);
  await discard(
    (await db.selectFrom('outbox').select('id').where('sobject', '=', 'Case').executeTakeFirstOrThrow()).id,
  );
  expect(
    await db
      .selectFrom('outbox')
      .select(['status', 'error_code'])
      .where('sobject', '=', 'CaseComment')
      .execute(),
  ).toEqual([{ status: 'failed', error_code: 'PARENT_GIVEN_UP' }]);
});

test('what was being sent when its process died goes out again, as something that may have arrived', async () => {
  await put(aCase(randomUUID()));
  await claim();
  await reviveInterrupted();
  const [again] = await claim();
  expect(again).toMatchObject({ isAmbiguous: true, attempts: 2 });
});

const contact = (id: string, fields: Write['fields'], base: Write['fields'] = {}): Write => ({
  sobject: 'Contact', operation: 'update', salesforceId: id, fields, base, feature: 'account',
}); // prettier-ignore
const basesOf = async () =>
  (
    await db
      .selectFrom('outbox')
      .select(['fields', 'base'])
      .where('status', '<>', 'discarded')
      .orderBy('id')
      .execute()
  ).map(({ fields, base }) => [fields, base]);

test('of a field that is changed twice while it waits, the first base counts; a new field brings its own', async () => {
  const id = salesforceId('003');
  await put(contact(id, { Phone: '2' }, { Phone: '1' }));
  await put(contact(id, { Phone: '3', Title: 'CTO' }, { Phone: '2', Title: '' }));
  expect(await basesOf()).toEqual([
    [
      { Phone: '3', Title: 'CTO' },
      { Phone: '1', Title: '' },
    ],
  ]);
});

test('what was sent and may have arrived takes nothing over', async () => {
  const id = salesforceId('003');
  await put(contact(id, { Phone: '2' }, { Phone: '1' }));
  await claim();
  await reviveInterrupted();
  await put(contact(id, { Phone: '3' }, { Phone: '2' }));
  expect(await basesOf()).toEqual([
    [{ Phone: '2' }, { Phone: '1' }],
    [{ Phone: '3' }, { Phone: '2' }],
  ]);
});

test('what was seen as a refused write would have made it was seen as it was before that', async () => {
  const id = salesforceId('003');
  await put(contact(id, { Phone: '2' }, { Phone: '1' }));
  const [refused] = await claim();
  await put(contact(id, { Phone: '3', Title: 'CTO' }, { Phone: '2', Title: 'CIO' }));
  await fail(refused!, { code: 'STRING_TOO_LONG', message: 'too long' });
  expect(await basesOf()).toEqual([
    [{ Phone: '2' }, { Phone: '1' }],
    [
      { Phone: '3', Title: 'CTO' },
      { Phone: '1', Title: 'CIO' },
    ],
  ]);
});

test('a change of a record whose creation was refused waits, since it would create half of it', async () => {
  const id = randomUUID();
  await put(aCase(id));
  const [refused] = await claim();
  await fail(refused!, { code: 'REQUIRED_FIELD_MISSING', message: 'Required' });
  await put(aCase(id, { Status: 'Closed' }));
  expect(await claim()).toEqual([]);
  const [, held] = await db.selectFrom('outbox').select(['status', 'error_code']).orderBy('id').execute();
  expect(held).toEqual({ status: 'waiting', error_code: 'WAITS_FOR_PARENT' });
});

test('a write that a case needs does not wait behind what may be put off, folded into it', async () => {
  const id = salesforceId('003');
  await put({ ...contact(id, { Phone: '2' }), feature: 'insights' });
  await put({ ...contact(id, { Title: 'CTO' }), feature: 'cases' });
  expect(await db.selectFrom('outbox').select('feature').execute()).toEqual([{ feature: 'cases' }]);
});
