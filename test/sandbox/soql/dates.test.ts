import { expect, test } from 'vitest';

import { dayIn, periodOf } from '../../../sandbox/salesforce/soql/dates.ts';

/** A Sunday: Salesforce's week begins today. */
const today = '2026-11-22';

test.each([
  ['TODAY', '2026-11-22', '2026-11-23'],
  ['YESTERDAY', '2026-11-21', '2026-11-22'],
  ['THIS_WEEK', '2026-11-22', '2026-11-29'],
  ['LAST_WEEK', '2026-11-15', '2026-11-22'],
  ['LAST_MONTH', '2026-10-01', '2026-11-01'],
  ['NEXT_MONTH', '2026-12-01', '2027-01-01'],
  ['THIS_QUARTER', '2026-10-01', '2027-01-01'],
  ['LAST_FISCAL_QUARTER', '2026-07-01', '2026-10-01'],
  ['THIS_FISCAL_YEAR', '2026-01-01', '2027-01-01'],
  ['LAST_90_DAYS', '2026-08-24', '2026-11-23'],
  ['LAST_N_DAYS:7', '2026-11-15', '2026-11-23'],
  ['NEXT_N_DAYS:7', '2026-11-23', '2026-11-30'],
  ['N_DAYS_AGO:2', '2026-11-20', '2026-11-21'],
  ['LAST_N_WEEKS:2', '2026-11-08', '2026-11-22'],
  ['NEXT_N_MONTHS:2', '2026-12-01', '2027-02-01'],
  ['N_MONTHS_AGO:12', '2025-11-01', '2025-12-01'],
  ['LAST_N_FISCAL_QUARTERS:4', '2025-10-01', '2026-10-01'],
  ['N_YEARS_AGO:1', '2025-01-01', '2026-01-01'],
])('%s is the days from %s until before %s', (literal, start, end) => {
  expect(periodOf(literal, today)).toEqual({ start, end });
});

test('what is no date literal has no days', () => {
  expect(periodOf('LAST_N_DAYS', today)).toBeUndefined();
  expect(periodOf('SOMEDAY', today)).toBeUndefined();
});

test('today is the day where the user is', () => {
  const moment = new Date('2026-11-22T03:00:00Z');
  expect(dayIn('America/New_York', moment)).toBe('2026-11-21');
  expect(dayIn('Asia/Tokyo', moment)).toBe('2026-11-22');
});
