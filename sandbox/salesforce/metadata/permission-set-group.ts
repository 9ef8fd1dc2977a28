import { asList, asText } from '../soap/envelope.ts';
import { insertRows, permissionSetId } from './permission-set.ts';
import { keepComponent } from './store.ts';

import type { Context } from '../context.ts';
import type { Component } from './archive.ts';
import type { Applied } from './store.ts';

type Metadata = Record<string, unknown>;

/** What Salesforce would say against a permission set group. */
export function groupProblem({ metadata = {} }: Component): string | undefined {
  return asText(metadata.label) === undefined ? 'Required field is missing: label' : undefined;
}

/** Makes the group's own permission set, which grants what its members grant together. @throws Error for an unknown member */
export async function applyGroup(ctx: Context, component: Component): Promise<Applied> {
  const { fullName, metadata = {} } = component;
  const members: string[] = [];
  for (const name of asList(metadata.permissionSets).map((each) => asText(each) ?? '')) {
    const id = await permissionSetId(ctx.db, name);
    if (id === undefined) throw new Error(`In field: permissionSets - no PermissionSet named ${name} found`);
    members.push(id);
  }
  const known = await permissionSetId(ctx.db, fullName);
  const label = asText(metadata.label) ?? fullName;
  const [fresh = ''] =
    known === undefined
      ? await insertRows(ctx, 'PermissionSet', [{ Name: fullName, Type: 'Group', Label: label }])
      : [];
  const id = known ?? fresh;
  await ctx.db.query('delete from "ObjectPermissions" where "ParentId" = $1', [id]);
  await ctx.db.query('delete from "FieldPermissions" where "ParentId" = $1', [id]);
  await insertRows(ctx, 'ObjectPermissions', await together(ctx, 'ObjectPermissions', { id, members }));
  await insertRows(ctx, 'FieldPermissions', await together(ctx, 'FieldPermissions', { id, members }));
  return keepComponent(ctx, component);
}

/** The members' grants, merged: what one of them allows is allowed. */
async function together(
  ctx: Context,
  table: 'ObjectPermissions' | 'FieldPermissions',
  { id, members }: { id: string; members: string[] },
): Promise<Metadata[]> {
  const { rows } = await ctx.db.query(`select * from "${table}" where "ParentId" = any($1)`, [members]);
  const merged = new Map<string, Metadata>();
  for (const row of rows as Metadata[]) {
    const key = asText(row.Field) ?? asText(row.SobjectType) ?? '';
    merged.set(key, {
      ...granted(row, merged.get(key)),
      ParentId: id,
      SobjectType: row.SobjectType,
      ...(table === 'FieldPermissions' ? { Field: row.Field } : {}),
    });
  }
  return [...merged.values()];
}

const granted = (row: Metadata, before: Metadata | undefined): Metadata =>
  Object.fromEntries(
    Object.entries(row)
      .filter(([name]) => name.startsWith('Permissions'))
      .map(([name, value]) => [name, value === true || before?.[name] === true]),
  );
