import { forStaff, type Viewer } from '../../access/viewer.ts';

import * as queries from './strays.queries.ts';

/** An event that a provider told of and that could not be taken in: of no delivery, of a kind that we do not know, or not to be read. */
export interface StrayEvent {
  id: string;
  source: string;
  why: 'unknown_delivery' | 'unknown_kind' | 'unreadable';
  /** As the provider calls it. */
  kind: string | null;
  receivedAt: Date;
  /** What the provider said. */
  data: unknown;
}

/** The newest of them. */
export async function strayEvents(viewer: Viewer, most: number): Promise<StrayEvent[]> {
  return await queries.selectStrays(forStaff(viewer), most);
}
