import { sql } from '../platform/db.ts';
import type { Locale } from '../platform/locale.ts';

/** Staff roles come from Salesforce permission sets; one person may hold several. */
export const staffRoles = ['rep', 'csm', 'support', 'admin'] as const;
export type StaffRole = (typeof staffRoles)[number];

interface SignedIn {
  /** Our id of the person: one per normalized e-mail. */
  personId: string;
  name: string;
  email: string;
  locale: Locale;
  /** IANA name, e.g. Europe/Berlin. */
  timeZone: string;
}

/** Someone of a customer or partner, in the account that they chose among theirs. */
export interface AccountViewer extends SignedIn {
  kind: 'customer' | 'partner';
  accountId: string;
  accountName: string;
  contactId: string;
  /** `account`: all the account's cases; `own`: only those of their contact. */
  caseScope: 'own' | 'account';
  /** Every account that they may switch to, the chosen one among them. */
  accounts: { id: string; name: string; kind: 'customer' | 'partner' }[];
}

export interface StaffViewer extends SignedIn {
  kind: 'staff';
  /** Their Salesforce user. */
  userId: string | null;
  roles: readonly StaffRole[];
}

export interface Visitor {
  kind: 'visitor';
}

/** Who is looking, with what they may see. It comes first in every verb that touches a customer's row. */
export type Viewer = AccountViewer | StaffViewer | Visitor;

/** The condition that keeps a viewer inside the account they chose. Staff see every account; visitors none. */
export function withinAccount(viewer: Viewer, accountColumn: string) {
  if (viewer.kind === 'staff') return sql<boolean>`true`;
  if (viewer.kind === 'visitor') return sql<boolean>`false`;
  return sql<boolean>`${sql.ref(accountColumn)} = ${viewer.accountId}`;
}

/** The same for cases, where some people see their own alone. */
export function withinCases(viewer: Viewer, table = 'cases') {
  const account = withinAccount(viewer, `${table}.account_id`);
  if (viewer.kind === 'staff' || viewer.kind === 'visitor' || viewer.caseScope === 'account') return account;
  return sql<boolean>`(${account} and ${sql.ref(`${table}.contact_id`)} = ${viewer.contactId})`;
}

/** The condition of what staff alone may see: for everyone else there is nothing. */
export const forStaff = (viewer: Viewer) => sql<boolean>`${viewer.kind === 'staff'}::boolean`;

export const hasRole = (viewer: Viewer, ...roles: StaffRole[]): boolean =>
  viewer.kind === 'staff' && roles.some((role) => viewer.roles.includes(role));
