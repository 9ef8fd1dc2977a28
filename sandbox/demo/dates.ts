export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** A month on average; `addMonths` keeps the day of the month. */
export const MONTH = 30.44 * DAY;

/** `2026-01-02T03:04:05Z`. */
export const isoMoment = (milliseconds: number): string =>
  `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;

/** `2026-01-02`. */
export const isoDate = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 10);

/** The same day so many months later, or the month's last. */
export function addMonths(milliseconds: number, months: number): number {
  const date = new Date(milliseconds);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay));
  return date.getTime();
}
