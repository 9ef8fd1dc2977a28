import type { Request, Response } from 'express';

import type { Context } from '../salesforce/context.ts';
import type { SaveError } from '../salesforce/errors.ts';
import { updateRecords } from '../salesforce/records/save.ts';
import type { Field, SObject } from '../salesforce/schema/catalog.ts';
import { runQuery } from '../salesforce/soql/query.ts';
import { recordPath } from './paths.ts';
import { labelOf, literal, maybeRecord } from './reading.ts';
import { findRecord, type Found } from './record.ts';
import { parentTitle, textOf, titleOf, type RecordJson } from './values.ts';

/** An input of the form. */
interface Input {
  name: string;
  label: string;
  kind:
    'area' | 'checkbox' | 'date' | 'datetime-local' | 'email' | 'number' | 'select' | 'tel' | 'text' | 'url';
  value: string;
  isRequired: boolean;
  help: string | undefined;
  options: { value: string; label: string }[];
  problem: string | undefined;
}

/** GET /lightning/r/:object/:id/edit */
export async function showEdit(req: Request, res: Response): Promise<void> {
  const found = await findRecord(req, res);
  if (found) await renderForm(found, res, { typed: {}, errors: [] });
}

/** POST /lightning/r/:object/:id/edit: saves what was changed, and only that. */
export async function saveEdit(req: Request, res: Response): Promise<void> {
  const found = await findRecord(req, res);
  if (!found) return;
  const typed = (req.body ?? {}) as Record<string, string>;
  const { ctx, sobject, id } = found;
  const { changed, errors } = await readChanges(found, typed);
  if (errors.length === 0 && Object.keys(changed).length > 0) {
    const [result] = await updateRecords(ctx, sobject.name, [{ Id: id, ...changed }]);
    errors.push(...(result?.errors ?? []));
  }
  if (errors.length > 0) await renderForm(found, res.status(422), { typed, errors });
  else res.redirect(303, recordPath(sobject.name, id));
}

/** What of the typed values differs from the record, as the API takes it, and what is wrong with the rest. */
export async function readChanges(found: Found, typed: Record<string, string>) {
  const { ctx, sobject } = found;
  const before = await currentValues(found);
  const changed: Record<string, unknown> = {};
  const errors: SaveError[] = [];
  for (const field of editableFields(found)) {
    const value = typedValue(field, typed[field.name]);
    if (value === undefined || value === inputValue(field, before)) continue;
    if (value === '' && !field.nillable) {
      errors.push(missing(sobject, field));
      continue;
    }
    const wanted = isNamed(field) ? await maybeIdOf(ctx, field, value) : apiValue(field, value);
    if (wanted === undefined) errors.push(unknownName(sobject, field, value));
    else changed[field.name] = wanted;
  }
  return { changed, errors };
}

/** What was typed, as `inputValue` writes it; undefined for a field that the form did not have. A box not ticked sends nothing. */
function typedValue(field: Field, typed: string | undefined): string | undefined {
  if (field.type === 'boolean') return String(typed === 'true');
  return typed?.replaceAll('\r\n', '\n').trim();
}

/** The form of a record, or of one that is to be: then its id is empty and its record holds what the form begins with. */
export async function renderForm(found: Found, res: Response, { typed, errors }: { typed: Record<string, string>; errors: SaveError[] }): Promise<void> {
  const { ctx, sobject, record, layout, id } = found;
  const values = await currentValues(found);
  const sections = await Promise.all(
    layout.sections.map(async ({ title, fields }) => ({
      title,
      inputs: await Promise.all(
        editableFields(found, fields).map(async (field): Promise<Input> => ({
          name: field.name,
          label: labelOf(sobject, field.name),
          kind: kindOf(field),
          value: typed[field.name] ?? inputValue(field, values),
          isRequired: !field.nillable && field.type !== 'boolean',
          help: field.inlineHelpText ?? (isNamed(field) ? 'The name of the record, in full.' : undefined),
          options: await optionsOf(ctx, field, values),
          problem: errors.find((error) => error.fields.includes(field.name))?.message,
        })),
      ),
    })),
  );
  const name = id === '' ? `New ${sobject.label}` : titleOf(sobject, record);
  res.render('crm/edit', { layout, sobject, id, name, errors, sections: sections.filter(({ inputs }) => inputs.length > 0) });
} // prettier-ignore

/** The fields of the layout that the viewer may change; an address is changed by its parts. */
function editableFields({ ctx, sobject, layout, id }: Found, given?: readonly string[]): Field[] {
  const names = given ?? layout.sections.flatMap((section) => section.fields);
  return names
    .flatMap((name) => partsOf(sobject, name))
    .filter(
      (field) =>
        (id === '' ? field.createable : field.updateable) &&
        !field.calculated &&
        field.computed === null &&
        ctx.org.security.mayEdit(ctx.user, sobject, field),
    );
}

