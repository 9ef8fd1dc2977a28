import { saveError } from '../errors.ts';
import type { SaveError } from '../errors.ts';

/** What became of one row, in the order of the request. `id` is missing on a failed create. */
export interface SaveResult {
  id?: string;
  success: boolean;
  created?: boolean;
  errors: SaveError[];
}

export interface SaveOptions {
  /** One failing row takes all back; default false. */
  allOrNone?: boolean;
  /** Updates only records that nobody has changed after this moment. */
  unmodifiedSince?: Date;
}

/** The error of a sound row whose request was taken back. */
export const rollback = saveError(
  'ALL_OR_NONE_OPERATION_ROLLED_BACK',
  'Record rolled back because not all records were valid and the request was using AllOrNone header',
);
