import { sql, type Db, type Tx } from '../platform/db.ts';

import type { TrackDefinition } from './definition.ts';
import { type Version, versionOf } from './flow.ts';

/** The version that people go through, with the track held as it is until the transaction ends; undefined unless it is active. */
export async function selectActive(tx: Tx, trackId: string): Promise<Version | undefined> {
  const { rows } = await sql<{
    status: string;
  }>`select status from tracks where id = ${trackId} for share`.execute(tx);
  if (rows[0]?.status !== 'active') return undefined;
  const { rows: found } = await sql<{ version: number; definition: TrackDefinition }>`
    select v.version, v.definition from tracks t join track_versions v on v.track_id = t.id and v.version = t.version
    where t.id = ${trackId}`.execute(tx);
  const [active] = found;
  return active && versionOf(active.version, active.definition);
}

/** Some versions of a track, by their number. */
export async function selectVersions(
  at: Db,
  trackId: string,
  versions: readonly number[],
): Promise<Map<number, Version>> {
  const { rows } = await sql<{ version: number; definition: TrackDefinition }>`
    select version, definition from track_versions where track_id = ${trackId} and version = any(${[...versions]}::int[])`.execute(
    at,
  );
  return new Map(rows.map(({ version, definition }) => [version, versionOf(version, definition)]));
}

/** What a step that sends is about: how the track is called, which version of each message goes out, and the step's number in the ledger. */
export async function selectToSend(
  tx: Tx,
  { trackId, version, step }: { trackId: string; version: number; step: string },
): Promise<{ name: string; messages: Record<string, number>; number: number }> {
  const { rows } = await sql<{ name: string; messages: Record<string, number> | null; number: number }>`
    select c.name, v.messages, s.number from campaigns c join track_versions v on v.track_id = c.id and v.version = ${version}
    join track_steps s on s.track_id = c.id and s.step = ${step} where c.id = ${trackId}`.execute(tx);
  const [found] = rows;
  if (found === undefined) throw new Error(`the step ${step} of a track has no number`);
  return { ...found, messages: found.messages ?? {} };
}

/** How people enter a track that is active; undefined for every other. */
export async function selectEntry(at: Db, trackId: string): Promise<TrackDefinition['entry'] | undefined> {
  const { rows } = await sql<{ entry: TrackDefinition['entry'] }>`
    select v.definition -> 'entry' as entry from tracks t join track_versions v on v.track_id = t.id and v.version = t.version
    where t.id = ${trackId} and t.status = 'active'`.execute(at);
  return rows[0]?.entry;
}
