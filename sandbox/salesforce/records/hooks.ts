import type { Context } from '../context.ts';
import type { SaveError } from '../errors.ts';

/** Values as they are stored: moments and dates as text in ISO form, numbers as numbers. */
export type Value = string | number | boolean | null;
export type Row = Record<string, Value>;

/** A row about to be written; a hook may change `row` or add to `errors`, which keeps it from being written. */
export interface Draft {
  /** Field by canonical name: on create all of them, on update those that are set. */
  row: Row;
  /** The record as it was; undefined on create. */
  before: Row | undefined;
  /** Contents of base64 fields. */
  binary: Record<string, Buffer>;
  errors: SaveError[];
}

/** A row that was written, in the transaction of the request. */
export interface Change {
  id: string;
  before: Row | undefined;
  /** On update the whole record with its new values. */
  after: Row;
  binary: Record<string, Buffer>;
}

/** What one object's rules add to the verbs. Each is called once per request with all rows. */
export interface SaveHook {
  beforeSave?: (ctx: Context, drafts: Draft[]) => Promise<void> | void;
  afterSave?: (ctx: Context, changes: Change[]) => Promise<void>;
  afterDelete?: (ctx: Context, ids: string[]) => Promise<void>;
}
