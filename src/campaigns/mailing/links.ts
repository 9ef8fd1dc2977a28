import { hash, hkdfSync, timingSafeEqual } from 'node:crypto';

import { config } from '../../platform/config.ts';
import type { Tx } from '../../platform/db.ts';

import * as queries from './links.queries.ts';

/** A row of the ledger. Run 0 is a test mail: its links work, and nothing they do is kept. */
export interface DeliveryKey {
  runId: number;
  n: number;
}

/** What a link of a mail is for. A token for one is none for another. */
type Purpose = 'click' | 'address' | 'trap' | 'open' | 'preferences';

const purposes: Record<Purpose, number> = { click: 1, address: 2, trap: 3, open: 4, preferences: 5 };

const key = Buffer.from(hkdfSync('sha256', config.SESSION_SECRET, '', 'rapport links of mails', 32));

/** Bytes of the signature: 96 bits that nobody can try offline. */
const SIGNATURE = 12;

/**
 * Registers the addresses that links of a message lead to. Who compiles a message does so once; `trackedLink` takes the numbers.
 * @returns the number of each address
 */
export async function linkNumbers(tx: Tx, urls: readonly string[]): Promise<Map<string, number>> {
  return await queries.insertLinks(tx, [...new Set(urls)]);
}

/**
 * Where a link of a mail leads: to us, and on from there. `link` is the number of a registered address, or, where the address holds
 * values of the recipient, the address itself. Signed, so that it leads nowhere else.
 */
export function trackedLink(delivery: DeliveryKey, link: number | string): string {
  const token =
    typeof link === 'number'
      ? tokenOf('click', [delivery.runId, delivery.n, link])
      : tokenOf('address', [delivery.runId, delivery.n], Buffer.from(link));
  return `${config.publicUrl}/c/${token}`;
}

/** A link that no human sees: whoever follows it is a machine, and so are the other clicks it makes (A14). */
export const trapLink = ({ runId, n }: DeliveryKey): string =>
  `${config.publicUrl}/c/${tokenOf('trap', [runId, n])}`;

/** The picture that tells that a mail was opened. */
export const openPixel = ({ runId, n }: DeliveryKey): string =>
  `${config.publicUrl}/o/${tokenOf('open', [runId, n])}`;

/** For the header List-Unsubscribe (RFC 8058) and the link in the mail: of the run's topic. */
export const unsubscribeUrl = ({ runId, n }: DeliveryKey): string =>
  `${config.publicUrl}/unsubscribe/${tokenOf('preferences', [runId, n])}`;

/** The page where a person chooses topics, of the language of the mail if it is given. */
export const preferencesUrl = ({ runId, n }: DeliveryKey, locale?: string): string =>
  `${config.publicUrl}${locale === undefined ? '' : `/${locale}`}/preferences/${tokenOf('preferences', [runId, n])}`;

/** What a token of a click says: the delivery, and where it leads (`trap` for the link that no human sees); undefined for one that we did not make. */
export function readClick(token: string): (DeliveryKey & { link: number | string }) | undefined {
  const numbered = readToken('click', token, 3);
  if (numbered) return { ...keyOf(numbered.numbers), link: numbered.numbers[2] ?? 0 };
  const addressed = readToken('address', token, 2);
  if (addressed) return { ...keyOf(addressed.numbers), link: addressed.rest.toString() };
  const trap = readToken('trap', token, 2);
  return trap && { ...keyOf(trap.numbers), link: 'trap' };
}

/** The delivery of an open pixel's token; undefined for one that we did not make. */
export const readOpen = (token: string): DeliveryKey | undefined => readDelivery('open', token);

/** The delivery of an unsubscribe or preferences token; undefined for one that we did not make. */
export const readPreferences = (token: string): DeliveryKey | undefined => readDelivery('preferences', token);

function readDelivery(purpose: Purpose, token: string): DeliveryKey | undefined {
  const read = readToken(purpose, token, 2);
  return read && keyOf(read.numbers);
}

const keyOf = ([runId = 0, n = 0]: readonly number[]): DeliveryKey => ({ runId, n });

/* Numbers in sevens of bits, then what else there is, then the signature: 27 characters for a click. */
function tokenOf(purpose: Purpose, numbers: readonly number[], rest?: Buffer): string {
  const token = Buffer.allocUnsafe(numbers.length * LONGEST_NUMBER + (rest?.length ?? 0) + SIGNATURE);
  let end = 0;
  for (const number of numbers) end = writeNumber(token, end, number);
  if (rest !== undefined) end += rest.copy(token, end);
  end += signatureOf(purpose, token.subarray(0, end)).copy(token, end);
  return token.toString('base64url', 0, end);
}

/* HMAC-SHA256 out of two hashes in one go each: a fifth of what createHmac takes, and each recipient has several links. */
function signatureOf(purpose: Purpose, content: Buffer): Buffer {
  const inner = Buffer.allocUnsafe(innerPad.length + 1 + content.length);
  inner.set(innerPad);
  inner[innerPad.length] = purposes[purpose];
  inner.set(content, innerPad.length + 1);
  outer.set(hash('sha256', inner, 'buffer'), outerPad.length);
  return hash('sha256', outer, 'buffer').subarray(0, SIGNATURE);
}

const padded = (byte: number) =>
  Buffer.concat([key, Buffer.alloc(64 - key.length)]).map((each) => each ^ byte);
const [innerPad, outerPad] = [padded(0x36), padded(0x5c)];
const outer = Buffer.concat([outerPad, Buffer.alloc(32)]);

/** Of a number below 2 to the 53rd, in sevens of bits. */
const LONGEST_NUMBER = 8;

/** @returns where the next begins */
function writeNumber(to: Buffer, start: number, number: number): number {
  let at = start;
  let rest = number;
  for (; rest >= 128; rest = Math.floor(rest / 128)) to[at++] = (rest % 128) + 128;
  to[at++] = rest;
  return at;
}

function readToken(
  purpose: Purpose,
  token: string,
  count: number,
): { numbers: number[]; rest: Buffer } | undefined {
  if (!/^[\w-]{18,8000}$/.test(token)) return undefined;
  const bytes = Buffer.from(token, 'base64url');
  /* Of the last character some bits mean nothing: only one spelling is a token. */
  if (bytes.length <= SIGNATURE || bytes.toString('base64url') !== token) return undefined;
  const content = bytes.subarray(0, -SIGNATURE);
  if (!timingSafeEqual(bytes.subarray(-SIGNATURE), signatureOf(purpose, content))) return undefined;
  return readNumbers(content, count);
}

function readNumbers(content: Buffer, count: number): { numbers: number[]; rest: Buffer } {
  const numbers: number[] = [];
  let at = 0;
  while (numbers.length < count && at < content.length) {
    let value = 0;
    let unit = 1;
    let byte = 128;
    while (byte >= 128) {
      byte = content[at++] ?? 0;
      value += (byte % 128) * unit;
      unit *= 128;
    }
    numbers.push(value);
  }
  return { numbers, rest: content.subarray(at) };
}
