import { quote } from '../../database.ts';
import { insertAsSystem, knownObject, stampAssignments } from '../records/system.ts';
import { defineField } from '../schema/define.ts';
import { lookup } from '../schema/fields.ts';
import { keepRule } from '../schema/rules.ts';
import { asList, asObject, asText } from '../soap/envelope.ts';
import { splitField } from './names.ts';
import { keepComponent } from './store.ts';

import type { Context } from '../context.ts';
import type { Component } from './archive.ts';
import type { Applied } from './store.ts';

type Metadata = Record<string, unknown>;

/** What Salesforce would say against a record type. */
export function recordTypeProblem({ metadata = {} }: Component): string | undefined {
  const missing = ['label', 'active'].find((name) => asText(metadata[name]) === undefined);
  return missing === undefined ? undefined : `Required field is missing: ${missing}`;
}

/** Makes a record type of an object, or changes it; the object's first one brings its field RecordTypeId. @throws Error */
export async function applyRecordType(ctx: Context, component: Component): Promise<Applied> {
  const { fullName, metadata = {} } = component;
  const [object, name] = splitField(fullName);
  const sobject = ctx.org.catalog.find(object);
  if (!sobject) throw new Error(`Entity of type 'CustomObject' named '${object}' cannot be found`);
  const values = valuesOf(metadata);
  const unknown = Object.keys(values).find((each) => !sobject.field(each));
  if (unknown !== undefined) throw new Error(`Picklist ${unknown} not found on ${object}`);
  if (!sobject.field('RecordTypeId'))
    await defineField(ctx.org, sobject.name, {
      ...lookup('RecordTypeId', 'RecordType', { label: 'Record Type ID', childRelationshipName: null }),
      custom: false,
    });
  const label = asText(metadata.label) ?? name;
  const active = asText(metadata.active) === 'true';
  const id = await saveRow(ctx, {
    SobjectType: sobject.name,
    DeveloperName: name,
    Name: label,
    Description: asText(metadata.description) ?? null,
    IsActive: active,
  });
  await keepRule(ctx.db, 'recordType', { sobject: sobject.name, name, id, label, active, values });
  return keepComponent(ctx, component, id);
}

/** Values by picklist, as `<picklistValues>` list them; their names may be escaped as in an address. */
function valuesOf(metadata: Metadata): Record<string, string[]> {
  const lists = asList(metadata.picklistValues).map(asObject);
  return Object.fromEntries(
    lists.map(({ picklist, values }) => [
      asText(picklist) ?? '',
      asList(values).map((value) => decodeURIComponent(asText(asObject(value).fullName) ?? '')),
    ]),
  );
}

interface Row extends Record<string, string | boolean | null> {
  SobjectType: string;
  DeveloperName: string;
}

async function saveRow(ctx: Context, row: Row): Promise<string> {
  const known = await maybeId(ctx, row);
  if (known === undefined) await insertAsSystem(ctx, 'RecordType', [row]);
  else {
    const stamps = stampAssignments(ctx, knownObject(ctx, 'RecordType'));
    const names = Object.keys(row);
    const changes = names.map((name, at) => `${quote(name)} = $${String(at + 2)}`).join(', ');
    await ctx.db.query(`update "RecordType" set ${changes}, ${stamps} where "Id" = $1`, [
      known,
      ...Object.values(row),
    ]);
  }
  return known ?? (await maybeId(ctx, row)) ?? '';
}

async function maybeId(ctx: Context, { SobjectType, DeveloperName }: Row): Promise<string | undefined> {
  const { rows } = await ctx.db.query(
    'select "Id" as id from "RecordType" where "SobjectType" = $1 and "DeveloperName" = $2 and not "IsDeleted"',
    [SobjectType, DeveloperName],
  );
  return (rows as { id: string }[])[0]?.id;
}

/** Record types are switched off, never deleted, through the Metadata API. */
export const removeRecordType = (_ctx: Context, fullName: string): Promise<string> =>
  Promise.resolve(`Cannot delete record type through API: ${fullName}`);
