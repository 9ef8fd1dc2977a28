import type { Db } from '../platform/db.ts';
import { enqueue } from '../platform/jobs.ts';

declare module '../platform/jobs.ts' {
  interface Jobs {
    /** Moves everybody on whose time has come, wave by wave. */
    advance_tracks: Record<string, never>;
    /** Asks what tracks wait for: who enters by a rule, whose wait is over early, who leaves. */
    watch_tracks: Record<string, never>;
    /** Counts whom a version is for that is to be approved. */
    count_track_approval: { approvalId: number };
  }
}

/** Has people moved on as soon as a worker is free. */
export const askToAdvance = (at: Db): Promise<void> =>
  enqueue(at, 'advance_tracks', {}, { key: 'advance_tracks' });

/** Has it asked what tracks wait for, with whatever else asks for it meanwhile. */
export const askToWatch = (at: Db): Promise<void> => enqueue(at, 'watch_tracks', {}, { key: 'watch_tracks' });
