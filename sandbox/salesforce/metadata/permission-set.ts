import { quote } from '../../database.ts';
import { newIds } from '../records/ids.ts';
import { asList, asObject, asText } from '../soap/envelope.ts';
import { keepComponent } from './store.ts';

import type { Db } from '../../database.ts';
import type { Context } from '../context.ts';
import type { SObject } from '../schema/catalog.ts';
import type { Component } from './archive.ts';
import type { Outlook } from './kinds.ts';
import type { Applied } from './store.ts';

type Metadata = Record<string, unknown>;

/** What Salesforce would say against a permission set, in its words. */
export function permissionSetProblem(
  { fullName, metadata = {} }: Component,
  outlook: Outlook,
): string | undefined {
  if (asText(metadata.label) === undefined) return 'Required field is missing: label';
  const unknownObject = namesIn(metadata.objectPermissions, 'object').find((name) => !outlook.isObject(name));
  if (unknownObject !== undefined) return `In field: object - no CustomObject named ${unknownObject} found`;
  const unknownField = namesIn(metadata.fieldPermissions, 'field').find(
    (name) => !isKnownField(name, outlook),
  );
  if (unknownField !== undefined) return `In field: field - no CustomField named ${unknownField} found`;
  const blind = asList(metadata.fieldPermissions)
    .map(asObject)
    .find((each) => isTrue(each.editable) && !isTrue(each.readable));
  return blind === undefined
    ? undefined
    : `Permission set ${fullName}: field ${asText(blind.field) ?? ''} can't be editable without being readable`;
}

function isKnownField(name: string, outlook: Outlook): boolean {
  const [object = '', field = ''] = name.split('.');
  return outlook.isField(object, field);
}

const namesIn = (list: unknown, key: string): string[] =>
  asList(list).map((each) => asText(asObject(each)[key]) ?? '');

const isTrue = (value: unknown): boolean => value === 'true' || value === true;

/** Makes or replaces a permission set with the access that it grants. */
export async function applyPermissionSet(ctx: Context, component: Component): Promise<Applied> {
  const { fullName, metadata = {} } = component;
  const id = await savePermissionSet(ctx, fullName, metadata);
  await ctx.db.query('delete from "ObjectPermissions" where "ParentId" = $1', [id]);
  await ctx.db.query('delete from "FieldPermissions" where "ParentId" = $1', [id]);
  await insertRows(
    ctx,
    'ObjectPermissions',
    asList(metadata.objectPermissions).map((each) => objectPermission(id, asObject(each))),
  );
  await insertRows(
    ctx,
    'FieldPermissions',
    asList(metadata.fieldPermissions).map((each) => fieldPermission(id, asObject(each))),
  );
  return keepComponent(ctx, component, id);
}

/** Deletes a permission set, unless somebody holds it. */
export async function removePermissionSet(ctx: Context, fullName: string): Promise<string | undefined> {
  const id = await permissionSetId(ctx.db, fullName);
  const { rowCount } = await ctx.db.query(
    'select 1 from "PermissionSetAssignment" where "PermissionSetId" = $1 limit 1',
    [id ?? ''],
  );
  if (rowCount !== 0)
    return "You can't delete this permission set because it's assigned to users. Remove the assignments and try again.";
  for (const [table, column] of [
    ['ObjectPermissions', 'ParentId'],
    ['FieldPermissions', 'ParentId'],
    ['PermissionSet', 'Id'],
  ] as const)
    await ctx.db.query(`delete from ${quote(table)} where ${quote(column)} = $1`, [id ?? '']);
  return undefined;
}

/** The id of the permission set of that name, in any case; undefined when there is none. */
export async function permissionSetId(db: Db, name: string): Promise<string | undefined> {
  const { rows } = await db.query('select "Id" as id from "PermissionSet" where lower("Name") = lower($1)', [
    name,
  ]);
  return (rows as { id: string }[])[0]?.id;
}

