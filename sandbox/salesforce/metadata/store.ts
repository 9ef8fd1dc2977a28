import { idOf } from '../records/ids.ts';

import type { Db } from '../../database.ts';
import type { Context } from '../context.ts';
import type { Component } from './archive.ts';

export const metadataTables = `
create sequence if not exists _component_ids;
create table if not exists _component (
  type text not null,
  full_name text not null,
  id text not null,
  file_name text not null,
  metadata jsonb,
  files jsonb not null,
  created_at timestamptz not null,
  created_by text not null,
  modified_at timestamptz not null,
  modified_by text not null,
  primary key (type, full_name)
);
create table if not exists _deploy (
  id text primary key,
  created_at timestamptz not null,
  zip bytea,
  result jsonb not null
);
create table if not exists _retrieve (id text primary key, result jsonb not null);
`;

/** A component as it is kept. */
export interface Kept {
  type: string;
  fullName: string;
  id: string;
  fileName: string;
  metadata: Record<string, unknown> | null;
  /** Base64 by path. */
  files: Record<string, string>;
  createdAt: string;
  createdBy: string;
  createdByName: string;
  modifiedAt: string;
  modifiedBy: string;
  modifiedByName: string;
}

const columns = `type, full_name as "fullName", id, file_name as "fileName", metadata, files, created_at as "createdAt",
  created_by as "createdBy", modified_at as "modifiedAt", modified_by as "modifiedBy",
  (select "Name" from "User" where "Id" = created_by) as "createdByName",
  (select "Name" from "User" where "Id" = modified_by) as "modifiedByName"`;

/** Key prefixes of components; those not named here get that of a package member. */
const prefixes: Record<string, string> = {
  CustomObject: '01I',
  CustomField: '00N',
  PermissionSet: '0PS',
  ApexClass: '01p',
  ApexTrigger: '01q',
  Layout: '00h',
  ValidationRule: '03d',
  RecordType: '012',
  PermissionSetGroup: '0PG',
  ExternalClientApplication: '0xI',
  PlatformEventChannel: '0YL',
  PlatformEventChannelMember: '0v8',
  ListView: '00B',
  CustomTab: '01r',
  CustomApplication: '02u',
};

/** What became of one component that was applied. */
export interface Applied {
  id: string;
  created: boolean;
  /** False when it was there just as it is. */
  changed: boolean;
}

/** Keeps a component as it was deployed. Tells its id, and whether it is new or other than before. */
export async function keepComponent(ctx: Context, component: Component, id?: string): Promise<Applied> {
  const { type, fullName, fileName, metadata } = component;
  const files = Object.fromEntries(
    Object.entries(component.files).map(([path, bytes]) => [path, Buffer.from(bytes).toString('base64')]),
  );
  const known = await maybeKept(ctx.db, type, fullName);
  const name = known?.fullName ?? fullName;
  const kept = known?.id ?? id ?? (await newId(ctx.db, type));
  const { rowCount } = await ctx.db.query(
    `insert into _component (type, full_name, id, file_name, metadata, files, created_at, created_by, modified_at, modified_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $7, $8)
     on conflict (type, full_name) do update set file_name = $4, metadata = $5, files = $6, modified_at = $7, modified_by = $8
       where _component.metadata is distinct from $5::jsonb or (_component.files is distinct from $6::jsonb and $6::jsonb <> '{}')`,
    [
      type, name, kept, fileName, metadata === undefined ? null : JSON.stringify(metadata), JSON.stringify(files), ctx.org.clock.now(), ctx.user.id,
    ],
  ); // prettier-ignore
  return { id: kept, created: known === undefined, changed: rowCount === 1 };
}

async function newId(db: Db, type: string): Promise<string> {
  const { rows } = await db.query(`select nextval('_component_ids') as counter`);
  return idOf(prefixes[type] ?? '0ZZ', Number((rows as { counter: number }[])[0]?.counter));
}

/** Components of a type in the order of their names. */
export async function keptComponents(db: Db, type: string): Promise<Kept[]> {
  const { rows } = await db.query(`select ${columns} from _component where type = $1 order by full_name`, [
    type,
  ]);
  return rows as Kept[];
}

/** One component, its name in any case. */
export async function maybeKept(db: Db, type: string, fullName: string): Promise<Kept | undefined> {
  const { rows } = await db.query(
    `select ${columns} from _component where type = $1 and lower(full_name) = lower($2)`,
    [type, fullName],
  );
  return (rows as Kept[])[0];
}

/** Forgets a component with its children; tells whether it was there. */
export async function forgetComponent(db: Db, type: string, fullName: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `delete from _component where type = $1 and full_name = $2 or $1 = 'CustomObject' and starts_with(full_name, $2 || '.')`,
    [type, fullName],
  );
  return (rowCount ?? 0) > 0;
}
