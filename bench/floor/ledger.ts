import type pg from 'pg';

/** Takes the rows of a planned run into a table without indexes, as plainly as they can be read again. @returns how many they are */
export async function prepareFloor(client: pg.Client, runId: number): Promise<number> {
  await client.query('create table if not exists floor_deliveries (like deliveries including all)');
  await client.query('drop table if exists floor_source');
  await client.query(
    `create table floor_source as select * from deliveries where run_id = ${String(runId)} order by n`,
  );
  const { rowCount } = await client.query('select from floor_source');
  return rowCount ?? 0;
}

/** The floor of P2: inserts the rows of a run, all of them known, in one statement into a ledger with the same indexes. */
export async function insertRows(client: pg.Client): Promise<void> {
  await client.query('insert into floor_deliveries select * from floor_source');
}
