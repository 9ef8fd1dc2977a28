import { quote, transaction } from '../../database.ts';
import type { Db } from '../../database.ts';
import type { Context } from '../context.ts';
import { saveError } from '../errors.ts';
import type { SObject } from '../schema/catalog.ts';
import type { Row, Value } from './hooks.ts';

/** Records as they are now, and the ids of those that somebody else held on to for too long. */
export interface Locked {
  rows: Map<string, Row>;
  taken: Set<string>;
}

/**
 * Records as they are now, locked until the transaction ends; in id order, so that two requests can't block each other.
 * Those that another transaction holds for longer than the connection's lock time-out are left to it; the others are ours.
 */
export async function lockRows(ctx: Context, sobject: SObject, ids: string[]): Promise<Locked> {
  const nothing: Locked = { rows: new Map(), taken: new Set() };
  if (ids.length === 0) return nothing;
  try {
    const rows = await transaction(ctx.db, (tx) => select(tx, sobject, { ids, how: 'for update' }));
    return { ...nothing, rows };
  } catch (error) {
    if ((error as { code?: string }).code !== lockTimeout) throw error;
    const rows = await select(ctx.db, sobject, { ids, how: 'for update skip locked' });
    const known = await select(ctx.db, sobject, { ids, how: '' });
    return { rows, taken: new Set([...known.keys()].filter((id) => !rows.has(id))) };
  }
}

const lockTimeout = '55P03';

async function select(
  db: Db,
  sobject: SObject,
  { ids, how }: { ids: string[]; how: string },
): Promise<Map<string, Row>> {
  const { rows } = await db.query(
    `select to_jsonb(t) as row from ${quote(sobject.name)} t where "Id" = any($1::text[]) order by "Id" ${how}`,
    [ids],
  );
  return new Map((rows as { row: Record<string, Value> }[]).map(({ row }) => [String(row.Id), row]));
}

/** What a row is answered that could not be had. */
export const unableToLock = (id?: string) =>
  saveError(
    'UNABLE_TO_LOCK_ROW',
    `unable to obtain exclusive access to this record or 1 records${id === undefined ? '' : `: ${id}`}`,
  );
