import { calculationProblem } from '../schema/calculated.ts';
import { defineField, undefineField } from '../schema/define.ts';
import { columnType } from '../schema/tables.ts';
import { definitionOf, fieldProblem } from './custom-field.ts';
import { objectsOf, splitField } from './names.ts';
import { unknownObject } from './object-component.ts';
import { keepComponent } from './store.ts';

import type { Context } from '../context.ts';
import type { FieldDefinition } from '../schema/catalog.ts';
import type { Component } from './archive.ts';
import type { Outlook } from './kinds.ts';
import type { Applied } from './store.ts';

/** What Salesforce would say against a field, in its words. */
export function customFieldProblem(
  { fullName, metadata = {} }: Component,
  outlook: Outlook,
): string | undefined {
  const [object, name] = splitField(fullName);
  if (!objectsOf(object).every(outlook.isObject)) return unknownObject(object);
  if (!name.endsWith('__c') && outlook.isField(objectsOf(object)[0] ?? '', name)) return undefined;
  return (
    fieldProblem(name, metadata, outlook.isObject) ??
    typeProblem(objectsOf(object)[0] ?? '', name, metadata, outlook)
  );
}

/** A field that is there keeps the kind of value that it holds, and a lookup the object it points at. */
function typeProblem(
  object: string,
  name: string,
  metadata: Record<string, unknown>,
  { catalog }: Outlook,
): string | undefined {
  const known = catalog.find(object)?.field(name);
  if (!known) return undefined;
  const next = definitionOf(name, metadata);
  if (columnType(known.type) !== columnType(next.type) || known.calculated !== (next.calculated ?? false))
    return `Cannot change type due to existing data: ${object}.${name}`;
  const [before, after] = [known.referenceTo[0], next.referenceTo?.[0]];
  return before === after ? undefined : `Cannot change which object a lookup refers to: ${object}.${name}`;
}

/** Adds the field to its object, or changes it. */
export async function applyField(ctx: Context, component: Component): Promise<Applied> {
  const [object, name] = splitField(component.fullName);
  if (name.endsWith('__c'))
    for (const target of objectsOf(object))
      await define(ctx, target, definitionOf(name, component.metadata ?? {}));
  return keepComponent(ctx, component);
}

/** @throws Error for a formula or roll-up that doesn't make sense in the org as it is by now */
async function define(ctx: Context, object: string, definition: FieldDefinition): Promise<void> {
  const sobject = await defineField(ctx.org, object, definition);
  const field = sobject.field(definition.name);
  const problem = field && calculationProblem(ctx, sobject, field);
  if (problem !== undefined) throw new Error(problem);
}

/** Deletes a custom field with its values, unless a formula, a rule or a roll-up still names it. */
export async function removeField(ctx: Context, fullName: string): Promise<string | undefined> {
  const [object, name] = splitField(fullName);
  const { rows } = await ctx.db.query(
    `select type, full_name as "fullName" from _component
      where type in ('CustomField', 'ValidationRule') and full_name <> $1
        and (split_part(full_name, '.', 1) = $2 or metadata::text like '%' || $2 || '%')
        and concat(metadata ->> 'formula', metadata ->> 'errorConditionFormula', metadata ->> 'summarizedField') ~* ('\\y' || $3 || '\\y')
      order by 1, 2 limit 1`,
    [fullName, object, name],
  );
  const [user] = rows as { type: string; fullName: string }[];
  if (user) {
    const kind = user.type === 'ValidationRule' ? 'Validation Rule' : 'Custom Field';
    return `This custom field is referenced elsewhere in salesforce.com. : ${kind} - ${user.fullName}`;
  }
  for (const target of objectsOf(object)) await undefineField(ctx.org, target, name);
  await ctx.db.query('delete from "FieldPermissions" where "Field" = any($1)', [
    objectsOf(object).map((each) => `${each}.${name}`),
  ]);
  return undefined;
}
