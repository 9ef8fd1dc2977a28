import type { RawBuilder } from 'kysely';

import { db, sql, type Tx } from '../../platform/db.ts';

import type { Goal } from './goals.ts';

export async function selectGoal(scope: RawBuilder<boolean>, messageId: string): Promise<Goal | null> {
  const { rows } = await sql<{ definition: Goal }>`
    select definition from goals where message_id = ${messageId} and retired_at is null and ${scope}`.execute(
    db,
  );
  return rows[0]?.definition ?? null;
}

/** The same goal again stays the one it is, with what was counted of it. */
export async function replaceGoal(
  tx: Tx,
  messageId: string,
  { goal, at }: { goal: Goal | null; at: Date },
): Promise<void> {
  const definition = goal === null ? null : JSON.stringify(goal);
  await sql`select from messages where id = ${messageId} for update`.execute(tx);
  await sql`
    update goals set retired_at = ${at}
    where message_id = ${messageId} and retired_at is null and definition is distinct from ${definition}::jsonb`.execute(
    tx,
  );
  await sql`
    insert into goals (message_id, definition, created_at) select ${messageId}, ${definition}::jsonb, ${at}
    where ${definition}::jsonb is not null
    on conflict do nothing`.execute(tx);
}
