import type { RawBuilder } from 'kysely';

import { db, prepared, sql, transaction, type Tx } from '../platform/db.ts';

import type { ListSettings, NewView, SavedView, ViewList } from './saved-views.ts';

type Condition = RawBuilder<boolean>;

export async function selectSettings(
  scope: Condition,
  personId: string,
  list: ViewList,
): Promise<ListSettings> {
  const [row] = await prepared(sql<{ columns: string[] | null; views: SavedView[] }>`
    select (select columns from chosen_columns where person_id = ${personId} and list = ${list}) as columns,
           (select coalesce(json_agg(json_build_object('id', v.id, 'name', v.name, 'query', v.query, 'isShared', v.is_shared,
                     'isOwn', v.person_id = ${personId}, 'isDefault', d.view_id is not null, 'ownerName', p.name) order by lower(v.name), v.id), '[]')
            from saved_views v join people p on p.id = v.person_id
            left join default_views d on d.view_id = v.id and d.person_id = ${personId}
            where v.list = ${list} and (v.person_id = ${personId} or v.is_shared)) as views
    where ${scope}`);
  return { columns: row?.columns ?? undefined, views: row?.views ?? [] };
}

/** @returns undefined when the person has as many as one may have */
export async function upsertView(
  personId: string,
  { list, name, query, isShared, isDefault }: NewView,
  { at, most }: { at: Date; most: number },
): Promise<string | undefined> {
  return await transaction(async (tx) => {
    const { rows } = await sql<{ id: string }>`
      insert into saved_views (person_id, list, name, query, is_shared, changed_at)
      select ${personId}, ${list}, ${name}, ${query}, ${isShared}, ${at}
      where (select count(*) from saved_views where person_id = ${personId}) < ${most}
      on conflict (person_id, list, lower(name)) do update set
        (name, query, is_shared, changed_at) = (excluded.name, excluded.query, excluded.is_shared, excluded.changed_at)
      returning id`.execute(tx);
    const id = rows[0]?.id;
    if (id !== undefined && isDefault) await setDefault(tx, { personId, list, id });
    return id;
  });
}

export async function selectView(
  scope: Condition,
  personId: string,
  id: string,
): Promise<{ list: ViewList; isOwn: boolean } | undefined> {
  const { rows } = await sql<{ list: ViewList; isOwn: boolean }>`
    select list, person_id = ${personId} as "isOwn" from saved_views
    where id = ${id} and (person_id = ${personId} or is_shared) and ${scope}`.execute(db);
  return rows[0];
}

export async function deleteView(id: string): Promise<void> {
  await sql`delete from saved_views where id = ${id}`.execute(db);
}

export async function upsertDefault(personId: string, list: ViewList, id: string): Promise<void> {
  await transaction((tx) => setDefault(tx, { personId, list, id }));
}

async function setDefault(
  tx: Tx,
  { personId, list, id }: { personId: string; list: ViewList; id: string },
): Promise<void> {
  await sql`
    insert into default_views (person_id, list, view_id) values (${personId}, ${list}, ${id})
    on conflict (person_id, list) do update set view_id = excluded.view_id`.execute(tx);
}

export async function deleteDefault(personId: string, list: ViewList): Promise<void> {
  await sql`delete from default_views where person_id = ${personId} and list = ${list}`.execute(db);
}
