import { defineObject, undefineObject } from '../schema/define.ts';
import { asObject, asText } from '../soap/envelope.ts';
import { objectsOf } from './names.ts';
import { keepComponent } from './store.ts';
import { maybeType } from './types.ts';

import type { Context } from '../context.ts';
import type { Component } from './archive.ts';
import type { Outlook } from './kinds.ts';
import type { Applied } from './store.ts';

/** What Salesforce would say against an object's metadata, in its words. */
export function objectProblem({ fullName, metadata = {} }: Component, outlook: Outlook): string | undefined {
  if (!isCustomName(fullName))
    return objectsOf(fullName).every(outlook.isObject) ? undefined : unknownObject(fullName);
  if (!/^[A-Za-z](?!.*__.*__)[A-Za-z0-9_]*__[ce]$/.test(fullName))
    return 'The Object Name field can only contain underscores and alphanumeric characters. It must be unique, begin with a letter, not include spaces, not end with an underscore, and not contain two consecutive underscores.';
  return fullName.endsWith('__e') ? eventProblem(metadata) : customObjectProblem(metadata);
}

function eventProblem(metadata: Record<string, unknown>): string | undefined {
  const missing = ['label', 'pluralLabel', 'deploymentStatus'].find((each) => metadata[each] === undefined);
  return missing === undefined ? undefined : `Must specify a ${missing} for the CustomObject`;
}

function customObjectProblem(metadata: Record<string, unknown>): string | undefined {
  const missing = ['label', 'pluralLabel', 'nameField', 'deploymentStatus', 'sharingModel'].find(
    (each) => metadata[each] === undefined,
  );
  const nameType = asText(asObject(metadata.nameField).type);
  if (missing === 'nameField' || (missing === undefined && nameType !== 'Text' && nameType !== 'AutoNumber'))
    return 'Must specify a nameField of type Text or AutoNumber';
  return missing === undefined ? undefined : `Must specify a ${missing} for the CustomObject`;
}

/** A custom object, or a platform event. */
export const isCustomName = (name: string): boolean => /__[ce]$/.test(name);

/** Salesforce's words for an object that the org does not have. */
export const unknownObject = (name: string): string =>
  `Entity of type 'CustomObject' named '${name}' cannot be found`;

/** Creates or renames the object. */
export async function applyObject(ctx: Context, component: Component): Promise<Applied> {
  const { fullName, metadata = {} } = component;
  if (isCustomName(fullName)) {
    const nameField = asObject(metadata.nameField);
    const displayFormat = asText(nameField.displayFormat);
    await defineObject(ctx.org, {
      name: fullName,
      label: asText(metadata.label) ?? fullName,
      labelPlural: asText(metadata.pluralLabel) ?? fullName,
      nameField: {
        label: asText(nameField.label) ?? 'Name',
        type: asText(nameField.type) === 'AutoNumber' ? 'autoNumber' : 'string',
        ...(displayFormat === undefined ? {} : { displayFormat }),
      },
    });
  }
  const parts = Object.keys(maybeType('CustomObject')?.children ?? {});
  const own = Object.entries(metadata).filter(([name]) => !parts.includes(name));
  return keepComponent(ctx, { ...component, metadata: Object.fromEntries(own), files: {} });
}

/** Deletes a custom object with its records, unless something still points at it. */
export async function removeObject(ctx: Context, fullName: string): Promise<string | undefined> {
  const { catalog } = ctx.org;
  const sobject = catalog.find(fullName);
  if (!sobject?.custom) return `Cannot delete standard object: ${fullName}`;
  const pointing = catalog.children(sobject).find((child) => child.sobject.name !== sobject.name);
  if (pointing)
    return `This custom object is referenced elsewhere in salesforce.com. : Custom Field - ${pointing.sobject.name}.${pointing.field.name}`;
  await undefineObject(ctx.org, sobject.name);
  await ctx.db.query('delete from "ObjectPermissions" where "SobjectType" = $1', [sobject.name]);
  await ctx.db.query('delete from "FieldPermissions" where "SobjectType" = $1', [sobject.name]);
  return undefined;
}
