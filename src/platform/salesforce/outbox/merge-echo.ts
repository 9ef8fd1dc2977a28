import type { RawBuilder } from 'kysely';

import { sql, type Tx } from '../../db.ts';

import { mergedColumns } from '../mirror/columns.ts';
import type { Readable } from '../mirror/describe.ts';
import type { Column, Mirrored } from '../mirror/mapping.ts';

/* What the mirror reads back of our own writes is no change: nobody is told, nothing is computed anew, nothing is written again.
   The outbox's own rows are the shadow by which it is known; each counts until the mirror has met the record once after it. */

/** What Salesforce notes with every change, whoever made it. */
const bookkeeping = sql`array['LastModifiedDate', 'LastModifiedById', 'LastViewedDate', 'LastReferencedDate', 'SystemModstamp']`;

/** Fields that Salesforce derives from others. */
const derived: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  Case: { IsClosed: ['Status'], ClosedDate: ['Status'] },
  Contact: { Name: ['FirstName', 'LastName'] },
  Lead: { Name: ['FirstName', 'LastName'] },
};

/** Whether `merged` differs from `old` in more than its time, and what Salesforce notes with it. */
export function differs(readable: Readable): RawBuilder<unknown> {
  const names = mergedColumns(readable)
    .map(({ name }) => name)
    .filter((name) => name !== 'modified_at' && name !== 'attributes');
  const of = (row: string) => sql.raw(names.map((name) => `${row}.${name}`).join(', '));
  return sql`(${of('merged')}, merged.attributes - ${bookkeeping}) is distinct from (${of('old')}, old.attributes - ${bookkeeping})`;
}

/** What we wrote of the record that the mirror has not met yet, as `shadow.fields`: a join for `merged`. */
export function shadow({ mapping }: Readable): RawBuilder<unknown> {
  const id = sql.ref(mapping.key === 'ours' ? 'merged.salesforce_id' : 'merged.id');
  return sql`left join lateral (
    select jsonb_object_agg(written.key, written.value order by o.id) as fields
    from outbox o, jsonb_each(coalesce(o.written, o.fields)) written
    where o.salesforce_id = ${id} and o.sobject = ${mapping.sobject}
      and (o.status = 'sending' or (o.status = 'delivered' and o.echoed_at is null))) shadow on true`;
}

/** Whether everything that is new in `merged` is what we wrote, or what Salesforce made of it. */
export function isEcho(readable: Readable): RawBuilder<unknown> {
  const { mapping } = readable;
  const plain = new Set(['modified_at', 'attributes', ...Object.keys(mapping.columns)]);
  const others = mergedColumns(readable).filter(({ name }) => !plain.has(name));
  const known = new Set(mergedColumns(readable).map(({ name }) => name));
  const conditions = [
    sql`shadow.fields is not null`,
    ...Object.entries(mapping.columns)
      .filter(([name]) => known.has(name))
      .map(([name, column]) => explained(mapping, name, column)),
    ...others.map(({ name }) =>
      name === 'deleted_at' ? sameAsOld(name) : sql`(${sameAsOld(name)} or ${isFirst})`,
    ),
    sql`(${isFirst} or merged.attributes - ${unsaid} is not distinct from old.attributes - ${unsaid})`,
  ];
  return sql`coalesce(${sql.join(conditions, sql` and `)}, false)`;
}

const sameAsOld = (name: string) => sql.raw(`merged.${name} is not distinct from old.${name}`);

/** The first sight of a record that nobody has touched since we made it: what Salesforce added by itself is no news. */
const isFirst = sql`((old.id is null or old.modified_at = to_timestamp(0))
  and merged.attributes ->> 'LastModifiedById' is not distinct from coalesce(merged.attributes ->> 'CreatedById', merged.attributes ->> 'LastModifiedById'))`;

const unsaid = sql`(${bookkeeping} || array(
  select name from jsonb_object_keys(shadow.fields) name where shadow.fields ->> name = merged.attributes ->> name))`;

function explained({ sobject }: Mirrored, name: string, column: Column): RawBuilder<unknown> {
  const { field } = column;
  const from = derived[sobject]?.[field] ?? [];
  const follows = from.length === 0 ? sql`false` : sql`shadow.fields ?| ${[...from]}::text[]`;
  return sql`(${sameAsOld(name)} or ${follows} or case when shadow.fields ? ${field} then ${isWritten(name, column)} else ${isFirst} end)`;
}

/** Whether a column holds what we wrote. */
function isWritten(name: string, { field, form }: Column): RawBuilder<unknown> {
  const now = sql.raw(`merged.${name}`);
  const wrote = sql`(shadow.fields ->> ${field})`;
  switch (form) {
    case 'moment':
      return sql`date_trunc('second', ${now}) is not distinct from date_trunc('second', ${wrote}::timestamptz)`;
    case 'date':
      return sql`${now} is not distinct from ${wrote}::date`;
    case 'minor':
      return sql`${now} is not distinct from round(${wrote}::numeric * 100)`;
    case 'integer':
    case 'number':
      return sql`${now} is not distinct from ${wrote}::numeric`;
    case 'list':
      return sql`array_to_string(${now}, ';') = coalesce(${wrote}, '')`;
    default:
      return sql`btrim(coalesce(${now}::text, '')) = btrim(coalesce(${wrote}, ''))`;
  }
}

/** What was delivered of these records before they were read has been met: whatever comes of it later is somebody's doing. */
export async function noteEchoes(
  tx: Tx,
  sobject: string,
  salesforceIds: readonly string[],
  readAt: Date,
): Promise<void> {
  if (salesforceIds.length === 0) return;
  await sql`
    update outbox set echoed_at = now()
    where salesforce_id = any(${[...salesforceIds]}::text[]) and sobject = ${sobject} and status = 'delivered'
      and echoed_at is null and delivered_at < ${readAt}`.execute(tx);
}
