/** The values of fields, parts of dates and aggregates. */
import { kindOf, modelOf } from './model.ts';
import { compare, keyOf, localTime, partOf } from './values.ts';

import type { Kind } from './model.ts';
import type { Aggregate, Operand, Scalar } from './query.ts';
import type { Moment } from './values.ts';

export type Row = Record<string, Scalar>;

/** Everything that is in the org. */
export interface World extends Moment {
  /** The day where the user is. */
  today: string;
  rows: Record<string, Row[]>;
  /** Object and record by id. */
  byId: Map<string, { object: string; row: Row }>;
  /** `Account.Type`: its values in their own order. */
  picklists: Map<string, string[]>;
}

/** The object that names are looked for in. */
export interface Scope {
  world: World;
  object: string;
  isAllRows: boolean;
}

/** The record that a path of relationships leads to, and its object. */
export function follow(world: World, object: string, row: Row, steps: string[]) {
  let at: { object: string; row: Row } | undefined = { object, row };
  for (const step of steps) {
    const id: Scalar = at.row[modelOf(at.object).parents[step]?.field ?? ''] ?? null;
    at = id === null ? undefined : world.byId.get(String(id));
    if (!at) return undefined;
  }
  return at;
}

/** The value of a field, null where a parent is missing on the way. */
export function valueAt(world: World, object: string, row: Row, path: string[]): Scalar {
  const end = follow(world, object, row, path.slice(0, -1));
  if (!end) return null;
  const name = path.at(-1) ?? '';
  if (name === 'Type' && isOpen(object, path)) return end.object;
  const { fields, nameField } = modelOf(end.object);
  return end.row[name === 'Name' && fields.Name === undefined ? nameField : name] ?? null;
}

/** Whether the last relationship of a path may lead to several objects. */
function isOpen(object: string, path: string[]): boolean {
  let at = object;
  for (const step of path.slice(0, -1)) {
    const targets = modelOf(at).parents[step]?.targets ?? [];
    if (targets.length !== 1) return true;
    at = targets[0] ?? '';
  }
  return false;
}

/** The value of a field or of a part of a date. */
export function operandValue({ world, object }: Scope, operand: Operand, row: Row): Scalar {
  const value = valueAt(world, object, row, operand.path);
  if (operand.part === undefined || value === null) return value;
  const moment = new Date(String(value).replace('+0000', 'Z'));
  return partOf(operand.part, operand.isLocal ? localTime(world.timeZone, moment) : moment);
}

/** How the values of a term compare. */
export function kindOfTerm({ object }: Scope, term: Operand | Aggregate): Kind {
  const kind = kindOf(object, term.path);
  if ('fn' in term) return term.fn === 'MIN' || term.fn === 'MAX' ? kind : 'number';
  if (term.part === undefined) return kind;
  return term.part === 'DAY_ONLY' ? 'date' : 'number';
}

/** The value of a term for one row, or of an aggregate for the rows of a group. */
export function termValue(scope: Scope, term: Operand | Aggregate, rows: Row[]): Scalar {
  const [first] = rows;
  if (!('fn' in term)) return first ? operandValue(scope, term, first) : null;
  const values: NonNullable<Scalar>[] = [];
  for (const row of rows) {
    const value = valueAt(scope.world, scope.object, row, term.path);
    if (value !== null) values.push(value);
  }
  return aggregated(term.fn, kindOf(scope.object, term.path), values);
}

function aggregated(fn: Aggregate['fn'], kind: Kind, values: NonNullable<Scalar>[]): Scalar {
  if (fn === 'COUNT') return values.length;
  if (fn === 'COUNT_DISTINCT') return new Set(values.map((value) => keyOf(kind, value))).size;
  if (values.length === 0) return null;
  if (fn === 'MIN' || fn === 'MAX') return extreme(fn, kind, values);
  let sum = 0;
  for (const value of values) sum += Number(value);
  return fn === 'SUM' ? sum : sum / values.length;
}

function extreme(fn: 'MIN' | 'MAX', kind: Kind, values: NonNullable<Scalar>[]): Scalar {
  let best = values[0] ?? null;
  for (const value of values) {
    const order = compareKeys(kind, value, best);
    if (fn === 'MIN' ? order < 0 : order > 0) best = value;
  }
  return best;
}

/** By the comparable value first, by the text itself where only the case differs. */
function compareKeys(kind: Kind, a: Scalar, b: Scalar): number {
  const [left, right] = [keyOf(kind, a), keyOf(kind, b)];
  if (left === null || right === null) return 0;
  return compare(left, right) || compare(String(a), String(b));
}
