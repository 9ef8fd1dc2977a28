import type { Connection } from 'jsforce';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { StaffViewer } from '../../src/access/viewer.ts';
import { typedValue } from '../../src/accounts/attribute-values.ts';
import type * as verbs from '../../src/accounts/account-attributes.ts';
import type * as database from '../../src/platform/db.ts';
import type { DescribedField } from '../../src/platform/salesforce/mirror/described.ts';

import { created, startSalesforce } from '../support/salesforce.ts';

/* Changing an account's attributes here, against a real exchange with the sandbox org. */

type Started = Awaited<ReturnType<typeof startSalesforce>>;
let salesforce: Started;
let org: Connection;
let db: typeof database.db;
let sql: typeof database.sql;
let attributes: typeof verbs;
let viewer: StaffViewer;
let accountId: string;
let offsetMs = 0;

beforeAll(async () => {
  salesforce = await startSalesforce();
  ({ org } = salesforce);
  ({ db, sql } = await import('../../src/platform/db.ts'));
  attributes = await import('../../src/accounts/account-attributes.ts');
  const { givenStaff } = await import('../support/people.ts');
  accountId = await created(org, 'Account', {
    Name: 'Halden Freight', Industry: 'Retail', NumberOfEmployees: 40, AnnualRevenue: 1_000_000, Description: 'Two depots',
  }); // prettier-ignore
  await salesforce.sync.loadAll();
  const clara = await givenStaff({ roles: ['csm'], name: 'Clara Mendes' });
  viewer = {
    kind: 'staff', personId: clara.id, name: clara.name, email: clara.email, locale: 'en', timeZone: 'UTC', userId: clara.userId,
    roles: ['csm'],
  }; // prettier-ignore
});

afterAll(async () => {
  await salesforce.sandbox.close();
});

async function drained(): Promise<void> {
  offsetMs += 3_000;
  await salesforce.control('/clock', { offsetMs });
  await sql`update outbox set next_attempt_at = now() where status = 'waiting'`.execute(db);
  await salesforce.sync.drainOnce();
}

const there = async () =>
  (await org.sobject('Account').retrieve(accountId)) as unknown as Record<string, unknown>;