async function savePermissionSet(ctx: Context, name: string, metadata: Metadata): Promise<string> {
  const values: Metadata = {
    Label: asText(metadata.label) ?? name,
    Description: asText(metadata.description) ?? null,
    ...userPermissions(ctx, metadata),
  };
  const known = await permissionSetId(ctx.db, name);
  if (known === undefined) {
    const [id = ''] = await insertRows(ctx, 'PermissionSet', [{ Name: name, Type: 'Regular', ...values }]);
    return id;
  }
  const names = Object.keys(values);
  const changes = names.map((each, index) => `${quote(each)} = $${String(index + 2)}`).join(', ');
  await ctx.db.query(`update "PermissionSet" set ${changes} where "Id" = $1`, [
    known,
    ...Object.values(values),
  ]);
  await touch(ctx.db, ctx, 'PermissionSet', known);
  return known;
}

/** `ApiEnabled` and the like, as far as the object has a field for them; what is not named is taken away. */
function userPermissions(ctx: Context, metadata: Metadata): Metadata {
  const given = new Map(
    asList(metadata.userPermissions).map((each) => [
      `Permissions${asText(asObject(each).name) ?? ''}`,
      isTrue(asObject(each).enabled),
    ]),
  );
  const fields = objectOf(ctx, 'PermissionSet').fields.filter(
    (field) => field.type === 'boolean' && field.name.startsWith('Permissions'),
  );
  return Object.fromEntries(fields.map(({ name }) => [name, given.get(name) ?? false]));
}

const objectPermission = (parentId: string, given: Metadata): Metadata => ({
  ParentId: parentId,
  SobjectType: asText(given.object),
  PermissionsCreate: isTrue(given.allowCreate),
  PermissionsRead: isTrue(given.allowRead),
  PermissionsEdit: isTrue(given.allowEdit),
  PermissionsDelete: isTrue(given.allowDelete),
  PermissionsViewAllRecords: isTrue(given.viewAllRecords),
  PermissionsModifyAllRecords: isTrue(given.modifyAllRecords),
});

const fieldPermission = (parentId: string, given: Metadata): Metadata => ({
  ParentId: parentId,
  SobjectType: (asText(given.field) ?? '').split('.')[0],
  Field: asText(given.field),
  PermissionsRead: isTrue(given.readable),
  PermissionsEdit: isTrue(given.editable),
});

/** Inserts rows of one shape into an object's table with new ids and the stamps that it has. */
export async function insertRows(ctx: Context, objectName: string, rows: Metadata[]): Promise<string[]> {
  const [first] = rows;
  if (!first) return [];
  const sobject = objectOf(ctx, objectName);
  const ids = await newIds(ctx.db, sobject, rows.length);
  const complete = rows.map((row, index) => ({ Id: ids[index], ...stamps(ctx, sobject), ...row }));
  const names = ['Id', ...Object.keys(stamps(ctx, sobject)), ...Object.keys(first)].map(quote).join(', ');
  await ctx.db.query(
    `insert into ${quote(objectName)} (${names}) select ${names} from jsonb_populate_recordset(null::${quote(objectName)}, $1::jsonb)`,
    [JSON.stringify(complete)],
  );
  return ids;
}

function stamps(ctx: Context, sobject: SObject): Metadata {
  const now = ctx.org.clock.now().toISOString();
  const all = {
    CreatedDate: now,
    CreatedById: ctx.user.id,
    LastModifiedDate: now,
    LastModifiedById: ctx.user.id,
    SystemModstamp: now,
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => sobject.field(name)));
}

async function touch(db: Db, ctx: Context, objectName: string, id: string): Promise<void> {
  await db.query(
    `update ${quote(objectName)} set "LastModifiedDate" = $2, "LastModifiedById" = $3, "SystemModstamp" = $2 where "Id" = $1`,
    [id, ctx.org.clock.now(), ctx.user.id],
  );
}

function objectOf(ctx: Context, name: string): SObject {
  const sobject = ctx.org.catalog.find(name);
  if (!sobject) throw new Error(`the org has no ${name}`);
  return sobject;
}
