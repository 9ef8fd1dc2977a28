import { db, sql } from '../platform/db.ts';

import type { Image } from './images.ts';

const columns = sql`
  i.id, i.hash, i.name, i.media_type as "mediaType", i.width, i.height, length(i.bytes) as size, i.source_url as "sourceUrl",
  i.created_at as "createdAt", p.name as "createdByName"`;

export async function selectImages(search: string): Promise<Omit<Image, 'url'>[]> {
  const { rows } = await sql<Omit<Image, 'url'>>`
    select ${columns} from images i left join people p on p.id = i.created_by
    where i.archived_at is null and strpos(lower(i.name), lower(${search}::text)) > 0
    order by i.created_at desc, i.id limit 200`.execute(db);
  return rows;
}

export async function selectImage(id: string): Promise<Omit<Image, 'url'> | undefined> {
  const { rows } = await sql<Omit<Image, 'url'>>`
    select ${columns} from images i left join people p on p.id = i.created_by where i.id = ${id}`.execute(db);
  return rows[0];
}

interface Kept {
  hash: string;
  name: string;
  mediaType: string;
  width: number;
  height: number;
  bytes: Buffer;
  sourceUrl: string | null;
  personId: string;
  now: Date;
}

/** Keeps a picture, or brings back the one with the same bytes. @returns its id */
export async function insertImage(kept: Kept): Promise<string> {
  const { hash, name, mediaType, width, height, bytes, sourceUrl, personId, now } = kept;
  const { rows } = await sql<{ id: string }>`
    insert into images (hash, name, media_type, width, height, bytes, source_url, created_by, created_at)
    values (${hash}, ${name}, ${mediaType}, ${width}, ${height}, ${bytes}, ${sourceUrl}, ${personId}, ${now})
    on conflict (hash) do update set archived_at = null returning id`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('an image was neither made nor found');
  return row.id;
}

export async function selectBytes(hash: string): Promise<{ bytes: Buffer; mediaType: string } | undefined> {
  const { rows } = await sql<{ bytes: Buffer; mediaType: string }>`
    select bytes, media_type as "mediaType" from images where hash = ${hash}`.execute(db);
  return rows[0];
}

export async function updateName(id: string, name: string): Promise<void> {
  await sql`update images set name = ${name} where id = ${id}`.execute(db);
}

export async function updateImageArchived(id: string, now: Date): Promise<void> {
  await sql`update images set archived_at = ${now} where id = ${id} and archived_at is null`.execute(db);
}
