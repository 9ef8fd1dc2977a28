import { now } from '../../clock.ts';
import { db, sql } from '../../db.ts';

import './streaming-tables.ts';
import type { StreamingStatus } from './streaming-tables.ts';

/** The channel of every object that the org selected for Change Data Capture. */
export const CHANNEL = '/data/ChangeEvents';

/** How the subscription stands, for staff and for whoever subscribes next. */
export interface StreamingState {
  status: StreamingStatus;
  detail: string;
  replayId: number | null;
  replayAt: Date | null;
  connectedAt: Date | null;
  heartbeatAt: Date | null;
  heardAt: Date | null;
  events: number;
  echoes: number;
  gaps: number;
  rebuilds: number;
  objects: string[];
}

const nothing: StreamingState = {
  status: 'waiting', detail: '', replayId: null, replayAt: null, connectedAt: null, heartbeatAt: null, heardAt: null,
  events: 0, echoes: 0, gaps: 0, rebuilds: 0, objects: [],
}; // prettier-ignore

export async function streamingState(): Promise<StreamingState> {
  const row = await db
    .selectFrom('streaming_channels')
    .select(['status', 'detail', 'events', 'echoes', 'gaps', 'rebuilds', 'objects'])
    .select(['replay_id as replayId', 'replay_at as replayAt', 'connected_at as connectedAt'])
    .select(['heartbeat_at as heartbeatAt', 'heard_at as heardAt'])
    .where('channel', '=', CHANNEL)
    .executeTakeFirst();
  return row ?? nothing;
}

/** What came in since it was last written down. */
export interface Heard {
  replayId: number | undefined;
  events: number;
  echoes: number;
  gaps: number;
  objects: ReadonlySet<string>;
}

/** Writes down that the connection lives, and what came over it. */
export async function noteHeard({ replayId, events, echoes, gaps, objects }: Heard): Promise<void> {
  const at = now();
  await sql`
    insert into streaming_channels as c (channel, status, heartbeat_at, heard_at, replay_id, replay_at, events, echoes, gaps, objects)
    values (${CHANNEL}, 'live', ${at}, ${events > 0 ? at : null}, ${replayId ?? null}, ${replayId === undefined ? null : at},
            ${events}, ${echoes}, ${gaps}, ${[...objects]}::text[])
    on conflict (channel) do update set
      status = 'live', detail = '', heartbeat_at = excluded.heartbeat_at,
      heard_at = coalesce(excluded.heard_at, c.heard_at),
      replay_id = coalesce(excluded.replay_id, c.replay_id), replay_at = coalesce(excluded.replay_at, c.replay_at),
      events = c.events + excluded.events, echoes = c.echoes + excluded.echoes, gaps = c.gaps + excluded.gaps,
      objects = array(select distinct o from unnest(c.objects || excluded.objects) o order by 1)`.execute(db);
}

/** Writes down a change of state; `rebuild` counts a subscription that had to be made anew, `gap` what the poll must find out. */
export async function noteStatus(
  status: StreamingStatus,
  { detail = '', rebuild = false, gap = false }: { detail?: string; rebuild?: boolean; gap?: boolean } = {},
): Promise<void> {
  const connected = status === 'live' ? now() : null;
  await sql`
    insert into streaming_channels as c (channel, status, detail, connected_at, rebuilds, gaps)
    values (${CHANNEL}, ${status}, ${detail}, ${connected}, ${Number(rebuild)}, ${Number(gap)})
    on conflict (channel) do update set
      status = excluded.status, detail = excluded.detail, connected_at = coalesce(excluded.connected_at, c.connected_at),
      rebuilds = c.rebuilds + excluded.rebuilds, gaps = c.gaps + excluded.gaps`.execute(db);
}

/** Whether the poll found changes of these tables in that time which no event announced. */
export async function changedUnannounced(tables: readonly string[], since: Date, until: Date): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (select 1 from mirror_changes
                    where table_name = any(${tables}::text[]) and recorded_at > ${since} and recorded_at < ${until}) as found`.execute(db);
  return rows[0]?.found === true;
} // prettier-ignore
