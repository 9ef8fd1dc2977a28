/** Answers queries over arrays of records with plain loops: what Salesforce means, said a second time. */
import { holds } from './conditions.ts';
import { modelOf } from './model.ts';
import { sorted } from './order.ts';
import { follow, kindOfTerm, operandValue, termValue, valueAt } from './terms.ts';
import { compare, keyOf } from './values.ts';

import type { Children, GroupQuery, Query, RecordQuery, Scalar } from './query.ts';
import type { Row, Scope, World } from './terms.ts';

type Output = Record<string, unknown>;

/** The records that a query answers with, or how many COUNT() counts. */
export function evaluate(world: World, query: Query): { totalSize: number; records: Output[] } {
  const scope = scopeOf(world, query);
  const found: Row[] = [];
  for (const row of world.rows[query.object] ?? []) {
    if (row.IsDeleted === true && !query.isAllRows) continue;
    if (query.where === undefined || holds(scope, query.where, [row])) found.push(row);
  }
  if (query.kind === 'groups') return groups(world, query, found);
  const single = found.map((row) => [row]);
  const chosen = cut(sorted(scope, single, query.order), query);
  if (query.kind === 'count') return { totalSize: chosen.length, records: [] };
  const records = chosen.map(([row]) => recordOf(world, query, row ?? {}));
  return { totalSize: records.length, records };
}

const scopeOf = (world: World, { object, isAllRows = false }: { object: string; isAllRows?: boolean }) => ({
  world,
  object,
  isAllRows,
});

const cut = <T>(list: T[], { limit = Infinity, offset = 0 }: { limit?: number; offset?: number }): T[] =>
  list.slice(offset, offset + limit);

function recordOf(world: World, query: RecordQuery, row: Row): Output {
  const record: Output = {};
  for (const path of query.fields) place(world, record, { object: query.object, row, path });
  for (const child of query.children) record[child.relationship] = childrenOf(world, query, child, row);
  if (query.typeOf) {
    const { relationship, cases, otherwise } = query.typeOf;
    const end = follow(world, query.object, row, [relationship]);
    const fields = cases.find(({ object }) => object === end?.object)?.fields ?? otherwise;
    record[relationship] = end && fields ? fieldsOf(end.object, end.row, fields) : null;
  }
  return record;
}

function fieldsOf(object: string, row: Row, fields: string[]): Output {
  const output: Output = {};
  for (const field of fields)
    output[field] = row[field === 'Name' ? modelOf(object).nameField : field] ?? null;
  return output;
}

interface Placing {
  object: string;
  row: Row;
  path: string[];
}

/** Puts the value of a path into a record, inside of its parents' records. */
function place(world: World, record: Output, { object, row, path }: Placing): void {
  let inner = record;
  for (let depth = 1; depth < path.length; depth += 1) {
    const name = path[depth - 1] ?? '';
    if (!follow(world, object, row, path.slice(0, depth))) {
      inner[name] = null;
      return;
    }
    inner[name] ??= {};
    inner = inner[name] as Output;
  }
  inner[path.at(-1) ?? ''] = valueAt(world, object, row, path);
}

function childrenOf(world: World, query: RecordQuery, child: Children, parent: Row): Output | null {
  const relationship = modelOf(query.object).children[child.relationship];
  if (!relationship) throw new Error(`no relationship ${child.relationship}`);
  const { object, field } = relationship;
  const { totalSize, records } = evaluate(world, {
    kind: 'records',
    object,
    fields: child.fields,
    children: child.children ?? [],
    where: {
      kind: 'and',
      parts: [
        { kind: 'compare', left: { path: [field] }, operator: '=', literals: [{ text: '', value: parent.Id ?? null }] },
        ...(child.where ? [child.where] : []),
      ],
    },
    order: child.order,
    ...(child.limit === undefined ? {} : { limit: child.limit }),
    ...(query.isAllRows ? { isAllRows: true } : {}),
  }); // prettier-ignore
  return totalSize === 0 ? null : { totalSize, done: true, records };
}

function groups(world: World, query: GroupQuery, rows: Row[]): { totalSize: number; records: Output[] } {
  const scope = scopeOf(world, query);
  const byKey = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify(
      query.groups.map((each) => keyOf(kindOfTerm(scope, each), operandValue(scope, each, row))),
    );
    byKey.set(key, [...(byKey.get(key) ?? []), row]);
  }
  if (query.groups.length === 0 && rows.length === 0) byKey.set('', []);
  let found = [...byKey.values()];
  if (query.having) {
    const { having } = query;
    found = found.filter((group) => holds(scope, having, group));
  }
  const records = cut(sorted(scope, found, query.order), query).map((group) => groupRecord(scope, query, group));
  return { totalSize: records.length, records };
} // prettier-ignore

function groupRecord(scope: Scope, query: GroupQuery, group: Row[]): Output {
  const record: Output = {};
  let unnamed = 0;
  for (const each of query.groups) {
    const name = each.alias ?? (each.part === undefined ? (each.path.at(-1) ?? '') : `expr${String(unnamed++)}`);
    record[name] = smallest(group.map((row) => operandValue(scope, each, row)));
  }
  for (const each of query.aggregates)
    record[each.alias ?? `expr${String(unnamed++)}`] = termValue(scope, each, group);
  return record;
} // prettier-ignore

/** Of texts that differ in case only the group shows the first. */
function smallest(values: Scalar[]): Scalar {
  let found = values[0] ?? null;
  for (const value of values)
    if (typeof value === 'string' && typeof found === 'string' && compare(value, found) < 0) found = value;
  return found;
}
