import { MINUTE } from '../../clock.ts';

import { SalesforceFailure } from './errors.ts';
import { type Session, sessionBeside } from './session.ts';

/* The session that this process uses. When Salesforce refuses it, it is renewed, once for all who found out, and the work goes on with
   the new one, wherever that lives. An org that refuses each new session is asked for another three times, then seldom. */

const MOST_IN_A_ROW = 3;

let current: Session | undefined;
let renewalsInARow = 0;
let notBefore = -Infinity;

/** The user that Rapport works as in Salesforce; known after the first call. */
export const integrationUserId = (): string => current?.userId ?? '';

export async function currentSession(): Promise<Session> {
  current ??= await sessionBeside();
  return current;
}

/** The session has ended; `cause` is Salesforce's refusal. */
export class Expired extends Error {}

/**
 * Does something with the session, and again with another when Salesforce says that it has ended. Twice at most: what another process
 * renewed may have ended since.
 */
export async function withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
  let session = await currentSession();
  for (let renewals = 0; ; renewals += 1) {
    try {
      return await work(session);
    } catch (error) {
      if (!(error instanceof Expired)) throw error;
      if (renewals === 2) throw error.cause;
      session = await renewed(session);
    }
  }
}

/** As in a process that has just begun; for tests. */
export function forgetSession(): void {
  current = undefined;
  renewalsInARow = 0;
  notBefore = -Infinity;
}

/** Salesforce took a call: whatever was wrong with sessions is over. */
export function noteAccepted(): void {
  renewalsInARow = 0;
  notBefore = -Infinity;
}

/**
 * A session in place of one that Salesforce refused.
 * @throws SalesforceFailure of kind auth when it refuses every one that it gives out.
 */
export async function renewed(refused: Session): Promise<Session> {
  if (current && current.token !== refused.token) return current;
  if (performance.now() < notBefore) throw everyOneRefused();
  const session = await sessionBeside(refused.token);
  if (current?.token !== session.token) {
    current = session;
    renewalsInARow += 1;
    if (renewalsInARow >= MOST_IN_A_ROW) notBefore = performance.now() + pauseAfter(renewalsInARow);
  }
  return session;
}

const pauseAfter = (renewals: number): number =>
  Math.min(15 * MINUTE, (MINUTE / 2) * 2 ** (renewals - MOST_IN_A_ROW));

const everyOneRefused = () =>
  new SalesforceFailure('NO_SESSION', 'Salesforce refuses every session that it gives out');

/** Refusals that no new session mends: how the app is set up in the org stands against them. */
const lasting = [
  'This session is not valid for use with the REST API',
  'Connected app is not attached to Agent',
];

/** Whether an answer says that the session has ended. */
export const saysExpired = (answer: { statusCode: number; body: string } | undefined): boolean =>
  answer?.statusCode === 401 && !lasting.some((one) => answer.body.includes(one));
