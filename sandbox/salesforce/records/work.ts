import type { Context } from '../context.ts';
import { ApiError, saveError } from '../errors.ts';
import type { Field, SObject } from '../schema/catalog.ts';
import type { Draft } from './hooks.ts';
import { isId, toLongId } from './ids.ts';
import { parseBinary, parseValue } from './values.ts';

/** Field names in any case to JSON values; a base64 field also takes a Buffer. */
export type InputRow = Record<string, unknown>;

/** A parent named by one of its external ids instead of its id. */
export interface ForeignKey {
  field: Field;
  target: SObject;
  by: Field;
  value: unknown;
}

/** One row of a request on its way into the table. */
export interface Work extends Draft {
  /** Undefined for a row that is to be created. */
  id: string | undefined;
  foreignKeys: ForeignKey[];
}

/**
 * Reads a row for `id`, or for a new record.
 * @throws ApiError where Salesforce refuses the request as a whole: a field that there isn't.
 */
export function readRow(ctx: Context, sobject: SObject, input: InputRow, id?: string): Work {
  const work: Work = { id, row: {}, before: undefined, binary: {}, errors: [], foreignKeys: [] };
  const refused: string[] = [];
  for (const [name, value] of Object.entries(input)) {
    if (name.toLowerCase() === 'attributes' || name.toLowerCase() === 'id') continue;
    const field = sobject.field(name);
    if (!field && !readForeignKey(ctx, sobject, { work, name, value }))
      throw noSuchColumn(sobject.name, name);
    if (field && mayWrite(ctx, sobject, { field, isNew: id === undefined })) readField(work, field, value);
    else if (field) refused.push(field.name);
  }
  if (refused.length > 0) work.errors.push(notWritable(refused));
  return work;
}

function readField(work: Work, field: Field, value: unknown): void {
  if (field.type === 'base64') {
    const content = parseBinary(field, value);
    if (content) work.binary[field.name] = content;
    return;
  }
  const parsed = parseValue(field, value);
  if ('error' in parsed) work.errors.push(parsed.error);
  else work.row[field.name] = parsed.value;
}

const noSuchColumn = (type: string, name: string) =>
  new ApiError(400, 'INVALID_FIELD', `No such column '${name}' on sobject of type ${type}`);

const notWritable = (names: string[]) =>
  saveError(
    'INVALID_FIELD_FOR_INSERT_UPDATE',
    `Unable to create/update fields: ${names.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
    names,
  );

function mayWrite(
  ctx: Context,
  sobject: SObject,
  { field, isNew }: { field: Field; isNew: boolean },
): boolean {
  const allowed = isNew ? field.createable : field.updateable;
  return allowed && ctx.org.security.mayEdit(ctx.user, sobject, field);
}

interface Given {
  work: Work;
  name: string;
  value: unknown;
}

/** `Account: { Rapport_Id__c: 'x' }`, or as CSV heads it `Account.Rapport_Id__c` and `Owner:User.Username`. */
function readForeignKey(ctx: Context, sobject: SObject, { work, name, value }: Given): boolean {
  const [head = '', dotted] = name.split('.');
  const [relationship = '', typed] = head.split(':');
  const field = sobject.fields.find(
    (each) => each.relationshipName?.toLowerCase() === relationship.toLowerCase(),
  );
  if (!field || !mayWrite(ctx, sobject, { field, isNew: work.id === undefined })) return false;
  const key = keyOf(dotted, value);
  if (key) work.foreignKeys.push(foreignKeyOf(ctx, field, { ...key, type: typed ?? key.type }));
  else if (value === null && dotted === undefined) work.row[field.name] = null;
  return key !== undefined || value === null;
}

interface Key {
  by: string;
  value: unknown;
  type: string | undefined;
}

function keyOf(dotted: string | undefined, value: unknown): Key | undefined {
  if (value === null || value === '') return undefined;
  if (dotted !== undefined) return { by: dotted, value, type: undefined };
  if (typeof value !== 'object') return undefined;
  const { attributes, ...keys } = value as { attributes?: { type?: string } } & Record<string, unknown>;
  const [key] = Object.entries(keys);
  return key && { by: key[0], value: key[1], type: attributes?.type };
}

function foreignKeyOf(ctx: Context, field: Field, { by: name, value, type }: Key): ForeignKey {
  const wanted = field.referenceTo.filter(
    (target) => type === undefined || target.toLowerCase() === type.toLowerCase(),
  );
  const targets = wanted.flatMap((target) => ctx.org.catalog.find(target) ?? []);
  for (const target of targets) {
    const by = target.field(name);
    if (by && (by.externalId || by.idLookup)) return { field, target, by, value };
  }
  throw noSuchColumn(targets[0]?.name ?? field.name, name);
}

/** The id that a row names, in its long form; undefined without one. */
export function idOfRow(input: InputRow): string | undefined {
  const key = Object.keys(input).find((name) => name.toLowerCase() === 'id');
  const id = key === undefined ? undefined : input[key];
  if (id === undefined || id === null || id === '') return undefined;
  if (typeof id !== 'string') return JSON.stringify(id);
  return isId(id) ? toLongId(id) : id;
}

/** Which rows nothing is wrong with yet. */
export const sound = (works: Work[]): Work[] => works.filter((work) => work.errors.length === 0);
