import { once } from 'node:events';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

import { quote } from '../../database.ts';
import { isoMoment } from '../dates.ts';
import { tables, type AddRow, type RowOf, type Stamp, type Table, type Value } from './tables.ts';

/** Rows waiting to be loaded, as lines of PostgreSQL's COPY text format. */
export interface Loader {
  add: AddRow;
  /** Sends what waits, in the order of `tables`, and tells how many rows were loaded so far. */
  flush: () => Promise<number>;
}

/** Loads through one connection, so that all of it is one transaction. `targets` redirects an object to another table. */
export function createLoader(client: pg.ClientBase, targets: Partial<Record<Table, string>> = {}): Loader {
  const waiting = new Map<Table, string[]>();
  let loaded = 0;
  return {
    add(table, row, stamp) {
      const lines = waiting.get(table) ?? [];
      waiting.set(table, lines);
      lines.push(lineOf(table, row, stamp));
    },
    async flush() {
      for (const table of Object.keys(tables) as Table[]) {
        const lines = waiting.get(table);
        if (!lines) continue;
        waiting.delete(table);
        await copyLines(client, targets[table] ?? quote(table), tables[table], lines);
        loaded += lines.length;
      }
      return loaded;
    },
  };
}

/** Loads lines of COPY text format into a table. */
export async function copyLines(
  client: pg.ClientBase,
  target: string,
  columns: readonly string[],
  lines: readonly string[],
): Promise<void> {
  const stream = client.query(copyFrom(`copy ${target} (${columns.map(quote).join(', ')}) from stdin`));
  const finished = once(stream, 'finish');
  const slice = 500;
  for (let start = 0; start < lines.length; start += slice) {
    const ready = stream.write(`${lines.slice(start, start + slice).join('\n')}\n`);
    if (!ready) await Promise.race([once(stream, 'drain'), finished]);
  }
  stream.end();
  await finished;
}

function lineOf<T extends Table>(table: T, row: RowOf<T>, stamp: Stamp): string {
  const values = row as Record<string, Value>;
  const audit = auditOf(stamp);
  let line = '';
  for (const column of tables[table]) {
    const own = values[column];
    line += (line === '' ? '' : '\t') + encoded(own === undefined ? audit[column] : own);
  }
  return line;
}

function auditOf({ at, by, changedAt = at, changedBy = by }: Stamp): Record<string, string> {
  const created = isoMoment(at);
  const changed = changedAt === at ? created : isoMoment(changedAt);
  return {
    CreatedDate: created,
    CreatedById: by,
    LastModifiedDate: changed,
    LastModifiedById: changedBy,
    SystemModstamp: changed,
  };
}

const special = /[\\\n\r\t]/;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function encoded(value: Value): string {
  if (value === null || value === undefined) return '\\N';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value === 'number') return String(value);
  return special.test(value) ? value.replace(/[\\\n\r\t]/g, (letter) => escapes[letter] ?? '') : value;
}
