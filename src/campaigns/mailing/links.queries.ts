import { db, sql, type Tx } from '../../platform/db.ts';

export async function insertLinks(tx: Tx, urls: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await sql<{ url: string; id: number }>`
    with given as (select url, sha256(convert_to(url, 'UTF8')) as hash from unnest(${urls}::text[]) url),
    made as (
      insert into tracked_links (url, url_hash) select url, hash from given order by hash
      on conflict (url_hash) do update set url = excluded.url returning url, id)
    select url, id from made`.execute(tx);
  return new Map(rows.map(({ url, id }) => [url, id]));
}

export async function selectLink(id: number): Promise<string | undefined> {
  const { rows } = await sql<{ url: string }>`select url from tracked_links where id = ${id}`.execute(db);
  return rows[0]?.url;
}
