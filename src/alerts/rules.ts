import { z } from 'zod';

import { hasRole, type StaffRole, staffRoles, type StaffViewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { transaction } from '../platform/db.ts';
import { Forbidden, Invalid, NotFound } from '../platform/errors.ts';

import { checkedCondition } from './conditions.ts';
import { Filter, type Kind, kindNames, kinds } from './kinds.ts';
import * as queries from './rules.queries.ts';

/** Which accounts a rule tells somebody of. */
export const scopes = ['mine', 'followed', 'mine_or_followed', 'all'] as const;
export type Scope = (typeof scopes)[number];

/** When somebody is told of what: a signal's kind, narrowed by a filter and by a condition of src/rules on its account or person. */
export interface AlertRule {
  id: string;
  /** Set for those that Rapport brings along; they can be switched off, not removed. */
  code: string | null;
  name: string;
  trigger: Kind;
  filter: Filter;
  /** A rule of src/rules, or nothing. */
  condition: unknown;
  scope: Scope;
  /** Whose own it is; null: one of the house, for everybody with `roles`. */
  ownerId: string | null;
  ownerName: string | null;
  roles: StaffRole[];
  toInbox: boolean;
  toMail: boolean;
  webhookId: string | null;
  webhookName: string | null;
  restHours: number;
  isEnabled: boolean;
}

/** A rule in a list, with what it did. */
export interface ListedRule extends AlertRule {
  /** Alerts of the last 30 days, to whomever. */
  fired: number;
  lastFiredAt: Date | null;
  isMuted: boolean;
}

export const RuleForm = z.object({
  name: z.string().trim().min(1).max(120),
  trigger: z.enum(kindNames as [Kind, ...Kind[]]),
  filter: Filter,
  condition: z.unknown(),
  scope: z.enum(scopes),
  isForTeam: z.boolean(),
  roles: z.array(z.enum(staffRoles)),
  toInbox: z.boolean(),
  toMail: z.boolean(),
  webhookId: z.guid().nullable(),
  restHours: z.number().int().min(0).max(8760),
});
export type RuleForm = z.infer<typeof RuleForm>;

/** The viewer's own rules and those of the house. */
export async function rulesSeenBy(viewer: StaffViewer): Promise<ListedRule[]> {
  return await queries.selectRules(
    seenBy(viewer),
    viewer.personId,
    new Date(now().getTime() - 30 * 86_400_000),
  );
}

/** @throws NotFound for somebody else's own rule, too. */
export async function ruleSeenBy(viewer: StaffViewer, id: string): Promise<ListedRule> {
  const rule = (await rulesSeenBy(viewer)).find((one) => one.id === id);
  if (rule === undefined) throw new NotFound();
  return rule;
}

/** Whether the viewer may change it: their own, and, for administrators, those of the house. */
export const mayChange = (viewer: StaffViewer, rule: Pick<AlertRule, 'ownerId'>): boolean =>
  rule.ownerId === null ? hasRole(viewer, 'admin') : rule.ownerId === viewer.personId;

/** @throws Forbidden for a rule of the house or a webhook, unless by an administrator. */
export async function createRule(viewer: StaffViewer, form: RuleForm): Promise<string> {
  const rule = await checked(viewer, form);
  return await transaction((tx) => queries.insertRule(tx, rule, now()));
}

/** @throws NotFound, Forbidden, and Invalid for what does not fit. */
export async function changeRule(viewer: StaffViewer, id: string, form: RuleForm): Promise<void> {
  const before = await ruleToChange(viewer, id);
  const rule = await checked(viewer, form);
  await transaction((tx) => queries.updateRule(tx, { ...rule, id, code: before.code }, now()));
}

/** Switches a rule on or off. */
export async function setRuleEnabled(viewer: StaffViewer, id: string, state: 'on' | 'off'): Promise<void> {
  await ruleToChange(viewer, id);
  await queries.updateEnabled(id, state === 'on', now());
}

/** Removes a rule with its alerts. @throws Forbidden for those that Rapport brings along: they would come back. */
export async function removeRule(viewer: StaffViewer, id: string): Promise<void> {
  const rule = await ruleToChange(viewer, id);
  if (rule.code !== null) throw new Forbidden();
  await queries.deleteRule(id);
}

async function ruleToChange(viewer: StaffViewer, id: string): Promise<AlertRule> {
  const rule = await ruleSeenBy(viewer, id);
  if (!mayChange(viewer, rule)) throw new Forbidden();
  return rule;
}

const seenBy = (viewer: StaffViewer) => queries.ownOrShared(viewer.personId);

/** What a form says, as far as it fits its trigger and its author. @throws Forbidden, Invalid */
export async function checked(viewer: StaffViewer, form: RuleForm): Promise<queries.RuleToSave> {
  const { isForTeam, roles, filter, trigger } = form;
  requireMayTell(viewer, form);
  requireWhole(form);
  const condition = await checkedCondition(form.condition, filter.entity ?? 'account');
  if (trigger === 'condition.met' && condition === null)
    throw new Invalid({ condition: 'alerts.errors.condition' });
  const fitting = kinds[trigger].filters as readonly string[];
  return {
    ...form,
    condition,
    filter: Object.fromEntries(Object.entries(filter).filter(([name]) => fitting.includes(name))),
    ownerId: isForTeam ? null : viewer.personId,
    roles: isForTeam ? roles : [],
  };
}

/** Everybody may make rules for themselves; an administrator for all, and out of the house. */
function requireMayTell(viewer: StaffViewer, { isForTeam, webhookId }: RuleForm): void {
  if ((isForTeam || webhookId !== null) && !hasRole(viewer, 'admin')) throw new Forbidden();
}

function requireWhole({ isForTeam, roles, trigger, filter, toInbox, toMail, webhookId }: RuleForm): void {
  const isUntold = !toInbox && !toMail && webhookId === null;
  const fields = {
    ...(isForTeam && roles.length === 0 ? { roles: 'alerts.errors.roles' } : {}),
    ...(trigger.startsWith('segment.') && filter.segmentId === undefined
      ? { segmentId: 'alerts.errors.segment' }
      : {}),
    ...(isUntold ? { toInbox: 'alerts.errors.channel' } : {}),
  };
  if (Object.keys(fields).length > 0) throw new Invalid(fields);
}
