import type { RawBuilder } from 'kysely';

import { sql, type Tx } from '../../db.ts';

import type { Change } from './changes.ts';
import { columnType, mergedColumns } from './columns.ts';
import type { Readable } from './describe.ts';
import { learnJsonForm } from './json-form.ts';
import type { Mirrored } from './mapping.ts';
import { differs, isEcho, noteEchoes, shadow } from '../outbox/merge-echo.ts';

/** Rows as Salesforce's fields: a staging table, or records given as JSON. */
export type Source = RawBuilder<unknown>;

/** PostgreSQL holds neither NUL nor half a surrogate pair; one such character must not stop an object. */
function storable(_name: string, value: unknown): unknown {
  if (typeof value !== 'string' || (!value.includes('\0') && value.isWellFormed())) return value;
  return value.replaceAll('\0', '').toWellFormed();
}

/** Records of one answer as a source; at most a few thousand. */
export function recordsAsSource({ fields }: Readable, records: readonly unknown[]): Source {
  const columns = fields.map((field) => `"${field.name}" ${columnType(field)}`).join(', ');
  return sql`jsonb_to_recordset(${asJson(records)}::jsonb) as s (${sql.raw(columns)})`;
}

/** Looking at each value costs more than all the rest; JSON's escapes tell whether there is anything to look for. */
function asJson(records: readonly unknown[]): string {
  const text = JSON.stringify(records);
  return /\\u(?:0000|d[89a-f])/i.test(text) ? JSON.stringify(records, storable) : text;
}

/**
 * Takes rows of Salesforce over into the mirror, in one statement: new ones are added, changed ones rewritten, unchanged ones left
 * untouched. Rows that our own undelivered writes concern are passed over when they were read at or before `readAt` (our clock).
 * @returns the rows that changed, by the table's key; not those of which nothing but the time is new, nor what we wrote ourselves
 */
export async function merge(tx: Tx, readable: Readable, source: Source, readAt: Date): Promise<Change[]> {
  const { key, table, sobject } = readable.mapping;
  await prepare(tx);
  await waitForActs(tx, readable, source);
  const id = sql.ref(key === 'ours' ? 'merged.salesforce_id' : 'merged.id');
  const { rows } = await sql<Change & { salesforce_id: string; is_echo: boolean; has_shadow: boolean }>`
    with ${asRows(readable, source, readAt)},
    merged as (${insertion(readable, readAt)} returning m.*)
    select merged.id::text as row_id, ${id} as salesforce_id,
      case when merged.deleted_at is not null then 'deleted' when old.id is null then 'created' else 'updated' end as change,
      shadow.fields is not null as has_shadow, ${isEcho(readable)} as is_echo
    from merged left join ${sql.table(table)} old on old.id = merged.id ${shadow(readable)}
    where old.id is null or ${differs(readable)}`.execute(tx);
  const met = rows.flatMap(({ salesforce_id, has_shadow }) => (has_shadow ? [salesforce_id] : []));
  await noteEchoes(tx, sobject, met, readAt);
  return rows.filter(({ is_echo }) => !is_echo).map(({ row_id, change }) => ({ row_id, change }));
}

/** The same for a load of many rows, whose changes nobody lists. */
export async function mergeSilently(tx: Tx, readable: Readable, source: Source, readAt: Date): Promise<void> {
  await prepare(tx);
  await waitForActs(tx, readable, source);
  await sql`
    with ${asRows(readable, source, readAt)}
    ${insertion(readable, readAt)}`.execute(tx);
}

async function prepare(tx: Tx): Promise<void> {
  await learnJsonForm(tx);
  await sql`set local timezone to 'UTC'`.execute(tx);
  await sql`set local statement_timeout to '10min'`.execute(tx);
}

/**
 * Whoever acts on a record here holds its row until the act and its outbox row are written. Waiting for it in a statement of its
 * own lets the next one see that outbox row: else an act committed while we merge would be undone by the older state read before.
 */
async function waitForActs(tx: Tx, { mapping }: Readable, source: Source): Promise<void> {
  if (!mapping.yieldsToOutbox || mapping.key !== 'ours') return;
  await sql`select from ${sql.table(mapping.table)} m where m.salesforce_id in (select s."Id" from ${source}) order by m.id for update`.execute(
    tx,
  );
}

/**
 * The rows as the table's columns, without those that are ours to send, and those of people who were erased here, in a common table
 * expression called `typed`.
 */
