import pg from 'pg';

/** What runs SQL: the pool, or the one connection of a transaction. */
export interface Db {
  query: (
    query: string | pg.QueryConfig | pg.QueryArrayConfig,
    values?: unknown[],
  ) => Promise<pg.QueryResult>;
}

/** A connection inside `transaction`. */
export interface Transaction extends Db {
  depth: number;
  client: pg.PoolClient;
}

export type Pool = pg.Pool;

/** Numbers arrive as numbers; dates and timestamps as PostgreSQL's text, since SQL formats them. */
const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (numericTypes.has(oid)) return Number;
    if (temporalTypes.has(oid)) return String;
    return defaultParser(oid, format);
  },
};

type ParserOf = (oid: number, format?: 'text' | 'binary') => (value: string) => unknown;
const defaultParser = pg.types.getTypeParser as ParserOf;

const numericTypes = new Set([20, 21, 23, 700, 701, 1700]);
const temporalTypes = new Set([1082, 1083, 1114, 1184]);

/**
 * A pool whose connections see the schema `sandbox` first and count time in UTC. One that breaks fails what it was doing
 * and is replaced.
 */
export function openPool(databaseUrl: string): Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    options: '-c search_path=sandbox,public -c timezone=UTC -c jit=off -c lock_timeout=10s',
    max: 16,
    types,
  });
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  return pool;
}

/** The statement that was running fails by itself; without a listener the process would end. */
const ignore = () => undefined;

/** Runs `work` in a transaction; inside another one, in a savepoint of it. Rolls back when it throws. */
export async function transaction<T>(db: Db, work: (tx: Transaction) => Promise<T>): Promise<T> {
  if (isTransaction(db)) return savepoint(db, work);
  const client = await connectionOf(db);
  const tx: Transaction = { depth: 0, client, query: queryOf(client) };
  try {
    await client.query('begin');
    const result = await work(tx);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    await client.query('rollback').then(
      () => { client.release(); },
      (broken: unknown) => { client.release(broken instanceof Error ? broken : true); },
    ); // prettier-ignore
    throw error;
  }
}

async function savepoint<T>(outer: Transaction, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const tx: Transaction = { ...outer, depth: outer.depth + 1 };
  const name = `level_${String(tx.depth)}`;
  await outer.query(`savepoint ${name}`);
  try {
    const result = await work(tx);
    await outer.query(`release savepoint ${name}`);
    return result;
  } catch (error) {
    await outer.query(`rollback to savepoint ${name}`);
    throw error;
  }
}

function connectionOf(db: Db): Promise<pg.PoolClient> {
  if (db instanceof pg.Pool) return db.connect();
  throw new Error('a transaction needs the pool or a transaction around it');
}

const isTransaction = (db: Db): db is Transaction => 'depth' in db;

function queryOf(client: pg.PoolClient): Db['query'] {
  return (query, values) => client.query(query as string, values);
}

/** An SQL identifier: API names keep their case. */
export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
