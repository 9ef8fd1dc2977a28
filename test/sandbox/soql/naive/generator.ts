/** Random queries over the corpus: every part of the language that records and groups can be asked with. */
import { kindOf, modelOf, roots } from './model.ts';
import { literalOf, number } from './literals.ts';

import type { Random } from '../../../../sandbox/demo/random.ts';
import type { Make } from './literals.ts';
import type { Kind } from './model.ts';
import type { World } from './terms.ts';
import type { Aggregate, Children, Condition, GroupQuery, Operand, Operator, Order, Query, RecordQuery, TypeOf } from './query.ts'; // prettier-ignore

/** A query of any kind. */
export function randomQuery(random: Random, world: World): Query {
  const make = { random, world };
  const kind = random.weighted([['records', 6], ['groups', 3], ['count', 1]] as const); // prettier-ignore
  const object = random.pick(roots);
  const common = {
    object,
    ...(random.chance(0.85) && { where: conditionOn(make, object, 3) }),
    ...(random.chance(0.15) && { isAllRows: true }),
  };
  if (kind === 'count') return { kind, ...common, order: [] };
  return kind === 'groups' ? groupQuery(make, common) : recordQuery(make, common);
}

type Common = Pick<RecordQuery, 'object' | 'where' | 'isAllRows'>;

function recordQuery(make: Make, common: Common): RecordQuery {
  const { random } = make;
  const { object } = common;
  const fields = distinct([['Id'], ...times(random.int(0, 5), () => pathFrom(make, object))]);
  const order: Order[] = random.chance(0.6)
    ? [...times(random.int(1, 2), () => orderBy(make, object)), { by: { path: ['Id'] } }]
    : [];
  const typeOf = object === 'Task' && random.chance(0.3) ? typeOfWhat(random) : undefined;
  return {
    kind: 'records',
    ...common,
    fields: typeOf ? fields.filter(([first]) => first !== 'What') : fields,
    ...(typeOf && { typeOf }),
    children: random.chance(0.3) ? childrenOf(make, object, 2) : [],
    order,
    ...(order.length > 0 && random.chance(0.4) && boundsOf(random)),
  };
}

const boundsOf = (random: Random) => ({
  limit: random.int(1, 30),
  ...(random.chance(0.5) && { offset: random.int(0, 20) }),
});

function typeOfWhat(random: Random): TypeOf {
  const all = [
    { object: 'Account', fields: ['Name', 'Industry'] },
    { object: 'Case', fields: ['Subject', 'CaseNumber', 'Priority'] },
    { object: 'Opportunity', fields: ['Amount', 'CloseDate'] },
  ];
  return {
    relationship: 'What',
    cases: all.slice(0, random.int(1, 3)),
    ...(random.chance(0.5) && { otherwise: ['Id', 'Name'] }),
  };
}

/** Sub-queries, down to so many levels. */
function childrenOf(make: Make, object: string, depth: number): Children[] {
  const { random } = make;
  const names = Object.keys(modelOf(object).children).filter(() => random.chance(0.5));
  return names.map((relationship) => {
    const child = modelOf(object).children[relationship]?.object ?? '';
    return {
      relationship,
      fields: distinct([['Id'], ...times(random.int(0, 3), () => pathFrom(make, child))]),
      ...(random.chance(0.5) && { where: conditionOn(make, child, 1) }),
      order: [orderBy(make, child), { by: { path: ['Id'] } }],
      ...(random.chance(0.4) && { limit: random.int(1, 4) }),
      ...(depth > 1 && random.chance(0.3) && { children: childrenOf(make, child, depth - 1) }),
    };
  });
}

const dateParts = [
  'CALENDAR_YEAR', 'CALENDAR_QUARTER', 'CALENDAR_MONTH', 'FISCAL_YEAR', 'FISCAL_QUARTER', 'FISCAL_MONTH', 'DAY_IN_MONTH',
  'DAY_IN_WEEK', 'DAY_IN_YEAR', 'WEEK_IN_MONTH', 'WEEK_IN_YEAR',
]; // prettier-ignore

