import { canvasProblem } from './canvas-settings.ts';
import { applyChannel, applyMember, channelProblem, memberProblem } from './channel.ts';
import { appProblem, applyApp, applyOfApp, partProblem, removeApp } from './client-app.ts';
import {
  applyDuplicateRule,
  applyMatchingRules,
  duplicateRuleProblem,
  removeDuplicateRule,
} from './duplicate-rule.ts';
import { applyField, customFieldProblem, removeField } from './field-component.ts';
import { applyObject, objectProblem, removeObject } from './object-component.ts';
import { applyPermissionSet, permissionSetProblem, removePermissionSet } from './permission-set.ts';
import { splitField } from './names.ts';
import { applyGroup, groupProblem } from './permission-set-group.ts';
import { applyQueue, queueProblem, removeQueue } from './queue.ts';
import { applyRecordType, recordTypeProblem, removeRecordType } from './record-type.ts';
import { applyValidationRule, removeValidationRule, validationRuleProblem } from './validation-rule.ts';
import { forgetComponent, keepComponent, maybeKept } from './store.ts';

import type { Context } from '../context.ts';
import type { Catalog } from '../schema/catalog.ts';
import type { Component } from './archive.ts';
import type { Applied } from './store.ts';

/** What will exist once the deployment is through: the org's schema and what the package brings. */
export interface Outlook {
  isObject: (name: string) => boolean;
  isField: (object: string, name: string) => boolean;
  /** Whether the package brings that component itself. */
  brings: (type: string, fullName: string) => boolean;
  /** The org as it is before. */
  catalog: Catalog;
}

/**
 * How components of a type get into the org. All of it happens inside the deployment's transaction, on its own copy of the
 * catalog (`workspace.ts`); what else of the org is held in memory is read anew afterwards (`settle.ts`).
 */
export interface Kind {
  /** What Salesforce would say against it without looking at the org's data; undefined when it is sound. */
  problem: (component: Component, outlook: Outlook) => string | undefined;
  /** @throws Error whose message is what Salesforce would say against it. */
  apply: (ctx: Context, component: Component) => Promise<Applied>;
  /** Takes it out of the org before it is forgotten; the answer is why that cannot be. */
  remove?: (ctx: Context, fullName: string) => Promise<string | undefined>;
}

/** In the order in which components of one package are applied: what stands on others comes after them. */
const kinds: Record<string, Kind> = {
  CustomObject: { problem: objectProblem, apply: applyObject, remove: removeObject },
  CustomField: { problem: customFieldProblem, apply: applyField, remove: removeField },
  RecordType: { problem: recordTypeProblem, apply: applyRecordType, remove: removeRecordType },
  Queue: { problem: queueProblem, apply: applyQueue, remove: removeQueue },
  ValidationRule: {
    problem: validationRuleProblem,
    apply: applyValidationRule,
    remove: removeValidationRule,
  },
  MatchingRules: { problem: () => undefined, apply: applyMatchingRules },
  DuplicateRule: { problem: duplicateRuleProblem, apply: applyDuplicateRule, remove: removeDuplicateRule },
  PermissionSet: { problem: permissionSetProblem, apply: applyPermissionSet, remove: removePermissionSet },
  PermissionSetGroup: { problem: groupProblem, apply: applyGroup, remove: removePermissionSet },
  PlatformEventChannel: { problem: channelProblem, apply: applyChannel },
  PlatformEventChannelMember: { problem: memberProblem, apply: applyMember },
  ExternalClientApplication: { problem: appProblem, apply: applyApp, remove: removeApp },
  ExtlClntAppGlobalOauthSettings: { problem: partProblem, apply: applyOfApp },
  ExtlClntAppOauthSettings: { problem: partProblem, apply: applyOfApp },
  ExtlClntAppOauthConfigurablePolicies: { problem: partProblem, apply: applyOfApp },
  ExtlClntAppConfigurablePolicies: { problem: partProblem, apply: applyOfApp },
  ExtlClntAppCanvasSettings: { problem: canvasProblem, apply: applyOfApp },
};

/** Components of all other types are kept and given back by retrieve. */
const keptOnly: Kind = { problem: () => undefined, apply: (ctx, component) => keepComponent(ctx, component) };

export const kindOf = (type: string): Kind =>
  (Object.hasOwn(kinds, type) ? kinds[type] : undefined) ?? keptOnly;

/** Types without an effect come after fields and before permission sets. */
export function orderOf(type: string): number {
  const at = Object.keys(kinds).indexOf(type);
  return at < 0 ? Object.keys(kinds).indexOf('PermissionSet') - 0.5 : at;
}

/** Takes a component out of the org; undefined when done, else why not. */
export async function removeComponent(
  ctx: Context,
  type: string,
  fullName: string,
): Promise<string | undefined> {
  const name = (await maybeKept(ctx.db, type, fullName))?.fullName ?? customName(ctx, type, fullName);
  if (name === undefined) return notFound(type, fullName);
  const problem = await kindOf(type).remove?.(ctx, name);
  if (problem === undefined) await forgetComponent(ctx.db, type, name);
  return problem;
}

/** Objects and fields that came by another way than a deployment. */
function customName({ org }: Context, type: string, fullName: string): string | undefined {
  const [object, field] = splitField(fullName);
  const sobject = org.catalog.find(object);
  if (type === 'CustomObject') return sobject?.custom ? sobject.name : undefined;
  if (type !== 'CustomField') return undefined;
  const known = sobject?.field(field);
  return known?.custom ? `${object}.${known.name}` : undefined;
}

/** Salesforce's words for what is not there to be deleted. */
export const notFound = (type: string, fullName: string): string => `No ${type} named: ${fullName} found`;
