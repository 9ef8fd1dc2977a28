import { config } from './config.ts';

let offset = 0;

/** The present. Everything that reasons about time asks here, so that a test can move it. */
export function now(): Date {
  return new Date(Date.now() + offset);
}

/** Moves the clock by that many milliseconds, for tests alone. */
export function moveClock(milliseconds: number): void {
  if (config.NODE_ENV !== 'test') throw new Error('the clock moves in tests only');
  offset += milliseconds;
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
