import type { Claimed } from './claims.ts';
import { type SalesforceFailure, toFailure } from '../wire/errors.ts';
import type { FieldConflict } from './merge-fields.ts';

/** A row that Salesforce has. */
export interface Taken {
  row: Claimed;
  salesforceId: string;
  /** What was sent of it, where that is not all. */
  written?: Record<string, unknown>;
  /** Salesforce holds something else than what was meant. */
  needsReread?: boolean;
}

/** A row that a person has to decide about; its other fields have been written. */
export interface Contested {
  row: Claimed;
  salesforceId: string;
  written: Record<string, unknown>;
  /** What the record is called. */
  label: string | null;
  conflicts: FieldConflict[];
  /** Who changed the record last, or the field where the org keeps its history, and when. */
  theirs: Readonly<Record<string, { name: string | null; at: string | null }>>;
}

export interface Refused {
  row: Claimed;
  failure: SalesforceFailure;
}

/** What became of one row. */
export type Outcome = Taken | Contested | Refused;

/** What a row says of its record, the field that points to its parent included. */
export function fieldsOf({ fields, parent }: Pick<Claimed, 'fields' | 'parent'>): Record<string, unknown> {
  return parent === null ? fields : { ...fields, [parent.field]: parent.salesforceId };
}

/** The refusal of a request with one record is that record's; anything else concerns the line. @throws SalesforceFailure */
export function refusedAlone(row: Claimed, error: unknown): Refused {
  const failure = toFailure(error);
  if (failure.kind === 'terminal' || failure.kind === 'conflict') return { row, failure };
  throw failure;
}
