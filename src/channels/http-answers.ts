import type { Dispatcher } from 'undici';

import { now } from '../platform/clock.ts';

import type { Answer } from './channel.ts';

/* What answers of HTTP say alike whoever gives them. */

export type Headers = Dispatcher.ResponseData['headers'];

export const first = (headers: Headers, name: string): string | undefined => [headers[name]].flat()[0];

/** The body, as far as it came: once a head is here, nothing that happens to the rest changes what it said. */
export async function textOf({ body }: Dispatcher.ResponseData): Promise<string> {
  try {
    return (await body.text()).slice(0, 100_000);
  } catch {
    return '';
  }
}

const SHORTEST_WAIT = 1_000;
const LONGEST_WAIT = 3_600_000;

/** When it takes more: `Retry-After` in seconds or as a date, else `X-RateLimit-Reset` in seconds since 1970; within the hour. */
export function untilOf(headers: Headers): Date {
  const present = now().getTime();
  const asked = retryAfter(first(headers, 'retry-after'), present) ?? reset(first(headers, 'x-ratelimit-reset'), present); // prettier-ignore
  const wait = Math.min(Math.max((asked ?? present) - present, SHORTEST_WAIT), LONGEST_WAIT);
  return new Date(present + wait);
}

function retryAfter(value: string | undefined, present: number): number | undefined {
  if (value === undefined) return undefined;
  const moment = /^\d+$/.test(value) ? present + Number(value) * 1_000 : Date.parse(value);
  return Number.isNaN(moment) ? undefined : moment;
}

/** Some send the seconds that are left instead. */
function reset(value: string | undefined, present: number): number | undefined {
  const seconds = Number(value ?? NaN);
  if (Number.isNaN(seconds)) return undefined;
  return seconds > 1_000_000 ? seconds * 1_000 : present + seconds * 1_000;
}

/* Errors of connections that never were: nothing was written. */
const neverConnected =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/;

/** What it means that no answer came. */
export function notHadBecause(error: unknown): Extract<Answer, { kind: 'down' | 'doubt' }> {
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
  const codes = errors.map((each) => (each instanceof Error && 'code' in each ? String(each.code) : ''));
  const reason = errors
    .map((each) => (each instanceof Error ? each.message : String(each)))
    .join(', ')
    .slice(0, 300);
  const wasNever = codes.every((code) => neverConnected.test(code));
  return { kind: wasNever ? 'down' : 'doubt', reason };
}
