import { forStaff, type Viewer } from '../../access/viewer.ts';
import { now } from '../../platform/clock.ts';

import * as queries from './pace.queries.ts';

/** People of a run settled a second, over the last 20 seconds or as long as it sends; 0 while nothing moves. */
export async function paceOf(viewer: Viewer, runId: number): Promise<number> {
  return await queries.selectPace(forStaff(viewer), runId, now());
}
