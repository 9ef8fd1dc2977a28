import { createHash } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { castAccounts, castContacts, staff } from '../../../sandbox/cast.ts';
import { seedOrg } from '../../../sandbox/demo/seed.ts';
import { deployPackageTo, seedDemo } from '../../support/demo-org.ts';
import { startSandbox } from '../../support/sandbox.ts';

import type { RunningSandbox } from '../../support/sandbox.ts';

const ACCOUNTS = 500;
let sandbox: RunningSandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
  await seedDemo(sandbox.org, ACCOUNTS);
});
afterAll(() => sandbox.close());

async function rows<T>(query: string, values: unknown[] = []): Promise<T[]> {
  const result = await sandbox.org.pool.query(query, values);
  return result.rows as T[];
}

const number = async (query: string): Promise<number> =>
  (await rows<{ n: number }>(`select (${query}) as n`))[0]?.n ?? NaN;

test('the demo is as large as it was asked to be', async () => {
  expect(await number('select count(*) from "Account"')).toBe(ACCOUNTS);
});

test('its customers speak all ten locales', async () => {
  const found = await rows<{ locale: string }>(
    'select distinct "Rapport_Locale__c" as locale from "Contact"',
  );
  const locales = ['de', 'en', 'en-AU', 'en-GB', 'es', 'es-419', 'fr', 'it', 'ja', 'pt'];
  expect(found.map(({ locale }) => locale).sort()).toEqual(locales);
});

test('groups of companies go down to the fourth level, and no further', async () => {
  const levels = await rows<{ level: number }>(
    `with recursive tree as (
       select "Id", 1 as level from "Account" where "ParentId" is null
       union all select a."Id", tree.level + 1 from "Account" a join tree on a."ParentId" = tree."Id")
     select distinct level from tree order by level`,
  );
  expect(levels.map(({ level }) => level)).toEqual([1, 2, 3, 4]);
});

test('every reference leads to a record that is there', async () => {
  const broken: string[] = [];
  for (const sobject of sandbox.org.catalog.objects()) {
    for (const field of sobject.fields.filter(
      ({ type, referenceTo }) => type === 'reference' && referenceTo.length > 0,
    )) {
      const missing = field.referenceTo.map(
        (target) => `not exists (select from "${target}" t where t."Id" = r."${field.name}")`,
      );
      const count = await number(
        `select count(*) from "${sobject.name}" r where r."${field.name}" is not null and ${missing.join(' and ')}`,
      );
      if (count > 0) broken.push(`${sobject.name}.${field.name}: ${String(count)}`);
    }
  }
  expect(broken).toEqual([]);
});

test('nothing was written in the future, and nothing changed before it was made', async () => {
  const wrong: string[] = [];
  for (const { name, field } of sandbox.org.catalog.objects()) {
    if (!field('CreatedDate') || !field('LastModifiedDate')) continue;
    const count = await number(
      `select count(*) from "${name}" where "CreatedDate" > now() or "SystemModstamp" > now() or "LastModifiedDate" < "CreatedDate"`,
    );
    if (count > 0) wrong.push(`${name}: ${String(count)}`);
  }
  expect(wrong).toEqual([]);
});

test('cases are numbered in the order in which they were opened, and the next one follows', async () => {
  const unordered = await number(
    `select count(*) from (select "CreatedDate" < lag("CreatedDate") over (order by "CaseNumber") as is_late from "Case") c where is_late`,
  );
  expect(unordered).toBe(0);
  const connection = await sandbox.connect();
  const highest = await rows<{ last: string }>('select max("CaseNumber") as last from "Case"');
  const { id } = await connection.sobject('Case').create({ Subject: 'One more' });
  const made = await connection.sobject('Case').retrieve(String(id));
  expect(Number(made.CaseNumber)).toBe(Number(highest[0]?.last) + 1);
  await connection.sobject('Case').destroy(String(id));
});

test('each opportunity is worth the sum of its products', async () => {
  expect(
    await number(
      `select count(*) from "Opportunity" o where o."Amount" is distinct from
         (select sum(l."TotalPrice") from "OpportunityLineItem" l where l."OpportunityId" = o."Id")`,
    ),
  ).toBe(0);
});

test('license codes are 16 letters and digits, each given once', async () => {
  expect(
    await number(`select count(*) from "Rapport_License__c" where "Rapport_Code__c" !~ '^[A-Z0-9]{16}$'`),
  ).toBe(0);
  expect(await number(`select count(*) - count(distinct "Rapport_Code__c") from "Rapport_License__c"`)).toBe(
    0,
  );
});

test('some mailboxes belong to two people, so that a sign-up can match several contacts', async () => {
  const shared = 'select lower("Email") from "Contact" group by 1 having count(*) > 1';
  expect(await number(`select count(*) from (${shared}) s`)).toBeGreaterThan(2);
});

