import { quote } from '../../database.ts';
import { wholeSeconds } from '../../clock.ts';
import { without } from '../../without.ts';
import type { Context } from '../context.ts';
import { saveError } from '../errors.ts';
import type { Field, SObject } from '../schema/catalog.ts';
import { columnType, isStored } from '../schema/tables.ts';
import type { Row } from './hooks.ts';
import { newIds, newNumbers } from './ids.ts';
import { sound } from './work.ts';
import type { Work } from './work.ts';

/** Gives new rows what nobody sent: defaults, the owner, the false of checkboxes. */
export function fillDefaults(ctx: Context, sobject: SObject, works: Work[]): void {
  const defaults: Row = {};
  for (const field of sobject.fields.filter((each) => isStored(each) && each.computed === null)) {
    if (field.type === 'boolean') defaults[field.name] = field.defaultValue === true;
    else if (field.defaultValue !== null) defaults[field.name] = field.defaultValue;
  }
  if (sobject.field('OwnerId')) defaults.OwnerId = ctx.user.id;
  for (const work of works) {
    const given = Object.entries(work.row).filter(
      ([name, value]) => value !== null || defaults[name] === undefined,
    );
    work.row = { ...defaults, ...Object.fromEntries(given) };
  }
}

/** Rejects rows that lack a required field; on update, those that would empty one. */
export function checkRequired(sobject: SObject, works: Work[]): void {
  const required = sobject.fields.filter(isRequired);
  for (const work of sound(works)) {
    const missing = required.filter((field) => lacks(work, field)).map((field) => field.name);
    if (missing.length > 0)
      work.errors.push(
        saveError('REQUIRED_FIELD_MISSING', `Required fields are missing: [${missing.join(', ')}]`, missing),
      );
  }
}

const isRequired = (field: Field) =>
  !field.nillable && field.createable && field.type !== 'boolean' && !field.defaultedOnCreate;

function lacks(work: Work, field: Field): boolean {
  if (field.type === 'base64') return work.id === undefined && !work.binary[field.name];
  const value = work.row[field.name];
  return value === null || (value === undefined && work.id === undefined);
}

/** Inserts new rows in one statement; gives each its id, unless a rule has chosen one. */
export async function insertRows(ctx: Context, sobject: SObject, works: Work[]): Promise<void> {
  if (works.length === 0) return;
  const ids = await newIds(ctx.db, sobject, works.length);
  const numbered = sobject.fields.find((field) => field.autoNumber);
  const numbers = numbered ? await newNumbers(ctx.db, sobject, works.length) : [];
  const stamps = stampsOf(ctx, sobject);
  for (const [at, work] of works.entries()) {
    work.id = typeof work.row.Id === 'string' ? work.row.Id : ids[at];
    work.row = { ...work.row, ...stamps, Id: work.id ?? null };
    if (numbered) work.row[numbered.name] = numbers[at] ?? null;
  }
  const names = [...new Set(works.flatMap((work) => Object.keys(work.row)))];
  const columns = names.map(quote).join(', ');
  await ctx.db.query(
    `insert into ${quote(sobject.name)} (${columns}) select ${columns} from json_to_recordset($1::json) as r(${typedColumns(sobject, names)})`,
    [JSON.stringify(works.map((work) => work.row))],
  );
}

/** Updates rows, those that set the same fields in one statement. */
export async function updateRows(ctx: Context, sobject: SObject, works: Work[]): Promise<void> {
  const stamps = without(stampsOf(ctx, sobject), 'CreatedDate', 'CreatedById') as Row;
  for (const work of works) work.row = { ...work.row, ...stamps };
  const groups = Map.groupBy(works, (work) => Object.keys(work.row).sort().join());
  for (const group of groups.values()) {
    const names = Object.keys(group[0]?.row ?? {});
    if (names.length === 0) continue;
    const assignments = names.map((name) => `${quote(name)} = r.${quote(name)}`).join(', ');
    await ctx.db.query(
      `update ${quote(sobject.name)} t set ${assignments} from json_to_recordset($1::json) as r("Id" text, ${typedColumns(sobject, names)}) where t."Id" = r."Id"`,
      [JSON.stringify(group.map((work) => ({ ...work.row, Id: work.id })))],
    );
  }
}

const typedColumns = (sobject: SObject, names: string[]): string =>
  names
    .map(
      (name) =>
        `${quote(name)} ${columnType(sobject.field(name)?.type ?? 'string').replace(' collate "C"', '')}`,
    )
    .join(', ');

/** Who and when, for the fields that the object has. */
export function stampsOf(ctx: Context, sobject: SObject): Row {
  const now = wholeSeconds(ctx.org.clock.now()).toISOString();
  const all: Row = {
    CreatedDate: now,
    CreatedById: ctx.user.id,
    LastModifiedDate: now,
    LastModifiedById: ctx.user.id,
    SystemModstamp: now,
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => sobject.field(name)));
}
