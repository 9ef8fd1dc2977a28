import type { Dispatcher } from 'undici';
import { z } from 'zod';

import { now } from '../platform/clock.ts';

import type { Answer, OutgoingBatch } from './channel.ts';

/* What SendGrid's answers mean: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors */

const Errors = z.object({
  errors: z.array(z.object({ message: z.string().nullish(), field: z.string().nullish() })).min(1),
});
type Complaint = z.infer<typeof Errors>['errors'][number];

/** What an answer says of a batch. Once its head is here nothing that happens to the rest changes what it said. */
export async function answerTo(answer: Dispatcher.ResponseData, batch: OutgoingBatch): Promise<Answer> {
  const { statusCode, headers } = answer;
  const text = await bodyOf(answer);
  if (statusCode >= 200 && statusCode < 300) return accepted(headers);
  const complaints = complaintsIn(text);
  const detail = `${String(statusCode)} ${complaints.map(({ message }) => message ?? '').join(' ')}`
    .slice(0, 300)
    .trim();
  if (statusCode === 429) return { kind: 'limited', until: untilOf(headers) };
  if (statusCode === 413) return { kind: 'refused', rows: 'some', reason: 'too_large', detail };
  if (statusCode === 400) return refused(complaints, batch, detail);
  /* A wrong key, a sender that is not ours, an address that is none: only the settings can mend it. */
  if ([401, 403, 404, 405, 415].includes(statusCode)) return { kind: 'unauthorized', reason: detail };
  if (statusCode < 500 && statusCode !== 408)
    return { kind: 'refused', rows: 'all', reason: 'message_refused', detail };
  /* SendGrid itself says no in its own form. What stands before it may have passed the request on and not waited for the end of it. */
  const isItsOwnWord = statusCode === 503 || statusCode === 408 || complaints.length > 0;
  return isItsOwnWord ? { kind: 'down', reason: detail } : { kind: 'doubt', reason: detail };
}

async function bodyOf({ body }: Dispatcher.ResponseData): Promise<string> {
  try {
    return (await body.text()).slice(0, 100_000);
  } catch {
    return '';
  }
}

function accepted(headers: Headers): Answer {
  const providerId = first(headers, 'x-message-id') ?? '';
  return first(headers, 'x-ratelimit-remaining') === '0'
    ? { kind: 'accepted', providerId, closedUntil: untilOf(headers) }
    : { kind: 'accepted', providerId };
}

/** The rows that are to blame when SendGrid names them; all when the message is; some when it does not say. */
function refused(complaints: Complaint[], { recipients }: OutgoingBatch, detail: string): Answer {
  const answer = { kind: 'refused', detail } as const;
  const places = complaints.map(({ field }) => /^personalizations\.(\d+)\./.exec(`${field ?? ''}.`)?.[1]);
  const named = places.flatMap((place) => recipients[Number(place ?? NaN)]?.n ?? []);
  if (named.length > 0 && named.length === complaints.length)
    return { ...answer, rows: [...new Set(named)], reason: 'address_refused' };
  const isAboutMessage = complaints.some(({ field }) => /^(from|reply_to|subject|content|categories|custom_args|template_id|headers|send_at)\b/.test(field ?? '')); // prettier-ignore
  return isAboutMessage
    ? { ...answer, rows: 'all', reason: 'message_refused' }
    : { ...answer, rows: 'some', reason: 'address_refused' };
}

function complaintsIn(text: string): Complaint[] {
  try {
    return Errors.parse(JSON.parse(text)).errors;
  } catch {
    return [];
  }
}

type Headers = Dispatcher.ResponseData['headers'];

const first = (headers: Headers, name: string): string | undefined => [headers[name]].flat()[0];

const SHORTEST_WAIT = 1_000;
const LONGEST_WAIT = 3_600_000;

/** When it takes more: `Retry-After` in seconds or as a date, else `X-RateLimit-Reset` in seconds since 1970; within the hour. */
function untilOf(headers: Headers): Date {
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
export function notHadBecause(error: unknown): Answer {
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
  const codes = errors.map((each) => (each instanceof Error && 'code' in each ? String(each.code) : ''));
  const reason = errors
    .map((each) => (each instanceof Error ? each.message : String(each)))
    .join(', ')
    .slice(0, 300);
  const wasNever = codes.every((code) => neverConnected.test(code));
  return { kind: wasNever ? 'down' : 'doubt', reason };
}
