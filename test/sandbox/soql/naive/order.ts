/** Putting rows and groups in order. */
import { modelOf } from './model.ts';
import { kindOfTerm, termValue } from './terms.ts';
import { compare, keyOf } from './values.ts';

import type { Aggregate, Operand, Order } from './query.ts';
import type { Row, Scope } from './terms.ts';

/** Groups of rows in the order of a query; a record is a group of one. */
export function sorted(scope: Scope, groups: Row[][], order: Order[]): Row[][] {
  return [...groups].sort((a, b) => {
    for (const each of order) {
      const result = inOrder(scope, each, a, b);
      if (result !== 0) return result;
    }
    return 0;
  });
}

/** Nulls come first, whichever way the order goes, unless it says that they come last. */
function inOrder(scope: Scope, { by, isDescending, nulls }: Order, a: Row[], b: Row[]): number {
  const [left, right] = [sortKey(scope, by, a), sortKey(scope, by, b)];
  const nullFirst = nulls === 'LAST' ? 1 : -1;
  if (left === null || right === null) return left === right ? 0 : left === null ? nullFirst : -nullFirst;
  const result = compareLists(left, right);
  return isDescending ? -result : result;
}

type Key = string | number | boolean;

function compareLists(a: Key[], b: Key[]): number {
  for (const [at, key] of a.entries()) {
    const result = compare(key, b[at] ?? key);
    if (result !== 0) return result;
  }
  return 0;
}

/** Picklists are in the order of their values; what isn't among them comes after. */
function sortKey(scope: Scope, by: Operand | Aggregate, rows: Row[]): Key[] | null {
  const kind = kindOfTerm(scope, by);
  const key = keyOf(kind, termValue(scope, by, rows));
  if (key === null) return null;
  if (kind !== 'picklist') return [key];
  const values = picklistOf(scope, by.path);
  const place = values.findIndex((value) => value.toLowerCase() === key);
  return [place === -1 ? values.length : place, key];
}

function picklistOf({ world, object }: Scope, path: string[]): string[] {
  let at = object;
  for (const step of path.slice(0, -1)) at = modelOf(at).parents[step]?.targets[0] ?? '';
  return world.picklists.get(`${at}.${path.at(-1) ?? ''}`) ?? [];
}
