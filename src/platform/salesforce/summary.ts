import { db, sql } from '../db.ts';

/** How the exchange with Salesforce is, in a few numbers. */
export interface SyncSummary {
  objects: number;
  live: number;
  loading: number;
  withErrors: number;
  /** When the object that was last synced longest ago was synced; null before the first time. */
  syncedAt: Date | null;
  /** Records written here that Salesforce does not have yet, and those that it refused. */
  waiting: number;
  refused: number;
}

export async function syncSummary(): Promise<SyncSummary> {
  const { rows } = await sql<SyncSummary>`
    select count(*) as objects, count(*) filter (where phase = 'live') as live,
           count(*) filter (where phase = 'loading') as loading, count(*) filter (where error is not null) as "withErrors",
           min(synced_at) as "syncedAt",
           (select count(*) from outbox where status in ('waiting', 'sending')) as waiting,
           (select count(*) from outbox where status = 'failed') as refused
    from sync_states`.execute(db);
  const [summary] = rows;
  if (summary === undefined) throw new Error('a count answered nothing');
  return summary;
}
