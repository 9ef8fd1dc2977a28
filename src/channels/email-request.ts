import { anyMark, filled } from '../content/marks.ts';
import { config } from '../platform/config.ts';

import type { OutgoingBatch, OutgoingMessage, Recipient } from './channel.ts';

/** Bytes of one recipient's values that SendGrid takes. */
const MOST_VALUES = 10_000;

/** Whether SendGrid would not take this recipient's values beside others: then they are put into a message that is theirs alone. */
export function needsOwnRequest({ values, written }: Recipient): boolean {
  if (written !== undefined) return false;
  let characters = 2;
  for (const slot in values) characters += slot.length + (values[slot]?.length ?? 0) + PUNCTUATION;
  return characters * LONGEST_CHARACTER > MOST_VALUES && Buffer.byteLength(JSON.stringify(values)) > MOST_VALUES; // prettier-ignore
}

/** Values as they go out, to be read once; undefined for those that need a request of their own. */
export function write(values: Recipient['values'], message: OutgoingMessage): Written | undefined {
  const json = jsonOf(values, message);
  const most = json.length * 3;
  if (most > MOST_VALUES && Buffer.byteLength(json) > MOST_VALUES) return undefined;
  if (page.end + most > page.bytes.length) {
    letGo(page);
    page = pages.pop() ?? newPage();
  }
  const start = page.end;
  page.end += page.bytes.write(json, start);
  page.unread += 1;
  return new Written(page, start, page.end);
}

/* Bytes beside the heap: megabytes of texts that wait to be posted would be carried around by the collector, time and again. */
interface Page {
  bytes: Buffer;
  end: number;
  /** What was written on it and not read: it is used again when there is nothing left. */
  unread: number;
}

class Written {
  readonly page: Page;
  readonly start: number;
  readonly end: number;
  constructor(page: Page, start: number, end: number) {
    this.page = page;
    this.start = start;
    this.end = end;
  }
}

const PAGE = 1_048_576;
const MOST_PAGES = 16;
const newPage = (): Page => ({ bytes: Buffer.allocUnsafeSlow(PAGE), end: 0, unread: 0 });
const pages: Page[] = [];
let page = newPage();

function letGo(written: Page): void {
  if (written.unread > 0 || pages.length >= MOST_PAGES) return;
  written.end = 0;
  pages.push(written);
}

function read(body: Body, { page: from, start, end }: Written): void {
  widen(body, end - start);
  body.end += from.bytes.copy(body.bytes, body.end, start, end);
  from.unread -= 1;
  if (from !== page) letGo(from);
}

/** Bytes of quotes, colon and comma of a value, and of a character in JSON at most: `\u0000`. */
const PUNCTUATION = 6;
const LONGEST_CHARACTER = 6;

/**
 * The request as SendGrid reads it. What all its recipients share is put into JSON once and kept with the message. The bytes are those of a buffer
 * that `giveBack` takes for the next one, once nobody reads them any more.
 */
export function bodyOf(batch: OutgoingBatch): Buffer {
  const [only] = batch.recipients;
  if (only !== undefined && batch.recipients.length === 1 && needsOwnRequest(only)) return Buffer.from(ownBodyOf(batch, only)); // prettier-ignore
  const body = { bytes: buffers.pop() ?? Buffer.allocUnsafeSlow(SMALLEST_BUFFER), end: 0 };
  append(body, '{"personalizations":[');
  let between = '';
  for (const recipient of batch.recipients) {
    append(body, `${between}${headOf(recipient)},"substitutions":`);
    if (recipient.written instanceof Written) read(body, recipient.written);
    else append(body, jsonOf(recipient.values, batch.message));
    append(body, tailOf(batch, recipient));
    between = ',';
  }
  append(body, `],${commonTo(batch)},${sharedBy(batch.message)}}`);
  return body.bytes.subarray(0, body.end);
}

/* One string of all that would be made, flattened and copied, megabytes each time. */
const SMALLEST_BUFFER = 1_048_576;
const LARGEST_KEPT = 16_777_216;
const MOST_KEPT = 4;
const buffers: Buffer[] = [];

interface Body {
  bytes: Buffer;
  end: number;
}

function append(body: Body, text: string): void {
  widen(body, text.length * 3);
  body.end += body.bytes.write(text, body.end);
}

