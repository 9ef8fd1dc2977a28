import { quote, transaction } from '../../database.ts';
import type { Transaction } from '../../database.ts';
import type { Org } from '../context.ts';
import { ApiError } from '../errors.ts';
import { isPlatformEvent, platformEventObject, platformEventRights } from '../events/platform-events.ts';
import { idSequence, numberSequence } from '../records/ids.ts';
import type { Catalog, FieldDefinition, ObjectDefinition, SObject } from './catalog.ts';
import { completeField, completeObject, withField } from './complete.ts';
import { audit, identity, owner } from './fields.ts';
import { readColumns } from './storage.ts';
import { ddlOf, isStored } from './tables.ts';

/** A custom object as metadata describes it: its name field; the system fields come by themselves. */
export interface CustomObject {
  /** With its `__c`. */
  name: string;
  label: string;
  labelPlural: string;
  nameField: { label: string; type: 'string' | 'autoNumber'; displayFormat?: string };
}

/** Creates a custom object, or renames its labels where it is there already. */
export async function defineObject(org: Org, custom: CustomObject): Promise<SObject> {
  const known = org.catalog.find(custom.name);
  const definition = known
    ? { ...known, label: custom.label, labelPlural: custom.labelPlural }
    : { ...newObject(custom), keyPrefix: nextPrefix(org.catalog, isPlatformEvent(custom.name) ? 'e' : 'a') };
  const { fields, name, label, labelPlural, keyPrefix } = definition;
  const kept = {
    name,
    label,
    labelPlural,
    keyPrefix,
    custom: true,
    fields: known ? systemFieldsOf(known) : fields,
    ...(isPlatformEvent(name) && platformEventRights),
  };
  return change(org, completeObject(definition), async (tx) => {
    await tx.query(
      'insert into _sobject (name, definition) values ($1, $2) on conflict (name) do update set definition = $2',
      [name, JSON.stringify(kept)],
    );
  });
}

/** Adds a field to an object, a custom one unless it says otherwise, or changes its definition; its type stays as the column is. */
export async function defineField(
  org: Org,
  objectName: string,
  definition: FieldDefinition,
): Promise<SObject> {
  const sobject = org.catalog.find(objectName);
  if (!sobject) throw new ApiError(400, 'INVALID_TYPE', `sObject type '${objectName}' is not supported.`);
  const own = { custom: true, ...definition };
  const field = completeField(own);
  return change(org, withField(sobject, field), async (tx) => {
    await tx.query(
      'insert into _field (sobject, name, definition) values ($1, $2, $3) on conflict (sobject, name) do update set definition = $3',
      [sobject.name, field.name, JSON.stringify(own)],
    );
  });
}

/** Deletes a custom field with its values. */
export async function undefineField(org: Org, objectName: string, fieldName: string): Promise<void> {
  const sobject = org.catalog.find(objectName);
  const field = sobject?.field(fieldName);
  if (!sobject || !field) return;
  const rest = completeObject({ ...sobject, fields: sobject.fields.filter((each) => each !== field) });
  await forget(org, async (tx) => {
    await tx.query(`alter table ${quote(sobject.name)} drop column if exists ${quote(field.name)} cascade`);
    await tx.query('delete from _field where sobject = $1 and name = $2', [sobject.name, field.name]);
  });
  org.catalog.put(rest, org.clock.now());
}

/** Gives a custom field another name; its values stay. */
export async function renameField(
  org: Org,
  objectName: string,
  { from, to }: { from: string; to: string },
): Promise<void> {
  const sobject = org.catalog.find(objectName);
  const field = sobject?.field(from);
  if (!sobject || !field) return;
  await forget(org, async (tx) => {
    if (isStored(field))
      await tx.query(`alter table ${quote(sobject.name)} rename column ${quote(field.name)} to ${quote(to)}`);
    await tx.query(
      `update _field set name = $3, definition = definition || jsonb_build_object('name', $3::text) where sobject = $1 and name = $2`,
      [sobject.name, field.name, to],
    );
  });
  const relationshipName = field.relationshipName?.endsWith('__r')
    ? to.replace(/__c$/, '__r')
    : field.relationshipName;
  const others = sobject.fields.filter((each) => each !== field);
  org.catalog.put(
    completeObject({ ...sobject, fields: [...others, { ...field, name: to, relationshipName }] }),
    org.clock.now(),
  );
}

/** Deletes a custom object with its records. */
export async function undefineObject(org: Org, name: string): Promise<void> {
  await forget(org, async (tx) => {
    await tx.query(`drop table if exists ${quote(name)} cascade`);
    for (const sequence of [idSequence(name), numberSequence(name)])
      await tx.query(`drop sequence if exists ${quote(sequence)}`);
    await tx.query('delete from _field where sobject = $1', [name]);
    await tx.query('delete from _sobject where name = $1', [name]);
  });
  org.catalog.remove(name, org.clock.now());
}

async function forget(org: Org, work: (tx: Transaction) => Promise<void>): Promise<void> {
  await transaction(org.pool, async (tx) => {
    await work(tx);
    await tx.query(`update _state set value = to_jsonb($1::text) where name = 'schema'`, [
      org.clock.now().toISOString(),
    ]);
  });
}

async function change(
  org: Org,
  sobject: SObject,
  record: (tx: Transaction) => Promise<void>,
): Promise<SObject> {
  const at = org.clock.now();
  await transaction(org.pool, async (tx) => {
    await record(tx);
    for (const statement of ddlOf(sobject, await readColumns(tx))) await tx.query(statement);
    await tx.query(`update _state set value = to_jsonb($1::text) where name = 'schema'`, [at.toISOString()]);
  });
  org.catalog.put(sobject, at);
  return sobject;
}

function newObject({ name, label, labelPlural, nameField }: CustomObject): ObjectDefinition {
  if (isPlatformEvent(name)) return platformEventObject({ name, label, labelPlural });
  const isNumbered = nameField.type === 'autoNumber';
  const naming: FieldDefinition = {
    name: 'Name',
    label: nameField.label,
    type: 'string',
    length: 80,
    nameField: true,
    idLookup: true,
    nillable: !isNumbered,
    ...(isNumbered && {
      autoNumber: true, nillable: false, createable: false, updateable: false,
      displayFormat: nameField.displayFormat ?? '{00000000}',
    }),
  }; // prettier-ignore
  return {
    name,
    label,
    labelPlural,
    custom: true,
    fields: [...identity(label), owner(['Group', 'User']), naming, ...audit()],
  };
}

/** What was in the object before fields were deployed to it. */
const systemFieldsOf = (sobject: SObject): FieldDefinition[] =>
  sobject.fields.filter((field) => !field.custom);

/** Custom objects are a00, a01 …, platform events e00, e01 … */
function nextPrefix(catalog: Catalog, first: 'a' | 'e'): string {
  for (let number = 0; ; number++) {
    const prefix = `${first}${number.toString(36).padStart(2, '0')}`;
    if (!catalog.ofId(prefix)) return prefix;
  }
}
