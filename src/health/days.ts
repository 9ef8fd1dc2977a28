import { sql, type Tx } from '../platform/db.ts';

/** Counts anew how many paying accounts had each rank, for every day of the readings from that one on (HE7). */
export async function keepDays(tx: Tx, from: string): Promise<void> {
  await sql`
    insert into health_days (day, good, average, poor)
    select day, count(*) filter (where rank = 'good'), count(*) filter (where rank = 'average'), count(*) filter (where rank = 'poor')
    from health_readings
    where day >= ${from}::date and rank is not null
      and not exists (select from removed_accounts r where r.account_id = health_readings.account_id)
    group by day
    on conflict (day) do update set (good, average, poor) = (excluded.good, excluded.average, excluded.poor)
      where (health_days.good, health_days.average, health_days.poor) is distinct from (excluded.good, excluded.average, excluded.poor)`.execute(
    tx,
  );
}