async function attribute(name: string) {
  const all = await attributes.attributesOf(viewer, accountId);
  const found = all.attributes.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no attribute ${name}`);
  return found;
}

const change = (typed: Record<string, string>, seen: Record<string, string>) =>
  attributes.changeAttributes(viewer, accountId, { typed, seen });

test('what is changed is here at once, and in Salesforce with the next delivery, whatever its type', async () => {
  const before = await attribute('Industry');
  expect(before).toMatchObject({ value: 'Retail', isEditable: true, owner: 'shared' });
  expect(before.choices.length).toBeGreaterThan(5);
  const count = await change(
    {
      Industry: 'Banking',
      NumberOfEmployees: '55',
      AnnualRevenue: '1,250,000',
      Rating: 'Hot',
      Description: 'Two depots',
    },
    {
      Industry: 'Retail',
      NumberOfEmployees: '40',
      AnnualRevenue: '1000000',
      Rating: '',
      Description: 'Two depots',
    },
  );
  expect(count).toBe(4);
  expect(await attribute('Industry')).toMatchObject({ value: 'Banking', pending: { state: 'waiting' } });
  const { rows } = await sql`
    select industry, employees, annual_revenue_minor, attributes ->> 'Rating' as rating from accounts where id = ${accountId}`.execute(
    db,
  );
  expect(rows).toEqual([
    { industry: 'Banking', employees: 55, annual_revenue_minor: 125_000_000, rating: 'Hot' },
  ]);
  await drained();
  expect(await there()).toMatchObject({
    Industry: 'Banking',
    NumberOfEmployees: 55,
    AnnualRevenue: 1_250_000,
    Rating: 'Hot',
  });
  expect((await attribute('Industry')).pending).toBeUndefined();
});

test('whoever counts on accounts hears of the change as of any other', async () => {
  await change({ Site: 'Oslo' }, { Site: '' });
  const { rows } = await sql`
    select 1 from mirror_changes m join events e on e.name = 'mirror.changed' and (e.data ->> 'batch')::bigint = m.batch
    where m.table_name = 'accounts' and m.row_id = ${accountId}`.execute(db);
  expect(rows.length).toBeGreaterThan(0);
  await drained();
});

test('a field that somebody changed since the form was shown is asked about, not written over', async () => {
  await sql`update accounts set industry = 'Energy' where id = ${accountId}`.execute(db);
  await expect(change({ Industry: 'Media' }, { Industry: 'Banking' })).rejects.toMatchObject({
    fields: { 'value.Industry': 'attributes.errors.changedMeanwhile' },
  });
  expect(await attribute('Industry')).toMatchObject({ value: 'Energy' });
  expect(await change({ Industry: 'Media' }, { Industry: 'Energy' })).toBe(1);
  await sql`update outbox set status = 'discarded' where status = 'waiting'`.execute(db);
});

test('a shared field that both sides changed becomes a conflict, which the attribute shows', async () => {
  const phone = await attribute('Phone');
  await org.sobject('Account').update({ Id: accountId, Phone: '+47 1' });
  await change({ Phone: '+47 2' }, { Phone: phone.value === null ? '' : String(phone.value) });
  await drained();
  expect(await there()).toMatchObject({ Phone: '+47 1' });
  expect((await attribute('Phone')).pending).toMatchObject({ state: 'conflict', value: '+47 2' });
});

test('where Salesforce owns a field, its later word stands', async () => {
  await sql`insert into field_owners (sobject, field, owner) values ('Account', 'TickerSymbol', 'salesforce')
            on conflict (sobject, field) do update set owner = 'salesforce'`.execute(db);
  await org.sobject('Account').update({ Id: accountId, TickerSymbol: 'HLD' });
  await change({ TickerSymbol: 'XXX' }, { TickerSymbol: '' });
  await drained();
  expect(await there()).toMatchObject({ TickerSymbol: 'HLD' });
});

test('fields that Rapport computes, formulas and Salesforce’s bookkeeping cannot be changed', async () => {
  const { attributes: all } = await attributes.attributesOf(viewer, accountId);
  expect(all.map(({ name }) => name)).not.toContain('Rapport_Health_Score__c');
  expect(all.find(({ name }) => name === 'CreatedDate')).toMatchObject({ isEditable: false });
  expect(
    await change({ Rapport_Health_Score__c: '99', CreatedDate: '2020-01-01', Nonsense__c: 'x' }, {}),
  ).toBe(0);
});

test('a viewer who may not change attributes is refused, and an unknown account is not found', async () => {
  await expect(
    attributes.changeAttributes({ ...viewer, roles: ['support'] }, accountId, { typed: {}, seen: {} }),
  ).rejects.toThrow();
  await expect(
    attributes.changeAttributes(viewer, '001000000000000AAA', { typed: { Site: 'x' }, seen: {} }),
  ).rejects.toThrow();
});

const field = (type: string, rest: Partial<DescribedField> = {}): DescribedField => ({
  name: 'F', label: 'F', type, isUpdateable: true, isCalculated: false, isRequired: false, length: 0, digits: 0, scale: 0,
  choices: [], isRestricted: false, refersTo: [], ...rest,
}); // prettier-ignore

test.each([
  ['int', '1,234', 1234],
  ['int', '12.5', 'wholeNumber'],
  ['int', 'many', 'number'],
  ['date', '2026-02-30', 'date'],
  ['date', '2026-02-28', '2026-02-28'],
  ['datetime', '2026-02-28T10:15', '2026-02-28T10:15:00.000Z'],
  ['email', 'nobody', 'email'],
  ['url', 'not a url', 'url'],
  ['boolean', 'true', true],
  ['boolean', 'perhaps', 'choice'],
  ['reference', "x' or 1=1", 'reference'],
  ['string', 'two\nlines', 'oneLine'],
  ['textarea', 'two\r\nlines', 'two\nlines'],
  ['string', '  ', null],
] as const)('a %s typed as %j becomes %j, or says what is wrong', (type, typed, expected) => {
  const read = typedValue(field(type), typed);
  if ('error' in read) expect(read.error).toBe(`attributes.errors.${String(expected)}`);
  else expect(read.value).toBe(expected);
});

test('length, digits, decimals, required and restricted choices are looked at before anything is written', () => {
  expect(typedValue(field('string', { length: 3 }), 'four')).toEqual({ error: 'attributes.errors.tooLong' });
  expect(typedValue(field('double', { digits: 2, scale: 1 }), '123')).toEqual({
    error: 'attributes.errors.tooLarge',
  });
  expect(typedValue(field('double', { digits: 2, scale: 1 }), '1.25')).toEqual({
    error: 'attributes.errors.decimals',
  });
  expect(typedValue(field('string', { isRequired: true }), ' ')).toEqual({
    error: 'attributes.errors.required',
  });
  const choices = [{ value: 'Hot', label: 'Hot' }];
  expect(typedValue(field('picklist', { isRestricted: true, choices }), 'Cold')).toEqual({
    error: 'attributes.errors.choice',
  });
  expect(typedValue(field('multipicklist', { isRestricted: true, choices }), 'Hot; Hot')).toEqual({
    value: 'Hot;Hot',
  });
});
