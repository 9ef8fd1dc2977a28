import type { Rule } from '../rules/rules.ts';

/** A list that is there from the start, for everybody. */
export interface Suggestion {
  code: string;
  name: string;
  description: string;
  folder: string;
  entity: 'account' | 'person';
  rule: Rule;
  /** What it does to tags, and what it says of risk, from the start. */
  triggers?: readonly { moment: 'entered' | 'left'; act: 'add' | 'remove'; tag: string }[];
  risk?: { level: 'red' | 'yellow' | 'green'; reason: string };
}

const paying: Rule = { field: 'account.status', op: 'is', value: ['paying'] };

/** Use of a week or two says little of an account that hardly uses anything. */
const usesAtAll: Rule = { field: 'usage.times', with: { days: 60 }, op: 'atLeast', value: 20 };

const usageMoved = (of: string, days: number, op: 'atLeast' | 'atMost', value: number): Rule => ({
  field: 'usage.change',
  with: { of, days },
  op,
  value,
});

const withinPast = (field: string, value: number): Rule => ({ field, op: 'withinPast', value });
const renewsWithin = (value: number): Rule => ({ field: 'account.nextRenewalOn', op: 'withinNext', value });
const trials = (within: Rule): Rule => ({
  field: 'account.licenses',
  with: { where: { all: [{ field: 'license.isTrial', op: 'is', value: true }, within] } },
  op: 'atLeast',
  value: 1,
});

const goesDown: Rule = {
  any: [
    { field: 'account.rank', op: 'is', value: ['poor'] },
    { field: 'account.frequency', op: 'is', value: ['inactive'] },
    usageMoved('people', 14, 'atMost', -50),
  ],
};

const adoption: readonly Suggestion[] = [
  {
    code: 'rising-usage',
    name: 'Rising usage',
    description:
      'Do at least a quarter more than in the two weeks before: a moment for references and for more',
    folder: 'Adoption',
    entity: 'account',
    rule: { all: [paying, usesAtAll, usageMoved('actions', 14, 'atLeast', 25)] },
  },
  {
    code: 'growing-adoption',
    name: 'Growing adoption',
    description:
      'At least a fifth more people use it than in the month before, or they use it on a fifth more days',
    folder: 'Adoption',
    entity: 'account',
    rule: {
      all: [
        paying,
        usesAtAll,
        { any: [usageMoved('people', 30, 'atLeast', 20), usageMoved('days', 30, 'atLeast', 20)] },
      ],
    },
  },
  {
    code: 'declining-adoption',
    name: 'Declining adoption',
    description: 'At least a quarter fewer people use it than in the two weeks before: ask who left, and why',
    folder: 'Adoption',
    entity: 'account',
    rule: { all: [paying, usesAtAll, usageMoved('people', 14, 'atMost', -25)] },
  },
];

const lifecycle: readonly Suggestion[] = [
  {
    code: 'recently-acquired',
    name: 'Recently acquired',
    description: 'Became customers within the last 60 days',
    folder: 'Lifecycle',
    entity: 'account',
    rule: { all: [paying, withinPast('account.customerSince', 60)] },
  },
  {
    code: 'recently-converted',
    name: 'Recently converted',
    description: 'Had a trial, and became customers within the last 90 days',
    folder: 'Lifecycle',
    entity: 'account',
    rule: {
      all: [
        paying,
        withinPast('account.customerSince', 90),
        trials({ field: 'license.purchasedOn', op: 'known' }),
      ],
    },
  },
  {
    code: 'recently-churned',
    name: 'Recently churned',
    description: 'Let their support end within the last 90 days: learn why, and win them back',
    folder: 'Lifecycle',
    entity: 'account',
    rule: {
      all: [
        { field: 'account.status', op: 'is', value: ['cancelled'] },
        withinPast('account.supportUntil', 90),
      ],
    },
    triggers: [
      { moment: 'entered', act: 'remove', tag: 'Onboarding' },
      { moment: 'entered', act: 'remove', tag: 'Established' },
    ],
  },
  {
    code: 'recently-expired-trials',
    name: 'Recently expired trials',
    description: 'A trial ended within the last 30 days, and nothing was bought',
    folder: 'Lifecycle',
    entity: 'account',
    rule: { all: [{ not: paying }, trials(withinPast('license.supportUntil', 30))] },
  },
  {
    code: 'new-onboarding',
    name: 'New onboarding',
    description: 'Customers for less than 90 days that have not reached their first value yet',
    folder: 'Lifecycle',
    entity: 'account',
    rule: {
      all: [
        paying,
        withinPast('account.customerSince', 90),
        { field: 'account.tags', op: 'hasNone', value: ['Established'] },
      ],
    },
    triggers: [
      { moment: 'entered', act: 'add', tag: 'Onboarding' },
      { moment: 'left', act: 'remove', tag: 'Onboarding' },
    ],
  },
  {
    code: 'first-value',
    name: 'Reached first value',
    description: 'At least two people use it, on at least five of the last 14 days',
    folder: 'Lifecycle',
    entity: 'account',
    rule: {
      all: [
        paying,
        { field: 'account.daysActive', op: 'atLeast', value: 5 },
        { field: 'account.peopleActive', op: 'atLeast', value: 2 },
      ],
    },
    triggers: [{ moment: 'entered', act: 'add', tag: 'Established' }],
  },
];

const attention: readonly Suggestion[] = [
  {
    code: 'at-risk',
    name: 'At risk',
    description: 'Customers in poor health, who no longer come, or whose people stay away',
    folder: 'Attention',
    entity: 'account',
    rule: { all: [paying, goesDown] },
    risk: { level: 'yellow', reason: 'Poor health, or hardly anybody uses it any more' },
  },
  {
    code: 'renewal-within-90-days',
    name: 'Renewal within 90 days',
    description: 'Customers whose support ends within 90 days: prepare the renewal',
    folder: 'Attention',
    entity: 'account',
    rule: { all: [paying, renewsWithin(90)] },
  },
  {
    code: 'renewal-in-danger',
    name: 'Renewal in danger',
    description: 'At risk, with the renewal within 90 days: call today',
    folder: 'Attention',
    entity: 'account',
    rule: { all: [paying, renewsWithin(90), goesDown] },
    risk: { level: 'red', reason: 'The renewal is near, and little speaks for it' },
  },
];

const deciders = ['Decision Maker', 'Economic Decision Maker', 'Economic Buyer', 'Executive Sponsor'];

const people: readonly Suggestion[] = [
  {
    code: 'quiet-deciders',
    name: 'Deciders gone quiet',
    description: 'Who decides or buys and used the product, but not for two weeks',
    folder: 'People',
    entity: 'person',
    rule: {
      all: [
        paying,
        { field: 'person.roles', op: 'hasAny', value: deciders },
        { field: 'person.lastActiveOn', op: 'moreThanAgo', value: 14 },
      ],
    },
  },
  {
    code: 'power-users',
    name: 'Power users',
    description: 'Who does more than nine of ten people: ask them for references',
    folder: 'People',
    entity: 'person',
    rule: { all: [paying, { field: 'person.engagement', op: 'atLeast', value: 90 }] },
  },
  {
    code: 'new-users',
    name: 'New users',
    description: 'Began to use the product within the last 30 days: welcome them',
    folder: 'People',
    entity: 'person',
    rule: withinPast('person.firstActiveOn', 30),
  },
];

/** Totango's suggested lists, and those that a success manager begins the day with. */
export const suggestions: readonly Suggestion[] = [...attention, ...lifecycle, ...adoption, ...people];
