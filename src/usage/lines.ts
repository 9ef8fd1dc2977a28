import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { TextDecoder } from 'node:util';

import { parse } from 'csv-parse';

/** A record of a file, or why it is none. */
export type FileRecord = { message: unknown } | { reason: string; excerpt: string };

const LONGEST_LINE = 65_536;

/** How a file of the past is written. */
export type FileFormat = 'csv' | 'ndjson';

export const formatOf = (name: string): FileFormat => (/\.csv$/i.test(name) ? 'csv' : 'ndjson');

/**
 * The records of a file as they come, never more of it in memory than one line. A record without a messageId gets one from what it
 * says, so that a file that is imported twice counts once.
 */
export async function* recordsOf(
  bytes: AsyncIterable<Buffer>,
  format: FileFormat,
): AsyncGenerator<FileRecord> {
  const texts = decoded(bytes);
  if (format === 'csv') yield* csvRecords(texts);
  else for await (const line of linesOf(texts)) if (line.trim() !== '') yield jsonRecord(line);
}

/** Spreadsheets save as UTF-16 at times, and begin it with a mark; everything else is to be UTF-8. */
async function* decoded(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  for await (const chunk of bytes) {
    decoder ??= new TextDecoder(encodingOf(chunk));
    yield decoder.decode(chunk, { stream: true });
  }
  yield decoder?.decode() ?? '';
}

function encodingOf(start: Buffer): string {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  return start[0] === 0xfe && start[1] === 0xff ? 'utf-16be' : 'utf-8';
}

/** What a decoder puts where bytes are no text. */
const UNREADABLE = '\ufffd';

const unreadable = (excerpt: string): FileRecord => ({
  reason: 'The line holds letters that are not UTF-8: save the file as UTF-8.',
  excerpt: excerpt.slice(0, 200),
});

function jsonRecord(line: string): FileRecord {
  if (line.includes(UNREADABLE)) return unreadable(line);
  if (line.length >= LONGEST_LINE)
    return { reason: 'The line is longer than 64 KB.', excerpt: line.slice(0, 200) };
  try {
    return { message: withId(JSON.parse(line) as unknown, line) };
  } catch {
    return { reason: 'The line is not JSON.', excerpt: line };
  }
}

const withId = (message: unknown, text: string): unknown =>
  typeof message === 'object' && message !== null && !('messageId' in message)
    ? { ...message, messageId: createHash('sha1').update(text).digest('base64url') }
    : message;

/** A line that does not end is cut, and the rest of it passed over. */
async function* linesOf(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  let isPassing = false;
  for await (const text of texts) {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!isPassing) yield line;
      isPassing = false;
    }
    if (rest.length < LONGEST_LINE) continue;
    if (!isPassing) yield rest.slice(0, LONGEST_LINE);
    isPassing = true;
    rest = '';
  }
  if (rest !== '' && !isPassing) yield rest;
}

/** Columns named like the fields of a message; `traits.plan` and `properties.size` go into those. */
async function* csvRecords(texts: AsyncIterable<string>): AsyncGenerator<FileRecord> {
  const parser = parse({ columns: true, bom: true, skip_empty_lines: true, relax_column_count: true, max_record_size: LONGEST_LINE }); // prettier-ignore
  pipeline(Readable.from(texts), parser, () => undefined);
  try {
    for await (const row of parser as AsyncIterable<Record<string, string>>) {
      const text = JSON.stringify(row);
      yield text.includes(UNREADABLE) ? unreadable(text) : { message: withId(messageOf(row), text) };
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    yield { reason: `The file is not CSV from here on: ${why}`, excerpt: '' };
  }
}

function messageOf(row: Record<string, string>): Record<string, unknown> {
  const message: Record<string, unknown> = { type: 'track' };
  const inner: Record<'traits' | 'properties', Record<string, unknown>> = { traits: {}, properties: {} };
  for (const [column, value] of Object.entries(row)) {
    const [group, name] = column.split(/\.(.*)/s);
    if (value === '') continue;
    if ((group === 'traits' || group === 'properties') && name) inner[group][name] = value;
    else if (column === 'module') inner.properties.module = value;
    else if (column === 'activeSeconds') inner.properties.activeSeconds = Number(value);
    else message[column] = value;
  }
  return { ...message, ...inner };
}