function groupQuery(make: Make, common: Common): GroupQuery {
  const { random } = make;
  const { object } = common;
  const names = new Set<string>();
  const groups = times(random.int(0, 2), () => groupOn(make, object)).filter(({ alias, path }) => {
    const name = alias ?? path.at(-1) ?? '';
    return !names.has(name.toLowerCase()) && names.add(name.toLowerCase());
  });
  const aggregates = times(random.int(groups.length > 0 ? 0 : 1, 3), (at) => ({
    ...aggregateOn(make, object),
    ...(random.chance(0.6) && { alias: `a${String(at)}` }),
  }));
  const terms = [...groups, ...aggregates];
  const order = terms.length > 0 && groups.length > 0 && random.chance(0.5) ? [orderOf(random, withoutAlias(random.pick(terms)))] : []; // prettier-ignore
  return {
    kind: 'groups',
    ...common,
    groups,
    aggregates,
    ...(groups.length > 0 && random.chance(0.4) && { having: having(make, object, groups) }),
    order: order.length > 0 ? [...order, ...groups.map((each) => ({ by: withoutAlias(each) }))] : [],
    ...(order.length > 0 && random.chance(0.3) && { limit: random.int(1, 5) }),
  };
}

function withoutAlias<T extends Operand | Aggregate>(term: T): T {
  const copy = { ...term } as T & { alias?: string };
  delete copy.alias;
  return copy;
}

function groupOn(make: Make, object: string): Operand & { alias?: string } {
  const { random, world } = make;
  const path = pathFrom(make, object, ['text', 'picklist', 'code', 'id', 'date', 'datetime']);
  const kind = kindOf(object, path);
  if (kind !== 'date' && kind !== 'datetime') return { path };
  const isLocal = kind === 'datetime' && random.chance(0.4) && world.timeZone !== '';
  const part = random.pick(kind === 'datetime' ? [...dateParts, 'HOUR_IN_DAY', 'DAY_ONLY'] : dateParts);
  return {
    path,
    part,
    ...(isLocal && { isLocal }),
    ...(random.chance(0.5) && { alias: `part${String(random.int(0, 99))}` }),
  };
}

function aggregateOn(make: Make, object: string): Aggregate {
  const fn = make.random.pick(['COUNT', 'COUNT_DISTINCT', 'SUM', 'AVG', 'MIN', 'MAX'] as const);
  const kinds: Record<Aggregate['fn'], Kind[]> = {
    COUNT: ['id', 'text', 'picklist', 'date', 'datetime', 'number', 'code'], COUNT_DISTINCT: ['id', 'text', 'picklist', 'date', 'number', 'code'],
    SUM: ['number'], AVG: ['number'], MIN: ['number', 'date', 'datetime', 'text'], MAX: ['number', 'date', 'datetime', 'text'],
  }; // prettier-ignore
  const path = pathFrom(make, object, kinds[fn]);
  return kinds[fn].includes(kindOf(object, path)) ? { fn, path } : { fn: 'COUNT', path: ['Id'] };
}

function having(make: Make, object: string, groups: Operand[]): Condition {
  const { random } = make;
  const count: Condition = {
    kind: 'compare', left: { fn: 'COUNT', path: ['Id'] }, operator: random.pick(['>', '>=', '<', '=', '!=']), literals: [number(random.int(1, 5))],
  }; // prettier-ignore
  const plain = groups.find(({ part }) => part === undefined);
  if (!plain || random.chance(0.5)) return count;
  const own = comparison(make, object, plain);
  return random.chance(0.5) ? own : { kind: random.pick(['and', 'or']), parts: [count, own] };
}

/** A field of the object, or of a parent up to five levels away. */
function pathFrom(make: Make, object: string, kinds?: Kind[]): string[] {
  const { random } = make;
  const depth = random.weighted([[0, 12], [1, 5], [2, 2], [3, 1], [5, 1]] as const); // prettier-ignore
  const [steps, end] = parentsFrom(random, object, depth);
  if (end === undefined && (kinds?.includes('text') ?? true))
    return [...steps, random.pick(['Name', 'Type'])];
  if (end === undefined) return fieldOf(random, object, kinds);
  const [field = 'Id'] = fieldOf(random, end, kinds);
  const isUnsure = kinds !== undefined && steps.length > 0 && kindOf(end, [field]) === 'boolean';
  return isUnsure ? fieldOf(random, object, kinds) : [...steps, field];
}

/** A way up through parents, and the object where it ends; undefined where that may be several. */
function parentsFrom(
  random: Random,
  object: string,
  depth: number,
): [steps: string[], end: string | undefined] {
  const names = Object.keys(modelOf(object).parents);
  if (depth === 0 || names.length === 0) return [[], object];
  const step = random.pick(names);
  const [only, ...others] = modelOf(object).parents[step]?.targets ?? [];
  if (only === undefined || others.length > 0) return [[step], undefined];
  const [rest, end] = parentsFrom(random, only, depth - 1);
  return [[step, ...rest], end];
}

function fieldOf(random: Random, object: string, kinds?: Kind[]): string[] {
  const fields = Object.entries(modelOf(object).fields).filter(([, kind]) => !kinds || kinds.includes(kind));
  return fields.length > 0 ? [random.pick(fields)[0]] : ['Id'];
}