function partsOf(sobject: SObject, name: string): Field[] {
  const field = sobject.field(name);
  if (field?.type !== 'address') return field ? [field] : [];
  return ['Street', 'City', 'State', 'PostalCode', 'Country'].flatMap(
    (part) => sobject.field(name.replace(/Address$/, part)) ?? [],
  );
}

async function currentValues(found: Found): Promise<RecordJson> {
  if (found.id === '') return found.record;
  const names = editableFields(found).map((field) => field.name);
  return (await maybeRecord(found.ctx, found.sobject, found.id, [...names, 'AccountId'])) ?? {};
}

/** Lookups with few enough candidates to choose from; others are typed by name. */
const listed = new Set(['OwnerId', 'ContactId', 'Rapport_Product__c', 'ReportsToId']);

const kinds: Partial<Record<Field['type'], Input['kind']>> = {
  boolean: 'checkbox', date: 'date', datetime: 'datetime-local', email: 'email', phone: 'tel', url: 'url', textarea: 'area',
  picklist: 'select', reference: 'select', int: 'number', double: 'number', currency: 'number', percent: 'number',
}; // prettier-ignore

function kindOf(field: Field): Input['kind'] {
  if (isNamed(field)) return 'text';
  return kinds[field.type] ?? 'text';
}

/** A lookup that is typed by name. */
const isNamed = (field: Field): boolean => field.type === 'reference' && !listed.has(field.name);

/** The id of the record that is called so, or has this id; null for nothing, undefined when there is none or several. */
async function maybeIdOf(ctx: Context, field: Field, name: string): Promise<string | null | undefined> {
  if (name === '') return null;
  const [target = ''] = field.referenceTo;
  const nameField = ctx.org.catalog.find(target)?.nameField?.name ?? 'Name';
  const { records } = await runQuery(
    ctx,
    `SELECT Id FROM ${target} WHERE ${nameField} = ${literal(name)} LIMIT 2`,
  );
  return records.length === 1 ? String(records[0]?.Id) : undefined;
}

const missing = (sobject: SObject, field: Field): SaveError => ({
  statusCode: 'REQUIRED_FIELD_MISSING',
  message: `${labelOf(sobject, field.name)}: this field is required.`,
  fields: [field.name],
});

const unknownName = (sobject: SObject, field: Field, name: string): SaveError => ({
  statusCode: 'INVALID_CROSS_REFERENCE_KEY',
  message: `${labelOf(sobject, field.name)}: no single record is called “${name}”.`,
  fields: [field.name],
});

function inputValue(field: Field, values: RecordJson): string {
  const text = textOf(values[field.name]);
  if (text === '') return '';
  if (isNamed(field)) return parentTitle(field, values);
  return field.type === 'datetime' ? text.slice(0, 16) : text;
}

function apiValue(field: Field, value: string): unknown {
  if (field.type === 'boolean') return value === 'true';
  if (value === '') return null;
  if (kindOf(field) === 'number') return Number(value);
  return field.type === 'datetime' ? `${value}:00.000+0000` : value;
}

async function optionsOf(ctx: Context, field: Field, values: RecordJson): Promise<Input['options']> {
  const current = inputValue(field, values);
  const options =
    field.type === 'reference'
      ? await candidates(ctx, field, values)
      : field.picklistValues.filter(({ active }) => active);
  const isMissing = current !== '' && !options.some(({ value }) => value === current);
  return isMissing
    ? [{ value: current, label: parentTitle(field, values) || current }, ...options]
    : options.map(({ value, label }) => ({ value, label }));
}

async function candidates(ctx: Context, field: Field, values: RecordJson): Promise<Input['options']> {
  const list = async (soql: string) => {
    const { records } = await runQuery(ctx, soql);
    return records.map((record) => ({ value: String(record.Id), label: String(record.Name) }));
  };
  if (field.name === 'OwnerId') {
    const users = await list('SELECT Id, Name FROM User WHERE IsActive = true ORDER BY Name');
    const queues = field.referenceTo.includes('Group') ? await list("SELECT Id, Name FROM Group WHERE Type = 'Queue' ORDER BY Name") : [];
    return [...queues.map((queue) => ({ ...queue, label: `Queue: ${queue.label}` })), ...users];
  }
  if (field.name === 'Rapport_Product__c') return list('SELECT Id, Name FROM Product2 WHERE IsActive = true ORDER BY Name');
  const account = values.AccountId;
  return listed.has(field.name) && typeof account === 'string' ? list(`SELECT Id, Name FROM Contact WHERE AccountId = ${literal(account)} ORDER BY Name`) : [];
} // prettier-ignore
