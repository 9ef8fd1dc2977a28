import { forStaff, type Viewer } from '../access/viewer.ts';
import { DAY, now } from '../platform/clock.ts';

import * as queries from './history.queries.ts';
import type { Rank } from './ranks.ts';

/** An account's health at the end of a day. */
export interface ScoreOfDay {
  day: string;
  rank: Rank | null;
  score: number | null;
}

/** What explains a step in a chart of health. Amounts in minor units. */
export type Marker = { day: string } & (
  | { kind: 'profile'; name: string; version: number | null }
  | { kind: 'contract'; from: number | null; to: number | null }
);

const dayBefore = (days: number): string => new Date(now().getTime() - days * DAY).toISOString().slice(0, 10);

/** An account's scores of so many days, of each day that was kept, oldest first. */
export const scoresOf = (viewer: Viewer, accountId: string, days: number): Promise<ScoreOfDay[]> =>
  queries.selectScores(forStaff(viewer), accountId, dayBefore(days));

/** When another profile or another version of it began to judge the account, and when what it pays changed; oldest first. */
export const markersOf = (viewer: Viewer, accountId: string, days: number): Promise<Marker[]> =>
  queries.selectMarkers(forStaff(viewer), accountId, dayBefore(days));
