import type pg from 'pg';
import type { Clock } from '../../clock.ts';
import type { Pool } from '../../database.ts';
import { ApiError } from '../errors.ts';
import { idOf } from '../records/ids.ts';

/** What a page needs to know of the query that it belongs to. */
export interface LocatedQuery {
  soql: string;
  all: boolean;
  /** Rows of a page. */
  size: number;
  /** For a list of children: the place of its sub-query in the SELECT list, of the outermost first. */
  children?: number[];
}

/** The result of a query, kept as the ids of its records in order. */
export interface Locator {
  name: string;
  userId: string;
  query: LocatedQuery;
  totalSize: number;
  /** Milliseconds of the org's clock. */
  usedAt: number;
  read: (from: number, count: number) => Promise<string[]>;
}

interface Opening {
  userId: string;
  /** A select of ids. */
  text: string;
  values: unknown[];
  query: LocatedQuery;
}

/** The open query locators of an org. */
export interface Locators {
  open: (opening: Opening) => Promise<Locator>;
  /** @throws ApiError INVALID_QUERY_LOCATOR when there is none of that name for the user. */
  find: (userId: string, name: string) => Locator;
  /** Forgets the locator of that name, or all of them. */
  expire: (name?: string) => void;
  close: () => void;
}

const openPerUser = 10;

/** So long an unused locator is kept: two days. */
const longest = 2 * 24 * 3600 * 1000;

export const invalidLocator = () => new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');

/**
 * Keeps each result in a cursor of one connection: PostgreSQL holds the ids, on disk where they are many, and the
 * pages of a query show the records that it found when it ran. They are lost when the sandbox or its
 * connection ends.
 */
export function createLocators(pool: Pool, clock: Clock): Locators {
  const open = new Map<string, Locator>();
  const { exclusively, close } = createConnection(pool, () => {
    open.clear();
  });
  let counter = Date.now();

  const forget = (locator: Locator) => {
    open.delete(locator.name);
    void exclusively((client) => client.query(`close "${locator.name}"`)).catch(() => undefined);
  };
  const read = (name: string, from: number, count: number) =>
    exclusively(async (client) => {
      await client.query(`move absolute ${String(from)} in "${name}"`);
      const { rows } = await client.query({
        text: `fetch ${String(count)} from "${name}"`,
        rowMode: 'array',
      });
      return (rows as [string][]).map(([id]) => id);
    });

  return {
    async open({ userId, text, values, query }) {
      const name = idOf('01g', counter++);
      const totalSize = await exclusively((client) => declare(client, { name, text, values }));
      const usedAt = clock.now().getTime();
      const locator: Locator = { name, userId, query, totalSize, usedAt, read: (from: number, count: number) => read(name, from, count) };
      open.set(name, locator);
      const others = [...open.values()].filter((each) => each.userId === userId);
      for (const old of others.slice(0, -openPerUser)) forget(old);
      return locator;
    },
    find(userId, name) {
      const locator = [...open.values()].find((each) => each.name.startsWith(name) && name !== '');
      if (locator && clock.now().getTime() - locator.usedAt > longest) forget(locator);
      else if (locator?.userId === userId) return Object.assign(locator, { usedAt: clock.now().getTime() });
      throw invalidLocator();
    },
    expire(name) {
      for (const locator of [...open.values()])
        if (name === undefined || locator.name.startsWith(name)) forget(locator);
    },
    close,
  }; // prettier-ignore
}

type Exclusively = <T>(work: (client: pg.PoolClient) => Promise<T>) => Promise<T>;

/** One connection, made when first needed and again after it broke; what is done with it is done one after the other. */
function createConnection(pool: Pool, onLost: () => void): { exclusively: Exclusively; close: () => void } {
  let connection: Promise<pg.PoolClient> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const lose = (error?: Error, client?: pg.PoolClient) => {
    client?.release(error);
    connection = undefined;
    onLost();
  };
  const connect = async () => {
    const client = await pool.connect();
    client.once('error', (error: Error) => {
      lose(error, client);
    });
    return client;
  };
  const connected = () => {
    connection ??= connect().catch((error: unknown) => {
      lose();
      throw error;
    });
    return connection;
  };
  return {
    exclusively: (work) => {
      const turn = last.then(async () => work(await connected()));
      last = turn.catch(() => undefined);
      return turn;
    },
    close: () => {
      void connection?.then((client) => {
        client.release(true);
      });
      connection = undefined;
    },
  };
}

async function declare(
  client: pg.PoolClient,
  { name, text, values }: { name: string; text: string; values: unknown[] },
): Promise<number> {
  await client.query('begin');
  try {
    await client.query(`declare "${name}" scroll cursor with hold for ${text}`, values);
    const moved = await client.query(`move forward all in "${name}"`);
    await client.query('commit');
    return moved.rowCount ?? 0;
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}
