import type { Context } from '../context.ts';
import { ApiError, saveError } from '../errors.ts';
import type { SaveError } from '../errors.ts';
import { publishResult } from '../events/platform-events.ts';
import type { Field, SObject } from '../schema/catalog.ts';
import { attempt } from './attempt.ts';
import { hooksOf } from './contents.ts';
import { reckonDefaults } from './defaults.ts';
import { checkDuplicates } from './duplicates.ts';
import type { Change, Row } from './hooks.ts';
import { checkOwners } from './owners.ts';
import { checkRecordTypes } from './record-types.ts';
import { checkReferences, folded, idsByValue, moreThanOne, resolveForeignKeys } from './references.ts';
import { lockRows, unableToLock } from './lock.ts';
import { rollback } from './results.ts';
import type { SaveOptions, SaveResult } from './results.ts';
import { refuseTroubled } from './troubled.ts';
import { checkUnique } from './unique.ts';
import { checkValidation } from './validation.ts';
import { idOfRow, readRow, sound } from './work.ts';
import type { InputRow, Work } from './work.ts';
import { checkRequired, fillDefaults, insertRows, updateRows } from './write.ts';

export type { SaveResult } from './results.ts';

/** Inserts rows of one object, set-based. @throws ApiError for what fails the request as a whole. */
export async function createRecords(
  ctx: Context,
  sobjectName: string,
  rows: InputRow[],
  options: SaveOptions = {},
): Promise<SaveResult[]> {
  const sobject = writable(ctx, sobjectName, 'create');
  return attempt(ctx, { sobjects: [sobject], count: rows.length }, async (inner) => {
    const works = rows.map((row) => readRow(inner, sobject, row));
    for (const [at, work] of works.entries())
      if (idOfRow(rows[at] ?? {}) !== undefined)
        work.errors.push(
          saveError('INVALID_FIELD_FOR_INSERT_UPDATE', 'cannot specify Id in an insert call', ['Id']),
        );
    return (await save(inner, sobject, works, options)).map((result) => publishResult(sobject, result));
  });
}

/** Updates rows of one object; each holds its `Id`. @throws ApiError for what fails the request as a whole. */
export async function updateRecords(
  ctx: Context,
  sobjectName: string,
  rows: InputRow[],
  options: SaveOptions = {},
): Promise<SaveResult[]> {
  const sobject = writable(ctx, sobjectName, 'edit');
  return attempt(ctx, { sobjects: [sobject], count: rows.length }, async (inner) =>
    save(
      inner,
      sobject,
      rows.map((row) => readUpdate(inner, sobject, row)),
      options,
    ),
  );
}

function readUpdate(ctx: Context, sobject: SObject, row: InputRow): Work {
  const id = idOfRow(row);
  const work = readRow(ctx, sobject, row, id ?? '');
  if (id === undefined) work.errors.push(saveError('MISSING_ARGUMENT', 'Id not specified in an update call'));
  return work;
}

/** Inserts or updates by an external id (or `Id`), which each row holds. */
export async function upsertRecords(
  ctx: Context,
  sobjectName: string,
  { by, rows }: { by: string; rows: InputRow[] },
  options: SaveOptions = {},
): Promise<SaveResult[]> {
  const sobject = writable(ctx, sobjectName, 'edit');
  const field = sobject.field(by);
  if (!field || !(field.externalId || field.idLookup)) {
    throw new ApiError(
      400,
      'INVALID_FIELD',
      `Field name provided, ${by} is not an External ID or indexed field for ${sobject.name}`,
    );
  }
  return attempt(ctx, { sobjects: [sobject], count: rows.length }, async (inner) => {
    const values = rows.map((row) => keyOf(row, field));
    const known = await idsByValue(
      inner,
      { target: sobject, by: field },
      values.filter((value) => value !== ''),
    );
    const seen = new Set<string>();
    const works = rows.map((row, at) =>
      readUpsert(inner, sobject, { row, field, value: values[at] ?? '', known, seen }),
    );
    const results = await save(inner, sobject, works, options);
    return results.map((result, at) => ({ ...result, created: works[at]?.before === undefined }));
  });
}

interface Upsert {
  row: InputRow;
  field: Field;
  value: string;
  known: Map<string, string[]>;
  seen: Set<string>;
}

