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
      ? tokenOf('click', delivery, { link })
      : tokenOf('address', delivery, { address: Buffer.from(link) });
  return `${config.publicUrl}/c/${token}`;
}

/** A link that no human sees: whoever follows it is a machine, and so are the other clicks it makes (A14). */
export const trapLink = (delivery: DeliveryKey): string =>
  `${config.publicUrl}/c/${tokenOf('trap', delivery)}`;

/** The picture that tells that a mail was opened. */
export const openPixel = (delivery: DeliveryKey): string =>
  `${config.publicUrl}/o/${tokenOf('open', delivery)}`;

/** For the header List-Unsubscribe (RFC 8058) and the link in the mail: of the run's topic. */
export const unsubscribeUrl = (delivery: DeliveryKey): string =>
  `${config.publicUrl}/unsubscribe/${tokenOf('preferences', delivery)}`;

/** The page where a person chooses topics, of the language of the mail if it is given. */
export const preferencesUrl = (delivery: DeliveryKey, locale?: string): string =>
  `${config.publicUrl}${locale === undefined ? '' : `/${locale}`}/preferences/${tokenOf('preferences', delivery)}`;

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
function tokenOf(purpose: Purpose, delivery: DeliveryKey, { link, address }: Leading = {}): string {
  const token = Buffer.allocUnsafe(3 * LONGEST_NUMBER + (address?.length ?? 0) + SIGNATURE);
  let end = writeNumber(token, writeNumber(token, 0, delivery.runId), delivery.n);
  if (link !== undefined) end = writeNumber(token, end, link);
  if (address !== undefined) end += address.copy(token, end);
  end += signatureOf(purpose, delivery, token.subarray(0, end)).copy(token, end);
  return token.toString('base64url', 0, end);
}

/** Where a click leads. */
interface Leading {
  link?: number;
  address?: Buffer;
}

/*
 * Each delivery has a secret, SHA-512 of our key and its own. Links of which it has one each are signed by a piece of it; the others by a hash that begins with
 * the rest of it, cut short, so that nobody can write on. Each recipient has several links, and a hash takes as long as a merge field.
 */
function signatureOf(purpose: Purpose, delivery: DeliveryKey, content: Buffer): Buffer {
  const secret = secretOf(delivery);
  if (purpose !== 'click' && purpose !== 'address') {
    const start = pieces.indexOf(purpose) * SIGNATURE;
    return secret.subarray(start, start + SIGNATURE);
  }
  const rest = secret.subarray(pieces.length * SIGNATURE);
  const signed = Buffer.allocUnsafe(rest.length + 1 + content.length);
  signed.set(rest);
  signed[rest.length] = purpose === 'click' ? 1 : 2;
  signed.set(content, rest.length + 1);
  return hash('sha256', signed, 'buffer').subarray(0, SIGNATURE);
}

const pieces: readonly Purpose[] = ['preferences', 'open', 'trap'];

/** The links of a delivery are made one after the other. */
let latest: DeliveryKey & { secret: Buffer } = { runId: NaN, n: NaN, secret: Buffer.alloc(0) };

/* One hash in one go: createHmac takes ten times as long. What is hashed has always the same length, and only pieces of the hash are ever shown. */
function secretOf({ runId, n }: DeliveryKey): Buffer {
  if (latest.runId !== runId || latest.n !== n) {
    keyed.writeDoubleBE(runId, key.length);
    keyed.writeDoubleBE(n, key.length + 8);
    latest = { runId, n, secret: hash('sha512', keyed, 'buffer') };
  }
  return latest.secret;
}

const keyed = Buffer.concat([key, Buffer.alloc(16)]);

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

/* What a token says counts if the token is the one that we make of it: so there is only one spelling of each. */
function readToken(
  purpose: Purpose,
  token: string,
  count: number,
): { numbers: number[]; rest: Buffer } | undefined {
  if (!/^[\w-]{18,8000}$/.test(token)) return undefined;
  const content = Buffer.from(token, 'base64url').subarray(0, -SIGNATURE);
  const read = readNumbers(content, count);
  if (read.numbers.length < count || !read.numbers.every(Number.isSafeInteger)) return undefined;
  const [, , link] = read.numbers;
  const ours = tokenOf(purpose, keyOf(read.numbers), {
    ...(link !== undefined && { link }),
    ...(purpose === 'address' && { address: read.rest }),
  });
  return ours.length === token.length && timingSafeEqual(Buffer.from(ours), Buffer.from(token)) ? read : undefined; // prettier-ignore
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
