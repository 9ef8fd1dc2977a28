import type { Db } from '../../database.ts';
import { quote } from '../../database.ts';
import type { SObject } from '../schema/catalog.ts';

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const suffixes = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const pod = '5g0';

/** Whether it has the form of a record id: 15 or 18 letters and digits. */
export const isId = (text: string): boolean => /^[0-9A-Za-z]{15}([0-9A-Za-z]{3})?$/.test(text);

/** The 18-character form of a 15- or 18-character id. */
export function toLongId(id: string): string {
  const short = id.slice(0, 15);
  return short + [0, 5, 10].map((start) => suffixOf(short.slice(start, start + 5))).join('');
}

/** The id that the `counter`-th row of an object gets. */
export function idOf(keyPrefix: string, counter: number): string {
  let body = '';
  for (let rest = counter; rest > 0; rest = Math.floor(rest / 62)) body = (digits[rest % 62] ?? '') + body;
  return toLongId(keyPrefix + pod + body.padStart(9, '0'));
}

/** Takes so many new ids, ascending, from the object's sequence: they are never given out again. */
export async function newIds(db: Db, sobject: SObject, count: number): Promise<string[]> {
  const counters = await take(db, idSequence(sobject.name), count);
  return counters.map((counter) => idOf(sobject.keyPrefix, counter));
}

/** The next values of an auto-number field, in its display format (`L-{000000}`). */
export async function newNumbers(db: Db, sobject: SObject, count: number): Promise<string[]> {
  const counters = await take(db, numberSequence(sobject.name), count);
  const format = sobject.fields.find((field) => field.autoNumber)?.displayFormat ?? '{0}';
  return counters.map((counter) => formatNumber(format, counter));
}

/** `L-{000000}` and 42: `L-000042`. */
export const formatNumber = (format: string, counter: number): string =>
  format.replace(/\{(0+)\}/, (_, zeros: string) => String(counter).padStart(zeros.length, '0'));

export const idSequence = (sobjectName: string): string => `_ids_${sobjectName}`;
export const numberSequence = (sobjectName: string): string => `_numbers_${sobjectName}`;

async function take(db: Db, sequence: string, count: number): Promise<number[]> {
  const { rows } = await db.query('select nextval($1::regclass) as counter from generate_series(1, $2)', [
    quote(sequence),
    count,
  ]);
  return (rows as { counter: number }[]).map((row) => row.counter);
}

/** Salesforce's checksum of five characters: which of them are capital letters. */
function suffixOf(chunk: string): string {
  const bits = chunk.split('').reduce((sum, letter, at) => sum + (/[A-Z]/.test(letter) ? 1 << at : 0), 0);
  return suffixes.charAt(bits);
}
