import type { Rule } from '../../rules/rules.ts';

/* What the lifecycle cases ask of people and their accounts, put together from conditions of the filter language. */

const status = (value: string): Rule => ({ field: 'account.status', op: 'is', value: [value] });

export const paying = status('paying');
const established: Rule = { field: 'account.stage', op: 'is', value: ['established'] };
const onboarding: Rule = { field: 'account.stage', op: 'is', value: ['onboarding'] };

/** Pays, and is past being set up. */
export const isEstablished: Rule = { all: [paying, established] };

/** A trial that runs, of which this holds, too. */
export const trialWhere = (...conditions: Rule[]): Rule => ({
  all: [
    status('free'),
    {
      field: 'account.licenses',
      with: {
        where: {
          all: [
            { field: 'license.isTrial', op: 'is', value: true },
            { field: 'license.daysLeft', op: 'atLeast', value: 0 },
            ...conditions,
          ],
        },
      },
      op: 'atLeast',
      value: 1,
    },
  ],
});
export const inTrial = trialWhere();

export const trialEndsWithin = (days: number): Rule =>
  trialWhere({ field: 'license.daysLeft', op: 'atMost', value: days });
export const trialBegan = (op: 'withinPast' | 'moreThanAgo', days: number): Rule => ({
  field: 'license.purchasedOn',
  op,
  value: days,
});

/** Not there yet: on trial, or a customer who is being set up. */
export const isSettingUp: Rule = { any: [inTrial, { all: [paying, onboarding] }] };

/** Who speaks for the account: of those with an address, who used the product on most days lately. */
export const isMain: Rule = { field: 'person.place', op: 'is', value: 1 };
export const isUser: Rule = { field: 'person.isUser', op: 'is', value: true };

/** Who decides about buying, by their role in Salesforce. */
export const decides: Rule = {
  field: 'person.roles',
  op: 'hasAny',
  value: ['Decision Maker', 'Economic Decision Maker', 'Economic Buyer', 'Executive Sponsor'],
};

type Did = { action: string } | { module: string };

/** Somebody of the account did it once, or nobody ever did. */
export const wasDone = (did: Did): Rule => ({ field: 'usage.firstOn', with: did, op: 'known' });
export const neverDone = (did: Did): Rule => ({ field: 'usage.firstOn', with: did, op: 'unknown' });
export const firstDone = (did: Did, op: 'withinPast' | 'moreThanAgo', days: number): Rule => ({
  field: 'usage.firstOn', with: did, op, value: days,
}); // prettier-ignore

/** The same of the person alone. */
export const personDid = (did: Did): Rule => ({ field: 'personUsage.firstOn', with: did, op: 'known' });
export const personNeverDid = (did: Did): Rule => ({
  field: 'personUsage.firstOn',
  with: did,
  op: 'unknown',
});
export const personFirstDid = (did: Did, days: number): Rule => ({
  field: 'personUsage.firstOn', with: did, op: 'withinPast', value: days,
}); // prettier-ignore

export const lastActive = (op: 'withinPast' | 'moreThanAgo', value: number): Rule => ({
  field: 'account.lastActiveOn',
  op,
  value,
});

/** How much less was done in the last two weeks than in the two before: of something, not of a handful of clicks. */
export const usageFell = (...conditions: { op: 'atLeast' | 'lessThan'; value: number }[]): Rule => ({
  all: [
    { field: 'usage.times', with: { days: 60 }, op: 'atLeast', value: 20 },
    ...conditions.map(({ op, value }): Rule => ({
      field: 'usage.fall',
      with: { of: 'actions', days: 14 },
      op,
      value,
    })),
  ],
});

/** Every step of the activation was done. */
export const allDone = (steps: readonly string[]): Rule => ({
  all: steps.map((action) => wasDone({ action })),
});
export const someDone = (steps: readonly string[]): Rule => ({
  any: steps.map((action) => wasDone({ action })),
});
export const someMissing = (steps: readonly string[]): Rule => ({
  any: steps.map((action) => neverDone({ action })),
});
export const noneDone = (steps: readonly string[]): Rule => ({
  all: steps.map((action) => neverDone({ action })),
});
