import { quote } from '../../database.ts';
import type { Context } from '../context.ts';
import { saveError } from '../errors.ts';
import type { Field, SObject } from '../schema/catalog.ts';
import { toLongId } from './ids.ts';
import { sound } from './work.ts';
import type { ForeignKey, Work } from './work.ts';

/** Finds the parents that rows name by external id, one look-up per object and field. */
export async function resolveForeignKeys(ctx: Context, works: Work[]): Promise<void> {
  const keys = works.flatMap((work) => work.foreignKeys.map((key) => ({ work, key })));
  const groups = Map.groupBy(keys, ({ key }) => `${key.target.name}.${key.by.name}`);
  for (const group of groups.values()) {
    const [first] = group;
    if (!first) continue;
    const { target, by } = first.key;
    const found = await idsByValue(
      ctx,
      { target, by },
      group.map(({ key }) => String(key.value)),
    );
    for (const { work, key } of group) settle(work, key, found.get(folded(by, String(key.value))) ?? []);
  }
}

function settle(work: Work, { field, by, target, value }: ForeignKey, ids: string[]): void {
  const [id] = ids;
  if (id !== undefined && ids.length === 1) work.row[field.name] = id;
  else if (id === undefined)
    work.errors.push(
      saveError(
        'INVALID_FIELD',
        `Foreign key external ID: ${String(value)} not found for field ${by.name} in entity ${target.name}`,
      ),
    );
  else work.errors.push(moreThanOne(by, ids));
}

export const moreThanOne = (by: Field, ids: string[]) =>
  saveError(
    'DUPLICATE_EXTERNAL_ID',
    `${by.label}: more than one record found for external id field: [${ids.join(', ')}]`,
  );

/** Live records of an object by the value of a field: value, folded as the field is, to ids. */
export async function idsByValue(
  ctx: Context,
  { target, by }: { target: SObject; by: Field },
  values: string[],
): Promise<Map<string, string[]>> {
  const isId = by.type === 'id';
  const wanted = [...new Set(values.map((value) => (isId ? toLongId(value) : folded(by, value))))];
  const column = isId || by.caseSensitive ? quote(by.name) : `lower(${quote(by.name)})`;
  const live = target.field('IsDeleted') ? 'and not "IsDeleted"' : '';
  const { rows } = await ctx.db.query(
    `select "Id" as id, ${column} as value from ${quote(target.name)} where ${column} = any($1::text[]) ${live} order by "Id"`,
    [wanted],
  );
  const found = new Map<string, string[]>();
  for (const { id, value } of rows as { id: string; value: string }[])
    found.set(value, [...(found.get(value) ?? []), id]);
  return found;
}

/** Values that differ in case only are the same, unless the field is case-sensitive. */
export const folded = (field: Field, value: string): string =>
  field.caseSensitive || field.type === 'id' ? value : value.toLowerCase();

/** Rejects rows whose references point at nothing, or at an object that the field can't hold. */
export async function checkReferences(ctx: Context, sobject: SObject, works: Work[]): Promise<void> {
  const isReference = (field: Field) => field.type === 'reference' && field.referenceTo.length > 0;
  const references = sobject.fields.filter(isReference);
  const asked = new Map<SObject, Set<string>>();
  for (const work of sound(works)) for (const field of references) askFor(ctx, { work, field, asked });
  const missing = await missingAmong(ctx, asked);
  if (missing.size === 0) return;
  for (const work of sound(works)) for (const field of references) rejectMissing(work, field, missing);
}

interface Asking {
  work: Work;
  field: Field;
  asked: Map<SObject, Set<string>>;
}

function askFor(ctx: Context, { work, field, asked }: Asking): void {
  const id = work.row[field.name];
  if (typeof id !== 'string' || id === work.before?.[field.name]) return;
  const target = ctx.org.catalog.ofId(id);
  if (target && field.referenceTo.includes(target.name)) {
    asked.set(target, (asked.get(target) ?? new Set()).add(id));
    return;
  }
  const message = `${field.label}: id value of incorrect type: ${id}`;
  work.errors.push(saveError('MALFORMED_ID', message, [field.name]));
}

function rejectMissing(work: Work, field: Field, missing: Map<string, 'deleted' | 'unknown'>): void {
  const id = work.row[field.name];
  const state = typeof id === 'string' ? missing.get(id) : undefined;
  if (state === 'deleted') work.errors.push(saveError('ENTITY_IS_DELETED', 'entity is deleted'));
  else if (state) work.errors.push(saveError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id'));
}

/** Which of the ids are not those of live records. */
async function missingAmong(
  ctx: Context,
  asked: Map<SObject, Set<string>>,
): Promise<Map<string, 'deleted' | 'unknown'>> {
  const missing = new Map<string, 'deleted' | 'unknown'>();
  for (const [target, ids] of asked) {
    const deleted = target.field('IsDeleted') ? '"IsDeleted"' : 'false';
    const { rows } = await ctx.db.query(
      `select id, ${deleted} as deleted from unnest($1::text[]) id left join ${quote(target.name)} t on t."Id" = id where t."Id" is null or ${deleted}`,
      [[...ids]],
    );
    for (const { id, deleted: isDeleted } of rows as { id: string; deleted: boolean | null }[])
      missing.set(id, isDeleted ? 'deleted' : 'unknown');
  }
  return missing;
}
