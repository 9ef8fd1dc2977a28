import { z } from 'zod';

import { kindNames, type Kind } from '../../alerts/kinds.ts';

/** A zone that this machine knows, under whatever of its names (Europe/Kiev, Europe/Kyiv). */
export function isZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

export const Zone = z.string().max(64).refine(isZone, 'campaigns.errors.zone');
const Time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'campaigns.errors.time');
const Day = z.iso.date('campaigns.errors.date');

/** The kinds of signals that a campaign can answer: all but those that belong to one alert rule. */
export const answerable = kindNames.filter((kind) => kind !== 'condition.met');
const Signal = z.enum(answerable as [Kind, ...Kind[]]);

/** What starts a campaign's runs. Times are those of the clock on the wall in the zone. */
export const Trigger = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('manual') }),
  z.strictObject({ kind: z.literal('once'), date: Day, time: Time, zone: Zone }),
  z.strictObject({
    kind: z.literal('recurring'),
    every: z.enum(['day', 'week', 'month']),
    /** Of a week, 1 is Monday. */
    weekdays: z.array(z.number().int().min(1).max(7)).max(7).default([]),
    /** Of a month; the last day of months that are shorter. */
    day: z.number().int().min(1).max(31).default(1),
    time: Time,
    zone: Zone,
    /** The last day that it may begin on. */
    until: Day.nullable().default(null),
  }),
  /** Something happened to an account: its people, or the person that it happened to. */
  z.strictObject({ kind: z.literal('event'), signal: Signal }),
  /** Somebody, or an account with all its people, entered or left a list. */
  z.strictObject({ kind: z.literal('segment'), segmentId: z.guid(), moment: z.enum(['entered', 'left']) }),
  /** Another system asks for it, with a key of its own for each time. */
  z.strictObject({ kind: z.literal('api') }),
]);
export type Trigger = z.infer<typeof Trigger>;
export type TriggerKind = Trigger['kind'];

export const triggerKinds = [
  'manual',
  'once',
  'recurring',
  'event',
  'segment',
  'api',
] as const satisfies readonly TriggerKind[];

/** Kinds that bring their own people: without a list of the campaign's own, all of them are meant. */
export const bringsPeople = ({ kind }: Pick<Trigger, 'kind'>): boolean =>
  ['event', 'segment', 'api'].includes(kind);
