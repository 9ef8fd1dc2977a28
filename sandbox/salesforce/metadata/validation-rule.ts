import { transaction } from '../../database.ts';
import { validationSql } from '../records/validation.ts';
import { forgetRule, keepRule } from '../schema/rules.ts';
import { asText } from '../soap/envelope.ts';
import { objectsOf, splitField } from './names.ts';
import { keepComponent } from './store.ts';

import type { Context } from '../context.ts';
import type { ValidationRule } from '../schema/rules.ts';
import type { Component } from './archive.ts';
import type { Applied } from './store.ts';

/** What Salesforce would say against a validation rule before it looks at its formula. */
export function validationRuleProblem({ metadata = {} }: Component): string | undefined {
  const missing = ['active', 'errorConditionFormula', 'errorMessage'].find(
    (name) => asText(metadata[name]) === undefined,
  );
  return missing === undefined ? undefined : `Required field is missing: ${missing}`;
}

/** Keeps the rule; it counts once the deployment is through. @throws Error for a formula that makes no sense */
export async function applyValidationRule(ctx: Context, component: Component): Promise<Applied> {
  const { fullName, metadata = {} } = component;
  const [object, name] = splitField(fullName);
  for (const sobject of objectsOf(object)) {
    const rule: ValidationRule = {
      sobject: ctx.org.catalog.find(sobject)?.name ?? sobject,
      name,
      active: asText(metadata.active) === 'true',
      condition: asText(metadata.errorConditionFormula) ?? '',
      message: asText(metadata.errorMessage) ?? '',
      field: asText(metadata.errorDisplayField) ?? null,
    };
    await check(ctx, rule);
    await keepRule(ctx.db, 'validation', rule);
  }
  return keepComponent(ctx, component);
}

/** Compiles the rule, and tries it on an empty record: what PostgreSQL stumbles over is told to who deploys, not to who saves. */
async function check(ctx: Context, rule: ValidationRule): Promise<void> {
  const sobject = ctx.org.catalog.find(rule.sobject);
  if (!sobject) throw new Error(`Entity of type 'CustomObject' named '${rule.sobject}' cannot be found`);
  if (rule.field !== null && !sobject.field(rule.field))
    throw new Error(`Field ${rule.field} does not exist. Check spelling.`);
  const text = validationSql(ctx, sobject, [rule]);
  await transaction(ctx.db, (tx) => tx.query(text, ['[{"#":0}]', '[]']));
}

/** Takes the rule out of force. */
export async function removeValidationRule(ctx: Context, fullName: string): Promise<undefined> {
  const [object, name] = splitField(fullName);
  for (const sobject of objectsOf(object)) await forgetRule(ctx.db, 'validation', sobject, name);
}
