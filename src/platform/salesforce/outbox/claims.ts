import { db, sql, type Tx } from '../../db.ts';

import { type Feature, features } from '../budget/budget-rules.ts';
import type { SalesforceFailure } from '../wire/errors.ts';
import type { OutboxParent } from '../mirror/tables.ts';

/* The states of an outbox row: waiting → sending → delivered, or back to waiting (later), or failed → retried or discarded, or
   conflict → decided by a person, and waiting again or discarded.
   `sending` is committed before the request; whoever finds it there afterwards knows that the answer was lost. */

/** A row that is being sent. */
export interface Claimed {
  id: number;
  sobject: string;
  operation: 'upsert' | 'create' | 'update';
  rapportId: string | null;
  salesforceId: string | null;
  fields: Record<string, unknown>;
  parent: OutboxParent | null;
  serialKey: string;
  /** What the actor saw of the fields; null where nobody said. */
  base: Record<string, unknown> | null;
  /** Somebody looked at the duplicates that a rule found, and wants it written all the same. */
  allowSave: boolean;
  personName: string | null;
  isAmbiguous: boolean;
  attempts: number;
  createdAt: Date;
  /** Which part of the product asked. */
  feature: string;
}

/** One request's worth: a case that is opened while 100,000 accounts are written waits for one request, not for all those claimed. */
const CLAIMED_AT_ONCE = 200;

/** Rows whose answer was lost with the process that sent them: whether Salesforce took them, nobody knows. */
export async function reviveInterrupted(): Promise<void> {
  await sql`update outbox set status = 'waiting', is_ambiguous = true, next_attempt_at = now()
            where status = 'sending'`.execute(db);
}

/** Whether anything is due; cheap, asked twice a second. */
export async function isAnythingDue(): Promise<boolean> {
  const { rows } = await sql<{ due: boolean }>`
    select exists (select from outbox where status in ('waiting', 'sending') and next_attempt_at <= now()) as due`.execute(
    db,
  );
  return rows[0]?.due ?? false;
}

/**
 * Takes the first due row of each serial key, those of cases first; what counts as a feature that may not spend API calls now is left.
 * Rows whose parent is still to come are put back.
 */
export async function claim(without: readonly Feature[] = []): Promise<Claimed[]> {
  const { rows } = await sql<Claimed & { isHeld: boolean }>`
    update outbox set status = 'sending', sent_at = now(), attempts = attempts + 1, error = null, error_code = null,
      salesforce_id = coalesce(outbox.salesforce_id, first.known_id),
      parent = case when first.parent_id is null then outbox.parent
                    else outbox.parent || jsonb_build_object('salesforceId', first.parent_id) end
    from (
      select first.id, known.salesforce_id as known_id,
             coalesce(first.parent ->> 'salesforceId', parent.salesforce_id) as parent_id,
             first.operation = 'upsert' and coalesce(first.salesforce_id, known.salesforce_id) is null and exists (
               select from outbox stuck where stuck.record_key = first.record_key and stuck.id < first.id
                 and stuck.status in ('failed', 'conflict') and stuck.salesforce_id is null) as is_held
      from (
        select o.* from outbox o
        where o.status = 'waiting' and o.next_attempt_at <= now() and ${mayGo(without)}
          and not exists (select from outbox ahead where ahead.serial_key = o.serial_key and ahead.id < o.id
                          and ahead.status in ('waiting', 'sending'))
        order by o.feature <> 'cases', o.id
        limit ${CLAIMED_AT_ONCE}
      ) first
      left join lateral (
        select o.salesforce_id from outbox o
        where o.rapport_id = first.parent ->> 'rapportId' and o.sobject = first.parent ->> 'sobject' and o.status = 'delivered'
        limit 1) parent on first.parent is not null
      left join lateral (
        select o.salesforce_id from outbox o
        where first.operation = 'upsert' and o.rapport_id = first.rapport_id and o.sobject = first.sobject
          and o.status = 'delivered'
        limit 1) known on true
    ) first
    where outbox.id = first.id
    returning outbox.id, sobject, operation, rapport_id as "rapportId", outbox.salesforce_id as "salesforceId", fields, parent,
      serial_key as "serialKey", base, allow_save as "allowSave", person_name as "personName", is_ambiguous as "isAmbiguous", attempts,
      created_at as "createdAt", feature, is_held as "isHeld"`.execute(db);
  const orphans = rows.filter(
    ({ parent, isHeld }) => isHeld || (parent !== null && parent.salesforceId === undefined),
  );
  await putBack(
    orphans,
    {
      code: 'WAITS_FOR_PARENT',
      message: 'The record that it belongs to is not in Salesforce yet.',
      attempts: 0,
    },
    () => 5,
  );
  return rows.filter((row) => !orphans.includes(row)).sort((a, b) => a.id - b.id);
}

/** Rows of features that may spend API calls. */
function mayGo(without: readonly Feature[]) {
  return without.length === 0 ? sql`true` : sql`${featureOfRow} <> all(${without}::text[])`;
}

/** As `featureOfWrite` says. */
const featureOfRow = sql`
  case when o.feature in ('sign-up', 'account') then 'people'
       when o.feature = any(${[...features]}::text[]) then o.feature else 'accounts' end`;

interface Reason {
  code: string;
  message: string;
  isAmbiguous?: boolean;
  /** Counts as no more attempts than this: the line failed, not the row. */
  attempts?: number;
}

