/** Days as `YYYY-MM-DD`; the end is the first day that is no longer in it. */
export interface Period {
  start: string;
  end: string;
}

type Unit = 'DAY' | 'WEEK' | 'MONTH' | 'QUARTER' | 'YEAR';

/** The days that a date literal stands for, seen from `today` (`YYYY-MM-DD`); undefined when it is none. */
export function periodOf(literal: string, today: string): Period | undefined {
  const [name = '', amount] = literal.toUpperCase().replace('_FISCAL_', '_').split(':');
  const day = days[name];
  if (day !== undefined) return span('DAY', today, { from: day, to: day + 1 });
  if (name === 'LAST_90_DAYS') return span('DAY', today, { from: -90, to: 1 });
  if (name === 'NEXT_90_DAYS') return span('DAY', today, { from: 1, to: 91 });
  const near = /^(LAST|THIS|NEXT)_(WEEK|MONTH|QUARTER|YEAR)$/.exec(name);
  if (near) {
    const from = { LAST: -1, THIS: 0, NEXT: 1 }[near[1] as 'LAST' | 'THIS' | 'NEXT'];
    return span(near[2] as Unit, today, { from, to: from + 1 });
  }
  return amount === undefined ? undefined : countedPeriod(name, Number(amount), today);
}

const days: Record<string, number> = { YESTERDAY: -1, TODAY: 0, TOMORROW: 1 };

function countedPeriod(name: string, count: number, today: string): Period | undefined {
  const [, direction, unit, ago] =
    /^(LAST_N|NEXT_N|N)_(DAY|WEEK|MONTH|QUARTER|YEAR)S(_AGO)?$/.exec(name) ?? [];
  if (!unit) return undefined;
  if (ago) return span(unit as Unit, today, { from: -count, to: 1 - count });
  if (direction === 'NEXT_N') return span(unit as Unit, today, { from: 1, to: count + 1 });
  return span(unit as Unit, today, { from: -count, to: unit === 'DAY' ? 1 : 0 });
}

function span(unit: Unit, today: string, { from, to }: { from: number; to: number }): Period {
  return { start: startOf(unit, today, from), end: startOf(unit, today, to) };
}

/** The first day of the unit that `today` is in, moved by so many units. Weeks start on Sunday. */
function startOf(unit: Unit, today: string, offset: number): string {
  const [year = 0, month = 1, day = 1] = today.split('-').map(Number);
  switch (unit) {
    case 'DAY':
      return isoDay(year, month - 1, day + offset);
    case 'WEEK':
      return isoDay(year, month - 1, day - new Date(`${today}T00:00:00Z`).getUTCDay() + 7 * offset);
    case 'MONTH':
      return isoDay(year, month - 1 + offset, 1);
    case 'QUARTER':
      return isoDay(year, 3 * (Math.floor((month - 1) / 3) + offset), 1);
    case 'YEAR':
      return isoDay(year + offset, 0, 1);
  }
}

const isoDay = (year: number, month: number, day: number): string =>
  new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);

/** The day that it is somewhere: `2026-11-22`. */
export const dayIn = (timeZone: string, moment: Date): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(moment);
