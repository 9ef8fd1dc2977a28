import { createHash } from 'node:crypto';

import { Kysely, PostgresDialect, sql, type RawBuilder, type Transaction } from 'kysely';
import pg from 'pg';

import { config } from './config.ts';
import { log } from './log.ts';

/** Every table, typed. Each capability adds those it owns by declaration merging. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface Tables {}

/** Anything SQL can be sent to: the pool, or a transaction. */
export type Db = Kysely<Tables>;
export type Tx = Transaction<Tables>;

/* Counts and sums fit a JavaScript number; a calendar date is a text, never a moment in some zone. */
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
pg.types.setTypeParser(pg.types.builtins.NUMERIC, Number);
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);

export const pool = new pg.Pool({
  connectionString: config.DATABASE_URL,
  max: config.DATABASE_POOL,
  connectionTimeoutMillis: 10_000,
  idleTimeoutMillis: 30_000,
  statement_timeout: 60_000,
  idle_in_transaction_session_timeout: 60_000,
  ssl: config.databaseTls,
});

/* A connection that breaks while idle is replaced by the next query; the process must not fall with it. */
pool.on('error', (error) => {
  log.warn({ error: error.message }, 'an idle database connection broke');
});
pool.on('connect', (client) => {
  client.on('error', (error) => {
    log.warn({ error: error.message }, 'a database connection broke');
  });
});

/*
 * SQLSTATE classes: connection (08), conflicts with others (40: deadlocks, what cannot be put in an order), resources (53: disk full, too many
 * connections), operator (57: shut down, timed out); a transaction that was idle for too long, and a lock that was not had.
 */
const troubleStates = /^(08|40|53|57)|^(25P03|55P03)$/;
const brokenSockets = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'];
/* What the pool says, and libraries that wrap an error into a sentence of theirs. */
const toldInWords =
  /timeout exceeded when trying to connect|Connection terminated|not queryable|\b(ECONNREFUSED|ECONNRESET|EPIPE)\b/;

/** Whether the database could not do what it was asked now, but may later: it is away, full, or out of connections. */
export function isDatabaseTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.every(isDatabaseTrouble);
  const code = 'code' in error ? String(error.code) : '';
  return troubleStates.test(code) || brokenSockets.includes(code) || toldInWords.test(error.message);
}

export const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });

export { sql };

/**
 * Asks what nearly every page asks: each connection has the statement parsed once, and planned anew only while that pays.
 * For texts of few variants; a connection never forgets one.
 */
export async function prepared<T>(query: RawBuilder<T>): Promise<T[]> {
  const { sql: text, parameters } = query.compile(db);
  const { rows } = await preparing.query<T & pg.QueryResultRow>(text, [...parameters]);
  return rows;
}

const names = new Map<string, string>();

function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = createHash('sha1').update(text).digest('base64url');
  names.set(text, name);
  return name;
}

/** The pool, for whatever asks texts of few variants: each connection has a text parsed once. */
export const preparing = {
  query: <T extends pg.QueryResultRow>(text: string, values: unknown[]) =>
    pool.query<T>({ name: nameOf(text), text, values }),
};

/** Runs the work in one transaction: all of it is kept, or, when it throws, none. */
export function transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction().execute(work);
}

/**
 * Holds a lock of the whole database while the work runs, whatever process asks for it, or returns undefined
 * at once when another holds it. For work that must have one doer: a sync run, a token refresh.
 */
export async function alone<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
  return await db.connection().execute(async (connection) => {
    const { rows } = await sql<{ locked: boolean }>`
      select pg_try_advisory_lock(hashtextextended(${name}, 0)) as locked`.execute(connection);
    if (rows[0]?.locked !== true) return undefined;
    try {
      return await work();
    } finally {
      await sql`select pg_advisory_unlock(hashtextextended(${name}, 0))`.execute(connection);
    }
  });
}
