import { sql, type Tx } from '../../db.ts';

import type { OutboxParent } from '../mirror/tables.ts';

export type Value = string | number | boolean | null;

/** One record to be written to Salesforce. */
export interface Write {
  sobject: string;
  /**
   * `upsert`: by Rapport_Id__c, or by Id where `salesforceId` is known; repeats are harmless.
   * `update`: by Id. `create`: for what can have no external id; after a lost answer it is looked up first.
   */
  operation: 'upsert' | 'create' | 'update';
  /** Our id of the record: Rapport_Id__c of an upsert, and what `outbox.delivered` names. */
  rapportId?: string | undefined;
  salesforceId?: string | null | undefined;
  /** Under Salesforce's names. Dates as YYYY-MM-DD, moments as ISO 8601. */
  fields: Record<string, Value>;
  /** The record it hangs on: delivered before it, its id filled into `field`. Name it as its own writes do. */
  parent?: OutboxParent | undefined;
  /**
   * Of fields that others may change too: the values that the actor saw, taken in the act's transaction. They are weighed against
   * what Salesforce holds when the write is delivered.
   */
  base?: Record<string, Value> | undefined;
  /** Who acts; shown where somebody has to decide between them and Salesforce. */
  actor?: { personId: string; name: string } | undefined;
  /** Which part of the product asks; `cases` go first. */
  feature: string;
}

declare module '../../events.ts' {
  interface Events {
    /** Salesforce has them now; at most 200 records, all of one object. */
    'outbox.delivered': {
      sobject: string;
      rows: { rapportId: string | null; salesforceId: string; outboxId: number }[];
    };
    /** Staff gave them up: Salesforce will never have them. */
    'outbox.discarded': {
      rows: { sobject: string; rapportId: string | null; salesforceId: string | null; outboxId: number }[];
    };
  }
}

/** Puts a record into the outbox, in the transaction of the act that asks for it. @returns the row that will carry it */
export async function write(tx: Tx, one: Write): Promise<number> {
  const [id] = await writeAll(tx, [one]);
  if (id === undefined) throw new Error('a write left no row in the outbox');
  return id;
}

/**
 * The same for many records in one statement. What still waits for the same record, with nothing after it, takes the new
 * fields over instead of going out twice; of a field that both carry, it keeps the oldest base.
 * @returns the rows that carry them, in no order
 */
export async function writeAll(tx: Tx, writes: readonly Write[]): Promise<number[]> {
  if (writes.length === 0) return [];
  const { rows } = await sql<{ id: number }>`
    with given as (
      select * from jsonb_to_recordset(${JSON.stringify(writes.map(toRow))}::jsonb) as given (
        sobject text, operation text, rapport_id text, salesforce_id text, fields jsonb, base jsonb, parent jsonb,
        record_key text, serial_key text, person_id uuid, person_name text, feature text)
    ), taken_over as (
      update outbox set fields = outbox.fields || given.fields, base = ${oldestBase},
        feature = case when given.feature = 'cases' then given.feature else outbox.feature end,
        person_id = coalesce(given.person_id, outbox.person_id), person_name = coalesce(given.person_name, outbox.person_name)
      from given
      where outbox.record_key = given.record_key and outbox.status = 'waiting' and given.operation <> 'create' and outbox.operation <> 'create'
        and not outbox.is_ambiguous and not exists (select from conflicts where conflicts.outbox_id = outbox.id)
        and not exists (select 1 from outbox later where later.serial_key = outbox.serial_key
                        and later.id > outbox.id and later.status in ('waiting', 'sending'))
      returning outbox.id, outbox.record_key
    ), added as (
      insert into outbox (sobject, operation, rapport_id, salesforce_id, fields, base, parent, record_key, serial_key,
                          person_id, person_name, feature)
      select sobject, operation, rapport_id, salesforce_id, fields, base, parent, record_key, serial_key,
             person_id, person_name, feature
      from given where record_key not in (select record_key from taken_over)
      returning id)
    select id from taken_over union all select id from added`.execute(tx);
  return rows.map(({ id }) => id);
}

/** A field that was on its way already was seen as we had made it, not as Salesforce holds it. */
const oldestBase = sql`
  case when given.base is not null or outbox.base is not null
    then (coalesce(given.base, '{}') - array(select jsonb_object_keys(outbox.fields))) || coalesce(outbox.base, '{}') end`;

function toRow(one: Write) {
  const recordKey = keyOf(one.sobject, one.rapportId, one.salesforceId);
  return {
    sobject: one.sobject,
    operation: one.operation,
    rapport_id: one.rapportId ?? null,
    salesforce_id: one.salesforceId ?? null,
    fields: one.fields,
    base: one.base ?? null,
    parent: one.parent ?? null,
    record_key: recordKey,
    serial_key: one.parent
      ? keyOf(one.parent.sobject, one.parent.rapportId, one.parent.salesforceId)
      : recordKey,
    person_id: one.actor?.personId ?? null,
    person_name: one.actor?.name ?? null,
    feature: one.feature,
  };
}

function keyOf(
  sobject: string,
  rapportId: string | undefined,
  salesforceId: string | null | undefined,
): string {
  const id = rapportId ?? salesforceId;
  if (id == null) throw new Error(`a ${sobject} in the outbox needs an id of ours or Salesforce's`);
  return `${sobject}:${id}`;
}
