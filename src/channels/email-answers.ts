import type { Dispatcher } from 'undici';
import { z } from 'zod';

import type { Answer, OutgoingBatch } from './channel.ts';
import { first, type Headers, textOf, untilOf } from './http-answers.ts';

/* What SendGrid's answers mean: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors */

const Errors = z.object({
  errors: z.array(z.object({ message: z.string().nullish(), field: z.string().nullish() })).min(1),
});
type Complaint = z.infer<typeof Errors>['errors'][number];

/** What an answer says of a batch. Once its head is here nothing that happens to the rest changes what it said. */
export async function answerTo(answer: Dispatcher.ResponseData, batch: OutgoingBatch): Promise<Answer> {
  const { statusCode, headers } = answer;
  const text = await textOf(answer);
  if (statusCode >= 200 && statusCode < 300) return accepted(headers);
  const complaints = complaintsIn(text);
  const detail = `${String(statusCode)} ${complaints.map(({ message }) => message ?? '').join(' ')}`
    .slice(0, 300)
    .trim();
  if (statusCode === 429) return { kind: 'limited', until: untilOf(headers) };
  if (statusCode === 400) return refused(complaints, batch, detail);
  if (statusCode < 500) return refusedAs(statusCode, detail);
  /* SendGrid itself says no in its own form. What stands before it may have passed the request on and not waited for the end of it. */
  const isItsOwnWord = statusCode === 503 || complaints.length > 0;
  return isItsOwnWord ? { kind: 'down', reason: detail } : { kind: 'doubt', reason: detail };
}

/* A wrong key, a sender that is not ours, an address that is none: only the settings can mend it. */
const unauthorized = [401, 403, 404, 405, 415];

function refusedAs(statusCode: number, detail: string): Answer {
  if (unauthorized.includes(statusCode)) return { kind: 'unauthorized', reason: detail };
  if (statusCode === 408) return { kind: 'down', reason: detail };
  if (statusCode === 413) return { kind: 'refused', rows: 'some', reason: 'too_large', detail };
  return { kind: 'refused', rows: 'all', reason: 'message_refused', detail };
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
