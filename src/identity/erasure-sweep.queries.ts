import { sql, type Tx } from '../platform/db.ts';

import type { Subject } from './erasure-subject.ts';

/** A column in which somebody may be named. */
interface Place {
  schema: string;
  table: string;
  column: string;
  kind: 'text' | 'json' | 'jsonb' | 'array';
}

/**
 * A regular expression that finds every address, name, number and id of theirs, as whole words, in upper and lower case; null when there is
 * nothing to be found by.
 */
export function patternOf({ emails, names, phones, externalIds, anonymousIds }: Subject): string | null {
  const words = [...emails, ...names, ...phones, ...[...externalIds, ...anonymousIds].filter(isUnique)];
  return words.length === 0 ? null : words.map((word) => bounded(word)).join('|');
}

/** A product may number its users: a short id stands for many other things elsewhere. */
const isUnique = (id: string): boolean => id.length >= 8 && /\D/.test(id);

/* In JSON a text is escaped: quotes and backslashes are left to any one character. Letters of other scripts have no boundaries. */
function bounded(word: string): string {
  const escaped = word.replaceAll(/[.*+?^${}()|[\]]/g, '\\$&').replaceAll(/\s+/g, '\\s+').replaceAll(/["\\](?=["\\])/g, '.');
  const starts = /^\w/.test(word) ? '\\m' : '';
  const ends = /\w$/.test(word) ? '\\M' : '';
  return `${starts}${escaped}${ends}`;
} // prettier-ignore

const STRUCK = '[erased]';

/** Strikes them out of every text of every table, and of the queue. @returns how many rows, by table */
export async function strikeOut(tx: Tx, subject: Subject): Promise<Record<string, number>> {
  const pattern = patternOf(subject);
  const counts: Record<string, number> = {};
  if (pattern === null) return counts;
  for (const place of await places(tx)) {
    if (!(await isNamedIn(tx, place, pattern))) continue;
    const { numAffectedRows = 0n } = await strikingOut(place, pattern).execute(tx);
    if (numAffectedRows > 0n) counts[place.table] = (counts[place.table] ?? 0) + Number(numAffectedRows);
  }
  return counts;
}

/** Every column that holds words, of tables as a whole, not of their partitions; hashes of keys and what is computed stay. */
async function places(tx: Tx): Promise<Place[]> {
  const { rows } = await sql<Place>`
    select n.nspname as schema, c.relname as table, a.attname as column,
      case t.typname when 'text' then 'text' when 'json' then 'json' when 'jsonb' then 'jsonb' else 'array' end as kind
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p') and not c.relispartition
    join pg_namespace n on n.oid = c.relnamespace
    join pg_type t on t.oid = a.atttypid
    where a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and t.typname in ('text', 'varchar', 'json', 'jsonb', '_text')
      and (n.nspname = 'public' and c.relname <> 'erasures' or n.nspname = 'graphile_worker' and c.relname = '_private_jobs')
      and not exists (
        select from pg_index i where i.indrelid = c.oid and i.indisprimary and a.attnum = any(i.indkey))
    order by c.relname, a.attnum`.execute(tx);
  return rows;
}

const named = ({ column, kind }: Place, pattern: string) => {
  const value = sql.id(column);
  const text = kind === 'text' ? value : kind === 'array' ? sql`array_to_string(${value}, ' ')` : sql`${value}::text`;
  return sql<boolean>`${text} ~* ${pattern}`;
}; // prettier-ignore

/** Tables that only grow let nothing be written, not even nothing. */
async function isNamedIn(tx: Tx, place: Place, pattern: string): Promise<boolean> {
  const { rows } = await sql`
    select from ${sql.id(place.schema, place.table)} where ${named(place, pattern)} limit 1`.execute(tx);
  return rows.length > 0;
}

function strikingOut(place: Place, pattern: string) {
  const target = sql.id(place.schema, place.table);
  const value = sql.id(place.column);
  const struck = (text: ReturnType<typeof sql>) => sql`regexp_replace(${text}, ${pattern}, ${STRUCK}, 'gi')`;
  const where = named(place, pattern);
  if (place.kind === 'text') return sql`update ${target} set ${value} = ${struck(sql`${value}`)} where ${where}`;
  if (place.kind === 'array')
    return sql`
      update ${target} set ${value} = array(select ${struck(sql`each`)} from unnest(${value}) with ordinality as e (each, n) order by n)
      where ${where}`;
  return sql`update ${target} set ${value} = ${struck(sql`${value}::text`)}::${sql.raw(place.kind)} where ${where}`;
} // prettier-ignore
