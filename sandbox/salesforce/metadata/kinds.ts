import { defineField, defineObject } from '../schema/define.ts';
import { asObject, asText } from '../soap/envelope.ts';
import { definitionOf, fieldProblem } from './custom-field.ts';
import { applyPermissionSet, permissionSetProblem } from './permission-set.ts';
import { forgetComponent, keepComponent, maybeKept } from './store.ts';

import type { Context } from '../context.ts';
import type { Component } from './archive.ts';

/** What will exist once the deployment is through: the org's schema and what the package brings. */
export interface Outlook {
  isObject: (name: string) => boolean;
  isField: (object: string, name: string) => boolean;
}

/** What became of one component that was applied. */
export interface Applied {
  id: string;
  created: boolean;
}

/** How components of a type get into the org. */
interface Kind {
  /** What Salesforce would say against it; undefined when it is sound. */
  problem: (component: Component, outlook: Outlook) => string | undefined;
  apply: (ctx: Context, component: Component) => Promise<Applied>;
}

const kinds: Record<string, Kind> = {
  CustomObject: { problem: objectProblem, apply: applyObject },
  CustomField: { problem: customFieldProblem, apply: applyField },
  PermissionSet: { problem: permissionSetProblem, apply: applyPermissionSet },
};

/** Components of all other types are kept and given back by retrieve. */
const keptOnly: Kind = { problem: () => undefined, apply: (ctx, component) => keepComponent(ctx, component) };

export const kindOf = (type: string): Kind => kinds[type] ?? keptOnly;

/** What stands on others comes after them. */
export const orderOf = (type: string): number =>
  ['CustomObject', 'CustomField', 'other', 'PermissionSet'].indexOf(kinds[type] ? type : 'other');

/** Fields of activities belong to tasks and events alike. */
export const objectsOf = (name: string): string[] => (name === 'Activity' ? ['Task', 'Event'] : [name]);

function objectProblem({ fullName, metadata = {} }: Component, outlook: Outlook): string | undefined {
  if (!fullName.endsWith('__c'))
    return objectsOf(fullName).every(outlook.isObject)
      ? undefined
      : `Entity of type 'CustomObject' named '${fullName}' cannot be found`;
  const missing = ['label', 'pluralLabel', 'nameField', 'deploymentStatus', 'sharingModel'].find(
    (each) => metadata[each] === undefined,
  );
  if (missing !== undefined)
    return `Must specify a ${missing} for the CustomObject`.replace(
      'a nameField',
      'a nameField of type Text or AutoNumber',
    );
  const nameType = asText(asObject(metadata.nameField).type);
  return nameType === 'Text' || nameType === 'AutoNumber'
    ? undefined
    : 'Must specify a nameField of type Text or AutoNumber';
}

async function applyObject(ctx: Context, component: Component): Promise<Applied> {
  const { fullName, metadata = {} } = component;
  if (fullName.endsWith('__c')) {
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
  return keepComponent(ctx, component);
}

/** `Account.Rapport_Id__c` as object and field. */
export function splitField(fullName: string): [object: string, field: string] {
  const at = fullName.indexOf('.');
  return at < 0 ? [fullName, ''] : [fullName.slice(0, at), fullName.slice(at + 1)];
}

function customFieldProblem({ fullName, metadata = {} }: Component, outlook: Outlook): string | undefined {
  const [object, name] = splitField(fullName);
  if (!objectsOf(object).every(outlook.isObject))
    return `Entity of type 'CustomObject' named '${object}' cannot be found`;
  if (!name.endsWith('__c') && outlook.isField(objectsOf(object)[0] ?? '', name)) return undefined;
  return fieldProblem(name, metadata, outlook.isObject);
}

async function applyField(ctx: Context, component: Component): Promise<Applied> {
  const [object, name] = splitField(component.fullName);
  if (name.endsWith('__c'))
    for (const target of objectsOf(object))
      await defineField(ctx.org, target, definitionOf(name, component.metadata ?? {}));
  return keepComponent(ctx, component);
}

/** Takes a component out of the org; undefined when done, else why not. A field or object with data keeps its columns. */
export async function removeComponent(
  ctx: Context,
  type: string,
  fullName: string,
): Promise<string | undefined> {
  if (!(await maybeKept(ctx.db, type, fullName))) return `No ${type} named: ${fullName} found`;
  if (type === 'CustomField' || type === 'CustomObject')
    return `Cannot delete ${type} ${fullName}: the sandbox keeps deployed fields and objects until it is reset.`;
  if (type === 'PermissionSet') {
    await ctx.db.query('delete from "PermissionSet" where "Name" = $1', [fullName]);
    await ctx.org.security.reload();
  }
  await forgetComponent(ctx.db, type, fullName);
  return undefined;
}
