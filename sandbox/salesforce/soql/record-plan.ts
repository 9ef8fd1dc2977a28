import { fieldSql } from '../schema/calculated.ts';
import type { SObject } from '../schema/catalog.ts';
import { columnOf } from './functions.ts';
import { addressSql, converterOf, fieldsOfKind, otherwise } from './plan.ts';
import type { Outputs, Plan } from './plan.ts';
import { hopTo, joined, resolve } from './scope.ts';
import type { Column, Scope } from './scope.ts';
import { errorAtWord, malformed } from './source.ts';
import { textOf } from './syntax.ts';
import type { Expression, Item, Select } from './syntax.ts';

interface Target {
  outputs: Outputs;
  children: Select[];
}

/** The columns of records, nested as the relationship paths of the SELECT list are. */
export function planRecord(scope: Scope, target: Target, items: Item[]): Plan {
  const { outputs } = target;
  const plan: Plan = { type: scope.sobject.name, id: outputs.place(`${scope.sql}."Id"`), entries: new Map() };
  for (const item of items) {
    if (item.kind === 'children') {
      const at = target.children.push(item.select) - 1;
      plan.entries.set(childName(scope, item.select.from), { kind: 'children', at });
    } else if (item.kind === 'typeof') planTypeof(scope, outputs, { plan, item });
    else planExpression(scope, outputs, { plan, expression: item.expression, alias: item.alias });
  }
  return plan;
}

/** The relationship's name in its own case. */
const childName = (scope: Scope, name: string): string =>
  scope.compilation.ctx.org.catalog
    .children(scope.sobject)
    .find(({ field }) => field.childRelationshipName?.toLowerCase() === name.toLowerCase())?.field
    .childRelationshipName ?? name;

interface Placed {
  plan: Plan;
  expression: Expression;
  alias: string | undefined;
}

function planExpression(scope: Scope, outputs: Outputs, { plan, expression, alias }: Placed): void {
  if (expression.kind === 'field') {
    if (alias && expression.path.length > 0)
      throw errorAtWord(scope.compilation.source, alias, [
        'MALFORMED_QUERY',
        'only aggregate expressions use field aliasing',
      ]);
    planField(scope, outputs, { plan, path: expression.path });
  } else if (expression.name === 'FIELDS')
    planFields(scope, outputs, { plan, kind: textOf(expression).slice(7, -1).toUpperCase() });
  else {
    const { sql, field } = columnOf(scope, expression);
    const [inner] = expression.args;
    const name = alias ?? (inner?.kind === 'field' ? resolve(scope, inner.path).field.name : expression.name);
    plan.entries.set(name, { kind: 'value', index: outputs.place(sql), convert: converterOf(field) });
  }
}

function planField(scope: Scope, outputs: Outputs, { plan, path }: { plan: Plan; path: string[] }): void {
  const column = resolve(scope, path);
  const first = (path[0] ?? '').toLowerCase();
  const isOwnName = path.length > 1 && scope.names.includes(first) && !scope.hops.has(first);
  const steps = isOwnName ? path.slice(1) : path;
  let inner = plan;
  for (let depth = 1; depth < steps.length; depth++)
    inner = parentPlan(scope, outputs, { plan: inner, path: steps.slice(0, depth) });
  const before = inner.entries.size;
  addValue(inner, outputs, column);
  if (inner.entries.size === before) throw malformed(`duplicate field selected: ${steps.join('.')}`);
}

function parentPlan(scope: Scope, outputs: Outputs, { plan, path }: { plan: Plan; path: string[] }): Plan {
  const hop = hopTo(scope, path, path);
  const name = hop.field.relationshipName ?? '';
  const known = plan.entries.get(name);
  if (known?.kind === 'parent') return known.plan;
  const [only] = hop.targets;
  const isOne = only !== undefined && hop.targets.length === 1;
  const id = outputs.place(isOne ? `${joined(scope, hop, only)}."Id"` : hop.reference);
  const parent: Plan = { type: isOne ? only.name : 'Name', id, entries: new Map() };
  plan.entries.set(name, { kind: 'parent', plan: parent });
  return parent;
}

function planFields(scope: Scope, outputs: Outputs, { plan, kind }: { plan: Plan; kind: string }): void {
  if (!['ALL', 'STANDARD', 'CUSTOM'].includes(kind)) throw malformed(`unexpected token: '${kind}'`);
  for (const field of fieldsOfKind(scope, scope.sobject, kind))
    addValue(plan, outputs, {
      sql: fieldSql(scope.compilation.ctx, { sobject: scope.sobject, field }, scope.sql),
      field,
      sobject: scope.sobject,
    });
}

function addValue(plan: Plan, outputs: Outputs, { sql, field, sobject }: Column): void {
  if (field.type === 'base64' && sobject) {
    plan.entries.set(field.name, { kind: 'body', id: plan.id, type: sobject.name, field: field.name });
    return;
  }
  const source = field.type === 'address' ? addressSql(sql.split('.')[0] ?? '', field) : sql;
  const name = sobject ? field.name : nameAsAsked(field.name, field.nameField);
  plan.entries.set(name, { kind: 'value', index: outputs.place(source), convert: converterOf(field) });
}

/** Through a reference to several objects, the name of each is called Name. */
const nameAsAsked = (name: string, isName: boolean) => (isName ? 'Name' : name);

function planTypeof(scope: Scope, outputs: Outputs, { plan, item }: { plan: Plan; item: Typeof }): void {
  const path = item.relationship.split('.');
  const hop = hopTo(scope, path, [item.relationship]);
  const id = outputs.place(hop.reference);
  const plans = new Map<string, Plan>();
  for (const { sobject: name, fields } of item.cases) {
    const target = name === undefined ? undefined : targetOf(scope, hop.targets, name);
    const part: Plan = { type: target?.name ?? 'Name', id, entries: new Map() };
    const columnNamed = (field: string) =>
      target
        ? targetColumn(scope, { sobject: target, sql: joined(scope, hop, target) }, field)
        : resolve(scope, [...path, field]);
    for (const field of fields) addValue(part, outputs, columnNamed(field));
    plans.set(target?.name ?? otherwise, part);
  }
  plan.entries.set(hop.field.relationshipName ?? '', { kind: 'typeof', id, plans });
}

type Typeof = Extract<Item, { kind: 'typeof' }>;

function targetOf(scope: Scope, targets: SObject[], name: string): SObject {
  const target = targets.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (target) return target;
  const message = `sObject type '${name}' is not supported in TYPEOF`;
  throw errorAtWord(scope.compilation.source, name, ['INVALID_TYPE', message]);
}

function targetColumn(
  scope: Scope,
  { sobject, sql }: { sobject: SObject; sql: string },
  name: string,
): Column {
  const field = sobject.field(name);
  const { org, user } = scope.compilation.ctx;
  if (!field || !org.security.mayRead(user, sobject, field))
    throw errorAtWord(scope.compilation.source, name, [
      'INVALID_FIELD',
      `No such column '${name}' on entity '${sobject.name}'.`,
    ]);
  return { sql: fieldSql(scope.compilation.ctx, { sobject, field }, sql), field, sobject };
}
