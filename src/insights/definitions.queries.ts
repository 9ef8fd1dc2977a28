import type { RawBuilder } from 'kysely';

import { db, sql, type Db, type Tx } from '../platform/db.ts';

import type { Definition, Drafted, Listed } from './definitions.ts';
import type { Seed } from './seeded.ts';

const columns = sql`
  d.id, d.name, d.headline, d.rule, d.repeats, d.tells_past as "tellsPast", d.is_paused as "isPaused",
  d.looked_at as "lookedAt", d.changed_at as "changedAt"`;

export async function selectDefinitions(scope: RawBuilder<boolean>, at: Date): Promise<Listed[]> {
  const { rows } = await sql<Listed>`
    select ${columns},
      (select count(*) from milestones m where m.definition_id = d.id and m.lapsed_at is null) as reached,
      (select count(*) from insights i where i.definition_id = d.id and i.occurred_at > ${at}::timestamptz - interval '30 days') as told
    from insight_definitions d where ${scope} and d.deleted_at is null order by lower(d.name), d.id`.execute(
    db,
  );
  return rows;
}

export async function selectDefinition(
  scope: RawBuilder<boolean>,
  id: string,
): Promise<Definition | undefined> {
  const { rows } = await sql<Definition>`
    select ${columns} from insight_definitions d where ${scope} and d.deleted_at is null and d.id = ${id}`.execute(
    db,
  );
  return rows[0];
}

/** Those that are held against accounts, whoever made them. */
export async function selectCurrent(at: Db): Promise<(Definition & { begunAt: Date | null })[]> {
  const { rows } = await sql<Definition & { begunAt: Date | null }>`
    select ${columns}, d.begun_at as "begunAt" from insight_definitions d
    where d.deleted_at is null and not d.is_paused order by d.created_at, d.id`.execute(at);
  return rows;
}

type Saved = Drafted & { id: string | undefined; by: string; at: Date };

/** @returns its id; undefined where there is none of that id */
export async function saveDefinition(tx: Tx, given: Saved): Promise<string | undefined> {
  const rule = JSON.stringify(given.rule);
  const { rows } =
    given.id === undefined
      ? await sql<{ id: string }>`
          insert into insight_definitions (name, headline, rule, repeats, tells_past, changed_by, created_at, changed_at)
          values (${given.name}, ${given.headline}, ${rule}::jsonb, ${given.repeats}, ${given.tellsPast}, ${given.by}, ${given.at}, ${given.at})
          returning id`.execute(tx)
      : await sql<{ id: string }>`
          update insight_definitions set name = ${given.name}, headline = ${given.headline}, rule = ${rule}::jsonb,
            repeats = ${given.repeats}, tells_past = ${given.tellsPast}, changed_by = ${given.by}, changed_at = ${given.at},
            begun_at = case when rule = ${rule}::jsonb then begun_at end
          where id = ${given.id} and deleted_at is null returning id`.execute(tx);
  return rows[0]?.id;
}

/** @returns whether there was one */
export async function changeDefinition(
  tx: Tx,
  id: string,
  change: { isPaused?: boolean; isDeleted?: true; by: string; at: Date },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update insight_definitions set is_paused = coalesce(${change.isPaused ?? null}::boolean, is_paused),
      deleted_at = case when ${change.isDeleted ?? false}::boolean then ${change.at}::timestamptz else deleted_at end,
      changed_by = ${change.by}, changed_at = ${change.at}
    where id = ${id} and deleted_at is null`.execute(tx);
  return numAffectedRows === 1n;
}

/** Makes those that were never made; what somebody changed or deleted stays so. */
export async function insertSeeds(tx: Tx, seeds: readonly Seed[], at: Date): Promise<void> {
  await sql`
    insert into insight_definitions (code, name, headline, rule, repeats, tells_past, created_at, changed_at)
    select s.code, s.name, s.headline, s.rule, s.repeats, s."tellsPast", ${at}, ${at}
    from jsonb_to_recordset(${JSON.stringify(seeds)}::jsonb)
      as s (code text, name text, headline text, rule jsonb, repeats boolean, "tellsPast" boolean)
    on conflict (code) do nothing`.execute(tx);
}
