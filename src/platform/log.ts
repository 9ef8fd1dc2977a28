import { AsyncLocalStorage } from 'node:async_hooks';

import pino from 'pino';

import { config } from './config.ts';

/** What every line logged within a request or a job carries. */
const circumstances = new AsyncLocalStorage<Record<string, string>>();

/* Whoever wrote the sentence that names one: PostgreSQL, Salesforce, a mail provider. */
const mailAddress = /[\p{L}\p{N}._%+-]+(?:@|%40)[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu;

/* PostgreSQL quotes what it could not read: `invalid input syntax for type uuid: "…"`. In a line of JSON the quotes are escaped. */
const quotedValue =
  /(\b(?:invalid input|malformed|out of range)[^"\\:]*: |\bvalue )\\"(?:[^"\\]|\\[^"])*\\"/g;

/** Structured lines on standard output, one JSON object each; neither secrets nor anybody's address are ever logged. */
export const log = pino({
  level: config.LOG_LEVEL,
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  redact: ['password', '*.password', 'token', '*.token', 'authorization', '*.authorization'],
  mixin: () => circumstances.getStore() ?? {},
  serializers: { err: told },
  hooks: { streamWrite: withoutPeople },
});

function withoutPeople(line: string): string {
  return line.replace(quotedValue, String.raw`$1\"…\"`).replace(mailAddress, '[address]');
}

/** What of an error helps whoever mends it. Its further fields may hold rows of the database, or what was sent somewhere. */
function told(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'object' ? '(an object)' : error;
  const { code, status, severity, table, constraint } = error as Error & Record<string, unknown>;
  const further = { code, status, severity, table, constraint };
  const errors = error instanceof AggregateError ? error.errors.map(told) : undefined;
  const cause = error.cause === undefined ? undefined : told(error.cause);
  return { type: error.name, message: error.message, stack: error.stack, ...further, errors, cause };
}

/** Runs the work so that each line it logs carries these, a request id for instance. */
export function logWith<T>(carried: Record<string, string>, work: () => T): T {
  return circumstances.run({ ...circumstances.getStore(), ...carried }, work);
}
