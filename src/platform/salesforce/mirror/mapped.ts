import { DAY, now } from '../../clock.ts';
import { db, sql } from '../../db.ts';

import type { KnownDescription } from './catalog.ts';
import { chosenMappings } from './chosen.ts';
import { fits } from './columns.ts';
import { unreadable, unsteady } from './describe.ts';
import { type Mirrored, text } from './mapping.ts';
import { type ObjectSettings, ownerOf, settingsOf } from './settings.ts';
import type { FieldOwner, Notice } from './tables.ts';

/** How long what was noticed about a field is shown. */
const NEWS_DAYS = 14;

/** Something that happened to a field in Salesforce. */
export interface FieldNotice {
  sobject: string;
  field: string;
  notice: Notice;
  detail: string;
  noticedAt: Date;
}

/** What was noticed of late, newest first; of one object where it is given. */
export async function fieldNotices(sobject?: string): Promise<FieldNotice[]> {
  const since = new Date(now().getTime() - NEWS_DAYS * DAY);
  const { rows } = await sql<FieldNotice>`
    select distinct on (sobject, field) sobject, field, notice, detail, noticed_at as "noticedAt" from field_notices
    where noticed_at >= ${since} and (${sobject ?? null}::text is null or sobject = ${sobject ?? null})
    order by sobject, field, id desc`.execute(db);
  return rows.sort((one, other) => other.noticedAt.getTime() - one.noticedAt.getTime());
}

/** An object of the mapping, in numbers. */
export interface MappedObject {
  sobject: string;
  table: string;
  isChosen: boolean;
  columns: number;
  /** Fields that are kept under their own names. */
  attributes: number;
  hidden: number;
  leftOut: number;
  news: number;
}

/** Every object that is mirrored, as administrators chose it. */
export async function mappedObjects(base: readonly Mirrored[]): Promise<MappedObject[]> {
  const [mappings, states, notices] = await Promise.all([
    chosenMappings(base),
    db
      .selectFrom('sync_states')
      .select(['sobject', 'fields', 'hidden_fields as hidden', 'unfit_fields as unfit'])
      .execute(),
    fieldNotices(),
  ]);
  return mappings.map(({ sobject, table, sharesTable, columns, leftOut = [] }) => {
    const state = states.find((one) => one.sobject === sobject);
    const mapped = new Set(Object.values(columns).map(({ field }) => field));
    return {
      sobject,
      table,
      isChosen: sharesTable ?? false,
      columns: Object.keys(columns).length,
      attributes: (state?.fields ?? []).filter((name) => !mapped.has(name)).length,
      hidden: (state?.hidden.length ?? 0) + (state?.unfit.length ?? 0),
      leftOut: leftOut.length,
      news: notices.filter((notice) => notice.sobject === sobject).length,
    };
  });
}

/** Where a field of Salesforce's is kept: in a column, under its own name, or not at all, and why not. */
export type Place =
  'column' | 'attribute' | 'row' | 'left-out' | 'own' | 'hidden' | 'unfit' | 'unreadable' | 'unsteady';

export interface MappedField {
  name: string;
  label: string;
  type: string;
  isCalculated: boolean;
  isUpdateable: boolean;
  place: Place;
  /** The columns that it fills. */
  columns: string[];
  owner: FieldOwner;
  notice: Notice | undefined;
}

/** Every field of an object: those that Salesforce describes, and those that the mapping names and it hides. */
export function mappedFields(
  given: Mirrored,
  { fields, nameField }: KnownDescription,
  { owners }: ObjectSettings,
  notices: readonly FieldNotice[],
): MappedField[] {
  const mapping = given.sharesTable ? named(given, nameField) : given;
  const columnsOf = (name: string) =>
    Object.entries(mapping.columns).filter(([, column]) => column.field === name);
  const described = fields.map((field) => ({
    ...field,
    place: placeOf(mapping, field, columnsOf(field.name)),
  }));
  const hidden = [...new Set(Object.values(mapping.columns).map(({ field }) => field))]
    .filter((name) => !name.includes('.') && !fields.some((field) => field.name === name))
    .map((name) => ({
      name,
      label: name,
      type: '',
      isCalculated: false,
      isUpdateable: false,
      place: 'hidden' as const,
    }));
  return [...described, ...hidden].map((field) => ({
    ...field,
    columns: columnsOf(field.name).map(([name]) => name),
    owner: ownerOf(mapping, field.name, owners),
    notice: notices.find((one) => one.field === field.name)?.notice,
  }));
}