function widen(body: Body, by: number): void {
  const needed = body.end + by;
  if (needed <= body.bytes.length) return;
  const wider = Buffer.allocUnsafeSlow(Math.max(needed, body.bytes.length * 2));
  body.bytes.copy(wider, 0, 0, body.end);
  body.bytes = wider;
}

/** Takes back a body that was read to its end. */
export function giveBack(body: Buffer): void {
  const { buffer } = body;
  if (buffer.byteLength >= SMALLEST_BUFFER && buffer.byteLength <= LARGEST_KEPT && buffers.length < MOST_KEPT) buffers.push(Buffer.from(buffer)); // prettier-ignore
}

/** A message of one recipient alone, with the values in it. */
function ownBodyOf(batch: OutgoingBatch, only: Recipient): string {
  const { subject, html, text } = batch.message;
  const merged = {
    subject: filled(subject, only.values),
    html: filled(html, only.values),
    text: filled(text, only.values),
  };
  return `{"personalizations":[${headOf(only)}${tailOf(batch, only)}],${commonTo(batch)},${contentOf(merged)}}`;
}

function headOf({ address, name, optOutUrl }: Recipient): string {
  const called = name === undefined || name === '' ? '' : `,"name":${JSON.stringify(line(name))}`;
  const headers = optOutUrl === undefined ? '' : `,"headers":${optOutHeaders(optOutUrl)}`;
  return `{"to":[{"email":${JSON.stringify(address)}${called}}]${headers}`;
}

/* The ids of the ledger are in every recipient's part: events are told by them alone. */
const tailOf = ({ runId, batch }: OutgoingBatch, { n }: Recipient): string =>
  `,"custom_args":{"run":"${String(runId)}","n":"${String(n)}","batch":"${String(batch)}"}}`;

/* Mail programs show a button of their own, and one POST of theirs is all it takes (RFC 8058). */
function optOutHeaders(url: string): string {
  if (/[\s<>,"\\]/.test(url)) throw new Error('an address to opt out at with characters that end a header');
  return `{"List-Unsubscribe":"<${url}>","List-Unsubscribe-Post":"List-Unsubscribe=One-Click"}`;
}

/* JSON writes halves of characters, and nothing else, as `\ud83d`: few values have any, or anything that would end the line of a subject. */
function jsonOf(values: Recipient['values'], message: OutgoingMessage): string {
  for (const slot of slotsOfSubject(message))
    if (anyControl.test(values[slot] ?? '')) return JSON.stringify(cleaned(values, message));
  const json = JSON.stringify(values);
  return json.includes('\\ud') ? JSON.stringify(cleaned(values, message)) : json;
}

/** Values as they may be put into a message: whole characters, and nothing in the subject that would end its line. */
function cleaned(values: Recipient['values'], message: OutgoingMessage): Record<string, string> {
  const inSubject = slotsOfSubject(message);
  const clean = Object.entries(values).map(([slot, value]) => [slot, inSubject.has(slot) ? line(value) : value.toWellFormed()] as const); // prettier-ignore
  return Object.fromEntries(clean);
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

// eslint-disable-next-line no-control-regex
const anyControl = /[\u0000-\u001f\u007f\u0085\u2028\u2029]|^\s|\s$/;

/** A text that stays on one line of a header, whatever somebody put into it. */
const line = (text: string): string => text.replaceAll(control, ' ').toWellFormed().trim();

const house = `"from":${JSON.stringify({ email: config.MAIL_FROM, name: line(config.BRAND_NAME) })}`;

/* The address stays ours, which our domain's keys sign for (DMARC); name and answers are the sender's. */
function senderOf({ sender }: OutgoingBatch): string {
  if (sender === undefined) return house;
  const [name, email] = [line(sender.name), line(sender.email)];
  return `"from":${JSON.stringify({ email: config.MAIL_FROM, name })},"reply_to":${JSON.stringify({ email, name })}`;
}

/* Links are ours: SendGrid leaves them as they are. Its own picture tells machines that open mails apart from people. */
const settings =
  '"tracking_settings":{"click_tracking":{"enable":false,"enable_text":false},"open_tracking":{"enable":true},"subscription_tracking":{"enable":false}}';

const commonTo = (batch: OutgoingBatch): string =>
  `${senderOf(batch)},${settings},"categories":${JSON.stringify([...new Set(batch.categories.map((each) => line(each).slice(0, 255)))].slice(0, 10))}`;

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
