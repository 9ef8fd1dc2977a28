import { describe, expect, test } from 'vitest';

import { HOUR, MINUTE } from '../../../src/platform/clock.ts';
import { type Threshold, verdicts } from '../../../src/platform/salesforce/budget/budget-rules.ts';
import {
  forecast,
  hoursOfCalls,
  peakOf,
  startOfHour,
} from '../../../src/platform/salesforce/budget/forecast.ts';
import { readLimitInfo, shareOf } from '../../../src/platform/salesforce/budget/limits.ts';

describe('what is shed', () => {
  const threshold: Threshold = {
    feature: 'insights',
    shedsAt: 0.75,
    resumesAt: 0.68,
    shedsByForecast: true,
    hourlyCeiling: null,
    shedSince: null,
    shedReason: null,
  };

  /** Follows one feature through a course of shares, a minute apart. @returns how often it was shed or let go */
  function changes(course: { used: number; forecast: number }[]): number {
    let state = threshold;
    let count = 0;
    for (const [minute, pressure] of course.entries()) {
      const at = new Date(minute * MINUTE);
      for (const { shedReason } of verdicts([state], pressure, at)) {
        count += 1;
        state = { ...state, shedReason, shedSince: shedReason === null ? null : at };
      }
    }
    return count;
  }

  test('does not come and go while the share trembles around its threshold', () => {
    const course = Array.from({ length: 600 }, (_, i) => ({
      used: 0.75 + (i % 2 ? 0.01 : -0.01),
      forecast: 0,
    }));
    expect(changes(course)).toBe(1);
  });

  test('does not come and go while the forecast does', () => {
    const course = Array.from({ length: 600 }, (_, i) => ({ used: 0.5, forecast: i % 2 ? 1.01 : 0.93 }));
    expect(changes(course)).toBe(1);
  });

  test('comes back once, when the share has fallen far enough', () => {
    const course = Array.from({ length: 60 }, (_, i) => ({ used: 0.8 - i * 0.005, forecast: 0 }));
    expect(changes(course)).toBe(2);
  });
});

describe('the forecast', () => {
  const at = new Date('2026-03-10T12:30:00Z');
  const current = startOfHour(at);

  test('stays level while every hour is like the same hour of yesterday', () => {
    const readings = Array.from({ length: 48 }, (_, i) => ({
      hour: new Date(current - (47 - i) * HOUR),
      used: 2400,
    }));
    const hours = hoursOfCalls(readings, new Map(), at);
    const points = forecast(hours, 2400, at);
    expect(points).toHaveLength(25);
    for (const { used } of points) expect(Math.abs(used - 2400)).toBeLessThan(60);
  });

  test('foresees that a loop which began an hour ago will pass the limit, and tells others’ calls from ours', () => {
    const readings = [2400, 2400, 2400, 6400, 8400].map((used, i) => ({
      hour: new Date(current - (4 - i) * HOUR),
      used,
    }));
    const ours = new Map([[current - HOUR, 50]]);
    const hours = hoursOfCalls(readings, ours, at);
    const before = hours.find(({ hour }) => hour.getTime() === current - HOUR);
    expect(before).toEqual({ hour: new Date(current - HOUR), ours: 50, org: 4100 });
    expect(peakOf(forecast(hours, 8400, at))?.used).toBeGreaterThan(25_000);
  });

  test('lets a burst of yesterday fall out of the window, and counts on half of it to come again', () => {
    const readings = Array.from({ length: 30 }, (_, i) => ({
      hour: new Date(current - (29 - i) * HOUR),
      used: i < 10 ? 100 : 10_100,
    }));
    const points = forecast(hoursOfCalls(readings, new Map(), at), 10_100, at);
    expect(points.at(-1)?.used).toBeLessThan(5_000);
  });
});

test('the header of an answer tells the org’s calls, and our application’s where it has a limit of its own', () => {
  const reading = readLimitInfo('api-usage=18/15000, per-app-api-usage=200/250(appName=rapport)');
  expect(reading).toEqual({ org: { used: 18, limit: 15_000 }, app: { used: 200, limit: 250 } });
  expect(reading && shareOf(reading)).toBe(0.8);
  expect(readLimitInfo('per-app-api-usage=1/2(appName=x)')).toBeUndefined();
});
