import { now } from '../platform/clock.ts';
import { sql, transaction, type Tx } from '../platform/db.ts';
import { isLocale } from '../platform/locale.ts';

import {
  insertLinks,
  keepLinksFrom,
  lockMemberships,
  personNamed,
  rederiveAfter,
  rederiveMemberships,
  saveMailbox,
} from './queries.ts';

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
  await refreshMembershipsOf(
    tx,
    links.map(({ personId }) => personId),
  );
}

/** For transactions that first write people and then link them: taken early, nobody waits for each other in a ring. */
export const beforeLinking = lockMemberships;

/** Brings the memberships of these people up to date with the mirror. */
export async function refreshMembershipsOf(tx: Tx, personIds: readonly string[]): Promise<void> {
  await rederiveMemberships(tx, sql<string>`select unnest(${personIds}::uuid[]) as person_id`);
}

/**
 * Gives somebody another mailbox and keeps their contacts: the former address still counts until Salesforce has the new
 * one. Undefined when the mailbox is somebody else's.
 */
export async function moveMailbox(tx: Tx, personId: string, email: string) {
  await lockMemberships(tx);
  const former = await personNamed(tx, personId);
  if (!former || !(await saveMailbox(tx, personId, email))) return undefined;
  const contacts = await keepLinksFrom(tx, personId, former.email);
  await refreshMembershipsOf(tx, [personId]);
  return {
    formerEmail: former.email,
    name: former.name,
    locale: isLocale(former.locale) ? former.locale : ('en' as const),
    contacts,
  };
}

/** After a batch of the sync: whoever is a contact that changed gains or loses what follows from it. */
export async function refreshTouched({ table, batch }: { table: string; batch: number }): Promise<void> {
  if (table === 'contacts' || table === 'account_contact_relations')
    await transaction((tx) => rederiveAfter(tx, table, batch));
}

/** After a table was loaded whole: everybody's memberships, in one statement. */
export async function refreshEverybody({ table }: { table: string }): Promise<void> {
  if (table === 'contacts' || table === 'account_contact_relations')
    await transaction((tx) =>
      rederiveMemberships(tx, sql<string>`select distinct person_id from person_contacts`),
    );
}