export function asRows(readable: Readable, source: Source, readAt: Date) {
  const { mapping } = readable;
  const values = mergedColumns(readable).map(({ name, value }) => `${value} as ${name}`);
  const isNamed = readable.fields.some(({ name }) => name === 'Rapport_Id__c');
  const isOurs = mapping.key === 'ours';
  const rows = sql`
    select ${sql.raw(values.join(', '))}
    from ${source} ${sql.raw(joins(mapping))}
    where ${mapping.yieldsToOutbox && isOurs && isNamed ? notOurs(mapping) : sql`true`}
      and not exists (select from erased_records e where e.record_id = s."Id")`;
  return sql`
    ours as (${ourWrites(mapping, readAt)}),
    typed as (${isOurs ? oneEach(mapping, rows) : rows})`;
}

/**
 * Two records of Salesforce can carry one id of ours: one that was deleted there, and the one that took its place. The row follows
 * the living one.
 */
function oneEach({ table }: Mirrored, rows: Source): Source {
  return sql`
    select distinct on (id) * from (${rows}) each
    where each.deleted_at is null or not exists (
      select from ${sql.table(table)} living where living.id = each.id and living.deleted_at is null
        and living.salesforce_id <> each.salesforce_id)
    order by id, deleted_at is not null, modified_at desc`;
}

/**
 * How long after a delete a read that was begun before it may still be under way. A record that comes back by itself, since its
 * sharing changed, is believed after that.
 */
const LONGEST_READ = sql`interval '60 seconds'`;

/**
 * Adds what is new and rewrites what has changed. What the mirror has of a later time stays, whoever read it: an older state never
 * shows again for a while, and a deleted record does not come back by a read that was begun before.
 */
function insertion(readable: Readable, readAt: Date) {
  const columns = mergedColumns(readable);
  const names = columns.map(({ name }) => name);
  const news = columns.map(({ name, kept }) => kept ?? `excluded.${name}`);
  const assigned = names.map((name, i) => `${name} = ${news[i] ?? ''}`).filter((_, i) => names[i] !== 'id');
  return sql`
    insert into ${sql.table(readable.mapping.table)} as m (${sql.raw(names.join(', '))})
    select ${sql.raw(names.join(', '))} from typed
    on conflict (id) do update set ${sql.raw(assigned.join(', '))}
    where (${sql.raw(names.map((name) => `m.${name}`).join(', '))}) is distinct from (${sql.raw(news.join(', '))})
      and m.modified_at <= excluded.modified_at
      and (m.deleted_at is null or excluded.deleted_at is not null or excluded.modified_at >= m.deleted_at
           or m.deleted_at + ${LONGEST_READ} < ${readAt})`;
}

function ourWrites(mapping: Mirrored, readAt: Date) {
  if (!mapping.yieldsToOutbox) return sql`select null::text as record_key where false`;
  return sql`
    select record_key from outbox where sobject = ${mapping.sobject} and status in ('waiting', 'sending')
    union all
    select record_key from outbox where sobject = ${mapping.sobject} and status = 'delivered' and delivered_at >= ${readAt}`;
}

function notOurs({ sobject }: Mirrored) {
  return sql`not exists (select 1 from ours where ours.record_key in (
    ${`${sobject}:`} || s."Id", ${`${sobject}:`} || coalesce(known.id::text, s."Rapport_Id__c")))`;
}

function joins({ key, table, sobject, caseField, echoField }: Mirrored): string {
  return [
    key === 'ours' ? `left join ${table} known on known.salesforce_id = s."Id"` : '',
    caseField === undefined ? '' : `left join cases parent on parent.salesforce_id = s."${caseField}"`,
    echoField === undefined || caseField === undefined
      ? ''
      : `left join lateral (
           select o.rapport_id::uuid as id from outbox o
           where o.sobject = '${sobject}' and o.operation = 'create' and o.salesforce_id is null
             and (o.status = 'sending' or o.is_ambiguous) and o.status <> 'discarded'
             and (o.parent ->> 'salesforceId' = s."${caseField}" or o.parent ->> 'rapportId' = parent.id::text
               or (o.parent ->> 'salesforceId' is null and parent.id is null))
             and btrim(o.fields ->> '${echoField}') = btrim(s."${echoField}")
           order by o.id limit 1) echo on true`,
  ].join(' ');
}
