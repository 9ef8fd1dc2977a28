import { db, sql, type Tx } from '../platform/db.ts';

import type { BrandKit } from './brand-kit.ts';

export async function selectKit(): Promise<
  { kit: BrandKit; changedAt: Date; changedByName: string | null } | undefined
> {
  const { rows } = await sql<{ kit: BrandKit; changedAt: Date; changedByName: string | null }>`
    select b.kit, b.changed_at as "changedAt", p.name as "changedByName"
    from brand_kit b left join people p on p.id = b.changed_by`.execute(db);
  return rows[0];
}

/** The kits before this one, the latest first. */
export async function selectFormer(): Promise<BrandKit[]> {
  const { rows } = await sql<{ former: BrandKit[] }>`select former from brand_kit`.execute(db);
  return rows[0]?.former ?? [];
}

/** @param before what held while nobody had decided anything */
export async function upsertKit(
  kit: BrandKit,
  before: BrandKit,
  personId: string,
  now: Date,
): Promise<void> {
  await sql`
    insert into brand_kit (kit, former, changed_by, changed_at)
    values (${JSON.stringify(kit)}::jsonb, ${JSON.stringify([before])}::jsonb, ${personId}, ${now})
    on conflict (is_only) do update set kit = excluded.kit, changed_by = excluded.changed_by, changed_at = excluded.changed_at,
      former = case when brand_kit.kit = excluded.kit then brand_kit.former
        else jsonb_path_query_array(jsonb_build_array(brand_kit.kit) || brand_kit.former, '$[0 to 19]') end`.execute(db);
} // prettier-ignore

/** The delivered templates that nobody has changed since, and at which version they are. */
export async function selectUntouched(
  tx: Tx | typeof db = db,
): Promise<{ id: string; code: string; version: number }[]> {
  const { rows } = await sql<{ id: string; code: string; version: number }>`
    select m.id, m.code, m.version from messages m
    where m.code is not null and m.archived_at is null
      and not exists (select from message_versions v where v.message_id = m.id and v.created_by is not null)`.execute(
    tx,
  );
  return rows;
}