/** Has rows wait for another attempt, `seconds` from now. */
export async function putBack(
  rows: readonly Claimed[],
  reason: Reason,
  seconds: (row: Claimed) => number,
): Promise<void> {
  if (rows.length === 0) return;
  const given = rows.map((row) => ({
    id: row.id,
    seconds: seconds(row),
    attempts: reason.attempts ?? row.attempts,
  }));
  await sql`
    update outbox set status = 'waiting', error_code = ${reason.code}, error = ${reason.message},
      is_ambiguous = outbox.is_ambiguous or ${reason.isAmbiguous ?? false}, attempts = least(outbox.attempts, given.attempts),
      next_attempt_at = now() + make_interval(secs => given.seconds)
    from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as given (id bigint, seconds double precision, attempts integer)
    where outbox.id = given.id`.execute(db);
}

/**
 * Points rows at the record that theirs, or their parent, was merged into; they go again at once. What Rapport alone reckoned of the
 * record that is gone is no news of the other, which has its own.
 */
export async function follow(
  moved: readonly {
    id: number;
    salesforceId?: string | undefined;
    parentId?: string | undefined;
    /** What their fields name instead. */
    fields: Record<string, string>;
  }[],
): Promise<void> {
  await sql`
    update outbox set next_attempt_at = now(), error_code = null, error = null,
      status = case when given."salesforceId" is not null and outbox.operation = 'update' and outbox.base is null
                    then 'discarded' else 'waiting' end,
      salesforce_id = coalesce(given."salesforceId", outbox.salesforce_id), fields = outbox.fields || given.fields,
      parent = case when given."parentId" is null then outbox.parent
                    else outbox.parent || jsonb_build_object('salesforceId', given."parentId") end
    from jsonb_to_recordset(${JSON.stringify(moved)}::jsonb) as given (id bigint, "salesforceId" text, "parentId" text, fields jsonb)
    where outbox.id = given.id`.execute(db);
}

/**
 * Sets a row aside for a person to mend, with Salesforce's own words; what Salesforce holds counts until then. What was written
 * after it was seen as this row would have made it; it never came to that.
 */
export async function fail(
  row: Claimed,
  { code, message }: Pick<SalesforceFailure, 'code' | 'message'>,
): Promise<void> {
  await sql`
    with failed as (
      update outbox set status = 'failed', error_code = ${code}, error = ${message}, needs_reread = salesforce_id is not null
      where id = ${row.id} returning id, record_key, fields, base)
    update outbox later set base = later.base || (
      select coalesce(jsonb_object_agg(name, failed.base -> name), '{}') from jsonb_object_keys(later.base) name
      where failed.base ? name and failed.fields -> name = later.base -> name)
    from failed
    where later.record_key = failed.record_key and later.id > failed.id and later.status = 'waiting'
      and later.base is not null and failed.base is not null`.execute(db);
}

/** A row that Salesforce has taken. */
export interface Settled {
  id: number;
  salesforceId: string;
  /** What was sent of it, where that is not all. */
  written?: Record<string, unknown> | undefined;
  /** Salesforce holds something else than the mirror: it has to be looked at. */
  needsReread?: boolean | undefined;
}

/* What was written to a case that had been merged away went to another: the one that is gone was passed over while this waited. */
const wentElsewhere = sql`exists (
  select from cases c
  where c.id = (case when outbox.sobject = 'Case' then outbox.rapport_id end)::uuid and c.salesforce_id <> given."salesforceId")`;

/** Salesforce has them; what waited for them may go now. */
export async function markDelivered(tx: Tx, delivered: readonly Settled[]): Promise<void> {
  await sql`
    with given as (
      select * from jsonb_to_recordset(${JSON.stringify(delivered)}::jsonb)
        as g (id bigint, "salesforceId" text, written jsonb, "needsReread" boolean)),
    done as (
      update outbox set status = 'delivered', salesforce_id = given."salesforceId", delivered_at = now(), is_ambiguous = false,
        written = given.written, needs_reread = coalesce(given."needsReread", false) or ${wentElsewhere},
        error = null, error_code = null
      from given where outbox.id = given.id returning record_key)
    update outbox set next_attempt_at = now()
    where status = 'waiting' and error_code = 'WAITS_FOR_PARENT' and serial_key in (select record_key from done)`.execute(
    tx,
  );
}

/** Records whose own values in Salesforce count again, at most 200; they are reported once. */
export async function takeRereads(): Promise<{ sobject: string; salesforceId: string }[]> {
  const { rows } = await sql<{ sobject: string; salesforceId: string | null }>`
    with due as (
      update outbox set needs_reread = false
      where id in (select id from outbox where needs_reread order by id limit 200)
      returning sobject, salesforce_id, rapport_id)
    select sobject, salesforce_id as "salesforceId" from due
    union
    select due.sobject, c.salesforce_id from due join cases c on c.id = (case when due.sobject = 'Case' then due.rapport_id end)::uuid`.execute(
    db,
  );
  return rows.flatMap(({ sobject, salesforceId }) =>
    salesforceId === null ? [] : [{ sobject, salesforceId }],
  );
}

/** Forgets what was settled before then. */
export async function forgetSettled(before: Date): Promise<void> {
  await sql`delete from outbox where status = 'delivered' and delivered_at < ${before}`.execute(db);
  await sql`delete from outbox where status = 'discarded' and created_at < ${before}`.execute(db);
  await sql`delete from mirror_changes where recorded_at < ${before}`.execute(db);
}
