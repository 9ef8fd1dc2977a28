import '../events.ts';

import { MINUTE, now } from '../../platform/clock.ts';
import { db, transaction } from '../../platform/db.ts';
import type { Events } from '../../platform/events.ts';
import { enqueue } from '../../platform/jobs.ts';
import { log } from '../../platform/log.ts';
import { wholeCatalog } from '../../segments/catalog.ts';

import * as queries from './goal-counting.queries.ts';
import { isRuleBroken } from '../audience/planning.ts';
import { allowMilliseconds } from '../audience/planning.queries.ts';
import { measureCampaigns } from './results.ts';
import { addCounts } from '../runs/statistics.ts';

declare module '../../platform/jobs.ts' {
  interface Jobs {
    /** Counts who reached the goals that are open, and measures what campaigns came to. */
    count_goals: Record<string, never>;
  }
}

/** What changes within this is counted at once. */
const PACE = 10 * MINUTE;

/** A statement about half a million people. */
const LONGEST = 5 * MINUTE;

/** A reaction: names the goals of a run as soon as it is planned, and who meets them already. */
export async function noteGoals({ runId }: Events['run.planned']): Promise<void> {
  for (const id of await queries.selectUnmeasured(runId)) await nameGoals(id);
}

async function nameGoals(runId: number): Promise<void> {
  const catalog = await wholeCatalog();
  await transaction(async (tx) => {
    for (const goal of await queries.attach(tx, runId, now()))
      await queries.noteBeforehand(tx, { runId }, { goal, catalog, now: now() });
  });
}

/** Before a cohort of a run is let go: what its people reached while they waited was not the message's doing. */
export async function noteGoalsOfCohort(runId: number, cohort: number): Promise<void> {
  await unlessBroken({ runId, cohort }, () =>
    transaction(async (tx) => {
      await allowMilliseconds(tx, LONGEST);
      const goals = await queries.selectGoalsOf(tx, runId);
      const catalog = goals.length > 0 ? await wholeCatalog() : new Map();
      for (const goal of goals)
        await queries.noteBeforehand(tx, { runId, cohort }, { goal, catalog, now: now() });
    }),
  );
}

/** A reaction: something changed that goals may be about; they are counted with whatever else changes meanwhile. */
export async function askForCount(): Promise<void> {
  if (!(await queries.isAnyOpen(db))) return;
  const runAt = new Date((Math.floor(now().getTime() / PACE) + 1) * PACE);
  await enqueue(db, 'count_goals', {}, { key: 'count_goals', runAt });
}

/** A reaction: a run ended, so there is something to measure soon. */
export async function askForMeasure(): Promise<void> {
  const runAt = new Date((Math.floor(now().getTime() / MINUTE) + 1) * MINUTE);
  await enqueue(db, 'count_goals', {}, { key: 'count_goals:ended', runAt });
}

/** A job: each open goal in a transaction of its own, one statement for all of its runs; a rule that cannot be asked any more counts nobody. */
export async function countGoals(): Promise<void> {
  for (const runId of await queries.selectUnmeasured()) await unlessBroken({ runId }, () => nameGoals(runId));
  for (const goal of await queries.selectOpen())
    await unlessBroken({ goalId: goal.id }, () => countGoal(goal));
  await measureCampaigns();
}

async function countGoal(goal: queries.OpenGoal): Promise<void> {
  const catalog = await wholeCatalog();
  await transaction(async (tx) => {
    if (!(await queries.isOurTurn(tx, goal.id))) return;
    const counted = { goal, catalog, now: now() };
    await queries.stageOpen(tx, counted);
    const changes = await queries.convert(tx, counted);
    await queries.endOver(tx, counted);
    for (const { runId, count } of changes) await addCounts(tx, runId, { converted: count });
  });
}

/** Somebody's rule that PostgreSQL refuses keeps nobody else's from being counted. */
async function unlessBroken(about: object, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isRuleBroken(error)) throw error;
    log.error({ err: error, ...about }, 'a goal could not be counted');
  }
}