/** An object without a table of its own takes its records' names from whatever field the org says. */
const named = (mapping: Mirrored, field: string): Mirrored => ({
  ...mapping,
  columns: { ...mapping.columns, name: text(field, { otherwise: '' }) },
});

function placeOf(
  mapping: Mirrored,
  field: { name: string; type: string },
  columns: readonly [string, Mirrored['columns'][string]][],
): Place {
  if (unreadable.has(field.type)) return 'unreadable';
  if (columns.some(([, { form }]) => !fits(form, field))) return 'unfit';
  if (columns.length > 0) return 'column';
  return placeWithoutColumn(mapping, field.name);
}

function placeWithoutColumn(mapping: Mirrored, name: string): Place {
  const { leftOut = [], ownFields = [], cursor, caseField } = mapping;
  if (['Id', 'IsDeleted', cursor, caseField].includes(name)) return 'row';
  if (unsteady.has(name)) return 'unsteady';
  if (ownFields.includes(name)) return 'own';
  return leftOut.includes(name) ? 'left-out' : 'attribute';
}

/** The columns of an object that a field of that type can fill, with the field that fills each now and the code's own. */
export function columnsFor(
  { columns }: Mirrored,
  base: Mirrored,
  type: string,
): { name: string; field: string; usual: string }[] {
  return Object.entries(columns)
    .filter(([, { form, field }]) => !field.includes('.') && fits(form, { name: '', type }))
    .map(([name, { field }]) => ({ name, field, usual: base.columns[name]?.field ?? field }));
}

/** What an object's fields were when they were described last, for when Salesforce does not answer. */
export async function rememberedFields(sobject: string): Promise<KnownDescription> {
  const state = await db
    .selectFrom('sync_states')
    .select('field_types as types')
    .where('sobject', '=', sobject)
    .executeTakeFirst();
  return {
    label: sobject,
    nameField: 'Id',
    fields: Object.entries(state?.types ?? {}).map(([name, type]) => ({
      name,
      label: name,
      type,
      isCalculated: false,
      isUpdateable: true,
    })),
  };
}

/** What a person says about one field. */
export interface FieldChoice {
  isMirrored: boolean;
  /** The column that it is to fill; undefined to fill none beyond the usual. */
  column: string | undefined;
  owner: FieldOwner;
}

/** The settings of an object after a choice about one of its fields. */
export function withChoice(
  before: ObjectSettings,
  { mapping, base }: { mapping: Mirrored; base: Mirrored },
  field: string,
  { isMirrored, column, owner }: FieldChoice,
): ObjectSettings {
  const others = Object.fromEntries(Object.entries(before.columns).filter(([, from]) => from !== field));
  const isUsual = column !== undefined && base.columns[column]?.field === field;
  const columns =
    column === undefined
      ? others
      : isUsual
        ? Object.fromEntries(Object.entries(others).filter(([name]) => name !== column))
        : { ...others, [column]: field };
  const leftOut = before.leftOut.filter((name) => name !== field);
  const owners =
    owner === ownerOf(mapping, field, before.owners) ? before.owners : { ...before.owners, [field]: owner };
  return { ...before, columns, owners, leftOut: isMirrored ? leftOut : [...leftOut, field].sort() };
}

/** An object of the mapping with what is chosen about it, or undefined. */
export async function maybeMapped(base: readonly Mirrored[], sobject: string) {
  const mapping = (await chosenMappings(base)).find((one) => one.sobject === sobject);
  if (mapping === undefined) return undefined;
  const own = base.find((one) => one.sobject === sobject) ?? mapping;
  return { mapping, base: own, settings: await settingsOf(sobject) };
}
