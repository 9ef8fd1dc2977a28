import type { Express } from 'express';
import request from 'supertest';

import '../../src/access/tables.ts';
import '../../src/identity/tables.ts';
import { linkContacts } from '../../src/access/memberships.ts';
import { viewerOf } from '../../src/access/people.ts';
import type { AccountViewer, StaffRole, StaffViewer } from '../../src/access/viewer.ts';
import { hashPassword } from '../../src/identity/passwords.ts';
import { db, transaction } from '../../src/platform/db.ts';
import type { Locale } from '../../src/platform/locale.ts';

import { givenAccount, givenContact, givenUser } from './mirror.ts';

/** The password of everyone whom tests make. */
export const PASSWORD = 'correct enough 4 tests';

interface PersonGiven {
  email?: string;
  name?: string;
  locale?: Locale;
  timeZone?: string;
  /** The contacts they are; their accounts follow from them. None: a person without an account. */
  contacts?: { id: string; email: string }[];
  /** Their Salesforce user, for staff. */
  userId?: string;
  isAdmin?: boolean;
  isDemo?: boolean;
}

let count = 0;

const nobodySpecial = {
  name: 'Robin Marsh',
  locale: 'en',
  timeZone: 'UTC',
  userId: null,
  isAdmin: false,
  isDemo: false,
};

/** Somebody who has signed up and can sign in with PASSWORD. */
export async function givenPerson(
  given: PersonGiven = {},
): Promise<{ id: string; email: string; name: string }> {
  count += 1;
  const { contacts = [] } = given;
  const { name, locale, timeZone, userId, isAdmin, isDemo } = { ...nobodySpecial, ...given };
  const email = (given.email ?? contacts[0]?.email ?? `person-${String(count)}@example.com`).toLowerCase();
  const { id } = await db
    .insertInto('people')
    .values({
      email,
      name,
      locale,
      time_zone: timeZone,
      user_id: userId,
      is_admin: isAdmin,
      is_demo: isDemo,
      chosen_account_id: null,
      created_at: new Date(),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const password_hash = await hashPassword(PASSWORD);
  await db
    .insertInto('credentials')
    .values({ person_id: id, password_hash, changed_at: new Date() })
    .execute();
  const links = contacts.map((contact) => ({
    personId: id,
    contactId: contact.id,
    email: contact.email.toLowerCase(),
  }));
  await transaction((tx) => linkContacts(tx, links));
  return { id, email, name };
}

/** A customer (or, with `type: 'Reseller'`, a partner) of an account, with their contact. */
export async function givenCustomer(
  given: {
    account?: { id: string; name: string };
    type?: string;
    roles?: string[];
    name?: string;
    locale?: Locale;
    email?: string;
  } = {},
) {
  const account = given.account ?? (await givenAccount(given.type === undefined ? {} : { type: given.type }));
  const { name, email, roles, locale } = given;
  const contact = await givenContact({
    account,
    ...(name === undefined ? {} : { name }),
    ...(email === undefined ? {} : { email }),
    ...(roles === undefined ? {} : { roles }),
  });
  const person = await givenPerson({
    contacts: [contact],
    name: contact.name,
    ...(locale === undefined ? {} : { locale }),
  });
  return { ...person, account, contact };
}

/** Somebody of the company itself, with these roles. */
export async function givenStaff(given: { roles: StaffRole[]; email?: string; name?: string }) {
  const user = await givenUser(given);
  const person = await givenPerson({ email: user.email, name: user.name, userId: user.id });
  return { ...person, userId: user.id };
}

/** A person as capabilities take them: their viewer of this moment. */
export async function customerViewer(person: { id: string }, accountId?: string): Promise<AccountViewer> {
  const viewer = await viewerOf({ personId: person.id, isStrong: false, accountId });
  if (viewer.kind !== 'customer' && viewer.kind !== 'partner') throw new Error(`they are ${viewer.kind}`);
  return viewer;
}

export async function staffViewer(person: { id: string }): Promise<StaffViewer> {
  const viewer = await viewerOf({ personId: person.id, isStrong: true });
  if (viewer.kind !== 'staff') throw new Error(`they are ${viewer.kind}`);
  return viewer;
}

/** A browser in which that person has signed in. */
export async function signedIn(app: Express | string, { email }: { email: string }, password = PASSWORD) {
  const agent = request.agent(app);
  const answer = await agent.post('/sign-in').type('form').send({ email, password });
  if (answer.status !== 303)
    throw new Error(`${email} could not sign in: ${String(answer.status)} ${answer.text.slice(0, 400)}`);
  return agent;
}

/** The `Cookie` header of a person's session, for clients that are not supertest. */
export async function sessionCookieOf(
  app: Express | string,
  person: { email: string },
  password = PASSWORD,
): Promise<string> {
  const answer = await request(app).post('/sign-in').type('form').send({ email: person.email, password });
  const cookies = (answer.headers['set-cookie'] ?? []) as unknown as string[];
  return cookies.map((cookie) => cookie.split(';', 1)[0]).join('; ');
}
