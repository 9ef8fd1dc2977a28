import { db, sql } from '../../db.ts';

import type { ConflictKind, Found } from './conflicts.ts';

/** One field in question, with both sides and what they started from. */
export interface FieldInQuestion {
  field: string;
  base: unknown;
  ours: unknown;
  theirs: unknown;
  theirName: string | null;
  theirAt: Date | null;
  choice: 'salesforce' | 'ours' | 'other' | null;
  chosen: unknown;
}

export type ConflictStatus = 'open' | 'decided' | 'settled' | 'overtaken';

/** A write that waits for a person, or waited. */
export interface ListedConflict {
  id: number;
  outboxId: number;
  kind: ConflictKind;
  sobject: string;
  label: string | null;
  rapportId: string | null;
  salesforceId: string | null;
  status: ConflictStatus;
  version: number;
  found: Partial<Found>;
  ourName: string | null;
  ourAt: Date;
  openedAt: Date;
  decidedBy: string | null;
  decidedAt: Date | null;
  fields: FieldInQuestion[];
}

/** Something that was decided about a conflict, or taken back. */
export interface Decision {
  act: 'decided' | 'undone' | 'reopened';
  choices: Record<string, string>;
  personName: string | null;
  decidedAt: Date;
}

export interface SeenConflict extends ListedConflict {
  /** What the write was meant to be, of a record that Salesforce did not take. */
  given: Record<string, unknown>;
  /** Whether the decision can still be taken back. */
  mayUndo: boolean;
  /** Other open ones with the same object and fields, or the same rule. */
  alike: number;
  history: Decision[];
}

const columns = sql`c.id, c.outbox_id as "outboxId", c.kind, c.sobject, c.label, c.rapport_id as "rapportId",
  c.salesforce_id as "salesforceId", c.status, c.version, c.found, c.our_name as "ourName", c.our_at as "ourAt",
  c.opened_at as "openedAt", c.decided_by as "decidedBy", c.decided_at as "decidedAt",
  coalesce((select jsonb_agg(jsonb_build_object('field', f.field, 'base', f.base, 'ours', f.ours, 'theirs', f.theirs,
      'theirName', f.their_name, 'theirAt', f.their_at, 'choice', f.choice, 'chosen', f.chosen) order by f.field)
    from conflict_fields f where f.conflict_id = c.id), '[]') as fields`;

export const CONFLICTS_A_PAGE = 50;

interface Wanted {
  status: 'open' | 'decided' | 'past';
  sobject?: string | undefined;
  /** From 1. */
  page: number;
}

const inStatus = {
  open: sql`c.status = 'open'`,
  decided: sql`c.status = 'decided'`,
  past: sql`c.status in ('settled', 'overtaken')`,
};

/** The oldest open ones first, since somebody waits; of those that are past the newest. */
export async function conflictsOf({
  status,
  sobject,
  page,
}: Wanted): Promise<{ conflicts: ListedConflict[]; total: number; objects: string[] }> {
  const where = sql`${inStatus[status]} and ${sobject === undefined ? sql`true` : sql`c.sobject = ${sobject}`}`;
  const { rows } = await sql<ListedConflict & { total: number }>`
    select ${columns}, count(*) over () as total from conflicts c where ${where}
    order by ${status === 'past' ? sql`c.id desc` : sql`c.id`}
    limit ${CONFLICTS_A_PAGE} offset ${(page - 1) * CONFLICTS_A_PAGE}`.execute(db);
  const objects = await sql<{ sobject: string }>`
    select distinct sobject from conflicts c where ${inStatus[status]} order by sobject`.execute(db);
  return {
    conflicts: rows.map(dated),
    total: rows[0]?.total ?? 0,
    objects: objects.rows.map((row) => row.sobject),
  };
}

export async function maybeConflict(id: number): Promise<SeenConflict | undefined> {
  const { rows } = await sql<Omit<SeenConflict, 'history'>>`
    select ${columns}, o.fields as given, c.status = 'decided' and o.status = 'waiting' as "mayUndo",
      (select count(*) from conflicts other where other.id <> c.id and ${isAlike}) as alike
    from conflicts c left join outbox o on o.id = c.outbox_id where c.id = ${id}`.execute(db);
  const [conflict] = rows;
  return conflict && { ...dated(conflict), history: await historyOf(id) };
}

async function historyOf(id: number): Promise<Decision[]> {
  const { rows } = await sql<Decision>`
    select act, choices, person_name as "personName", decided_at as "decidedAt" from conflict_decisions
    where conflict_id = ${id} order by id`.execute(db);
  return rows;
}

/** Whether `other` poses no question that `c` does not pose. */
export const isAlike = sql`other.status = 'open' and other.kind = c.kind and other.sobject = c.sobject and case c.kind
  when 'fields' then not exists (
    select from conflict_fields f where f.conflict_id = other.id
      and not exists (select from conflict_fields mine where mine.conflict_id = c.id and mine.field = f.field))
  else other.found ->> 'message' = c.found ->> 'message' end`;

const dated = <Row extends ListedConflict>(row: Row): Row => ({
  ...row,
  fields: row.fields.map((each) => ({ ...each, theirAt: each.theirAt && new Date(each.theirAt) })),
});
