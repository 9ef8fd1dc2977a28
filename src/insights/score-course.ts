import { forStaff, type Viewer } from '../access/viewer.ts';
import { DAY, now } from '../platform/clock.ts';

import { selectScores } from './queries.ts';

/** An account's score on a day, YYYY-MM-DD. */
export interface DayScore {
  day: string;
  score: number;
}

/** How far back the course goes that reps see. */
export const COURSE_DAYS = 90;

/** How an account's score moved: a score for each day on which one was read, oldest first. */
export async function scoreCourse(viewer: Viewer, accountId: string): Promise<DayScore[]> {
  return await selectScores(forStaff(viewer), accountId, new Date(now().getTime() - COURSE_DAYS * DAY));
}
