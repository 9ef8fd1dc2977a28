import type { StaffRole } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import type { Tx } from '../platform/db.ts';
import type { Rule } from '../rules/rules.ts';

import type { Filter, Kind, Tone } from './kinds.ts';
import { insertSeed } from './rules.queries.ts';
import type { Scope } from './rules.ts';

interface Seed {
  code: string;
  name: string;
  trigger: Kind;
  filter?: Filter;
  condition?: Rule;
  scope: Scope;
  roles: StaffRole[];
  toMail?: true;
  restHours?: number;
  /** Of a watched condition: whether it is bad news. */
  tone?: Tone;
}

const paying: Rule = { field: 'account.status', op: 'is', value: ['paying'] };
const WEEK = 168;
const MONTH = 720;

const executives = [
  'Chief', 'CEO', 'CIO', 'CTO', 'CFO', 'COO', 'CISO', 'VP', 'Vice President', 'President', 'Director', 'Head of', 'Owner', 'Founder',
  'Managing',
]; // prettier-ignore

/** The rules that Rapport brings along (FA3 to FA9). Everybody may mute them, an administrator change them or switch them off. */
export const seeds: readonly Seed[] = [
  /* FA3: the drumbeat of new paying customers. */
  { code: 'new_customer', name: 'New paying customer', trigger: 'customer.new', scope: 'all', roles: ['csm', 'admin'], toMail: true },
  /* FA4: with the reasons why. */
  { code: 'health_changed', name: 'Health changed', trigger: 'health.changed', scope: 'mine_or_followed', roles: ['csm'], toMail: true },
  {
    /* FA5 */
    code: 'onboarding_behind', tone: 'danger', name: 'Falling behind in onboarding', trigger: 'condition.met', scope: 'mine_or_followed', roles: ['csm'],
    filter: { entity: 'account', includesPresent: true }, restHours: WEEK,
    condition: { all: [
      paying,
      { field: 'account.stage', op: 'is', value: ['onboarding'] },
      { field: 'account.customerSince', op: 'moreThanAgo', value: 14 },
      { any: [
        { field: 'account.daysActive', op: 'lessThan', value: 3 },
        { field: 'account.peopleActive', op: 'atMost', value: 1 },
        { field: 'account.modulesUsed', op: 'atMost', value: 1 },
      ] },
    ] },
  },
  {
    /* FA6: who comes, and gets less done than four fifths of all who do. */
    code: 'training_needed', name: 'People who need training', trigger: 'condition.met', scope: 'mine_or_followed', roles: ['csm'],
    filter: { entity: 'person', includesPresent: true }, restHours: MONTH,
    condition: { all: [
      paying,
      { field: 'person.isUser', op: 'is', value: true },
      { field: 'person.daysActive', op: 'atLeast', value: 1 },
      { field: 'person.engagement', op: 'atMost', value: 20 },
    ] },
  },
  {
    /* FA7 */
    code: 'champion_quiet', tone: 'danger', name: 'Executive champion tuned out', trigger: 'condition.met', scope: 'mine_or_followed', roles: ['csm'],
    filter: { entity: 'person', includesPresent: true }, restHours: WEEK, toMail: true,
    condition: { all: [
      paying,
      { any: executives.map((title): Rule => ({ field: 'person.title', op: 'contains', value: title })) },
      { field: 'person.lastActiveOn', op: 'moreThanAgo', value: 14 },
      { field: 'person.lastActiveOn', op: 'withinPast', value: 120 },
      { field: 'personUsage.days', with: { days: 180 }, op: 'atLeast', value: 3 },
    ] },
  },
  {
    /* FA8 */
    code: 'at_risk', tone: 'danger', name: 'At risk of going bad', trigger: 'condition.met', scope: 'mine_or_followed', roles: ['csm'], toMail: true,
    filter: { entity: 'account', includesPresent: true }, restHours: WEEK,
    condition: { all: [
      paying,
      { any: [
        { field: 'account.risk', op: 'is', value: ['red'] },
        { all: [
          { field: 'account.rank', op: 'is', value: ['average', 'poor'] },
          { field: 'account.nextRenewalOn', op: 'withinNext', value: 90 },
        ] },
        { all: [
          { field: 'account.rank', op: 'is', value: ['average'] },
          { field: 'usage.change', with: { of: 'actions', days: 14 }, op: 'atMost', value: -40 },
        ] },
      ] },
    ] },
  },
  /* FA9: drops and conditions, and opportunities, not risks alone. */
  { code: 'health_dropped', name: 'Health score fell', trigger: 'health.dropped', filter: { points: 15 }, scope: 'mine_or_followed', roles: ['csm'] },
  { code: 'usage_stopped', name: 'Use has stopped', trigger: 'usage.stopped', scope: 'mine_or_followed', roles: ['csm'], toMail: true },
  { code: 'case_urgent', name: 'Urgent case', trigger: 'case.urgent', scope: 'mine_or_followed', roles: ['csm'] },
  { code: 'renewal_near', name: 'Renewal is near', trigger: 'renewal.near', filter: { days: 60 }, scope: 'mine_or_followed', roles: ['csm', 'rep'] },
  { code: 'usage_rising', name: 'Rising usage', trigger: 'usage.rising', scope: 'mine_or_followed', roles: ['csm', 'rep'] },
  { code: 'capacity_near', name: 'Near capacity', trigger: 'capacity.near', scope: 'mine_or_followed', roles: ['csm', 'rep'] },
  { code: 'opportunity_won', name: 'Opportunity won', trigger: 'opportunity.won', scope: 'mine_or_followed', roles: ['csm'] },
]; // prettier-ignore

/** Whether what a rule that came along tells is bad news, where its kind does not say. */
export const toneOfSeed = (code: string | null): Tone | undefined =>
  seeds.find((seed) => seed.code === code)?.tone;

/** Brings along the rules that are not there yet. */
export async function plantSeeds(tx: Tx): Promise<void> {
  const at = now();
  for (const { code, name, trigger, scope, roles, filter = {}, condition = null, toMail = false, restHours = 0 } of seeds)
    await insertSeed(
      tx,
      {
        code, name, trigger, scope, roles, filter, condition, toMail, restHours,
        ownerId: null, toInbox: true, webhookId: null,
      },
      at,
    ); // prettier-ignore
}
