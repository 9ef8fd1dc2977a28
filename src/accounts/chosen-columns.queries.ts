import { db, sql } from '../platform/db.ts';

export async function selectColumns(personId: string, list: string): Promise<string[] | undefined> {
  const { rows } = await sql<{ columns: string[] }>`
    select columns from chosen_columns where person_id = ${personId} and list = ${list}`.execute(db);
  return rows[0]?.columns;
}

export async function upsertColumns(
  personId: string,
  list: string,
  columns: readonly string[],
): Promise<void> {
  await sql`
    insert into chosen_columns (person_id, list, columns) values (${personId}, ${list}, ${columns})
    on conflict (person_id, list) do update set columns = excluded.columns`.execute(db);
}

export async function deleteColumns(personId: string, list: string): Promise<void> {
  await sql`delete from chosen_columns where person_id = ${personId} and list = ${list}`.execute(db);
}
