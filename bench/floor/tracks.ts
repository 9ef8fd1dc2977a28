import type pg from 'pg';

/** Takes rows that the product wrote into a table without indexes, as plainly as they can be read again, and makes one with its indexes for them. */
export async function prepareRows(
  client: pg.Client,
  table: 'track_people' | 'track_path',
  where: string,
): Promise<void> {
  await client.query(`create table if not exists floor_${table} (like ${table} including all)`);
  await client.query('drop table if exists floor_source');
  await client.query(`create table floor_source as select * from ${table} where ${where}`);
}

/** The floor of TRACKS: inserts these rows, all of them known, in one statement into a table with the same indexes. */
export async function insertRows(client: pg.Client, table: 'track_people' | 'track_path'): Promise<number> {
  const { rowCount } = await client.query(`insert into floor_${table} select * from floor_source`);
  return rowCount ?? 0;
}

export const empty = (client: pg.Client): Promise<unknown> => client.query('truncate floor_track_people');
