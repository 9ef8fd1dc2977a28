import { forStaff, type Viewer } from '../access/viewer.ts';

import * as queries from './uses.queries.ts';

/** A track that says a message at one of its steps. */
export interface TrackUse {
  messageId: string;
  id: string;
  name: string;
  status: 'draft' | 'active' | 'paused' | 'archived';
}

/** The tracks that say one of these messages and are not put away. */
export async function tracksSaying(viewer: Viewer, messageIds: readonly string[]): Promise<TrackUse[]> {
  return await queries.selectUses(forStaff(viewer), messageIds);
}
