import { expect, test } from 'vitest';

import { castContacts, DEMO_PASSWORD, staff } from '../../sandbox/cast.ts';
import { createApp } from '../../src/app.ts';
import { isDemoReady, makeDemoPeople } from '../../src/identity/demo.ts';
import { db, sql } from '../../src/platform/db.ts';
import { givenAccount, givenContact, givenUser } from '../support/mirror.ts';
import { signedIn } from '../support/people.ts';

const app = createApp();

const homeOf = async (email: string) =>
  (await (await signedIn(app, { email }, DEMO_PASSWORD)).get('/home')).headers.location;

test('in sandbox mode the seven of the cast can sign in as soon as the mirror knows them', async () => {
  await makeDemoPeople();
  expect(await isDemoReady()).toBe(false);
  const types = { customer: 'Customer', distributor: 'Distributor', reseller: 'Reseller' };
  for (const [name, { email, firstName, lastName }] of Object.entries(castContacts)) {
    const account = await givenAccount({ type: types[name as keyof typeof types] });
    await givenContact({ account, email, name: `${firstName} ${lastName}` });
  }
  for (const [role, { email, firstName, lastName }] of Object.entries(staff))
    await givenUser({ email, name: `${firstName} ${lastName}`, roles: [role as keyof typeof staff] });
  await makeDemoPeople();
  expect(await isDemoReady()).toBe(true);
  expect(await homeOf('customer@rapport.example')).toBe('/portal');
  expect(await homeOf('distributor@rapport.example')).toBe('/partner');
  expect(await homeOf('reseller@rapport.example')).toBe('/partner');
  for (const { email } of Object.values(staff)) expect(await homeOf(email)).toBe('/console');
});

test('making them again changes nothing, not even a password that one of them has set', async () => {
  await sql`update credentials set password_hash = 'changed'`.execute(db);
  await makeDemoPeople();
  const { rows } =
    await sql`select count(*)::int as n, count(*) filter (where password_hash = 'changed')::int as kept from credentials`.execute(
      db,
    );
  expect(rows).toEqual([{ n: 7, kept: 7 }]);
});

test('after the org was seeded anew, they are the new contacts', async () => {
  await sql`update contacts set deleted_at = now()`.execute(db);
  const account = await givenAccount({ name: 'Seeded anew' });
  const contact = await givenContact({ account, email: castContacts.customer.email });
  await makeDemoPeople();
  const { rows } =
    await sql`select m.contact_id from memberships m join people p on p.id = m.person_id where p.email = ${castContacts.customer.email}`.execute(
      db,
    );
  expect(rows).toEqual([{ contact_id: contact.id }]);
});
