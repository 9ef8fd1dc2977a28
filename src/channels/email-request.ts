import { anyMark, filled } from '../content/marks.ts';
import { config } from '../platform/config.ts';

import type { OutgoingBatch, OutgoingMessage, Recipient } from './channel.ts';

/** Bytes of one recipient's values that SendGrid takes. */
const MOST_VALUES = 10_000;

/** The most bytes that a UTF-16 unit of a string takes in JSON: `\u0000`. */
const MOST_BYTES_A_UNIT = 6;

/** Whether SendGrid would not take this recipient's values beside others: then they are put into a message that is theirs alone. */
export function needsOwnRequest({ values }: Recipient): boolean {
  let units = 2;
  let entries = 0;
  for (const slot in values) {
    units += slot.length + (values[slot]?.length ?? 0);
    entries += 1;
  }
  const atMost = units * MOST_BYTES_A_UNIT + entries * 6;
  return atMost > MOST_VALUES && sizeOf(JSON.stringify(values)) > MOST_VALUES;
}

export const sizeOf = (text: string): number => Buffer.byteLength(text);

/** The request as SendGrid reads it. What all its recipients share is put into JSON once and kept with the message. */
export function bodyOf(batch: OutgoingBatch): string {
  const [only, ...others] = batch.recipients;
  if (only !== undefined && others.length === 0 && needsOwnRequest(only)) return ownBodyOf(batch, only);
  const recipients = batch.recipients.map((recipient) => personalizationOf(batch, recipient, recipient.values));
  return `{"personalizations":[${recipients.join(',')}],${commonTo(batch)},${sharedBy(batch.message)}}`;
}

/** A message of one recipient alone, with the values in it. */
function ownBodyOf(batch: OutgoingBatch, only: Recipient): string {
  const { subject, html, text } = batch.message;
  const merged = {
    subject: filled(subject, only.values),
    html: filled(html, only.values),
    text: filled(text, only.values),
  };
  return `{"personalizations":[${personalizationOf(batch, only)}],${commonTo(batch)},${contentOf(merged)}}`;
}

/* The ids of the ledger are in every recipient's part: events are told by them alone. */
function personalizationOf(
  { runId, batch, message }: OutgoingBatch,
  { n, address, name, optOutUrl }: Recipient,
  values?: Recipient['values'],
): string {
  return JSON.stringify({
    to: [name === undefined || name === '' ? { email: address } : { email: address, name: line(name) }],
    headers: optOutUrl === undefined ? undefined : optOutHeaders(optOutUrl),
    substitutions: values === undefined ? undefined : cleaned(values, message),
    custom_args: { run: String(runId), n: String(n), batch: String(batch) },
  });
}

/* Mail programs show a button of their own, and one POST of theirs is all it takes (RFC 8058). */
function optOutHeaders(url: string): Record<string, string> {
  if (/[\s<>,]/.test(url)) throw new Error('an address to opt out at with characters that end a header');
  return { 'List-Unsubscribe': `<${url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
}

/** Values as they may be put into a message: whole characters, and nothing in the subject that would end its line. */
function cleaned(values: Recipient['values'], message: OutgoingMessage): Recipient['values'] {
  const inSubject = slotsOfSubject(message);
  let clean: Record<string, string> | undefined;
  for (const slot in values) {
    const value = values[slot] ?? '';
    const good = inSubject.has(slot) ? line(value) : value.isWellFormed() ? value : value.toWellFormed();
    if (good === value) continue;
    clean ??= { ...values };
    clean[slot] = good;
  }
  return clean ?? values;
}

const subjects = new WeakMap<OutgoingMessage, ReadonlySet<string>>();

function slotsOfSubject(message: OutgoingMessage): ReadonlySet<string> {
  let slots = subjects.get(message);
  if (slots === undefined) {
    slots = new Set(message.subject.match(anyMark) ?? []);
    subjects.set(message, slots);
  }
  return slots;
}

// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f\u0085\u2028\u2029]+/g;

/** A text that stays on one line of a header, whatever somebody put into it. */
const line = (text: string): string => text.replaceAll(control, ' ').toWellFormed().trim();

const sender = `"from":${JSON.stringify({ email: config.MAIL_FROM, name: line(config.BRAND_NAME) })}`;

/* Links are ours: SendGrid leaves them as they are. Its own picture tells machines that open mails apart from people. */
const settings =
  '"tracking_settings":{"click_tracking":{"enable":false,"enable_text":false},"open_tracking":{"enable":true},"subscription_tracking":{"enable":false}}';

const commonTo = ({ categories }: OutgoingBatch): string =>
  `${sender},${settings},"categories":${JSON.stringify([...new Set(categories.map((each) => line(each).slice(0, 255)))].slice(0, 10))}`;

const shared = new WeakMap<OutgoingMessage, string>();

function sharedBy(message: OutgoingMessage): string {
  let json = shared.get(message);
  if (json === undefined) {
    json = contentOf(message);
    shared.set(message, json);
  }
  return json;
}

/* SendGrid wants the plain text first, and neither of them empty. */
function contentOf({ subject, html, text }: OutgoingMessage): string {
  const content = [
    { type: 'text/plain', value: text.toWellFormed() },
    { type: 'text/html', value: html.toWellFormed() },
  ].filter(({ value }) => value !== '');
  return `"subject":${JSON.stringify(line(subject))},"content":${JSON.stringify(content)}`;
}
