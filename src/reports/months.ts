/** Days and months of the calendar, as texts: YYYY-MM-DD and YYYY-MM. */

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/** The first days of so many months, the last of them the one of `today`. */
export function monthsUntil(today: string, count: number): string[] {
  const [year = 0, month = 1] = today.split('-').map(Number);
  return Array.from({ length: count }, (_, index) =>
    dayOf(new Date(Date.UTC(year, month - count + index, 1))),
  );
}

/** So many days before that day. */
export const daysBefore = (day: string, days: number): string =>
  dayOf(new Date(Date.parse(day) - days * 86_400_000));

/** 2026-11 of 2026-11-22. */
export const monthOf = (day: string): string => day.slice(0, 7);
