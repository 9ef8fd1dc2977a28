import { describe, expect, test } from 'vitest';

import { estimate } from '../../src/reports/backtest-bootstrap.ts';
import {
  calibration,
  type Judged,
  leadOf,
  measure,
  NEEDED,
  wilson,
} from '../../src/reports/backtest-measure.ts';

const outcome = (given: Partial<Judged> & { score: number }): Judged => ({
  accountId: `account ${String(Math.random())}`,
  kept: true,
  valueMinor: 100,
  warned: given.score < 40,
  leadDays: given.score < 40 ? 50 : 0,
  ...given,
});
const many = (count: number, given: Partial<Judged> & { score: number }) =>
  Array.from({ length: count }, () => outcome(given));

describe('the measures of a warning', () => {
  const judged = [
    ...many(6, { kept: false, score: 20 }),
    ...many(2, { kept: false, score: 80, valueMinor: 300 }),
    ...many(4, { score: 20 }),
    ...many(28, { score: 80 }),
  ];

  test('count what was caught, what was missed and what was warned of for nothing', () => {
    const found = measure(judged);
    expect(found).toMatchObject({
      outcomes: 40,
      lost: 8,
      warned: 10,
      caught: 6,
      lostMinor: 1200,
      caughtMinor: 600,
    });
    expect(found).toMatchObject({ precision: 0.6, recall: 0.75, falseAlarms: 0.125, revenueCaught: 0.5 });
    expect(found.lift).toBeCloseTo(3, 10);
  });

  test('rank pairs: the same as asking of each pair who had the lower score, ties half', () => {
    const random = Array.from({ length: 60 }, (_, at) =>
      outcome({ score: (at * 37) % 101, kept: at % 3 > 0 }),
    );
    const [lost, kept] = [random.filter((one) => !one.kept), random.filter((one) => one.kept)];
    const pairs = lost.flatMap((one) =>
      kept.map((other) => (one.score < other.score ? 1 : one.score === other.score ? 0.5 : 0)),
    );
    expect(measure(random).ranking).toBeCloseTo(
      pairs.reduce<number>((sum, one) => sum + one, 0) / pairs.length,
      10,
    );
  });

  test('say nothing where there is nothing to take a share of', () => {
    expect(measure([])).toMatchObject({
      precision: undefined,
      recall: undefined,
      ranking: undefined,
      revenueCaught: undefined,
    });
    expect(measure(many(3, { score: 80 }))).toMatchObject({
      precision: undefined,
      recall: undefined,
      falseAlarms: 0,
    });
  });

  test('tell the days of warning of what was lost alone', () => {
    const lead = [10, 20, 30, 40].map((leadDays) => outcome({ kept: false, score: 10, leadDays }));
    expect(leadOf([...lead, outcome({ score: 10, leadDays: 500 })])).toEqual({
      median: 30,
      from: 20,
      to: 40,
    });
    expect(leadOf(many(2, { score: 90 }))).toBeUndefined();
  });

  test('put every outcome into one band of scores', () => {
    const bands = calibration(Array.from({ length: 101 }, (_, score) => outcome({ score, kept: score > 9 })));
    expect(bands.map(({ from, to, outcomes, lost }) => [from, to, outcomes, lost])).toEqual([
      [0, 19, 20, 10], [20, 39, 20, 0], [40, 54, 15, 0], [55, 69, 15, 0], [70, 84, 15, 0], [85, 100, 16, 0],
    ]); // prettier-ignore
  });

  test('know Wilson’s interval: none of eight may still be a third', () => {
    expect(wilson(0, 8)).toMatchObject({ value: 0, low: 0, high: expect.closeTo(0.324, 2) as number });
    expect(wilson(8, 10)).toMatchObject({
      low: expect.closeTo(0.49, 2) as number,
      high: expect.closeTo(0.943, 2) as number,
    });
    expect(NEEDED).toBe(43);
  });
});

describe('the bootstrap', () => {
  const clear = [...many(60, { kept: false, score: 10 }), ...many(140, { score: 90 })];
  const blind = clear.map((one, at) => ({ ...one, score: (at * 53) % 101, warned: (at * 53) % 101 < 40 }));

  test('gives the same answer each time, with the truth inside the interval', async () => {
    const [first, again] = [await estimate([blind]), await estimate([blind])];
    expect(again).toEqual(first);
    const { ranking, recall } = first.sides[0] ?? {};
    expect([
      ranking && ranking.low < 0.5 && ranking.high > 0.5,
      recall && recall.low < 0.4 && recall.high > 0.4,
    ]).toEqual([true, true]);
  });

  test('tells two sides apart that differ, and not two that are the same', async () => {
    const { difference } = await estimate([blind, clear]);
    expect(difference?.recall?.low).toBeGreaterThan(0);
    const same = await estimate([blind, blind.map((one) => ({ ...one }))]);
    expect(same.difference?.recall).toMatchObject({ value: 0, low: 0, high: 0 });
  });

  test('does not call certain what never happened in a handful', async () => {
    const { sides } = await estimate([
      [...many(8, { kept: false, score: 90 }), ...many(40, { score: 90 }), outcome({ score: 10 })],
    ]);
    expect(sides[0]?.recall).toMatchObject({ value: 0, low: 0 });
    expect(sides[0]?.recall?.high).toBeGreaterThan(0.3);
  });

  test('draws accounts whole: many renewals of one account are no many witnesses', async () => {
    const one = many(30, { kept: false, score: 10 }).map((own) => ({ ...own, accountId: 'one' }));
    const few = await estimate([[...one, ...many(30, { kept: false, score: 90 })]]);
    const lots = await estimate([
      [...many(30, { kept: false, score: 10 }), ...many(30, { kept: false, score: 90 })],
    ]);
    const width = (found: typeof few) =>
      (found.sides[0]?.recall?.high ?? 0) - (found.sides[0]?.recall?.low ?? 0);
    expect(width(few)).toBeGreaterThan(2 * width(lots));
  });
});
