/** Comparing values as Salesforce does, in plain steps. */
import type { Kind } from './model.ts';
import type { Period, Scalar } from './query.ts';

/** Where and when a query is asked: literals such as TODAY depend on it. */
export interface Moment {
  now: Date;
  timeZone: string;
}

/** A value made comparable: text without its case, moments as milliseconds. */
export function keyOf(kind: Kind, value: Scalar): string | number | boolean | null {
  if (value === null) return null;
  if (kind === 'datetime') return Date.parse(String(value).replace('+0000', 'Z'));
  if (kind === 'text' || kind === 'picklist' || kind === 'multi') return String(value).toLowerCase();
  return value;
}

/** -1, 0 or 1, neither being null. Text is compared by its code points. */
export function compare(a: string | number | boolean, b: string | number | boolean): number {
  if (a === b) return 0;
  if (typeof a === 'string' && typeof b === 'string')
    return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0 ? -1 : 1;
  return a < b ? -1 : 1;
}

/** Whether a text fits a pattern of LIKE: `%` any text, `_` one character, both plain after a backslash. */
export function isLike(value: Scalar, pattern: string): boolean {
  if (value === null) return false;
  const expression = pattern.toLowerCase().replace(/\\[%_]|[^]/gu, (sign) => {
    if (sign === '%') return '[^]*';
    if (sign === '_') return '[^]';
    return (sign.length === 2 ? sign.slice(1) : sign).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${expression}$`, 'u').test(String(value).toLowerCase());
}

/** Whether `A;B;C` holds all of `A;C`. */
export function holdsAll(value: Scalar, wanted: string): boolean {
  if (value === null) return false;
  const held = String(value).toLowerCase().split(';');
  for (const each of wanted.toLowerCase().split(';')) if (!held.includes(each)) return false;
  return true;
}

/** Formatters are dear to make. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** The clock of a time zone at a moment, as if it were UTC. */
export function localTime(timeZone: string, moment: Date): Date {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', {
    timeZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
  }); // prettier-ignore
  formats.set(timeZone, format);
  return new Date(`${format.format(moment).replace(' ', 'T')}Z`);
}

/** `2026-03-09`: the day that it is in a time zone. */
export const dayIn = (timeZone: string, moment: Date): string =>
  localTime(timeZone, moment).toISOString().slice(0, 10);

const starts = new Map<string, number>();

/** The first moment of a day in a time zone: the quarters of an hour around it are tried one by one. */
export function startOfDay(timeZone: string, day: string): number {
  const known = starts.get(timeZone + day);
  if (known !== undefined) return known;
  const noon = Date.parse(`${day}T12:00:00Z`);
  for (let quarters = -26 * 4; quarters <= 14 * 4; quarters += 1) {
    const moment = new Date(noon + quarters * 900_000);
    if (dayIn(timeZone, moment) !== day) continue;
    starts.set(timeZone + day, moment.getTime());
    return moment.getTime();
  }
  throw new Error(`no such day: ${day}`);
}

const plusDays = (day: string, days: number) =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
const plusMonths = (day: string, months: number) => {
  const [year = 0, month = 1] = day.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 10);
};

/** The first day of the unit that a day is in. */
function firstDay(unit: string, day: string): string {
  if (unit === 'WEEK') {
    let sunday = day;
    while (new Date(`${sunday}T00:00:00Z`).getUTCDay() !== 0) sunday = plusDays(sunday, -1);
    return sunday;
  }
  if (unit === 'MONTH') return `${day.slice(0, 7)}-01`;
  if (unit === 'QUARTER') {
    const month = Number(day.slice(5, 7));
    const first = month <= 3 ? '01' : month <= 6 ? '04' : month <= 9 ? '07' : '10';
    return `${day.slice(0, 4)}-${first}-01`;
  }
  return unit === 'YEAR' ? `${day.slice(0, 4)}-01-01` : day;
}

function plusUnits(unit: string, day: string, count: number): string {
  if (unit === 'DAY') return plusDays(day, count);
  if (unit === 'WEEK') return plusDays(day, 7 * count);
  return plusMonths(day, count * (unit === 'MONTH' ? 1 : unit === 'QUARTER' ? 3 : 12));
}

const fixed: Record<string, [number, number]> = {
  YESTERDAY: [-1, 0],
  TODAY: [0, 1],
  TOMORROW: [1, 2],
  LAST_90_DAYS: [-90, 1],
  NEXT_90_DAYS: [1, 91],
};

/** The days of a date literal, from the first to the one after its last. */
export function daysOf({ period, count = 0 }: Period, today: string): [first: string, end: string] {
  const name = period.replace('FISCAL_', '');
  const days = fixed[name];
  const unit = /(DAY|WEEK|MONTH|QUARTER|YEAR)/.exec(name)?.[1] ?? 'DAY';
  const [from, to] = days ?? unitsOf(name, unit, count);
  const current = days ? today : firstDay(unit, today);
  return [plusUnits(days ? 'DAY' : unit, current, from), plusUnits(days ? 'DAY' : unit, current, to)];
}

/** From which unit to before which, counted from the current one. */
function unitsOf(name: string, unit: string, count: number): [number, number] {
  if (name.startsWith('THIS_')) return [0, 1];
  if (name.startsWith('LAST_N_')) return [-count, unit === 'DAY' ? 1 : 0];
  if (name.startsWith('NEXT_N_')) return [1, count + 1];
  if (name.endsWith('_AGO')) return [-count, -count + 1];
  return name.startsWith('LAST_') ? [-1, 0] : [1, 2];
}

const dayOfYear = (moment: Date) =>
  Math.floor((moment.getTime() - Date.UTC(moment.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;

const parts: Record<string, (moment: Date) => number | string> = {
  YEAR: (moment) => moment.getUTCFullYear(),
  QUARTER: (moment) => Math.ceil((moment.getUTCMonth() + 1) / 3),
  MONTH: (moment) => moment.getUTCMonth() + 1,
  DAY_IN_MONTH: (moment) => moment.getUTCDate(),
  DAY_IN_WEEK: (moment) => moment.getUTCDay() + 1,
  DAY_IN_YEAR: dayOfYear,
  WEEK_IN_MONTH: (moment) => Math.ceil(moment.getUTCDate() / 7),
  WEEK_IN_YEAR: (moment) => Math.ceil(dayOfYear(moment) / 7),
  HOUR_IN_DAY: (moment) => moment.getUTCHours(),
  DAY_ONLY: (moment) => moment.toISOString().slice(0, 10),
};

/** A part of a date or of a moment's UTC clock. @throws Error for one that there isn't. */
export function partOf(part: string, moment: Date): number | string {
  const of = parts[part.replace(/^(CALENDAR|FISCAL)_/, '')];
  if (!of) throw new Error(`no date function ${part}`);
  return of(moment);
}
