import { db, sql } from '../platform/db.ts';

import type { OpenBy } from './drafts.ts';

interface Whose {
  id: string;
  personId: string;
}

/** @returns nothing when the person has no draft of it */
export async function selectDraft({ id, personId }: Whose) {
  const { rows } = await sql<{ base: number; draft: string; savedAt: Date }>`
    select base, draft, saved_at as "savedAt" from message_drafts
    where message_id = ${id} and person_id = ${personId} and draft is not null`.execute(db);
  return rows[0];
}

export async function upsertDraft(
  { id, personId }: Whose,
  base: number,
  draft: string,
  now: Date,
): Promise<void> {
  await sql`
    insert into message_drafts (message_id, person_id, base, draft, saved_at, seen_at)
    values (${id}, ${personId}, ${base}, ${draft}, ${now}, ${now})
    on conflict (message_id, person_id) do update
    set base = excluded.base, draft = excluded.draft, saved_at = excluded.saved_at, seen_at = excluded.seen_at`.execute(
    db,
  );
}

export async function upsertPresence({ id, personId }: Whose, base: number, now: Date): Promise<void> {
  await sql`
    insert into message_drafts (message_id, person_id, base, seen_at) values (${id}, ${personId}, ${base}, ${now})
    on conflict (message_id, person_id) do update set seen_at = excluded.seen_at`.execute(db);
}

export async function deleteDraft({ id, personId }: Whose): Promise<void> {
  await sql`delete from message_drafts where message_id = ${id} and person_id = ${personId}`.execute(db);
}

export async function selectOthers({ id, personId }: Whose, since: Date): Promise<OpenBy[]> {
  const { rows } = await sql<OpenBy>`
    select p.name, d.saved_at as "savedAt" from message_drafts d join people p on p.id = d.person_id
    where d.message_id = ${id} and d.person_id <> ${personId} and d.seen_at > ${since} order by p.name`.execute(
    db,
  );
  return rows;
}

export async function selectLastChange(id: string) {
  const { rows } = await sql<{ version: number; name: string | null; at: Date }>`
    select m.version, p.name, m.changed_at as at from messages m left join people p on p.id = m.changed_by where m.id = ${id}`.execute(
    db,
  );
  return rows[0];
}
