import { linkContacts } from '../access/memberships.ts';
import { now } from '../platform/clock.ts';
import type { Tx } from '../platform/db.ts';
import { write } from '../platform/salesforce/outbox/outbox.ts';

import { contactsByEmail, saveSignUp } from './sign-ups.queries.ts';
import { linkUser, staffUserByEmail } from './staff.queries.ts';
import { leadOf } from './salesforce.ts';
import type { SignUpState } from './tables.ts';

/** Somebody who has just proved that a mailbox is theirs. */
export interface Newcomer {
  personId: string;
  email: string;
  name: string;
  company: string;
}

/**
 * Finds the account of a verified mailbox (SP1, PP1, C7). One contact with exactly that address: they are it. Several:
 * staff decide, nobody guesses. None: Sales gets a lead. A Salesforce user of that address becomes staff.
 */
export async function matchNewcomer(tx: Tx, newcomer: Newcomer): Promise<SignUpState> {
  const isStaff = await becomeStaff(tx, newcomer);
  const contacts = await contactsByEmail(tx, newcomer.email);
  const [contact, ...others] = contacts;
  const state = stateFor({ isStaff, found: contacts.length, isTaken: contact?.isTaken ?? false });
  if (state === 'matched' && contact && others.length === 0)
    await linkContacts(tx, [{ personId: newcomer.personId, contactId: contact.id, email: newcomer.email }]);
  const signUpId = await saveSignUp(tx, {
    ...newcomer,
    state,
    candidates: contacts.map(({ id }) => id),
    at: now(),
  });
  if (state === 'unmatched') await write(tx, leadOf(signUpId, newcomer));
  return state;
}

/* Somebody else who already is the only contact is as unclear as two contacts. */
function stateFor({
  isStaff,
  found,
  isTaken,
}: {
  isStaff: boolean;
  found: number;
  isTaken: boolean;
}): SignUpState {
  if (found === 1 && !isTaken) return 'matched';
  if (isStaff) return 'matched';
  return found === 0 ? 'unmatched' : 'waiting';
}

/** Makes somebody the Salesforce user of their address, if there is exactly one with a role here. */
export async function becomeStaff(
  tx: Tx,
  { personId, email }: Pick<Newcomer, 'personId' | 'email'>,
): Promise<boolean> {
  const userId = await staffUserByEmail(tx, email);
  return userId !== undefined && (await linkUser(tx, personId, userId));
}
