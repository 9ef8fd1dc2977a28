import { sql, transaction, type Tx } from '../../db.ts';
import { Conflict, Invalid, NotFound } from '../../errors.ts';

import { giveUp } from './conflicts.ts';
import { isAlike } from './conflicts-list.ts';
import type { Value } from './outbox.ts';

/** What somebody chose for one field: Salesforce's value, ours, or another. */
export type Choice = { choice: 'salesforce' | 'ours' } | { choice: 'other'; value: Value };

/** Of a write that was taken for a duplicate: write it all the same, or again, to the record named, or not at all. */
export type Answer = 'save' | 'retry' | 'use' | 'discard';

interface Deciding {
  id: number;
  /** Of the conflict as the person saw it. */
  version: number;
  by: string;
  /** Decides all others alike in the same way. */
  isForAlike?: boolean;
}

/** Somebody decided it meanwhile, or it has moved on otherwise: what the person saw is no longer so. */
export class MovedOn extends Conflict {}

/** Seconds in which a decision can be taken back before it goes out. */
export const UNDO_SECONDS = 15;

interface Locked {
  id: number;
  outboxId: number;
  kind: string;
  status: string;
  version: number;
}

/**
 * Decides the fields in question; what is to be written goes out after a moment in which it can be taken back.
 * @returns how many conflicts were decided. @throws NotFound, MovedOn; Invalid when a field has no choice
 */
export async function decideFields(
  deciding: Deciding,
  choices: Readonly<Record<string, Choice>>,
): Promise<number> {
  return await transaction(async (tx) => {
    const conflict = await locked(tx, deciding);
    if (conflict.kind !== 'fields') throw new NotFound();
    await decideOne(tx, conflict, choices, deciding.by);
    const others = deciding.isForAlike ? await lockAlike(tx, conflict.id) : [];
    for (const other of others) await decideOne(tx, other, withoutTyped(choices), deciding.by);
    return 1 + others.length;
  });
}

/** A value that was typed for one record is not meant for others: they take ours. */
function withoutTyped(choices: Readonly<Record<string, Choice>>): Record<string, Choice> {
  const typed = Object.entries(choices).find(([, { choice }]) => choice === 'other');
  if (typed) throw new Invalid({ [typed[0]]: 'conflicts.errors.typedForAll' });
  return { ...choices };
}

async function locked(tx: Tx, { id, version }: Deciding): Promise<Locked> {
  const { rows } = await sql<Locked>`
    select id, outbox_id as "outboxId", kind, status, version from conflicts where id = ${id} for update`.execute(
    tx,
  );
  const [conflict] = rows;
  if (!conflict) throw new NotFound();
  if (conflict.status !== 'open' || conflict.version !== version) throw new MovedOn();
  return conflict;
}

const MOST_ALIKE = 1_000;

async function lockAlike(tx: Tx, id: number): Promise<Locked[]> {
  const { rows } = await sql<Locked>`
    select other.id, other.outbox_id as "outboxId", other.kind, other.status, other.version
    from conflicts c join conflicts other on other.id <> c.id and ${isAlike}
    where c.id = ${id} order by other.id limit ${MOST_ALIKE} for update of other`.execute(tx);
  return rows;
}

async function decideOne(
  tx: Tx,
  { id, outboxId }: Locked,
  choices: Readonly<Record<string, Choice>>,
  by: string,
): Promise<void> {
  const { rows } = await sql<{
    field: string;
  }>`select field from conflict_fields where conflict_id = ${id}`.execute(tx);
  const missing = rows.filter(({ field }) => choices[field] === undefined);
  if (missing.length > 0)
    throw new Invalid(Object.fromEntries(missing.map(({ field }) => [field, 'conflicts.errors.choose'])));
  const given = rows.map(({ field }) => {
    const chosen = choices[field];
    return { field, choice: chosen?.choice, value: chosen?.choice === 'other' ? chosen.value : null };
  });
  await sql`
    update conflict_fields f set choice = given.choice,
      chosen = case given.choice when 'salesforce' then f.theirs when 'ours' then f.ours else coalesce(given.value, 'null') end
    from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as given (field text, choice text, value jsonb)
    where f.conflict_id = ${id} and f.field = given.field`.execute(tx);
  await sql`
    update outbox set status = 'waiting', attempts = 0, next_attempt_at = now() + make_interval(secs => ${UNDO_SECONDS}),
      error_code = 'DECIDED', error = null, fields = chosen.fields, base = coalesce(outbox.base, '{}') || chosen.base
    from (
      select coalesce(jsonb_object_agg(field, chosen) filter (where choice <> 'salesforce'), '{}') as fields,
             jsonb_object_agg(field, theirs) as base
      from conflict_fields where conflict_id = ${id}) chosen
    where outbox.id = ${outboxId}`.execute(tx);
  await noteDecision(tx, id, by, Object.fromEntries(given.map(({ field, choice }) => [field, choice ?? ''])));
}

