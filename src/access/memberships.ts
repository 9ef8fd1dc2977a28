import { now } from '../platform/clock.ts';
import { sql, type Tx } from '../platform/db.ts';

import { insertLinks, rederiveMemberships } from './queries.ts';

/** A contact that somebody turned out to be, by the address that was matched; `settledBy` when staff decided. */
export interface Link {
  personId: string;
  contactId: string;
  email: string;
  settledBy?: string;
}

/** Makes somebody the contacts named, with the accounts that follow from them. */
export async function linkContacts(tx: Tx, links: readonly Link[]): Promise<void> {
  await insertLinks(tx, links, now());
  await refreshMembershipsOf(tx, links.map(({ personId }) => personId));
}

/** Brings the memberships of these people up to date with the mirror. */
export async function refreshMembershipsOf(tx: Tx, personIds: readonly string[]): Promise<void> {
  await rederiveMemberships(tx, sql<string>`select unnest(${personIds}::uuid[]) as person_id`);
}
