import { afterAll, beforeAll, expect, test } from 'vitest';

import type * as platform from '../../src/platform/db.ts';
import { created, startSalesforce } from '../support/salesforce.ts';

let salesforce: Awaited<ReturnType<typeof startSalesforce>>;
let database: typeof platform;
let accountId: string;

const CONTACTS = 2_400;

beforeAll(async () => {
  salesforce = await startSalesforce();
  database = await import('../../src/platform/db.ts');
  accountId = await created(salesforce.org, 'Account', { Name: 'Halden Freight' });
  await salesforce.sandbox.org.pool.query(
    `insert into "Contact" ("Id", "AccountId", "LastName", "OwnerId", "CreatedById", "LastModifiedById", "CreatedDate",
        "LastModifiedDate", "SystemModstamp", "IsDeleted")
     select '003' || lpad(n::text, 12, '0') || 'AAA', $1, 'Okafor ' || n, u."Id", u."Id", u."Id", now(), now(), now(), false
     from generate_series(1, $2::int) n, (select "Id" from "User" order by "Id" limit 1) u`,
    [accountId, CONTACTS],
  );
});

afterAll(async () => {
  await salesforce.sandbox.close();
});

/** Each of these kinds of call meets a session that has ended, once. */
const expireAt = (...paths: string[]) =>
  salesforce.control(
    '/faults',
    paths.map((path) => ({
      match: { path, nth: 1 },
      effect: { status: 401, errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' },
    })),
  );

const hits = async () => {
  const answer = await fetch(`${salesforce.sandbox.url}/__sandbox__/faults`);
  return ((await answer.json()) as { hits: number }[]).map((fault) => fault.hits);
};

const count = async (table: 'contacts' | 'accounts') =>
  (
    await database.sql<{ count: number }>`select count(*) as count from ${database.sql.table(table)}`.execute(
      database.db,
    )
  ).rows[0]?.count;

test('sessions that end at every turn of a load, a poll and a delivery lose nothing and double nothing', async () => {
  const { org, sync } = salesforce;
  await expireAt('/composite/batch', '/jobs/query', '/results', '/queryAll');
  await sync.loadAll();
  expect(await count('contacts')).toBe(CONTACTS);
  expect(await count('accounts')).toBe(1);

  await created(org, 'Account', { Name: 'Northgate Logistics' });
  await expireAt('^/services/data/v[0-9.]+/composite$');
  await salesforce.control('/tokens/expire', { username: 'admin@rapport.sandbox' });
  await sync.pollOnce();
  expect(await count('accounts')).toBe(2);

  const { write } = await import('../../src/platform/salesforce/outbox/outbox.ts');
  await database.transaction((tx) =>
    write(tx, {
      sobject: 'Account',
      operation: 'update',
      salesforceId: accountId,
      fields: { Rapport_Health_Score__c: 42 },
      feature: 'insights',
    }),
  );
  await expireAt('/composite/sobjects');
  await sync.drainOnce();
  const again = await salesforce.sandbox.connect();
  expect((await again.sobject('Account').retrieve(accountId)).Rapport_Health_Score__c).toBe(42);
  expect((await hits()).every((hit) => hit >= 1)).toBe(true);
});