function readUpsert(ctx: Context, sobject: SObject, { row, field, value, known, seen }: Upsert): Work {
  const key = folded(field, value);
  const ids = field.type === 'id' ? (value === '' ? [] : [value]) : (known.get(key) ?? []);
  const rest =
    ids.length > 0
      ? Object.fromEntries(
          Object.entries(row).filter(([name]) => name.toLowerCase() !== field.name.toLowerCase()),
        )
      : row;
  const work = readRow(ctx, sobject, rest, ids[0]);
  if (value === '' && field.type !== 'id')
    work.errors.push(saveError('MISSING_ARGUMENT', `${field.name} not specified`));
  if (ids.length > 1) work.errors.push(moreThanOne(field, ids));
  if (value !== '' && seen.has(key))
    work.errors.push(saveError('DUPLICATE_VALUE', `Duplicate external id specified: ${value}`, [field.name]));
  seen.add(key);
  return work;
}

function keyOf(row: InputRow, field: Field): string {
  if (field.type === 'id') return idOfRow(row) ?? '';
  const name = Object.keys(row).find((each) => each.toLowerCase() === field.name.toLowerCase());
  const value = name === undefined ? undefined : row[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

/** @throws ApiError when there is no such object, or the user may not write to it. */
function writable(ctx: Context, name: string, right: 'create' | 'edit'): SObject {
  const sobject = ctx.org.catalog.find(name);
  if (!sobject || !ctx.org.security.may(ctx.user, 'read', sobject))
    throw new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist');
  if (!(right === 'create' ? sobject.createable : sobject.updateable))
    throw new ApiError(
      400,
      'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
      `entity type cannot be ${right === 'create' ? 'inserted' : 'updated'}: ${sobject.label}`,
    );
  if (!ctx.org.security.may(ctx.user, right, sobject))
    throw new ApiError(403, 'INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id');
  return sobject;
}

async function save(
  ctx: Context,
  sobject: SObject,
  works: Work[],
  options: SaveOptions,
): Promise<SaveResult[]> {
  const creates = works.filter((work) => work.id === undefined);
  const updates = works.filter((work) => work.id !== undefined);
  await loadBefore(ctx, sobject, { updates, options });
  refuseTroubled(ctx, sobject, works);
  await resolveForeignKeys(ctx, sound(works));
  fillDefaults(ctx, sobject, creates);
  await reckonDefaults(ctx, sobject, creates);
  checkRequired(sobject, works);
  await checkReferences(ctx, sobject, works);
  await checkOwners(ctx, sobject, works);
  checkRecordTypes(ctx, sobject, works);
  for (const hook of hooksOf(sobject)) await hook.beforeSave?.(ctx, sound(works));
  await checkValidation(ctx, sobject, works);
  await checkDuplicates(ctx, sobject, works);
  await checkUnique(ctx, sobject, works);
  if (options.allOrNone && sound(works).length < works.length) return works.map(rolledBack);
  await insertRows(ctx, sobject, sound(creates));
  await updateRows(ctx, sobject, sound(updates));
  const changes = sound(works).map(changeOf);
  if (changes.length > 0) for (const hook of hooksOf(sobject)) await hook.afterSave?.(ctx, changes);
  return works.map(resultOf);
}

async function loadBefore(
  ctx: Context,
  sobject: SObject,
  { updates, options }: { updates: Work[]; options: SaveOptions },
): Promise<void> {
  const ids = sound(updates).map((work) => work.id ?? '');
  const { rows, taken } = await lockRows(ctx, sobject, ids);
  const seen = new Set<string>();
  for (const work of sound(updates)) {
    const id = work.id ?? '';
    work.before = rows.get(id);
    const error = taken.has(id) ? unableToLock(id) : refusalOf(work.before, options);
    if (seen.has(id)) work.errors.push(saveError('DUPLICATE_VALUE', `Duplicate id specified: ${id}`));
    else if (error) work.errors.push(error);
    seen.add(id);
  }
}

/** Why a record can't be updated as it is. */
function refusalOf(before: Row | undefined, { unmodifiedSince }: SaveOptions): SaveError | undefined {
  if (!before) return saveError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id');
  if (before.IsDeleted === true) return saveError('ENTITY_IS_DELETED', 'entity is deleted');
  if (before.IsConverted === true)
    return saveError('CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead');
  if (!unmodifiedSince || new Date(String(before.LastModifiedDate)) <= unmodifiedSince) return undefined;
  const message = `The requested resource was modified after ${unmodifiedSince.toUTCString()}`;
  return saveError('PRECONDITION_FAILED', message);
}

const changeOf = ({ id = '', before, row, binary }: Work): Change => ({
  id,
  before,
  after: { ...before, ...row },
  binary,
});

function resultOf({ id, errors, before }: Work): SaveResult {
  const success = errors.length === 0;
  return { ...(id !== undefined && id !== '' && (success || before) && { id }), success, errors };
}

function rolledBack(work: Work): SaveResult {
  if (work.errors.length > 0) return resultOf(work);
  return { ...resultOf(work), success: false, errors: [rollback] };
}
