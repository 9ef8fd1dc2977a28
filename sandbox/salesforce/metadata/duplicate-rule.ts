import { matchIndexes } from '../records/matching.ts';
import { forgetRule, keepRule } from '../schema/rules.ts';
import { asList, asObject, asText } from '../soap/envelope.ts';
import { splitField } from './names.ts';
import { keepComponent } from './store.ts';

import type { Context } from '../context.ts';
import type { DuplicateAction, DuplicateRule, MatchingMethod, MatchingRule } from '../schema/rules.ts';
import type { Component } from './archive.ts';
import type { Applied } from './store.ts';

type Metadata = Record<string, unknown>;

const isTrue = (value: unknown) => asText(value) === 'true';

/** What Salesforce would say against a duplicate rule. */
export function duplicateRuleProblem({ metadata = {} }: Component): string | undefined {
  const missing = ['actionOnInsert', 'actionOnUpdate', 'isActive', 'masterLabel'].find((name) => asText(metadata[name]) === undefined);
  if (missing !== undefined) return `Required field is missing: ${missing}`;
  return asList(metadata.duplicateRuleMatchRules).length === 0 ? 'Duplicate rule must have at least one matching rule' : undefined;
} // prettier-ignore

/** `Contact.Name_And_Mail`: puts the rule in force, or out of it. */
export async function applyDuplicateRule(ctx: Context, component: Component): Promise<Applied> {
  const { fullName, metadata = {} } = component;
  const [sobject, name] = splitField(fullName);
  const rule: DuplicateRule = {
    sobject,
    name,
    active: isTrue(metadata.isActive),
    onInsert: actionOf(metadata.actionOnInsert, metadata.operationsOnInsert),
    onUpdate: actionOf(metadata.actionOnUpdate, metadata.operationsOnUpdate),
    message: asText(metadata.alertText) ?? 'Use one of these records?',
    matches: asList(metadata.duplicateRuleMatchRules).map((each) => matchOf(asObject(each), sobject)),
  };
  for (const { sobject: target, rule: matching } of rule.matches)
    if (!(await isMatchingRule(ctx, target, matching)))
      throw new Error(`In field: matchingRule - no MatchingRule named ${target}.${matching} found`);
  await keepRule(ctx.db, 'duplicate', rule);
  return keepComponent(ctx, component);
}

function actionOf(action: unknown, operations: unknown): DuplicateAction {
  if (asText(action) === 'Block') return 'block';
  return asList(operations).some((each) => asText(each) === 'Alert') ? 'alert' : 'allow';
}

function matchOf(match: Metadata, sobject: string): DuplicateRule['matches'][number] {
  const mappings = asList(asObject(match.objectMapping).mappingFields).map(asObject);
  return {
    sobject: asText(match.matchRuleSObjectType) ?? sobject,
    rule: asText(match.matchingRule) ?? '',
    fields: Object.fromEntries(mappings.map((each) => [asText(each.outputField) ?? '', asText(each.inputField) ?? ''])),
  };
} // prettier-ignore

async function isMatchingRule(ctx: Context, sobject: string, name: string): Promise<boolean> {
  const { rowCount } = await ctx.db.query(
    `select from _rule where kind = 'matching' and sobject = $1 and name = $2`,
    [sobject, name],
  );
  return rowCount === 1;
}

/** Takes a duplicate rule out of force. */
export async function removeDuplicateRule(ctx: Context, fullName: string): Promise<undefined> {
  const [sobject, name] = splitField(fullName);
  await forgetRule(ctx.db, 'duplicate', sobject, name);
}

/** All matching rules of an object: `Contact`. @throws Error for a field that there isn't */
export async function applyMatchingRules(ctx: Context, component: Component): Promise<Applied> {
  const { fullName, metadata = {} } = component;
  for (const each of asList(metadata.matchingRules)) await applyMatchingRule(ctx, fullName, asObject(each));
  return keepComponent(ctx, component);
}

async function applyMatchingRule(ctx: Context, sobject: string, metadata: Metadata): Promise<void> {
  const rule: MatchingRule = {
    sobject,
    name: asText(metadata.fullName) ?? asText(metadata.developerName) ?? '',
    active: asText(metadata.ruleStatus) === 'Active',
    engine: asList(metadata.matchingRuleItems).every(
      (item) => asText(asObject(item).matchingMethod) === 'Exact',
    )
      ? 'ExactMatchEngine'
      : 'FuzzyMatchEngine',
    items: asList(metadata.matchingRuleItems).map((item) => itemOf(asObject(item))),
    logic: asText(metadata.booleanFilter) ?? '',
  };
  const target = ctx.org.catalog.find(sobject);
  const unknown = rule.items.find(({ field }) => !field.includes('.') && !target?.field(field));
  if (unknown)
    throw new Error(`In field: fieldName - no CustomField named ${sobject}.${unknown.field} found`);
  await keepRule(ctx.db, 'matching', rule);
  if (rule.active) for (const statement of matchIndexes(ctx.org.catalog, rule)) await ctx.db.query(statement);
}

const itemOf = (item: Metadata): MatchingRule['items'][number] => ({
  field: asText(item.fieldName) ?? '',
  method: (asText(item.matchingMethod) ?? 'Exact') as MatchingMethod,
  matchBlanks: asText(item.blankValueBehavior) === 'MatchBlanks',
});
