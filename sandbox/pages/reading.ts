import type { Context } from '../salesforce/context.ts';
import type { SObject } from '../salesforce/schema/catalog.ts';
import { runQuery } from '../salesforce/soql/query.ts';
import type { RelatedList } from './layouts.ts';
import { isReadable, selected, shown, type Format, type RecordJson, type Shown } from './values.ts';

/** A table ready to be shown. */
export interface Table {
  columns: { name: string; label: string; isNumber: boolean }[];
  rows: { id: string; cells: (Shown | undefined)[] }[];
}

/** Text as a SOQL literal. */
export const literal = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

/** Text that is looked for anywhere in a field, as a SOQL literal for LIKE. */
export const containing = (text: string): string => literal(`%${text.replace(/[\\%_]/g, '\\$&')}%`);

/** How many records meet a condition. */
export async function count(ctx: Context, object: string, where: string): Promise<number> {
  const { totalSize } = await runQuery(
    ctx,
    `SELECT COUNT() FROM ${object}${where === '' ? '' : ` WHERE ${where}`}`,
  );
  return totalSize;
}

/** What to read and in which order. `rest` is the query from WHERE on. */
export interface Reading {
  sobject: SObject;
  columns: readonly string[];
  rest: string;
}

/** Records with the columns that the user may read, ready to be shown as a table. */
export async function readTable(
  ctx: Context,
  format: Format,
  { sobject, columns, rest }: Reading,
): Promise<Table> {
  const readable = columns.filter((name) => isReadable(ctx, sobject, name));
  const fields = new Set(['Id', ...readable.flatMap((name) => selected(sobject, name))]);
  const { records } = await runQuery(ctx, `SELECT ${[...fields].join(', ')} FROM ${sobject.name} ${rest}`);
  return {
    columns: readable.map((name) => ({
      name,
      label: labelOf(sobject, name),
      isNumber: isNumeric(sobject, name),
    })),
    rows: records.map((record) => ({
      id: String(record.Id),
      cells: readable.map((name) => shown(format, sobject, record, name)),
    })),
  };
}

/** A field's label as people read it: a lookup without its ` ID`. */
export const labelOf = (sobject: SObject, name: string): string => {
  const field = sobject.field(name);
  return (field?.label ?? name).replace(/ ID$/, field?.type === 'reference' ? '' : ' ID');
};

const numeric = new Set(['int', 'long', 'double', 'currency', 'percent']);
const isNumeric = (sobject: SObject, name: string) => numeric.has(sobject.field(name)?.type ?? '');

/** A related list of a record with its first rows and how many there are; undefined when the user may not see the object. */
export async function readRelated(
  ctx: Context,
  format: Format,
  { list, id, limit }: { list: RelatedList; id: string; limit: number },
) {
  const sobject = ctx.org.catalog.find(list.object);
  if (!sobject || !ctx.org.security.may(ctx.user, 'read', sobject) || !isReadable(ctx, sobject, list.by))
    return undefined;
  const where = [`${list.by} = ${literal(id)}`, ...(list.where === undefined ? [] : [list.where])].join(
    ' AND ',
  );
  const total = await count(ctx, sobject.name, where);
  const rest = `WHERE ${where} ORDER BY ${list.orderBy}, Id LIMIT ${String(limit)}`;
  return { ...list, total, table: await readTable(ctx, format, { sobject, columns: list.columns, rest }) };
}

/** A record with all that its page shows of it; undefined when there is none. */
export async function maybeRecord(
  ctx: Context,
  sobject: SObject,
  id: string,
  names: readonly string[],
): Promise<RecordJson | undefined> {
  const readable = names.filter((name) => isReadable(ctx, sobject, name));
  const nameField = sobject.nameField?.name;
  const fields = new Set([
    'Id',
    ...(nameField === undefined ? [] : [nameField]),
    ...readable.flatMap((name) => selected(sobject, name)),
  ]);
  const { records } = await runQuery(
    ctx,
    `SELECT ${[...fields].join(', ')} FROM ${sobject.name} WHERE Id = ${literal(id)}`,
  );
  return records[0];
}
