import { Readable } from 'node:stream';

import type { Db } from '../../database.ts';

export const blobTables = `
create table if not exists _blob (
  id text collate "C" not null,
  position integer not null,
  bytes bytea not null,
  primary key (id, position)
);
alter table _blob alter column bytes set storage external;
`;

/** A file is kept in pieces of this many bytes, by the id of the record that holds it. */
export const BLOB_PIECE = 512 * 1024;

/** Keeps the content of a record's file in place of what it had. */
export async function writeBlob(db: Db, id: string, content: Buffer): Promise<void> {
  await db.query('delete from _blob where id = $1', [id]);
  for (let position = 0; position * BLOB_PIECE < content.length; position += 1)
    await db.query('insert into _blob (id, position, bytes) values ($1, $2, $3)', [
      id, position, content.subarray(position * BLOB_PIECE, (position + 1) * BLOB_PIECE),
    ]); // prettier-ignore
}

/** How many bytes the file of a record has; 0 without one. */
export async function blobSize(db: Db, id: string): Promise<number> {
  const { rows } = await db.query(
    'select coalesce(sum(octet_length(bytes)), 0)::bigint as size from _blob where id = $1',
    [id],
  );
  return Number((rows as { size: number }[])[0]?.size);
}

/** The file of a record as a stream that holds one piece at a time. */
export function readBlob(db: Db, id: string): Readable {
  return Readable.from(piecesOf(db, id), { objectMode: false });
}

async function* piecesOf(db: Db, id: string): AsyncGenerator<Buffer> {
  for (let position = 0; ; position += 1) {
    const { rows } = await db.query('select bytes from _blob where id = $1 and position = $2', [
      id,
      position,
    ]);
    const piece = (rows as { bytes: Buffer }[])[0]?.bytes;
    if (!piece) return;
    yield piece;
  }
}
