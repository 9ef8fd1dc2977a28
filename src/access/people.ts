import type { RawBuilder } from 'kysely';

import { config } from '../platform/config.ts';
import { prepared, sql } from '../platform/db.ts';
import { NotFound } from '../platform/errors.ts';
import { isLocale } from '../platform/locale.ts';

import { personWithAccess, saveChosenAccount, type PersonRow } from './queries.ts';
import type { AccountViewer, StaffRole, Viewer } from './viewer.ts';

export type { PersonRow };

const roleOf: Record<string, StaffRole> = {
  Rapport_Rep: 'rep',
  Rapport_Success: 'csm',
  Rapport_Support: 'support',
  Rapport_Admin: 'admin',
};

/** How somebody proved who they are in this session. */
export interface Proof {
  personId: string;
  /** Signed in through Salesforce, or with a second factor: what staff need outside sandbox mode. */
  isStrong: boolean;
  /** The account chosen in this session, if one was. */
  accountId?: string | undefined;
}

/** Who that is and what they may see now. */
export async function viewerOf(proof: Proof): Promise<Viewer> {
  const [person] = await prepared(accessOf(sql<string>`${proof.personId}::uuid`));
  return viewerAs(person, proof);
}

/** What `viewerAs` needs to know of somebody, for statements that find out more at once; no row when there is nobody. */
export const accessOf = (personId: RawBuilder<string>) => personWithAccess(personId, config.isSandbox);

/**
 * What somebody may see who was found a moment ago. Staff roles count only after a strong sign-in (in the sandbox, any); then
 * come the accounts they act for. Whoever has neither is a visitor.
 */
export function viewerAs(
  person: PersonRow | undefined,
  { isStrong, accountId }: Omit<Proof, 'personId'>,
): Viewer {
  if (!person) return { kind: 'visitor' };
  const roles = rolesOf(person);
  if (roles.length > 0 && (isStrong || config.isSandbox))
    return { kind: 'staff', ...basics(person), userId: person.user_id, roles };
  return accountViewer(person, accountId ?? person.chosen_account_id ?? undefined) ?? { kind: 'visitor' };
}

/** The condition that somebody (people `p`) is of the staff with one of these roles, as `rolesOf` has it. For statements about many. */
export function staffWith(roles: readonly StaffRole[]) {
  const sets = Object.keys(roleOf).filter((name) => roles.some((role) => role === roleOf[name]));
  return sql<boolean>`((p.is_admin and ${roles.includes('admin')}::boolean or exists (
    select from users u join permission_set_assignments psa on psa.user_id = u.id and psa.deleted_at is null
    where u.id = p.user_id and u.is_active and u.deleted_at is null and psa.permission_set = any(${sets}::text[])))
    and (${config.isSandbox}::boolean or not p.is_demo))`;
}

/** The staff roles that a person would have with a strong sign-in. */
export function rolesOf(person: Pick<PersonRow, 'permission_sets' | 'is_admin'>): StaffRole[] {
  const roles = person.permission_sets.flatMap((name) => roleOf[name] ?? []);
  return [...new Set(person.is_admin ? [...roles, 'admin' as const] : roles)];
}

function basics(person: PersonRow) {
  return {
    personId: person.id,
    name: person.name,
    email: person.email,
    locale: isLocale(person.locale) ? person.locale : ('en' as const),
    timeZone: person.time_zone,
  };
}

function accountViewer(person: PersonRow, chosen: string | undefined): AccountViewer | undefined {
  const { memberships } = person;
  const member =
    memberships.find(({ accountId }) => accountId === chosen) ??
    memberships.find(({ isOwn }) => isOwn) ??
    memberships[0];
  if (!member) return undefined;
  const { kind, accountId, accountName, contactId, caseScope } = member;
  const accounts = memberships.map((each) => ({
    id: each.accountId,
    name: each.accountName,
    kind: each.kind,
  }));
  return { kind, ...basics(person), accountId, accountName, contactId, caseScope, accounts };
}

/**
 * Remembers which of their accounts somebody wants to act for (C4).
 * @throws NotFound when it is not one of theirs.
 */
export async function chooseAccount(viewer: AccountViewer, accountId: string): Promise<void> {
  if (!viewer.accounts.some(({ id }) => id === accountId)) throw new NotFound();
  await saveChosenAccount(viewer.personId, accountId);
}

/** One mailbox, one spelling. */
export const normalizeEmail = (email: string): string => email.trim().toLowerCase();
