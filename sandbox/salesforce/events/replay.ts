import type { Db } from '../../database.ts';
import type { Org } from '../context.ts';
import type { Enriched } from './enrichment.ts';
import type { Values } from './payload.ts';

/** A message as it is kept. */
export interface Kept {
  replayId: number;
  topic: string;
  message: { payload?: Values | string; [further: string]: unknown };
  enriched: Enriched | null;
  at: Date;
}

/** Messages of topics after a replay id, oldest first. */
export async function messagesAfter(
  org: Org,
  { topics, after, hours, limit }: { topics: readonly string[]; after: number; hours: number; limit: number },
): Promise<Kept[]> {
  if (topics.length === 0) return [];
  const { rows } = await org.pool.query<Omit<Kept, 'at'> & { at: string }>(
    `select replay_id as "replayId", topic, message, enriched, at from _event
      where topic = any($1) and replay_id > $2 and at > $3 order by replay_id limit $4`,
    [topics, after, oldest(org, hours), limit],
  );
  return rows.map((row) => ({ ...row, at: new Date(row.at) }));
}

/** The replay id of the newest message; 0 while there is none. */
export async function newestReplayId(db: Db): Promise<number> {
  const { rows } = await db.query('select coalesce(max(replay_id), 0) as id from _event');
  return Number((rows as { id: number }[])[0]?.id);
}

/** Whether a replay id is that of a message which can still be replayed. */
export async function isReplayable(org: Org, replayId: number, hours: number): Promise<boolean> {
  const { rows } = await org.pool.query('select 1 from _event where replay_id = $1 and at > $2', [
    replayId,
    oldest(org, hours),
  ]);
  return rows.length > 0;
}

/** Clears away what nobody can replay any more. */
export async function forgetOldMessages(org: Org): Promise<void> {
  await org.pool.query('delete from _event where at < $1', [oldest(org, org.events.settings.retentionHours)]);
}

const oldest = ({ clock }: Org, hours: number): Date => new Date(clock.now().getTime() - hours * 3_600_000);
