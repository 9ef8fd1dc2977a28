import { createHash } from 'node:crypto';

import { config } from '../platform/config.ts';
import { DAY, HOUR, MINUTE, now } from '../platform/clock.ts';
import { NotFound } from '../platform/errors.ts';
import { together } from '../platform/together.ts';

import { deviceOf } from './devices.ts';
import {
  endSessions,
  markSeen,
  sessionRows,
  sessionsWithPeople,
  type SessionRow,
} from './sessions.queries.ts';

export type SignInMethod = 'password' | 'salesforce';

/** What a session knows of who signed in. The store keeps it as JSON. */
export interface SignIn {
  personId: string;
  method: SignInMethod;
  /** Salesforce or a second factor vouches for them: staff need it outside sandbox mode. */
  isStrong: boolean;
  signedInAt: number;
  device: string;
  address: string;
  accountId?: string;
}

/** A session ends when it is not used for that long, and in any case after `absolute` (ASVS v5.0.0-7.3.1, 7.3.2). */
export const sessionLimits = { idle: 12 * HOUR, absolute: 14 * DAY, absoluteForStaff: DAY } as const;

/** A page view is written down as "last seen" at most this often. */
const SEEN_EVERY = 5 * MINUTE;

/** The name a cookie needs to be bound to this host alone, where the connection is encrypted. */
export const sessionCookie = {
  isSecure: config.publicUrl.startsWith('https://'),
  name: config.publicUrl.startsWith('https://') ? '__Host-rapport' : 'rapport',
};

/** One of a person's sessions as they see it in the list; `id` is a digest, never what the cookie holds. */
export interface SessionSeen {
  id: string;
  browser: string;
  system: string;
  isMobile: boolean;
  address: string;
  method: SignInMethod;
  signedInAt: Date;
  seenAt: Date;
  isCurrent: boolean;
}

const publicId = (sid: string) =>
  createHash('sha256').update(`session ${sid}`).digest('base64url').slice(0, 22);

/** What a live session knows, and whose it is with what decides what they may see at this moment. */
export const liveSession = together((sids: readonly string[]) => sessionsWithPeople(sids, new Date()));

/** A person's live sessions, the one used last first. */
export async function sessionsOf(personId: string, currentSid: string): Promise<SessionSeen[]> {
  return (await sessionRows(personId, now())).map((row) => sessionSeen(row, currentSid));
}

function sessionSeen({ sid, sess, seen_at }: SessionRow, currentSid: string): SessionSeen {
  const { device, address, method, signedInAt } = sess;
  return {
    id: publicId(sid),
    ...deviceOf(device),
    address,
    method,
    signedInAt: new Date(signedInAt),
    seenAt: seen_at,
    isCurrent: sid === currentSid,
  };
}

/**
 * Ends one of a person's sessions, known by the id in their list.
 * @throws NotFound when it is not one of theirs.
 */
export async function endSession(personId: string, id: string): Promise<void> {
  const row = (await sessionRows(personId, now())).find(({ sid }) => publicId(sid) === id);
  if (!row) throw new NotFound();
  await endSessions(personId, { only: row.sid });
}

/** Ends every session of a person but the one given. */
export async function endOtherSessions(personId: string, currentSid: string | undefined): Promise<void> {
  await endSessions(personId, { except: currentSid });
}

/** Whether a sign-in is older than any use may prolong it. */
export function hasOutlived({ signedInAt }: Pick<SignIn, 'signedInAt'>, isStaff: boolean): boolean {
  const limit = isStaff ? sessionLimits.absoluteForStaff : sessionLimits.absolute;
  return now().getTime() - signedInAt > limit;
}

const lastMarked = new Map<string, number>();

/** Notes that a session is in use, writing at most once in five minutes. */
export async function sessionIsInUse(sid: string): Promise<void> {
  const at = now().getTime();
  if (at - (lastMarked.get(sid) ?? 0) < SEEN_EVERY) return;
  if (lastMarked.size > 20_000) lastMarked.clear();
  lastMarked.set(sid, at);
  await markSeen(sid, {
    seenAt: new Date(at),
    expire: new Date(at + sessionLimits.idle),
    before: new Date(at - SEEN_EVERY),
  });
}
