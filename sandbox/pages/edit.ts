import type { Request, Response } from 'express';

import type { Context } from '../salesforce/context.ts';
import type { SaveError } from '../salesforce/errors.ts';
import { updateRecords } from '../salesforce/records/save.ts';
import type { Field, SObject } from '../salesforce/schema/catalog.ts';
import { runQuery } from '../salesforce/soql/query.ts';
import { recordPath } from './paths.ts';
import { labelOf, literal, maybeRecord } from './reading.ts';
import { findRecord, type Found } from './record.ts';
import type { RecordJson } from './values.ts';

/** An input of the form. */
interface Input {
  name: string;
  label: string;
  kind: 'area' | 'checkbox' | 'date' | 'datetime-local' | 'email' | 'number' | 'select' | 'tel' | 'text' | 'url';
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
  const before = await currentValues(found);
  const changed: Record<string, unknown> = {};
  for (const field of editableFields(found)) {
    const value = field.type === 'boolean' ? String(typed[field.name] === 'true') : (typed[field.name] ?? '').replaceAll('\r\n', '\n').trim();
    if (typed[field.name] === undefined && field.type !== 'boolean') continue;
    if (value !== inputValue(field, before[field.name])) changed[field.name] = apiValue(field, value);
  }
  const result = Object.keys(changed).length === 0 ? undefined : (await updateRecords(ctx, sobject.name, [{ Id: id, ...changed }]))[0];
  if (result && !result.success) await renderForm(found, res.status(422), { typed, errors: result.errors });
  else res.redirect(303, recordPath(sobject.name, id));
} // prettier-ignore

async function renderForm(found: Found, res: Response, { typed, errors }: { typed: Record<string, string>; errors: SaveError[] }): Promise<void> {
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
          value: typed[field.name] ?? inputValue(field, values[field.name]),
          isRequired: !field.nillable && !field.defaultedOnCreate && field.type !== 'boolean',
          help: field.inlineHelpText ?? undefined,
          options: await optionsOf(ctx, field, values),
          problem: errors.find((error) => error.fields.includes(field.name))?.message,
        })),
      ),
    })),
  );
  const name = String(record[sobject.nameField?.name ?? 'Id'] ?? id);
  res.render('crm/edit', { layout, sobject, id, name, errors, sections: sections.filter(({ inputs }) => inputs.length > 0) });
} // prettier-ignore

/** The fields of the layout that the viewer may change; an address is changed by its parts. */
function editableFields({ ctx, sobject, layout }: Found, given?: readonly string[]): Field[] {
  const names = given ?? layout.sections.flatMap((section) => section.fields);
  return names
    .flatMap((name) => partsOf(sobject, name))
    .filter((field) => field.updateable && !field.calculated && field.computed === null && ctx.org.security.mayEdit(ctx.user, sobject, field));
}

function partsOf(sobject: SObject, name: string): Field[] {
  const field = sobject.field(name);
  if (field?.type !== 'address') return field ? [field] : [];
  return ['Street', 'City', 'State', 'PostalCode', 'Country'].flatMap((part) => sobject.field(name.replace(/Address$/, part)) ?? []);
}

async function currentValues(found: Found): Promise<RecordJson> {
  const names = editableFields(found).map((field) => field.name);
  return (await maybeRecord(found.ctx, found.sobject, found.id, [...names, 'AccountId'])) ?? {};
}

const kinds: Partial<Record<Field['type'], Input['kind']>> = {
  boolean: 'checkbox', date: 'date', datetime: 'datetime-local', email: 'email', phone: 'tel', url: 'url', textarea: 'area',
  picklist: 'select', reference: 'select', int: 'number', double: 'number', currency: 'number', percent: 'number',
}; // prettier-ignore

function kindOf(field: Field): Input['kind'] {
  if (field.type === 'reference') return listed.has(field.name) ? 'select' : 'text';
  return kinds[field.type] ?? 'text';
}

/** Lookups with few enough candidates to choose from; others take an id. */
const listed = new Set(['OwnerId', 'ContactId', 'Rapport_Product__c', 'ReportsToId']);

function inputValue(field: Field, value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return field.type === 'datetime' ? text.slice(0, 16) : text;
}

function apiValue(field: Field, value: string): unknown {
  if (field.type === 'boolean') return value === 'true';
  if (value === '') return null;
  if (kindOf(field) === 'number') return Number(value);
  return field.type === 'datetime' ? `${value}:00.000+0000` : value;
}

async function optionsOf(ctx: Context, field: Field, values: RecordJson): Promise<Input['options']> {
  const current = inputValue(field, values[field.name]);
  const options = field.type === 'reference' ? await candidates(ctx, field, values) : field.picklistValues.filter(({ active }) => active);
  const isMissing = current !== '' && !options.some(({ value }) => value === current);
  return isMissing ? [{ value: current, label: current }, ...options] : options.map(({ value, label }) => ({ value, label }));
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
