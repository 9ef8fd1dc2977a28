import { AsyncLocalStorage } from 'node:async_hooks';

import pino from 'pino';

import { config } from './config.ts';

/** What every line logged within a request or a job carries. */
const circumstances = new AsyncLocalStorage<Record<string, string>>();

/** Structured lines on standard output, one JSON object each; secrets are never logged. */
export const log = pino({
  level: config.LOG_LEVEL,
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  redact: ['password', '*.password', 'token', '*.token', 'authorization', '*.authorization'],
  mixin: () => circumstances.getStore() ?? {},
});

/** Runs the work so that each line it logs carries these, a request id for instance. */
export function logWith<T>(carried: Record<string, string>, work: () => T): T {
  return circumstances.run({ ...circumstances.getStore(), ...carried }, work);
}
