import { randomBytes, randomUUID } from 'node:crypto';

import '../../src/access/tables.ts';
import '../../src/accounts/tables.ts';
import '../../src/cases/tables.ts';
import '../../src/licenses/tables.ts';
import type { StaffRole } from '../../src/access/viewer.ts';
import { db, sql } from '../../src/platform/db.ts';

/* Rows as the sync would have written them, for tests that need no Salesforce. */

/** An id as Salesforce makes them: three characters that tell the object, fifteen that tell the record. */
export const salesforceId = (prefix: string): string =>
  prefix + randomBytes(15).toString('base64url').replaceAll(/[-_]/g, '0').slice(0, 15);

const modified_at = new Date('2026-01-15T12:00:00Z');

interface AccountGiven {
  id?: string;
  name?: string;
  /** `Distributor`, `Reseller` and `MSP` are partners. */
  type?: string;
  parent_id?: string;
  owner_id?: string;
  industry?: string;
  created_at?: Date;
  /** JSON, by the names that Salesforce has for them. */
  attributes?: string;
}

export async function givenAccount(given: AccountGiven = {}): Promise<{ id: string; name: string }> {
  const account = { id: salesforceId('001'), name: 'Northgate Logistics', created_at: modified_at, ...given };
  await db
    .insertInto('accounts')
    .values({ ...account, modified_at })
    .execute();
  return { id: account.id, name: account.name };
}

interface ContactGiven {
  id?: string;
  account?: { id: string };
  /** Further accounts that they are related to, with what roles there. */
  related?: { account: { id: string }; roles?: string[] }[];
  email?: string;
  name?: string;
  /** Roles in their own account. */
  roles?: string[];
}

export async function givenContact(
  given: ContactGiven = {},
): Promise<{ id: string; name: string; email: string }> {
  const id = given.id ?? salesforceId('003');
  const email = given.email ?? `${id.toLowerCase()}@northgate.example`;
  const name = given.name ?? 'Robin Marsh';
  const [first_name = '', last_name = ''] = name.split(' ');
  await db
    .insertInto('contacts')
    .values({ id, name, first_name, last_name, email, account_id: given.account?.id ?? null, modified_at })
    .execute();
  await givenRelations(id, given);
  return { id, name, email };
}

async function givenRelations(
  contact_id: string,
  { account, roles = [], related = [] }: ContactGiven,
): Promise<void> {
  const direct = account ? [{ account, roles, is_direct: true }] : [];
  for (const relation of [...direct, ...related.map((each) => ({ ...each, is_direct: false }))])
    await db
      .insertInto('account_contact_relations')
      .values({
        id: salesforceId('07k'),
        contact_id,
        account_id: relation.account.id,
        is_direct: relation.is_direct,
        is_active: true,
        roles: relation.roles ?? [],
        modified_at,
      }) // prettier-ignore
      .execute();
}

interface CaseGiven {
  account?: { id: string };
  contact?: { id: string };
  subject?: string;
  description?: string;
  status?: string;
  priority?: string;
  is_closed?: boolean;
  number?: string;
  created_at?: Date;
}

export async function givenCase(given: CaseGiven = {}): Promise<{ id: string; salesforceId: string }> {
  const { account, contact, ...columns } = given;
  const id = randomUUID();
  const salesforce_id = salesforceId('500');
  await db
    .insertInto('cases')
    .values({
      id,
      salesforce_id,
      subject: 'Backup stops at 40 %',
      status: 'New',
      created_at: modified_at,
      modified_at,
      account_id: account?.id ?? null,
      contact_id: contact?.id ?? null,
      ...columns,
    }) // prettier-ignore
    .execute();
  return { id, salesforceId: salesforce_id };
}

const permissionSets: Record<StaffRole, string> = {
  rep: 'Rapport_Rep',
  csm: 'Rapport_Success',
  support: 'Rapport_Support',
  admin: 'Rapport_Admin',
};

/** A Salesforce user with the permission sets of these roles. */
export async function givenUser(
  given: { roles?: StaffRole[]; email?: string; name?: string; id?: string } = {},
) {
  const id = given.id ?? salesforceId('005');
  const email = given.email ?? `${id.toLowerCase()}@tidewater.example`;
  const name = given.name ?? 'Sam Whitfield';
  await db
    .insertInto('users')
    .values({ id, name, email, username: email, is_active: true, modified_at })
    .execute();
  await givenRoles(id, given.roles ?? []);
  return { id, name, email };
}

/** Assigns permission sets to a Salesforce user; those they had before go. */
export async function givenRoles(userId: string, roles: StaffRole[]): Promise<void> {
  await sql`delete from permission_set_assignments where user_id = ${userId}`.execute(db);
  for (const role of roles)
    await db
      .insertInto('permission_set_assignments')
      .values({ id: salesforceId('0Pa'), user_id: userId, permission_set: permissionSets[role], modified_at })
      .execute();
}

interface LicenseGiven {
  account: { id: string };
  kind?: string;
  status?: string;
  is_trial?: boolean;
  support_until?: string;
  purchased_on?: string;
  seats?: number;
  product_id?: string;
}

export async function givenLicense({ account, ...given }: LicenseGiven): Promise<{ id: string }> {
  const id = salesforceId('a00');
  await db
    .insertInto('licenses')
    .values({
      id,
      name: 'L-000001',
      account_id: account.id,
      kind: 'License',
      status: 'Active',
      modified_at,
      ...given,
    })
    .execute();
  return { id };
}

interface OpportunityGiven {
  account: { id: string };
  name?: string;
  type?: string;
  stage?: string;
  is_closed?: boolean;
  is_won?: boolean;
  amount_minor?: number;
  close_on?: string;
}

export async function givenOpportunity({ account, ...given }: OpportunityGiven): Promise<{ id: string }> {
  const id = salesforceId('006');
  await db
    .insertInto('opportunities')
    .values({ id, name: 'Support 2026', stage: 'Prospecting', account_id: account.id, modified_at, ...given })
    .execute();
  return { id };
}