async function noteDecision(tx: Tx, id: number, by: string, choices: Record<string, string>): Promise<void> {
  await sql`update conflicts set status = 'decided', version = version + 1, decided_by = ${by}, decided_at = now()
            where id = ${id}`.execute(tx);
  await sql`insert into conflict_decisions (conflict_id, act, choices, person_name)
            values (${id}, 'decided', ${JSON.stringify(choices)}, ${by})`.execute(tx);
}

/** Answers what Salesforce asked about a record that it would not take. @throws NotFound, MovedOn */
export async function answer(
  deciding: Deciding,
  { answer: given, recordId }: { answer: Answer; recordId?: string | undefined },
): Promise<number> {
  return await transaction(async (tx) => {
    const conflict = await locked(tx, deciding);
    if (conflict.kind === 'fields') throw new NotFound();
    const isForAlike = deciding.isForAlike === true && given !== 'use';
    const all = [conflict, ...(isForAlike ? await lockAlike(tx, conflict.id) : [])];
    for (const one of all) {
      await follow(tx, one, given, recordId);
      await noteDecision(tx, one.id, deciding.by, {
        answer: given,
        ...(recordId === undefined ? {} : { recordId }),
      });
    }
    return all.length;
  });
}

async function follow(
  tx: Tx,
  { outboxId, id }: Locked,
  given: Answer,
  recordId: string | undefined,
): Promise<void> {
  if (given === 'discard') {
    await giveUp(tx, [outboxId], 'DISCARDED');
    return;
  }
  await sql`
    update outbox set status = 'waiting', attempts = 0, next_attempt_at = now() + make_interval(secs => ${UNDO_SECONDS}),
      error_code = 'DECIDED', error = null, allow_save = ${given === 'save'}
    where id = ${outboxId}`.execute(tx);
  if (given !== 'use') return;
  const { rows } = await sql`
    update outbox set salesforce_id = ${recordId ?? null},
      fields = case when rapport_id is null then fields else fields || jsonb_build_object('Rapport_Id__c', rapport_id) end
    where id = ${outboxId} and exists (
      select from conflicts c, jsonb_array_elements(c.found -> 'records') as among (one)
      where c.id = ${id} and one ->> 'id' = ${recordId ?? ''})
    returning id`.execute(tx);
  if (rows.length === 0) throw new Invalid({ record: 'conflicts.errors.chooseRecord' });
}

/** Takes a decision back that has not gone out. @throws NotFound; MovedOn when it has, or there is nothing to take back */
export async function undo(id: number, by: string): Promise<void> {
  await transaction(async (tx) => {
    const { rows } = await sql<{ outboxId: number; status: string }>`
      select outbox_id as "outboxId", status from conflicts where id = ${id} for update`.execute(tx);
    const [conflict] = rows;
    if (!conflict) throw new NotFound();
    const back = await sql`
      update outbox set status = 'conflict', next_attempt_at = now(), error_code = 'CONFLICT', allow_save = false,
        fields = coalesce((select jsonb_object_agg(field, ours) from conflict_fields where conflict_id = ${id}), outbox.fields - 'Rapport_Id__c'),
        salesforce_id = (select c.salesforce_id from conflicts c where c.id = ${id})
      where id = ${conflict.outboxId} and status = 'waiting' and ${conflict.status} = 'decided' returning id`.execute(
      tx,
    );
    if (back.rows.length === 0) throw new MovedOn();
    await sql`update conflicts set status = 'open', version = version + 1, decided_by = null, decided_at = null
              where id = ${id}`.execute(tx);
    await sql`update conflict_fields set choice = null, chosen = null where conflict_id = ${id}`.execute(tx);
    await sql`insert into conflict_decisions (conflict_id, act, person_name) values (${id}, 'undone', ${by})`.execute(
      tx,
    );
  });
}
