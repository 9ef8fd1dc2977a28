import { expect, test } from 'vitest';

import type { Evidence } from '../../src/health/evidence.ts';
import { explain, sentencesOf } from '../../src/health/explain.ts';
import { judge } from '../../src/health/judge.ts';
import { nextStep } from '../../src/health/next-step.ts';
import type { Reading, Readings } from '../../src/health/readings.ts';
import { readingNames } from '../../src/health/readings.ts';
import type { Indicator, Settings } from '../../src/health/settings.ts';
import { formatsFor } from '../../src/platform/formats.ts';
import { translator } from '../../src/platform/words.ts';

const today = '2026-03-15';
const words = { t: translator('en', 'console'), formats: formatsFor('en', 'UTC') };

const primary = (reading: Reading, good: number, poor: number): Indicator => ({
  reading,
  kind: 'primary',
  good,
  poor,
  weight: 1,
});

const settings: Settings = {
  shift: 15,
  indicators: [primary('days_active', 5, 0), { ...primary('utilization', 60, 10), kind: 'secondary' }],
  flags: [
    { code: 'urgent', name: 'Urgent', conditions: [{ reading: 'urgent_cases', op: 'at_least', value: 1 }] },
    { code: 'lost', name: 'Lost', conditions: [{ reading: 'renewal_lost_on', op: 'at_most', value: 365 }] },
  ],
};

const read = (known: Partial<Readings>): Readings =>
  ({
    ...Object.fromEntries(readingNames.map((name) => [name, null])),
    urgent_cases: 0,
    ...known,
  }) as Readings;

test('the smallest change is one reading where one suffices, by no more than it takes', () => {
  expect(nextStep(settings, read({ days_active: 3 }), today)).toEqual([
    { reading: 'days_active', from: 3, to: 5 },
  ]);
  expect(nextStep(settings, read({ days_active: 9, urgent_cases: 2 }), today)).toEqual([
    { reading: 'urgent_cases', from: 2, to: 0 },
  ]);
});

test('where no single reading suffices it is two, and it is three only where two do not', () => {
  expect(nextStep(settings, read({ days_active: 0, urgent_cases: 1 }), today)).toEqual([
    { reading: 'days_active', from: 0, to: 5 },
    { reading: 'urgent_cases', from: 1, to: 0 },
  ]);
  const three = nextStep(
    settings,
    read({ days_active: 1, urgent_cases: 1, renewal_lost_on: '2026-01-10' }),
    today,
  );
  expect(three?.map(({ reading }) => reading).sort()).toEqual([
    'days_active',
    'renewal_lost_on',
    'urgent_cases',
  ]);
});

test('a good account needs nothing, and what is not known is never asked for', () => {
  expect(nextStep(settings, read({ days_active: 6 }), today)).toBeUndefined();
  expect(nextStep(settings, read({ utilization: 20 }), today)).toEqual([
    { reading: 'utilization', from: 20, to: 60 },
  ]);
});

test('of two primary readings the nearer one is moved, or both where one alone would not do', () => {
  const two: Settings = {
    ...settings,
    flags: [],
    indicators: [primary('days_active', 5, 0), primary('people_active', 20, 0)],
  };
  const all: Partial<Readings>[] = [
    { days_active: 4, people_active: 16 },
    { days_active: 0, people_active: 0 },
    { days_active: 0, people_active: 19 },
    { days_active: 12, people_active: 0 },
  ];
  for (const known of all) {
    const readings = read(known);
    const changes = nextStep(two, readings, today) ?? [];
    const after = {
      ...readings,
      ...Object.fromEntries(changes.map(({ reading, to }) => [reading, to])),
    };
    expect(judge(two, after, today).rank, JSON.stringify({ known, changes })).toBe('good');
    for (const change of changes) {
      const without = { ...after, [change.reading]: change.from };
      expect(judge(two, without, today).rank).not.toBe('good');
    }
  }
});

test('an explanation names what counts with its records, what is missing, and what would make the account good', () => {
  const evidence: Evidence[] = [
    { kind: 'case', accountId: 'a', id: '500', label: '00001042', on: '2026-03-01', marked: true },
    { kind: 'case', accountId: 'a', id: '501', label: '00001050', on: '2026-03-02', marked: false },
    { kind: 'person', accountId: 'a', id: '7', label: 'Ana Ruiz', on: '2026-03-14', marked: false },
  ];
  const explanation = explain(read({ days_active: 2, urgent_cases: 1 }), { settings }, { today, evidence });
  expect(explanation).toMatchObject({ rank: 'poor', score: 35, missing: ['utilization'] });
  expect(sentencesOf(explanation, words)).toEqual([
    'Red flag: 1 urgent case is open (case 00001042)',
    'Used on 2 of the last 14 days (Ana Ruiz, Mar 14, 2026)',
    'Not known, so not counted: Seats in use',
    'To become good: use on 5 days of 14 instead of 2 and no urgent case open instead of 1',
  ]);
});

test('every reading has its words: its name, what is told of it, what it means that there is none, and how to change it', () => {
  for (const reading of readingNames)
    for (const kind of ['readings', 'told', 'absent', 'steps'])
      for (const count of [0, 1, 2])
        expect(
          words.t(`healthProfiles.${kind}.${reading}`, { count, date: '', from: 1, to: 2 }),
        ).not.toContain('healthProfiles');
});
