import { sql, type Db } from '../platform/db.ts';

export async function countWaiting(at: Db): Promise<number> {
  const { rows } = await sql<{ waiting: number }>`
    select (select count(*) from campaigns where status = 'in_review')
      + (select count(*) from runs where state in ('triggered', 'planned', 'sending') and paused_at is not null and paused_by is null)
      + (select count(*) from run_cohorts k join runs r on r.id = k.run_id where k.let_go_at is null and k.people > 0
         and k.held_at is not null and k.held_by is null and r.state = 'sending' and r.paused_at is null)
      + (select count(*) from batches where state = 'doubt' and answered_at is not null) as waiting`.execute(
    at,
  );
  return rows[0]?.waiting ?? 0;
}
