import { sql, type Tx } from '../../db.ts';
import { record } from '../../events.ts';

import type { Claimed } from './claims.ts';
import type { Contested } from './deliver-outcomes.ts';

/** `fields`: both sides changed them. `duplicate`: a duplicate rule stopped the write. `identity`: other records carry our id. */
export type ConflictKind = 'fields' | 'duplicate' | 'identity';

/** What Salesforce found in the way of a write that it would not take as it is. */
export interface Found {
  message: string;
  code: string;
  /** Whether Salesforce lets a person save it all the same. */
  allowSave: boolean;
  records: { id: string; name: string | null; sobject: string }[];
}

/** Fields of one write that Salesforce's people changed too wait for a person; its other fields have been written. */
export async function contest(
  tx: Tx,
  { row, salesforceId, label, written, conflicts, theirs }: Contested,
): Promise<GivenUp[]> {
  const fields = Object.fromEntries(conflicts.map(({ field, ours }) => [field, ours]));
  await sql`
    update outbox set status = 'conflict', needs_reread = true, is_ambiguous = false, salesforce_id = ${salesforceId},
      fields = ${JSON.stringify(fields)}, written = coalesce(written, '{}') || ${JSON.stringify(written)}::jsonb,
      error_code = 'CONFLICT', error = ${`Changed on both sides: ${Object.keys(fields).join(', ')}`}
    where id = ${row.id}`.execute(tx);
  const id = await openConflict(tx, row, 'fields');
  await sql`update conflicts set label = ${label} where id = ${id}`.execute(tx);
  const rows = conflicts.map((one) => ({
    field: one.field,
    base: one.base ?? null,
    ours: one.ours ?? null,
    theirs: one.theirs ?? null,
    their_name: theirs[one.field]?.name ?? null,
    their_at: theirs[one.field]?.at ?? null,
  }));
  await sql`
    insert into conflict_fields (conflict_id, field, base, ours, theirs, their_name, their_at)
    select ${id}, field, coalesce(base, 'null'), coalesce(ours, 'null'), coalesce(theirs, 'null'), their_name, their_at
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as given (field text, base jsonb, ours jsonb, theirs jsonb, their_name text, their_at timestamptz)`.execute(
    tx,
  );
  return await overtake(tx, [row.id]);
}

/** A write that Salesforce took for a duplicate, or whose id others carry, waits for a person to say which it is. */
export async function question(
  tx: Tx,
  row: Claimed,
  kind: Exclude<ConflictKind, 'fields'>,
  found: Found,
): Promise<void> {
  await sql`
    update outbox set status = 'conflict', needs_reread = salesforce_id is not null, error_code = ${found.code}, error = ${found.message}
    where id = ${row.id}`.execute(tx);
  const id = await openConflict(tx, row, kind);
  await sql`update conflicts set found = ${JSON.stringify(found)}, label = ${labelOf(row)} where id = ${id}`.execute(
    tx,
  );
}

/** What people would call the record, as far as the write tells. */
function labelOf({ fields }: Claimed): string | null {
  const words = [fields.FirstName, fields.LastName, fields.Name, fields.Subject].filter(
    (word) => typeof word === 'string' && word !== '',
  );
  return words.length > 0 ? words.join(' ') : null;
}

/** One write has one conflict; one that comes up again is open again, with its history. */
async function openConflict(tx: Tx, row: Claimed, kind: ConflictKind): Promise<number> {
  const { rows } = await sql<{ id: number; version: number }>`
    insert into conflicts (outbox_id, kind, sobject, record_key, rapport_id, salesforce_id, our_name, our_at)
    select id, ${kind}, sobject, record_key, rapport_id, salesforce_id, person_name, created_at from outbox where id = ${row.id}
    on conflict (outbox_id) do update set kind = excluded.kind, status = 'open', version = conflicts.version + 1,
      salesforce_id = excluded.salesforce_id, opened_at = now(), decided_by = null, decided_at = null, settled_at = null
    returning id, version`.execute(tx);
  const [conflict] = rows;
  if (!conflict) throw new Error('a conflict was not kept');
  await sql`delete from conflict_fields where conflict_id = ${conflict.id}`.execute(tx);
  if (conflict.version > 1)
    await sql`insert into conflict_decisions (conflict_id, act) values (${conflict.id}, 'reopened')`.execute(
      tx,
    );
  return conflict.id;
}

/** A row that was given up, by a person or by what came after it. */
export interface GivenUp {
  outboxId: number;
  sobject: string;
  rapportId: string | null;
  salesforceId: string | null;
}

/**
 * These later writes have the last word about their fields: questions about the same fields that are still open need no answer
 * any more. @returns earlier rows of which nothing is left
 */
export async function overtake(tx: Tx, outboxIds: readonly number[]): Promise<GivenUp[]> {
  const ids = sql`any(${[...outboxIds]}::bigint[])`;
  const narrowed = await sql`
    with later as (
      select o.id, o.record_key, array(select jsonb_object_keys(o.fields || coalesce(o.written, '{}'))) as names
      from outbox o where o.id = ${ids} and exists (
        select from conflicts c where c.record_key = o.record_key and c.outbox_id < o.id and c.status in ('open', 'decided'))
    ), answered as (
      delete from conflict_fields f using conflicts c, later
      where c.id = f.conflict_id and c.status in ('open', 'decided') and c.kind = 'fields' and c.record_key = later.record_key
        and c.outbox_id < later.id and f.field = any(later.names)
      returning c.outbox_id, f.field)
    update outbox set fields = fields - array(select field from answered where answered.outbox_id = outbox.id)
    where id in (select outbox_id from answered) returning id`.execute(tx);
  if (narrowed.rows.length === 0) return [];
  const { rows } = await sql<GivenUp>`
    with empty as (
      update conflicts set status = 'overtaken', settled_at = now(), version = version + 1
      where status in ('open', 'decided') and kind = 'fields' and outbox_id <> all(${[...outboxIds]}::bigint[])
        and record_key in (select record_key from outbox where id = ${ids})
        and not exists (select from conflict_fields f where f.conflict_id = conflicts.id)
      returning outbox_id)
    update outbox set status = 'discarded', error_code = 'OVERTAKEN', error = 'A later write of the record took its place.'
    where id in (select outbox_id from empty) and status in ('conflict', 'waiting')
    returning id as "outboxId", sobject, rapport_id as "rapportId", salesforce_id as "salesforceId"`.execute(
    tx,
  );
  return rows;
}

/** What was decided about these rows has arrived in Salesforce. */
export async function settleDecided(tx: Tx, outboxIds: readonly number[]): Promise<void> {
  await sql`
    update conflicts set status = 'settled', settled_at = now(), version = version + 1
    where outbox_id = any(${[...outboxIds]}::bigint[]) and status in ('open', 'decided')`.execute(tx);
}

/** Gives rows up: Salesforce will never have them, and whoever waits for them is told. */
export async function giveUp(tx: Tx, outboxIds: readonly number[], code: string): Promise<void> {
  const { rows } = await sql<GivenUp>`
    update outbox set status = 'discarded', error_code = ${code}, error = null, needs_reread = salesforce_id is not null
    where id = any(${[...outboxIds]}::bigint[])
    returning id as "outboxId", sobject, rapport_id as "rapportId", salesforce_id as "salesforceId"`.execute(
    tx,
  );
  if (rows.length > 0) await record(tx, 'outbox.discarded', { rows });
}
