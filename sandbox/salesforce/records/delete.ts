import { quote } from '../../database.ts';
import type { Context } from '../context.ts';
import { saveError } from '../errors.ts';
import type { SaveError } from '../errors.ts';
import type { Field, SObject } from '../schema/catalog.ts';
import { attempt } from './attempt.ts';
import { purge, remove, restore } from './bin.ts';
import type { Row } from './hooks.ts';
import { isId, toLongId } from './ids.ts';
import { lockRows, unableToLock } from './lock.ts';
import { rollback } from './results.ts';
import type { SaveOptions, SaveResult } from './results.ts';

/** Moves records of any objects to the recycle bin, with their details. */
export const deleteRecords = (ctx: Context, ids: string[], options: SaveOptions = {}) =>
  change(ctx, ids, { ...options, state: 'live', apply: remove });

/** Takes records out of the recycle bin, with the details that went in together with them. */
export const undeleteRecords = (ctx: Context, ids: string[], options: SaveOptions = {}) =>
  change(ctx, ids, { ...options, state: 'deleted', apply: restore });

/** Empties the recycle bin of records: not even queryAll finds them any more. */
export const purgeRecords = (ctx: Context, ids: string[], options: SaveOptions = {}) =>
  change(ctx, ids, { ...options, state: 'binned', apply: purge });

/** How records must be: live; deleted, and free to come back; or deleted, whatever has taken their place. */
type State = 'live' | 'deleted' | 'binned';

interface Changing extends SaveOptions {
  state: State;
  apply: (ctx: Context, sobject: SObject, ids: string[]) => Promise<void>;
}

async function change(ctx: Context, ids: string[], changing: Changing): Promise<SaveResult[]> {
  const long = ids.map((id) => (isId(id) ? toLongId(id) : id));
  const sobjects = [...new Set(long.flatMap((id) => ctx.org.catalog.ofId(id) ?? []))];
  return attempt(ctx, { sobjects, count: ids.length }, async (inner) => {
    const errors = await findErrors(inner, long, changing.state);
    if (changing.allOrNone && errors.size > 0)
      return long.map((id) => failure(id, errors.get(id) ?? rollback));
    const sound = [...new Set(long)].filter((id) => !errors.has(id));
    for (const [sobject, group] of Map.groupBy(sound, (id) => ctx.org.catalog.ofId(id)))
      if (sobject) await changing.apply(inner, sobject, group);
    return long.map((id) => {
      const error = errors.get(id);
      return error ? failure(id, error) : { id, success: true, errors: [] };
    });
  });
}

const failure = (id: string, error: SaveError): SaveResult => ({ id, success: false, errors: [error] });

type Errors = Map<string, SaveError>;

async function findErrors(ctx: Context, ids: string[], state: State): Promise<Errors> {
  const errors: Errors = new Map();
  for (const id of ids) if (!isId(id)) errors.set(id, saveError('MALFORMED_ID', `malformed id ${id}`));
  for (const [sobject, group] of Map.groupBy(ids.filter(isId), (id) => ctx.org.catalog.ofId(id))) {
    const refusal = sobject ? refusalOf(ctx, sobject) : unknownId;
    if (refusal) for (const id of group) errors.set(id, refusal);
    else if (sobject) await findInRows(ctx, sobject, { ids: group, state, errors });
  }
  return errors;
}

interface Found {
  ids: string[];
  state: State;
  errors: Errors;
}

async function findInRows(ctx: Context, sobject: SObject, { ids, state, errors }: Found): Promise<void> {
  const { rows, taken } = await lockRows(ctx, sobject, ids);
  const troubles = ctx.org.trouble.ofRows(
    sobject.name,
    ids.map((id) => ({ id, values: [] })),
  );
  for (const [at, id] of ids.entries()) {
    const error = taken.has(id) ? unableToLock(id) : (errorOf(rows.get(id), state) ?? troubles.get(at));
    if (error) errors.set(id, error);
  }
  if (state === 'live') await findHeld(ctx, sobject, { ids, state, errors });
  if (state === 'deleted') await findReplaced(ctx, sobject, { ids, state, errors });
}

const unknownId = saveError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id');

/** What is wrong with a row that should be live, or should be in the recycle bin. */
function errorOf(row: Row | undefined, state: State): SaveError | undefined {
  if (!row) return unknownId;
  if ((row.IsDeleted === true) === (state !== 'live')) return undefined;
  if (state === 'deleted') return saveError('UNDELETE_FAILED', 'Entity is not in the recycle bin');
  if (state === 'binned') return saveError('INVALID_ID_FIELD', 'record is not in the recycle bin');
  return saveError('ENTITY_IS_DELETED', 'entity is deleted');
}

/** A record stays as long as others point at it by a lookup that says so. */
async function findHeld(ctx: Context, sobject: SObject, { ids, errors }: Found): Promise<void> {
  for (const { sobject: child, field } of ctx.org.catalog.children(sobject).filter((each) => each.field.restrictedDelete)) {
    const live = child.field('IsDeleted') ? 'and not c."IsDeleted"' : '';
    const { rows } = await ctx.db.query(
      `select t."Id" as id, t.${quote(sobject.nameField?.name ?? 'Id')}::text as name, string_agg(c.${quote(child.nameField?.name ?? 'Id')}::text, ', ' order by c."Id") as names
         from ${quote(sobject.name)} t join ${quote(child.name)} c on c.${quote(field.name)} = t."Id" ${live}
        where t."Id" = any($1::text[]) group by 1, 2`,
      [ids],
    );
    for (const { id, name, names } of rows as { id: string; name: string; names: string }[])
      errors.set(id, saveError('DELETE_FAILED', `Your attempt to delete ${name} could not be completed because it is associated with the following ${child.labelPlural.toLowerCase()}.: ${names.slice(0, 200)}\n`));
  }
} // prettier-ignore

/** What comes back must not hold a unique value that another record has been given meanwhile. */
async function findReplaced(ctx: Context, sobject: SObject, { ids, errors }: Found): Promise<void> {
  for (const field of sobject.fields.filter(({ unique }) => unique)) {
    const { rows } = await ctx.db.query(replacedSql(sobject, field), [ids]);
    for (const { id, other } of rows as { id: string; other: string }[])
      errors.set(id, saveError('DUPLICATE_VALUE', `duplicate value found: ${field.name} duplicates value on record with id: ${other.slice(0, 15)}`));
  }
} // prettier-ignore

function replacedSql(sobject: SObject, field: Field): string {
  const value = (row: string) =>
    field.caseSensitive ? `${row}.${quote(field.name)}` : `lower(${row}.${quote(field.name)})`;
  return `select t."Id" as id, o."Id" as other from ${quote(sobject.name)} t join ${quote(sobject.name)} o on ${value('o')} = ${value('t')}
    where t."Id" = any($1::text[]) and not o."IsDeleted" and o."Id" <> t."Id"`;
}

function refusalOf(ctx: Context, sobject: SObject): SaveError | undefined {
  if (!sobject.deletable)
    return saveError(
      'INSUFFICIENT_ACCESS_OR_READONLY',
      `entity type ${sobject.label} does not support delete`,
    );
  if (!ctx.org.security.may(ctx.user, 'delete', sobject))
    return saveError('INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id');
  return undefined;
}
