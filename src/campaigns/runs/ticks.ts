import { DAY } from '../../platform/clock.ts';

import type { Trigger } from '../definition/triggers.ts';

/** A moment that a schedule names. `name` is its wall-clock time: what an hour that comes twice has but one of. */
export interface Tick {
  name: string;
  at: Date;
}

/** Farther than any two ticks of a schedule lie apart. */
const HORIZON = 63;

/** The schedule's ticks after `since`, up to and with `until`, in order. None for triggers that are no schedules. */
export function ticksOf(trigger: Trigger, since: Date, until: Date): Tick[] {
  if (trigger.kind === 'once')
    return [tickOn(trigger.date, trigger.time, trigger.zone)].filter(({ at }) => at > since && at <= until);
  if (trigger.kind !== 'recurring') return [];
  const found: Tick[] = [];
  const last = until.getTime() + DAY;
  for (let noon = since.getTime() - DAY; noon <= last; noon += DAY) {
    const day = new Date(noon).toISOString().slice(0, 10);
    if (!isOn(trigger, day)) continue;
    const tick = tickOn(day, trigger.time, trigger.zone);
    if (tick.at > since && tick.at <= until) found.push(tick);
  }
  return found;
}

/** The schedule's next tick. */
export function nextTickOf(trigger: Trigger, after: Date): Date | undefined {
  if (trigger.kind === 'once') return ticksOf(trigger, after, new Date(8.64e15))[0]?.at;
  return ticksOf(trigger, after, new Date(after.getTime() + HORIZON * DAY))[0]?.at;
}

type Recurring = Extract<Trigger, { kind: 'recurring' }>;

function isOn({ every, weekdays, day, until }: Recurring, date: string): boolean {
  if (until !== null && date > until) return false;
  const at = new Date(`${date}T00:00:00Z`);
  if (every === 'week') return weekdays.includes(at.getUTCDay() === 0 ? 7 : at.getUTCDay());
  if (every === 'day') return true;
  const lastOfMonth = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate();
  return at.getUTCDate() === Math.min(day, lastOfMonth);
}

const tickOn = (date: string, time: string, zone: string): Tick => ({
  name: `${date}T${time}`,
  at: momentOf(date, time, zone),
});

/**
 * When it is that time of a day by the clock on the wall. An hour that clocks leave out begins when it would have; of one that comes twice, the
 * first is meant.
 */
export function momentOf(date: string, time: string, zone: string): Date {
  const wall = new Date(`${date}T${time}:00Z`).getTime();
  const [before, after] = [wall - DAY, wall + DAY].map((near) => wall - offsetOf(near, zone)) as [
    number,
    number,
  ];
  const fitting = [before, after].filter((at) => at + offsetOf(at, zone) === wall);
  const at = fitting.length > 0 ? Math.min(...fitting) : before;
  return new Date(at);
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Milliseconds that the wall clock of a zone is ahead of UTC. */
function offsetOf(at: number, zone: string): number {
  const clock = clocks.get(zone) ?? new Intl.DateTimeFormat('en-US', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  }); // prettier-ignore
  clocks.set(zone, clock);
  const part = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}
