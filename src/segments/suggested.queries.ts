import { sql, type Tx } from '../platform/db.ts';

import type { Suggestion } from './suggestions.ts';

/** Those that were never made. Waits for another worker that makes them. */
export async function missing(tx: Tx, all: readonly Suggestion[]): Promise<Suggestion[]> {
  await sql`select pg_advisory_xact_lock(hashtextextended('segment_suggestions', 0))`.execute(tx);
  const { rows } = await sql<{ code: string }>`select code from segment_suggestions`.execute(tx);
  const made = new Set(rows.map(({ code }) => code));
  return all.filter(({ code }) => !made.has(code));
}

/** Makes a suggested list with its triggers and its rule of risk; where people have one of that name, theirs stays the only one. */
export async function insertSuggestion(tx: Tx, suggestion: Suggestion, now: Date): Promise<void> {
  const { code, name, description, folder, entity, rule, triggers = [], risk } = suggestion;
  const { rows } = await sql<{ id: string }>`
    insert into segments (name, description, folder, entity, rule, is_shared, created_at, changed_at)
    values (${name}, ${description}, ${folder}, ${entity}, ${JSON.stringify(rule)}::jsonb, true, ${now}, ${now})
    on conflict do nothing returning id`.execute(tx);
  const id = rows[0]?.id;
  await sql`insert into segment_suggestions (code, segment_id) values (${code}, ${id ?? null}::uuid)`.execute(
    tx,
  );
  if (id === undefined) return;
  for (const { moment, act, tag } of triggers)
    await sql`
      insert into tag_triggers (segment_id, moment, act, tag, created_at)
      select ${id}::uuid, ${moment}, ${act}, name, ${now} from tags where lower(name) = lower(${tag})`.execute(
      tx,
    );
  if (risk !== undefined)
    await sql`
      insert into risk_rules (segment_id, level, reason, created_at)
      values (${id}, ${risk.level}, ${risk.reason}, ${now})`.execute(tx);
}

/** A list of their own accounts for each of the staff who has some. */
export async function insertOwnLists(tx: Tx, now: Date): Promise<void> {
  await sql`
    with mine as (
      select p.id as person_id, u.id as user_id, 'mine:' || p.id as code
      from people p join users u on u.id = p.user_id and u.deleted_at is null
      where p.user_id is not null
        and not exists (select from segment_suggestions s where s.code = 'mine:' || p.id)
        and exists (select from accounts a where a.owner_id = u.id or a.success_manager_id = u.id)
    ), made as (
      insert into segments (name, description, entity, rule, owner_id, is_shared, created_at, changed_at)
      select 'My accounts', 'The accounts that I look after', 'account',
             jsonb_build_object('field', 'account.manager', 'op', 'is', 'value', jsonb_build_array(user_id)), person_id, false, ${now}, ${now}
      from mine returning id, owner_id
    )
    insert into segment_suggestions (code, segment_id)
    select mine.code, made.id from mine join made on made.owner_id = mine.person_id`.execute(tx);
}
