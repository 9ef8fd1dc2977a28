import type { Context } from '../context.ts';
import { ApiError } from '../errors.ts';
import type { SaveError } from '../errors.ts';

/** What became of one row, in the order of the request. `id` is missing on a failed create. */
export interface SaveResult {
  id?: string;
  success: boolean;
  created?: boolean;
  errors: SaveError[];
}

/** Field names in any case to JSON values; a base64 field also takes a Buffer. */
export type InputRow = Record<string, unknown>;

export interface SaveOptions {
  /** One failing row takes all back; default false. */
  allOrNone?: boolean;
}

/** Inserts rows of one object, set-based. @throws ApiError for what fails the request as a whole. */
export function createRecords(
  ctx: Context,
  sobjectName: string,
  rows: InputRow[],
  options?: SaveOptions,
): Promise<SaveResult[]> {
  return Promise.reject(notYet(ctx, sobjectName, rows, options));
}

/** Updates rows of one object; each holds its `Id`. */
export function updateRecords(
  ctx: Context,
  sobjectName: string,
  rows: InputRow[],
  options?: SaveOptions,
): Promise<SaveResult[]> {
  return Promise.reject(notYet(ctx, sobjectName, rows, options));
}

/** Inserts or updates by an external id (or `Id`), which each row holds. */
export function upsertRecords(
  ctx: Context,
  sobjectName: string,
  upsert: { by: string; rows: InputRow[] },
  options?: SaveOptions,
): Promise<SaveResult[]> {
  return Promise.reject(notYet(ctx, sobjectName, upsert.rows, options));
}

/** Moves records of any objects to the recycle bin, with their details. */
export function deleteRecords(ctx: Context, ids: string[], options?: SaveOptions): Promise<SaveResult[]> {
  return Promise.reject(notYet(ctx, '', ids, options));
}

const notYet = (...given: unknown[]) =>
  new ApiError(500, 'UNKNOWN_EXCEPTION', `not yet: ${String(given.length)}`);
