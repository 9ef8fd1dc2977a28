import { beforeEach, expect, test } from 'vitest';

import { viewerOf } from '../../src/access/people.ts';
import { refreshEverybody, refreshTouched } from '../../src/access/memberships.ts';
import { admitLateMatches } from '../../src/identity/late-matches.ts';
import { db, sql } from '../../src/platform/db.ts';
import { givenAccount, givenContact } from '../support/mirror.ts';
import { customerViewer, givenCustomer, givenPerson } from '../support/people.ts';
import { statementsOf } from '../support/statements.ts';

let batch = 0;
beforeEach(() => {
  batch += 1;
});

/** What the sync does after it changed these rows. */
async function synced(table: string, ...ids: string[]): Promise<void> {
  for (const id of ids)
    await sql`insert into mirror_changes (batch, table_name, row_id, change) values (${batch}, ${table}, ${id}, 'updated')`.execute(
      db,
    );
  await refreshTouched({ table, batch });
  await admitLateMatches({ table, batch });
}

const accountsOf = async (personId: string) =>
  (
    await sql<{
      account_id: string;
    }>`select account_id from memberships where person_id = ${personId} order by 1`.execute(db)
  ).rows.map((row) => row.account_id);

test('a contact that moves to another account takes their person along', async () => {
  const customer = await givenCustomer();
  const elsewhere = await givenAccount({ name: 'Elsewhere' });
  await sql`update contacts set account_id = ${elsewhere.id} where id = ${customer.contact.id}`.execute(db);
  await sql`delete from account_contact_relations where contact_id = ${customer.contact.id}`.execute(db);
  await synced('contacts', customer.contact.id);
  expect(await accountsOf(customer.id)).toEqual([elsewhere.id]);
});

test('a contact that is deleted loses every membership', async () => {
  const customer = await givenCustomer();
  await sql`update contacts set deleted_at = now() where id = ${customer.contact.id}`.execute(db);
  await synced('contacts', customer.contact.id);
  expect(await accountsOf(customer.id)).toEqual([]);
});

test('a relation to a further account opens it, and closes it again when it ends', async () => {
  const customer = await givenCustomer();
  const further = await givenAccount({ name: 'Further' });
  await sql`insert into account_contact_relations (id, account_id, contact_id, is_active, modified_at)
    values ('07kFURTHER', ${further.id}, ${customer.contact.id}, true, now())`.execute(db);
  await synced('account_contact_relations', '07kFURTHER');
  expect((await accountsOf(customer.id)).sort()).toEqual([customer.account.id, further.id].sort());
  await sql`update account_contact_relations set is_active = false where id = '07kFURTHER'`.execute(db);
  batch += 1000;
  await synced('account_contact_relations', '07kFURTHER');
  expect(await accountsOf(customer.id)).toEqual([customer.account.id]);
});

test('a contact whose address becomes somebody else’s is no longer the person who had it', async () => {
  const customer = await givenCustomer();
  await sql`update contacts set email = 'successor@northgate.example' where id = ${customer.contact.id}`.execute(
    db,
  );
  await synced('contacts', customer.contact.id);
  expect(await accountsOf(customer.id)).toEqual([]);
  expect((await viewerOf({ personId: customer.id, isStrong: false })).kind).toBe('visitor');
});

test('C3 a role in the relation decides whether somebody sees every case of the account, per account', async () => {
  const [own, other] = [await givenAccount(), await givenAccount()];
  const contact = await givenContact({
    account: own,
    roles: ['Evaluator'],
    related: [{ account: other, roles: ['Decision Maker'] }],
  });
  const person = await givenPerson({ contacts: [contact] });
  expect((await customerViewer(person, own.id)).caseScope).toBe('own');
  expect((await customerViewer(person, other.id)).caseScope).toBe('account');
});

test('who has chosen no account yet begins in the one that their contact belongs to', async () => {
  const first = await givenAccount({ name: 'Aardvark Cold Storage' });
  const own = await givenAccount({ name: 'Zebra Freight' });
  const contact = await givenContact({ account: own, related: [{ account: first }] });
  const person = await givenPerson({ contacts: [contact] });
  expect((await customerViewer(person)).accountId).toBe(own.id);
});

test('a viewer of several accounts has the one that they chose, and no other', async () => {
  const [own, other, strange] = [await givenAccount(), await givenAccount(), await givenAccount()];
  const person = await givenPerson({
    contacts: [await givenContact({ account: own, related: [{ account: other }] })],
  });
  expect((await customerViewer(person, other.id)).accountId).toBe(other.id);
  expect((await customerViewer(person, strange.id)).accountId).not.toBe(strange.id);
});

test('somebody who signed up before Salesforce knew them gets in when their contact arrives', async () => {
  const person = await givenPerson({ email: 'early@northgate.example' });
  await sql`insert into sign_ups (person_id, company, state, created_at) values (${person.id}, 'Northgate', 'unmatched', now())`.execute(
    db,
  );
  const account = await givenAccount();
  const contact = await givenContact({ account, email: 'Early@northgate.example' });
  await synced('contacts', contact.id);
  expect(await accountsOf(person.id)).toEqual([account.id]);
});

test('a batch of many contacts costs as many statements as one of few', async () => {
  const ids: string[] = [];
  for (let times = 0; times < 40; times++) ids.push((await givenCustomer()).contact.id);
  const cost = async (some: string[]) => {
    batch += 1;
    for (const id of some)
      await sql`insert into mirror_changes (batch, table_name, row_id, change) values (${batch}, 'contacts', ${id}, 'updated')`.execute(
        db,
      );
    return await statementsOf(() => refreshTouched({ table: 'contacts', batch }));
  };
  expect(await cost(ids)).toBe(await cost(ids.slice(0, 2)));
});

test('refreshing what has not changed rewrites no row', async () => {
  await givenCustomer();
  const versions = async () =>
    (await sql`select xmin::text, * from memberships order by 2, 3`.execute(db)).rows;
  const before = await versions();
  await refreshEverybody({ table: 'contacts' });
  expect(await versions()).toEqual(before);
});

test('refreshes at once, in whatever order they come to the people, do not block each other', async () => {
  for (let times = 0; times < 12; times++) await givenCustomer();
  const elsewhere = await givenAccount({ name: 'Elsewhere' });
  for (let round = 0; round < 5; round++) {
    await sql`update contacts set account_id = ${round % 2 === 0 ? elsewhere.id : null}`.execute(db);
    await Promise.all(
      ['contacts', 'account_contact_relations', 'contacts'].map((table) => refreshEverybody({ table })),
    );
  }
});
