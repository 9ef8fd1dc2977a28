import connectPgSimple from 'connect-pg-simple';
import type { Request, RequestHandler } from 'express';
import session, { type SessionData } from 'express-session';
import type { Pool } from 'pg';

import type { PersonRow } from '../access/people.ts';
import { liveSession, sessionCookie, sessionLimits, type SignIn } from '../identity/sessions.ts';
import type { Origin } from '../identity/security-events.ts';
import { config } from '../platform/config.ts';
import { now } from '../platform/clock.ts';
import { preparing } from '../platform/db.ts';
import { log } from '../platform/log.ts';

declare module 'express-session' {
  interface SessionData extends Partial<SignIn> {
    /** Between the password and the one-time code: nobody is signed in yet. */
    pending?: { personId: string; email: string; step: 'code' | 'enrol'; since: number };
    /** Where to go after signing in. */
    next?: string;
  }
}

const PostgresStore = connectPgSimple(session);

const people = new WeakMap<object, PersonRow>();

/** Whose session this request came with, as its statement found them a moment ago. */
export const personOf = (req: Request): PersonRow | undefined => people.get(req.session);

/** Sessions in PostgreSQL: a page costs one prepared statement to read its session and whose it is, and none to write it. */
export function sessions(): RequestHandler {
  return session({
    store: storeOfSessions(),
    name: sessionCookie.name,
    secret: config.SESSION_SECRET,
    resave: false,
    saveUninitialized: false,
    rolling: false,
    proxy: sessionCookie.isSecure,
    cookie: { secure: sessionCookie.isSecure, httpOnly: true, sameSite: 'lax', path: '/' },
  });
}

/** The library's store, which asks only `query` of a pool, but for reading. A job removes what has ended. */
function storeOfSessions(): session.Store {
  const store = new PostgresStore({
    pool: preparing as unknown as Pool,
    tableName: 'sessions',
    ttl: sessionLimits.idle / 1000,
    pruneSessionInterval: false,
    createTableIfMissing: false,
    errorLog: (...parts: unknown[]) => {
      log.warn({ parts: parts.map(String) }, 'session store');
    },
  });
  /* When a session was last used is written down otherwise, see `sessionIsInUse`. */
  Object.assign(store, { touch: undefined });
  const inflate = store.createSession.bind(store);
  store.get = (sid, done) => {
    liveSession(sid).then((found) => {
      if (found?.person) people.set(found.sess, found.person);
      done(null, found?.sess as SessionData | undefined);
    }, done);
  };
  store.createSession = (req, kept) => {
    const made = inflate(req, kept);
    const person = people.get(kept);
    if (person) people.set(made, person);
    return made;
  };
  return store;
}

/** Signs somebody in to this browser under a new session id, whatever the old one held (ASVS v5.0.0-7.2.4). */
export async function startSession(
  req: Request,
  signIn: Pick<SignIn, 'personId' | 'method' | 'isStrong'> & { accountId?: string | undefined },
): Promise<void> {
  const { address, userAgent } = originOf(req);
  await regenerate(req);
  const { accountId, ...who } = signIn;
  Object.assign(req.session, who, { signedInAt: now().getTime(), device: userAgent, address });
  if (accountId !== undefined) req.session.accountId = accountId;
}

/** Gives this browser's session a new id and keeps what it knows, after a change of privileges. */
export async function renewSession(req: Request, changes: Partial<SignIn> = {}): Promise<void> {
  const { personId, method, isStrong, signedInAt, device, address, accountId } = req.session;
  await regenerate(req);
  const kept = { personId, method, isStrong, signedInAt, device, address, accountId, ...changes };
  Object.assign(
    req.session,
    Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined)),
  );
}

/** Ends this browser's session: its id is worth nothing from now on. */
export function endCurrentSession(req: Request): Promise<void> {
  return settled((done) => req.session.destroy(done));
}

const regenerate = (req: Request) => settled((done) => req.session.regenerate(done));

/** Writes the session before the answer goes out, so that the page it leads to finds it. */
export const saveSession = (req: Request): Promise<void> => settled((done) => req.session.save(done));

function settled(act: (done: (error?: unknown) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    act((error) => {
      if (error === undefined || error === null) resolve();
      else reject(error instanceof Error ? error : new Error('the session store failed', { cause: error }));
    });
  });
}

/** Where a request comes from, for limits, the list of sessions and security events. */
export function originOf(req: Request): Origin {
  return {
    address: (req.ip ?? '').replace(/^::ffff:/, ''),
    userAgent: (req.get('user-agent') ?? '').slice(0, 300),
  };
}