function orderBy(make: Make, object: string): Order {
  const sortable: Kind[] = ['text', 'picklist', 'number', 'date', 'datetime', 'id', 'code'];
  return orderOf(make.random, { path: pathFrom(make, object, sortable) });
}

const orderOf = (random: Random, by: Operand | Aggregate): Order => ({
  by,
  ...(random.chance(0.6) && { isDescending: random.chance(0.5) }),
  ...(random.chance(0.4) && { nulls: random.pick(['FIRST', 'LAST'] as const) }),
});

function distinct(paths: string[][]): string[][] {
  return [...new Map(paths.map((path) => [path.join('.'), path])).values()];
}

const times = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));

function conditionOn(make: Make, object: string, depth: number): Condition {
  const { random } = make;
  if (depth > 0 && random.chance(0.45)) {
    return {
      kind: random.pick(['and', 'or']),
      parts: times(random.int(2, 3), () => conditionOn(make, object, depth - 1)),
    };
  }
  if (random.chance(0.15)) return { kind: 'not', part: plainCondition(make, object) };
  if (depth === 3 && random.chance(0.3)) return semiJoin(make, object) ?? plainCondition(make, object);
  return plainCondition(make, object);
}

/** Semi-joins are made at the top alone: they may not stand in an OR. */
const joins: Record<string, { left: string[]; object: string; column: string }[]> = {
  Account: [
    { left: ['Id'], object: 'Contact', column: 'AccountId' },
    { left: ['Id'], object: 'Opportunity', column: 'AccountId' },
    { left: ['ParentId'], object: 'Case', column: 'AccountId' },
  ],
  Contact: [
    { left: ['AccountId'], object: 'Account', column: 'Id' },
    { left: ['Id'], object: 'Case', column: 'ContactId' },
    { left: ['Account.ParentId'], object: 'Opportunity', column: 'AccountId' },
  ],
  Case: [{ left: ['ContactId'], object: 'Contact', column: 'Id' }],
  Opportunity: [{ left: ['AccountId'], object: 'Contact', column: 'AccountId' }],
};

function semiJoin(make: Make, object: string): Condition | undefined {
  const { random } = make;
  const join = joins[object] ? random.pick(joins[object]) : undefined;
  if (!join) return undefined;
  return {
    kind: 'semi',
    left: join.left.flatMap((path) => path.split('.')),
    isNegated: random.chance(0.4),
    object: join.object,
    column: join.column,
    ...(random.chance(0.7) && { where: conditionOn(make, join.object, 1) }),
  };
}

const plainCondition = (make: Make, object: string): Condition =>
  comparison(make, object, operandOn(make, object));

function operandOn(make: Make, object: string): Operand {
  const { random } = make;
  const path = pathFrom(make, object);
  const kind = kindOf(object, path);
  if ((kind !== 'date' && kind !== 'datetime') || random.chance(0.7)) return { path };
  const isLocal = kind === 'datetime' && random.chance(0.4);
  const part = random.pick(kind === 'datetime' ? [...dateParts, 'HOUR_IN_DAY', 'DAY_ONLY'] : dateParts);
  return { path, part, ...(isLocal && { isLocal }) };
}

const comparing: Operator[] = ['=', '!=', '<', '<=', '>', '>='];
const listing: Operator[] = ['IN', 'NOT IN'];

function comparison(make: Make, object: string, left: Operand): Condition {
  const { random } = make;
  const own = kindOf(object, left.path);
  const kind: Kind = left.part === undefined ? own : left.part === 'DAY_ONLY' ? 'date' : 'number';
  const operator = random.pick(operatorsOf(kind, left.path));
  const count = ['IN', 'NOT IN', 'INCLUDES', 'EXCLUDES'].includes(operator) ? random.int(1, 3) : 1;
  return { kind: 'compare', left, operator, literals: times(count, () => literalOf(make, { kind, operator, left })) }; // prettier-ignore
}

function operatorsOf(kind: Kind, path: string[]): Operator[] {
  if (kind === 'boolean') return ['=', '!='];
  if (kind === 'multi') return ['=', '!=', 'INCLUDES', 'EXCLUDES'];
  if (kind === 'id') return ['=', '!=', ...listing];
  if (path.at(-1) === 'Type' && path.length > 1) return ['=', '!=', ...listing];
  if (kind === 'text' || kind === 'picklist' || kind === 'code') return [...comparing, 'LIKE', 'LIKE', ...listing]; // prettier-ignore
  return [...comparing, ...listing];
}