test('a file comes back over the API as it was attached', async () => {
  const [file] = await rows<{ id: string; checksum: string }>(
    `select "Id" as id, "Checksum" as checksum from "ContentVersion" where "FileExtension" = 'pdf' limit 1`,
  );
  const { accessToken } = await sandbox.connect();
  const address = `${sandbox.url}/services/data/v60.0/sobjects/ContentVersion/${file?.id ?? ''}/VersionData`;
  const answer = await fetch(address, { headers: { authorization: `Bearer ${accessToken ?? ''}` } });
  const content = Buffer.from(await answer.arrayBuffer());
  expect(content.subarray(0, 5).toString()).toBe('%PDF-');
  expect(createHash('md5').update(content).digest('hex')).toBe(file?.checksum);
});

test('the named customer acts for two accounts, has a dozen cases of every state and several licenses', async () => {
  const connection = await sandbox.connect();
  const { records } = await connection.query<{ Id: string; Account: { Name: string } }>(
    `SELECT Id, Account.Name FROM Contact WHERE Email = '${castContacts.customer.email}'`,
  );
  expect(records.map((contact) => contact.Account.Name)).toEqual([castAccounts.customer]);
  const relations = await connection.query<{ Account: { Name: string } }>(
    `SELECT Account.Name FROM AccountContactRelation WHERE ContactId = '${records[0]?.Id ?? ''}' ORDER BY IsDirect DESC`,
  );
  expect(relations.records.map(({ Account }) => Account.Name)).toEqual([
    castAccounts.customer,
    castAccounts.customerSecond,
  ]);
  const cases = await connection.query<{ Status: string }>(
    `SELECT Status FROM Case WHERE Account.Name = '${castAccounts.customer}'`,
  );
  expect(cases.totalSize).toBe(12);
  expect(new Set(cases.records.map(({ Status }) => Status))).toEqual(
    new Set(['New', 'Working', 'Waiting on Customer', 'On Hold', 'Closed']),
  );
  const licenses = await connection.query(
    `SELECT Id FROM Rapport_License__c WHERE Rapport_Account__r.Name = '${castAccounts.customer}' AND Rapport_Status__c = 'Active'`,
  );
  expect(licenses.totalSize).toBeGreaterThan(3);
});

test('the named distributor supplies a network of resellers, the named reseller among them, who has clients', async () => {
  const resellers = await rows<{ name: string }>(
    `select r."Name" as name from "Account" r join "Account" d on d."Id" = r."Rapport_Distributor__c"
      where d."Name" = $1 and r."Type" = 'Reseller'`,
    [castAccounts.distributor],
  );
  expect(resellers.length).toBeGreaterThan(6);
  expect(resellers.map(({ name }) => name)).toContain(castAccounts.reseller);
  const clients = await rows(
    `select from "Account" c join "Account" r on r."Id" = c."Rapport_Partner__c" where r."Name" = $1`,
    [castAccounts.reseller],
  );
  expect(clients.length).toBeGreaterThan(5);
});

test('each member of staff has the permission set that makes their role', async () => {
  const found = await rows<{ username: string; name: string }>(
    `select u."Username" as username, p."Name" as name from "PermissionSetAssignment" a
       join "User" u on u."Id" = a."AssigneeId" join "PermissionSet" p on p."Id" = a."PermissionSetId"`,
  );
  for (const { username, permissionSet } of Object.values(staff)) {
    expect(found).toContainEqual({ username, name: permissionSet });
  }
});

test('the same seed makes the same companies, people and licenses again', async () => {
  const again = await startSandbox();
  try {
    await seedDemo(again.org, ACCOUNTS);
    const print = `select md5(string_agg(line, '|' order by line)) as print from (
      select "Name" || "BillingCity" || "NumberOfEmployees" as line from "Account"
      union all select "Name" || "Email" || "Title" from "Contact"
      union all select "Rapport_Code__c" || "Rapport_Seats__c" from "Rapport_License__c") l`;
    const other = await again.org.pool.query(print);
    expect(other.rows).toEqual(await rows(print));
  } finally {
    await again.close();
  }
});

test('without the package the demo says what to deploy, and leaves the org empty', async () => {
  const bare = await startSandbox();
  try {
    await expect(seedOrg(bare.org, { accounts: 20 })).rejects.toThrow(
      /salesforce\/ is not deployed.*Rapport_/,
    );
    expect((await bare.org.pool.query('select from "Account"')).rowCount).toBe(0);
    await deployPackageTo(bare.org);
    await seedOrg(bare.org, { accounts: 40 });
    expect((await bare.org.pool.query('select from "Account"')).rowCount).toBe(40);
  } finally {
    await bare.close();
  }
});

test('a large demo builds its indexes at the end, and has all of them', async () => {
  const large = await startSandbox();
  try {
    await deployPackageTo(large.org);
    const indexes = `select indexdef from pg_indexes where schemaname = 'sandbox' and indexname not like '%\\_pkey' order by 1`;
    const withoutNames = async () =>
      (await large.org.pool.query(indexes)).rows
        .map((row) => (row as { indexdef: string }).indexdef.replace(/INDEX \S+ /, ''))
        .sort();
    const before = await withoutNames();
    await seedOrg(large.org, { accounts: 3000 });
    expect(await withoutNames()).toEqual(before);
  } finally {
    await large.close();
  }
});
