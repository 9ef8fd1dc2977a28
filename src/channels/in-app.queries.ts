import { db, sql } from '../platform/db.ts';

interface NewMessage {
  n: number;
  address: string;
  shown: object;
}

/** Has messages wait for their people; those that wait already stay as they are. */
export async function keepMessages(
  runId: number,
  messages: readonly NewMessage[],
  { at, until }: { at: Date; until: Date },
): Promise<void> {
  await sql`
    insert into in_app_messages (run_id, n, address_hash, shown, created_at, expires_at)
    select ${runId}::bigint, m.n, erasure_hash(m.address), m.shown, ${at}, ${until}
    from json_to_recordset(${JSON.stringify(messages)}::json) as m (n integer, address text, shown jsonb)
    on conflict do nothing`.execute(db);
}

/** Which of these rows wait, or waited. */
export async function selectKept(runId: number, rows: readonly number[]): Promise<number[]> {
  const kept = await sql<{ n: number }>`
    select n from in_app_messages where run_id = ${runId} and n = any(${[...rows]}::integer[])`.execute(db);
  return kept.rows.map(({ n }) => n);
}
