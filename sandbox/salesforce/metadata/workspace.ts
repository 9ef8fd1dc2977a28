import { transaction } from '../../database.ts';
import { createCatalog } from '../schema/catalog.ts';
import { settle } from './settle.ts';

import type { Db, Pool, Transaction } from '../../database.ts';
import type { Context, Org } from '../context.ts';
import type { Catalog } from '../schema/catalog.ts';

/** Thrown to give a workspace up; carries what is to be answered all the same. */
class Discarded<T> extends Error {
  readonly result: T;

  constructor(result: T) {
    super('the workspace was given up');
    this.result = result;
  }
}

/** How often a deployment is tried that met a lock. */
const ATTEMPTS = 3;
const lockErrors = new Set(['55P03', '40P01']);

/**
 * Does work that changes the org's metadata in one transaction, on a copy of the catalog. The org takes both over when the work says
 * so (`isKept`); otherwise, and when it throws, nothing has happened.
 */
export async function inWorkspace<T>(
  ctx: Context,
  work: (inside: Context) => Promise<{ result: T; isKept: boolean }>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(ctx, work);
    } catch (error) {
      const { code } = error as { code?: string };
      if (attempt === ATTEMPTS || code === undefined || !lockErrors.has(code)) throw error;
    }
  }
}

async function once<T>(
  ctx: Context,
  work: (inside: Context) => Promise<{ result: T; isKept: boolean }>,
): Promise<T> {
  const catalog = copyOf(ctx.org.catalog);
  try {
    const result = await transaction(ctx.org.pool, async (tx) => {
      const outcome = await work(inside(ctx, tx, catalog));
      if (!outcome.isKept) throw new Discarded(outcome.result);
      return outcome.result;
    });
    takeOver(ctx.org.catalog, catalog);
    await settle(ctx.org);
    return result;
  } catch (error) {
    if (error instanceof Discarded) return (error as Discarded<T>).result;
    throw error;
  }
}

/** Does work inside a workspace of which nothing stays when it throws. */
export async function attempt<T>(ctx: Context, work: (inside: Context) => Promise<T>): Promise<T> {
  const before = copyOf(ctx.org.catalog);
  try {
    return await transaction(ctx.db, (tx) => work(inside(ctx, tx, ctx.org.catalog)));
  } catch (error) {
    takeOver(ctx.org.catalog, before);
    throw error;
  }
}

/** The same org as seen from within a transaction: whoever asks its pool gets that transaction. */
function inside(ctx: Context, tx: Transaction, catalog: Catalog): Context {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- whoever opens a transaction on it gets a savepoint
  const org: Org = { ...ctx.org, catalog, pool: tx as Db as Pool };
  return { ...ctx, org, db: tx };
}

function copyOf(catalog: Catalog): Catalog {
  const copy = createCatalog(catalog.changedAt());
  for (const sobject of catalog.objects()) copy.put(sobject, catalog.changedAt());
  return copy;
}

/** Makes a catalog equal to another. */
function takeOver(catalog: Catalog, next: Catalog): void {
  for (const { name } of catalog.objects()) if (!next.find(name)) catalog.remove(name, next.changedAt());
  for (const sobject of next.objects())
    if (catalog.find(sobject.name) !== sobject) catalog.put(sobject, next.changedAt());
}
