import { now } from '../../platform/clock.ts';
import { db } from '../../platform/db.ts';

import type { Run } from '../runs/runs.ts';
import { type CohortFigures, dueOf, measuredCohorts } from './cohorts.ts';
import * as queries from './cohorts.queries.ts';
import type { CohortRow } from './cohorts.queries.ts';

/**
 * Where a cohort of a run stands: it holds nobody; it is out, or going out; somebody or something holds it; it goes at its hour; it waits for those
 * before it; the run ended first; or it was a dry run.
 */
export type CohortState = 'nobody' | 'out' | 'goingOut' | 'held' | 'due' | 'waiting' | 'never' | 'dry';

export interface CohortCourse extends CohortRow {
  state: CohortState;
  /** Whether its turn is next, however it stands. */
  isNext: boolean;
  /** Of the next one: when it goes by itself. */
  dueAt: Date | null;
  /** Whether a person is asked before it goes; then `dueAt` is no promise. */
  asksFirst: boolean;
  /** Of one that was let go. */
  figures: CohortFigures | null;
}

/** How the cohorts of a run stand, in their order; none where it goes out as a whole, or is not planned yet. */
export async function cohortsOf(run: Pick<Run, 'id' | 'state' | 'isDry' | 'fixed'>): Promise<CohortCourse[]> {
  if ((run.fixed.policy.rollout ?? null) === null) return [];
  const rows = await queries.selectCohorts(run.id);
  const next = await nextOf(run.id);
  const figures = await lately(run.id, rows.filter(({ letGoAt }) => letGoAt !== null).map(({ cohort }) => cohort)); // prettier-ignore
  return rows.map((row) => {
    const isNext = row.cohort === next?.cohort;
    return {
      ...row,
      isNext,
      state: stateOf(row, run, isNext && next.dueAt !== null),
      dueAt: isNext && row.heldAt === null ? next.dueAt : null,
      asksFirst: isNext && next.asksFirst,
      figures: figures.get(row.cohort) ?? null,
    };
  });
}

async function nextOf(
  runId: number,
): Promise<{ cohort: number; dueAt: Date | null; asksFirst: boolean } | undefined> {
  const turn = await queries.selectTurn(db, runId);
  if (turn === undefined) return undefined;
  const { rollout, before, passedAt, cohort } = turn;
  return {
    cohort,
    dueAt: dueOf(turn, now())?.dueAt ?? null,
    asksFirst: rollout.gate.kind === 'person' && before !== null && passedAt === null,
  };
}

function stateOf(
  { people, letGoAt, heldAt, isGoingOut }: CohortRow,
  { state, isDry }: Pick<Run, 'state' | 'isDry'>,
  isDue: boolean,
): CohortState {
  if (people === 0) return 'nobody';
  if (isDry) return 'dry';
  if (letGoAt !== null) return isGoingOut ? 'goingOut' : 'out';
  if (state === 'cancelled') return 'never';
  if (heldAt !== null) return 'held';
  return isDue ? 'due' : 'waiting';
}

/* A page that is alive asks every two seconds, and these read the rows of the ledger: they are counted anew when they are this old. */
const FRESH_MILLISECONDS = 20_000;
const MOST_KEPT = 100;
const counted = new Map<string, { at: number; figures: Map<number, CohortFigures> }>();

async function lately(runId: number, cohorts: readonly number[]): Promise<Map<number, CohortFigures>> {
  if (cohorts.length === 0) return new Map();
  const key = `${String(runId)}:${cohorts.join()}`;
  const known = counted.get(key);
  if (known !== undefined && now().getTime() - known.at < FRESH_MILLISECONDS) return known.figures;
  const figures = await measuredCohorts(runId, cohorts);
  if (counted.size >= MOST_KEPT) counted.clear();
  counted.set(key, { at: now().getTime(), figures });
  return figures;
}

/** In which cohort of a run somebody is, and how that stands; undefined where they get nothing, or it goes out as a whole. */
export async function cohortFor(
  run: Pick<Run, 'id' | 'state' | 'isDry' | 'fixed'>,
  personId: number,
): Promise<CohortCourse | undefined> {
  if ((run.fixed.policy.rollout ?? null) === null) return undefined;
  const cohort = await queries.selectCohortOf(run.id, personId);
  if (cohort === undefined) return undefined;
  return (await cohortsOf(run)).find((one) => one.cohort === cohort);
}
