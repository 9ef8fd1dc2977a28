import type { Condition, Rule } from '../rules/rules.ts';

import type { Drafted } from './definitions.ts';

/** A milestone that comes with the product; `code` knows it again whatever it is called later. */
export type Seed = Drafted & { code: string };

const is = (field: string, op: Condition['op'], value: number | string, given?: Condition['with']): Condition => ({
  field,
  ...(given === undefined ? {} : { with: given }),
  op,
  value,
}); // prettier-ignore

const paying = is('account.status', 'is', 'paying');

/** Somebody who used it on most working days of the two weeks before last, and on none since. */
const quietChampion: Rule = {
  all: [is('personUsage.days', 'atLeast', 7, { days: 28 }), is('person.daysActive', 'is', 0)],
};

/** What is worth telling reps from the start: accomplishments once for ever, warnings each time. */
export const seeds: readonly Seed[] = [
  {
    code: 'first_value',
    name: 'First value',
    headline: 'Has reached first value: used on five days',
    rule: is('usage.days', 'atLeast', 5),
    repeats: false,
    tellsPast: false,
  },
  {
    code: 'first_100_actions',
    name: 'First 100 actions',
    headline: 'Has done its first 100 actions',
    rule: is('usage.times', 'atLeast', 100),
    repeats: false,
    tellsPast: false,
  },
  {
    code: 'ten_people',
    name: 'Ten active people',
    headline: 'Ten people use it: room for more seats',
    rule: is('account.peopleActive', 'atLeast', 10),
    repeats: false,
    tellsPast: false,
  },
  {
    code: 'all_seats',
    name: 'All seats used',
    headline: 'Uses all of its seats: time to talk about more',
    rule: { all: [paying, is('account.utilization', 'atLeast', 100)] },
    repeats: true,
    tellsPast: true,
  },
  {
    code: 'three_modules',
    name: 'A third module adopted',
    headline: 'Works with a third module of the product',
    rule: is('account.modulesUsed', 'atLeast', 3),
    repeats: false,
    tellsPast: false,
  },
  {
    code: 'one_year',
    name: 'One year a customer',
    headline: 'A customer for a year: a good day to say thank you',
    rule: { all: [paying, is('account.customerSince', 'moreThanAgo', 365)] },
    repeats: false,
    tellsPast: false,
  },
  {
    code: 'bought_again',
    name: 'Bought again',
    headline: 'Has bought for the second time',
    rule: is('account.opportunities', 'atLeast', 2, {
      where: { field: 'opportunity.isWon', op: 'is', value: true },
    }),
    repeats: false,
    tellsPast: false,
  },
  {
    code: 'usage_halved',
    name: 'Usage halved',
    headline: 'Usage has halved within two weeks',
    rule: { all: [paying, is('usage.change', 'atMost', -50, { of: 'actions', days: 14 })] },
    repeats: true,
    tellsPast: true,
  },
  {
    code: 'recovered',
    name: 'Recovered',
    headline: 'In good health again, after it was poor within the last 30 days',
    rule: {
      all: [is('account.rank', 'is', 'good'), is('account.rankBefore', 'is', 'poor', { ago: 30 })],
    },
    repeats: true,
    tellsPast: false,
  },
  {
    code: 'champion_quiet',
    name: 'Champion quiet',
    headline: 'Somebody who used it nearly every day has been quiet for two weeks',
    rule: { all: [paying, is('account.people', 'atLeast', 1, { where: quietChampion })] },
    repeats: true,
    tellsPast: true,
  },
  {
    code: 'back_again',
    name: 'Back after a long break',
    headline: 'Is back after weeks without use',
    rule: {
      all: [
        is('account.trackedSince', 'moreThanAgo', 60),
        is('usage.days', 'atLeast', 3, { days: 7 }),
        is('usage.days', 'atMost', 7, { days: 60 }),
      ],
    },
    repeats: true,
    tellsPast: true,
  },
];
