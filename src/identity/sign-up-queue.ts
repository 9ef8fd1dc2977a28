import { linkContacts } from '../access/memberships.ts';
import { hasRole, type StaffViewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { db, transaction, type Tx } from '../platform/db.ts';
import { Conflict, Forbidden, Invalid } from '../platform/errors.ts';
import { sendMail } from '../platform/mail.ts';

import {
  candidatesOf,
  countWaiting,
  lockWaitingSignUp,
  settleSignUps,
  waitingSignUps,
  type Candidate,
  type WaitingSignUp,
} from './sign-ups.queries.ts';

/** Somebody whose address several contacts have, with those contacts as Salesforce has them now. */
export interface Waiting extends WaitingSignUp {
  candidates: Candidate[];
}

/** Who waits for staff to say which account is theirs, the longest first (C7). */
export async function signUpQueue(viewer: StaffViewer): Promise<Waiting[]> {
  requireSettler(viewer);
  const waiting = await waitingSignUps(db);
  const candidates = await candidatesOf(
    db,
    waiting.map(({ email }) => email),
  );
  return waiting.map((signUp) => ({
    ...signUp,
    candidates: candidates.filter(({ email }) => email === signUp.email),
  }));
}

/** How many wait. */
export const signUpsWaiting = (): Promise<number> => countWaiting(db);

/**
 * Says which of the contacts somebody is; they are told by mail.
 * @throws Conflict when it has been settled meanwhile; Invalid when nothing that fits was chosen.
 */
export async function grantSignUp(
  viewer: StaffViewer,
  signUpId: string,
  contactIds: readonly string[],
): Promise<void> {
  requireSettler(viewer);
  await transaction(async (tx) => {
    const { personId, email } = await waitingOne(tx, signUpId);
    const possible = await candidatesOf(tx, [email]);
    const chosen = possible.filter(({ id }) => contactIds.includes(id));
    if (chosen.length === 0 || chosen.length < contactIds.length)
      throw new Invalid({ contacts: 'signUps.chooseOne' });
    await linkContacts(
      tx,
      chosen.map(({ id }) => ({ personId, contactId: id, email, settledBy: viewer.personId })),
    );
    await settleSignUps(tx, [personId], { state: 'matched', settledBy: viewer.personId, at: now() });
    await sendMail(tx, { to: { personId }, template: 'sign-up-granted', data: { path: '/home' } });
  });
}

/**
 * Turns a sign-up down; they are told by mail.
 * @throws Conflict when it has been settled meanwhile.
 */
export async function refuseSignUp(viewer: StaffViewer, signUpId: string): Promise<void> {
  requireSettler(viewer);
  await transaction(async (tx) => {
    const { personId } = await waitingOne(tx, signUpId);
    await settleSignUps(tx, [personId], { state: 'refused', settledBy: viewer.personId, at: now() });
    await sendMail(tx, { to: { personId }, template: 'sign-up-refused' });
  });
}

function requireSettler(viewer: StaffViewer): void {
  if (!hasRole(viewer, 'support', 'admin')) throw new Forbidden();
}

async function waitingOne(tx: Tx, signUpId: string) {
  const found = await lockWaitingSignUp(tx, signUpId);
  if (!found) throw new Conflict();
  return found;
}
