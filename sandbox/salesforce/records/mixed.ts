import { transaction } from '../../database.ts';
import type { Context } from '../context.ts';
import { rollback } from './results.ts';
import type { SaveOptions, SaveResult } from './results.ts';
import type { InputRow } from './work.ts';

/** One of the save verbs. */
export type SaveVerb = (
  ctx: Context,
  sobjectName: string,
  rows: InputRow[],
  options: SaveOptions,
) => Promise<SaveResult[]>;

/** A row of a request that may name several objects. */
export interface MixedRow {
  type: string;
  row: InputRow;
}

/** Saves rows of several objects, those of one object together; the results are in the rows' order. */
export async function saveMixed(
  ctx: Context,
  rows: MixedRow[],
  { verb, allOrNone }: { verb: SaveVerb; allOrNone: boolean },
): Promise<SaveResult[]> {
  const placed = rows.map((each, at) => ({ ...each, at }));
  const results: SaveResult[] = [];
  const save = async (inner: Context) => {
    for (const [type, group] of Map.groupBy(placed, (each) => each.type)) {
      const own = group.map(({ row }) => row);
      const saved = await verb(inner, type, own, { allOrNone });
      for (const [index, { at }] of group.entries())
        results[at] = saved[index] ?? { success: false, errors: [] };
    }
    if (allOrNone && results.some((result) => !result.success)) throw new Rollback();
  };
  if (!allOrNone) await save(ctx);
  else await transaction(ctx.db, (tx) => save({ ...ctx, db: tx })).catch(ignoreRollback);
  return allOrNone ? allOrNothing(results) : results;
}

/** Thrown to take back what the other objects of the request had saved. */
class Rollback extends Error {}

function ignoreRollback(error: unknown): void {
  if (!(error instanceof Rollback)) throw error;
}

function allOrNothing(results: SaveResult[]): SaveResult[] {
  if (results.every((result) => result.success)) return results;
  return results.map((result) => (result.success ? { success: false, errors: [rollback] } : result));
}
