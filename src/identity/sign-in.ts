import { normalizeEmail } from '../access/people.ts';
import { config } from '../platform/config.ts';
import { Expected } from '../platform/errors.ts';

import { countOne, forget, giveBack } from './limits.ts';
import { isPassword } from './passwords.ts';
import { maybePersonByEmail, maybePersonById } from './queries.ts';
import { noteSecurity, type Origin } from './security-events.ts';

/** Somebody who wants to sign in. */
export interface PersonForSignIn {
  id: string;
  email: string;
  name: string;
  locale: string;
  passwordHash: string | null;
  hasSecondFactor: boolean;
  /** Has a staff role now, so needs a second factor. */
  isStaff: boolean;
}

/** The address or the password is wrong; which of them is not told. */
export class WrongCredentials extends Expected {}

/** What is still missing after the password: nothing, a one-time code, or setting up an authenticator first. */
export type NextStep = 'done' | 'code' | 'enrol';

/**
 * Checks an address and a password. Unknown and known addresses take the same time and count alike.
 * @throws WrongCredentials; TooMany when the account or the network address has failed too often.
 */
export async function personByPassword(
  email: string,
  password: string,
  origin: Origin,
): Promise<PersonForSignIn> {
  const normalized = normalizeEmail(email);
  await countOne('address', origin.address);
  await countOne('account', normalized);
  const person = await maybePersonByEmail(normalized, config.isSandbox);
  if (!(await isPassword(person?.passwordHash, password)) || !person) {
    await noteSecurity('sign-in-failed', origin, person?.id);
    throw new WrongCredentials();
  }
  await giveBack('address', origin.address);
  await forget('account', normalized);
  return person;
}

/** Whoever has an authenticator gives a code; staff without one set it up first, but for the sandbox. */
export function stepAfterPassword(person: Pick<PersonForSignIn, 'hasSecondFactor' | 'isStaff'>): NextStep {
  if (person.hasSecondFactor) return 'code';
  return person.isStaff && !config.isSandbox ? 'enrol' : 'done';
}

/** The person of that id, as far as signing in goes; undefined when they may not. */
export const maybePerson = (personId: string): Promise<PersonForSignIn | undefined> =>
  maybePersonById(personId, config.isSandbox);
