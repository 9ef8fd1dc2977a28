import { type Db, sql } from '../../db.ts';

/* SQL's own constructor (PostgreSQL 16) leaves empty values out as it goes: 2.8 µs a row of 42 fields, where
   jsonb_strip_nulls(jsonb_build_object(…)) takes 15. */

let hasConstructor: boolean | undefined;

/** Finds out, once, what the database can do; before that, and below version 16, the older form is used. */
export async function learnJsonForm(db: Db): Promise<void> {
  if (hasConstructor !== undefined) return;
  const { rows } = await sql<{ version: number }>`
    select current_setting('server_version_num')::int as version`.execute(db);
  hasConstructor = (rows[0]?.version ?? 0) >= 160_000;
}

/** A function of PostgreSQL takes 100 arguments. */
const PAIRS = 50;

/** SQL of a JSON object with these fields of `s`, the empty ones left out. */
export function jsonOf(names: readonly string[]): string {
  if (names.length === 0) return `'{}'::jsonb`;
  if (hasConstructor === true)
    return `json_object(${names.map((name) => `'${name}': s."${name}"`).join(', ')} absent on null returning jsonb)`;
  const pairs = names.map((name) => `'${name}', s."${name}"`);
  const objects = Array.from(
    { length: Math.ceil(pairs.length / PAIRS) },
    (_, i) => `jsonb_build_object(${pairs.slice(i * PAIRS, (i + 1) * PAIRS).join(', ')})`,
  );
  return `jsonb_strip_nulls(${objects.join(' || ')})`;
}
