import { z } from 'zod';

import { everybody, type Rule } from '../../rules/rules.ts';

import { Zone } from './triggers.ts';

const Percent = z
  .number('campaigns.errors.limit')
  .min(0, 'campaigns.errors.limit')
  .max(100, 'campaigns.errors.limit');

const whole = (least: number, most: number, error: string) =>
  z.number(error).int(error).min(least, error).max(most, error);

/**
 * Whom a cohort holds of those whom no cohort before it has: so many of a hundred of whom no rule before it takes, drawn by lot, or who meets a
 * rule about the person and their account.
 */
const Holds = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('share'),
    percent: whole(1, 95, 'campaigns.errors.cohortPercent'),
  }),
  /** A rule of src/rules, checked against the catalog where it is saved. */
  z.strictObject({ kind: z.literal('rule'), rule: z.unknown() }),
]);
export type Holds = z.infer<typeof Holds>;

const Cohort = z.strictObject({
  name: z.string().trim().min(1, 'errors.required').max(80, 'errors.tooLong'),
  holds: Holds,
});

/** When a cohort may begin, by the clock on the wall of a zone. Weekdays as in schedules: 1 is Monday. */
const Begins = z
  .strictObject({
    weekdays: z
      .array(z.number().int().min(1).max(7))
      .min(1, 'campaigns.errors.weekdays')
      .max(7, 'campaigns.errors.weekdays'),
    /** Full hours; until 24 is midnight. */
    from: z.number().int().min(0).max(23),
    until: z.number().int().min(1).max(24),
    zone: Zone,
  })
  .refine(({ from, until }) => from < until, { message: 'campaigns.errors.begins', path: ['until'] });
export type Begins = z.infer<typeof Begins>;

/** What may go wrong with a cohort, each with a limit: percent of everybody to whom it went or was tried to. */
export const gateFigures = ['failed', 'bounced', 'complained', 'unsubscribed'] as const;
export type GateFigure = (typeof gateFigures)[number];

const Gate = z.discriminatedUnion('kind', [
  /** Goes on by itself while the cohort before stays within these; else it is held and the campaign's owner told. */
  z.strictObject({
    kind: z.literal('limits'),
    failed: Percent,
    bounced: Percent,
    complained: Percent,
    unsubscribed: Percent,
  }),
  /** Somebody lets each one go. */
  z.strictObject({ kind: z.literal('person') }),
]);
export type Gate = z.infer<typeof Gate>;

type Cohort = z.infer<typeof Cohort>;

export const MOST_COHORTS = 6;

/** A run goes out in cohorts, one after the other: these, in which the first that holds somebody has them, and then everybody else. */
export const Rollout = z
  .strictObject({
    cohorts: z.array(Cohort).min(1, 'campaigns.errors.cohorts').max(MOST_COHORTS, 'campaigns.errors.cohorts'),
    /** How the last one is called, which holds everybody else. */
    rest: z.string().trim().min(1, 'errors.required').max(80, 'errors.tooLong'),
    /** Hours that lie between the last message of a cohort and the first of the next, at least. */
    waitHours: whole(1, 720, 'campaigns.errors.waitHours'),
    /** Null: at any time. */
    begins: Begins.nullable(),
    gate: Gate,
  })
  .refine((rollout) => shareOf(rollout) <= 100, {
    message: 'campaigns.errors.cohortShares',
    path: ['cohorts'],
  })
  .refine((rollout) => areDifferent(cohortNames(rollout)), {
    message: 'campaigns.errors.cohortNames',
    path: ['cohorts'],
  });
export type Rollout = z.infer<typeof Rollout>;

/** The rules of a rollout's cohorts, by their place. */
export const rulesOf = ({ cohorts }: { cohorts: readonly Cohort[] }): { place: number; rule: unknown }[] =>
  cohorts.flatMap(({ holds }, place) => (holds.kind === 'rule' ? [{ place, rule: holds.rule }] : []));

/** The shares that are drawn by lot, added up. */
const shareOf = ({ cohorts }: { cohorts: readonly Cohort[] }): number =>
  cohorts.reduce((sum, { holds }) => sum + (holds.kind === 'share' ? holds.percent : 0), 0);

const areDifferent = (names: readonly string[]): boolean => new Set(names).size === names.length;

/** What its cohorts are called, in their order. */
export const cohortNames = ({ cohorts, rest }: { cohorts: readonly Cohort[]; rest: string }): string[] => [
  ...cohorts.map(({ name }) => name),
  rest,
];

const rule = (rule: Rule): Holds => ({ kind: 'rule', rule });
const usedOn = (days: number, op: 'atLeast' | 'atMost', value: number) =>
  rule({ field: 'personUsage.days', with: { days }, op, value });

/** Ready ways to say whom a cohort holds: words `campaigns.rollout.presets.<code>`. */
export const cohortPresets = {
  pilot: { kind: 'share', percent: 5 },
  usedMost: usedOn(365, 'atLeast', 60),
  usedLeast: usedOn(365, 'atMost', 10),
  activeLately: usedOn(7, 'atLeast', 1),
  quietLately: usedOn(7, 'atMost', 0),
  healthGood: rule({ field: 'account.rank', op: 'is', value: ['good'] }),
  healthPoor: rule({ field: 'account.rank', op: 'is', value: ['poor'] }),
  country: rule({ field: 'account.country', op: 'is', value: [] }),
  own: rule(everybody),
} as const satisfies Record<string, Holds>;
export type CohortPreset = keyof typeof cohortPresets;

/** What a rollout begins with: a small share, then everybody else, on Sundays, while nothing stands out. */
export const rolloutPreset = (zone: string, names: { pilot: string; rest: string }): Rollout => ({
  cohorts: [{ name: names.pilot, holds: cohortPresets.pilot }],
  rest: names.rest,
  waitHours: 24,
  begins: { weekdays: [7], from: 0, until: 24, zone },
  gate: { kind: 'limits', failed: 5, bounced: 5, complained: 0.5, unsubscribed: 2 },
});
