import type { Context } from '../context.ts';
import { saveError } from '../errors.ts';
import type { Field, SObject } from '../schema/catalog.ts';
import type { RecordTypeRule } from '../schema/rules.ts';
import { sound } from './work.ts';
import type { Work } from './work.ts';

/** Rejects rows of a record type that isn't one of the object's active ones, or with values that their record type doesn't have. */
export function checkRecordTypes(ctx: Context, sobject: SObject, works: Work[]): void {
  const types = ctx.org.rules.of('recordType', sobject.name);
  if (types.length === 0) return;
  const byId = new Map(types.map((type) => [type.id, type]));
  const restricted = sobject.fields.filter(({ restrictedPicklist }) => restrictedPicklist);
  for (const work of sound(works)) {
    const id = { ...work.before, ...work.row }.RecordTypeId;
    if (typeof id !== 'string') continue;
    const type = byId.get(id);
    if (isChanged(work, 'RecordTypeId') && !type?.active) work.errors.push(notForUser(id));
    else if (type) for (const field of restricted) checkValue(work, field, type);
  }
}

const isChanged = ({ row, before }: Work, name: string) =>
  row[name] !== undefined && row[name] !== (before?.[name] ?? null);

const notForUser = (id: string) =>
  saveError('INVALID_CROSS_REFERENCE_KEY', `Record Type ID: this ID value isn't valid for the user: ${id}`, [
    'RecordTypeId',
  ]);

function checkValue(work: Work, field: Field, { values }: RecordTypeRule): void {
  const allowed = values[field.name];
  const value = work.row[field.name];
  if (!allowed || typeof value !== 'string' || !(isChanged(work, field.name) || isChanged(work, 'RecordTypeId'))) return;
  const chosen = field.type === 'multipicklist' ? value.split(';') : [value];
  const bad = chosen.find((each) => !allowed.includes(each));
  if (bad !== undefined)
    work.errors.push(
      saveError('INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', `${field.label}: bad value for restricted picklist field: ${bad}`, [field.name]),
    );
} // prettier-ignore
