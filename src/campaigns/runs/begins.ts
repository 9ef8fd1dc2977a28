import { DAY } from '../../platform/clock.ts';

import type { Begins } from '../definition/rollout.ts';
import { momentOf } from './ticks.ts';

/** The first moment from `at` on at which a cohort may begin: `at` itself where it may then, or at any time. */
export function nextBegin(begins: Begins | null, at: Date): Date {
  if (begins === null) return at;
  const { weekdays, from, until, zone } = begins;
  for (let noon = at.getTime() - DAY; noon <= at.getTime() + 9 * DAY; noon += DAY) {
    const day = new Date(noon).toISOString().slice(0, 10);
    if (!weekdays.includes(weekdayOf(day))) continue;
    const first = momentOf(day, hour(from), zone);
    const end = until === 24 ? momentOf(dayAfter(day), '00:00', zone) : momentOf(day, hour(until), zone);
    if (at < end) return at < first ? first : at;
  }
  return at;
}

const hour = (of: number): string => `${String(of).padStart(2, '0')}:00`;

const dayAfter = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + DAY).toISOString().slice(0, 10);

/** 1 is Monday. */
function weekdayOf(day: string): number {
  const of = new Date(`${day}T00:00:00Z`).getUTCDay();
  return of === 0 ? 7 : of;
}
