import type { Context } from '../context.ts';
import type { Field, SObject } from '../schema/catalog.ts';
import type { Plan } from './plan.ts';
import { prepare } from './query.ts';

/** One column of an answer, as `GET /query?columns=true` tells. */
interface Column {
  columnName: string;
  joinColumns: Column[];
  [trait: string]: unknown;
}

/** What the columns of a query are, without running it. @throws ApiError for what is no query */
export function describeColumns(ctx: Context, soql: string): unknown {
  const { compiled, children } = prepare(ctx, soql, { all: false, ofIds: false });
  const { sobject } = compiled.scope;
  const inner = children.map((child) => columnsOf(ctx, child.compiled.plan, []));
  const columnMetadata = columnsOf(ctx, compiled.plan, inner);
  return {
    columnMetadata,
    entityName: sobject.name,
    groupBy: compiled.tail.groupBy !== '',
    idSelected: columnMetadata.some((each) => each.columnName === 'Id'),
    keyPrefix: sobject.keyPrefix,
  };
}

function columnsOf(ctx: Context, plan: Plan, children: Column[][]): Column[] {
  const sobject = plan.type === undefined ? undefined : ctx.org.catalog.find(plan.type);
  return [...plan.entries].map(([name, entry]) => {
    if (entry.kind === 'parent') return column(name, { joinColumns: columnsOf(ctx, entry.plan, []) });
    if (entry.kind === 'children')
      return column(name, { aggregate: true, joinColumns: children[entry.at] ?? [] });
    return column(name, {
      aggregate: plan.type === undefined,
      ...traitsOf(sobject, sobject?.field(name)),
    });
  });
}

const column = (columnName: string, traits: Partial<Column>): Column => ({
  aggregate: false,
  apexType: 'String',
  booleanType: false,
  custom: false,
  displayName: columnName,
  foreignKeyName: null,
  insertable: false,
  joinColumns: [],
  numberType: false,
  textType: false,
  updatable: false,
  ...traits,
  columnName,
});

const numbers = new Set(['int', 'double', 'currency', 'percent', 'long']);
const texts = new Set([
  'string',
  'textarea',
  'email',
  'phone',
  'url',
  'picklist',
  'multipicklist',
  'combobox',
]);
const apexTypes: Partial<Record<Field['type'], string>> = {
  boolean: 'Boolean', date: 'Date', datetime: 'Datetime', double: 'Double', currency: 'Double', percent: 'Double', id: 'Id', int: 'Integer',
  reference: 'Id', time: 'Time', base64: 'Blob', address: 'Address',
}; // prettier-ignore

function traitsOf(sobject: SObject | undefined, field: Field | undefined): Partial<Column> {
  if (!sobject || !field) return {};
  return {
    apexType: apexTypes[field.type] ?? 'String',
    booleanType: field.type === 'boolean',
    custom: field.custom,
    displayName: field.name,
    foreignKeyName: field.relationshipName,
    insertable: field.createable,
    numberType: numbers.has(field.type),
    textType: texts.has(field.type),
    updatable: field.updateable,
  };
}
