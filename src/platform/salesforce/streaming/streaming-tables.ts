import type { Generated } from 'kysely';

export type StreamingStatus = 'waiting' | 'connecting' | 'live' | 'failing';

export interface StreamingChannelsTable {
  channel: string;
  status: Generated<StreamingStatus>;
  detail: Generated<string>;
  replay_id: number | null;
  replay_at: Date | null;
  connected_at: Date | null;
  heartbeat_at: Date | null;
  heard_at: Date | null;
  events: Generated<number>;
  echoes: Generated<number>;
  gaps: Generated<number>;
  rebuilds: Generated<number>;
  objects: Generated<string[]>;
}

declare module '../../db.ts' {
  interface Tables {
    streaming_channels: StreamingChannelsTable;
  }
}
