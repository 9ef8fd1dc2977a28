import { forStaff, type Viewer, withinAccount } from '../access/viewer.ts';
import { NotFound } from '../platform/errors.ts';

import * as queries from './queries.ts';

/** An account as Salesforce holds it. Money in minor units; dates of a calendar as YYYY-MM-DD. */
export interface Account {
  id: string;
  name: string;
  type: string | null;
  industry: string | null;
  employees: number | null;
  annualRevenueMinor: number | null;
  phone: string | null;
  website: string | null;
  street: string | null;
  city: string | null;
  state: string | null;
  postalCode: string | null;
  country: string | null;
  ownerId: string | null;
  ownerName: string | null;
  lastActivityOn: string | null;
  /** Every other readable field, under Salesforce's own name. */
  attributes: Record<string, unknown>;
  createdAt: Date | null;
  modifiedAt: Date;
}

export interface Contact {
  id: string;
  name: string;
  email: string | null;
  phone: string | null;
  title: string | null;
  roles: string[];
  /** False for someone of another account who also acts for this one. */
  isDirect: boolean;
}

export interface Opportunity {
  id: string;
  name: string;
  type: string | null;
  stage: string;
  isClosed: boolean;
  isWon: boolean;
  amountMinor: number | null;
  currency: string;
  closeOn: string | null;
  ownerName: string | null;
}

/** An account that another is tied to: its parents from the top, its children, and its place in the partners' network. */
export interface Relative {
  relation: 'parent' | 'child' | 'distributor' | 'partner' | 'distributed' | 'partnered';
  id: string;
  name: string;
  type: string | null;
  /** How many of this relation there are; at most 50 of each are given. */
  total: number;
}

/** @throws NotFound when there is none, or the viewer may not see it. */
export async function accountSeenBy(viewer: Viewer, id: string): Promise<Account> {
  const account = await queries.selectAccount(withinAccount(viewer, 'a.id'), id);
  if (account === undefined) throw new NotFound();
  return account;
}

/** The account's people, those of other accounts who act for it among them; at most 200. */
export async function contactsOf(viewer: Viewer, accountId: string): Promise<Contact[]> {
  return await queries.selectContacts(forStaff(viewer), accountId);
}

/** Open opportunities first, each kind newest first; at most 200. */
export async function opportunitiesOf(viewer: Viewer, accountId: string): Promise<Opportunity[]> {
  return await queries.selectOpportunities(forStaff(viewer), accountId);
}

export async function relativesOf(viewer: Viewer, accountId: string): Promise<Relative[]> {
  return await queries.selectRelatives(forStaff(viewer), accountId);
}
