import type { Viewer } from '../../access/viewer.ts';
import { HOUR, now } from '../../platform/clock.ts';
import { db, transaction, type Tx } from '../../platform/db.ts';
import { Conflict, NotFound } from '../../platform/errors.ts';
import { log } from '../../platform/log.ts';
import { sendMail } from '../../platform/mail.ts';

import { editorOf } from '../definition/editors.ts';
import { type Gate, type GateFigure, gateFigures } from '../definition/rollout.ts';
import { briefly } from '../mailing/briefly.ts';
import { askForLanes } from '../mailing/lanes.ts';
import { selectOwners } from '../mailing/troubles.queries.ts';
import { flagOf } from '../outcomes/outcomes.ts';
import { nextBegin } from '../runs/begins.ts';
import { runSeenBy } from '../runs/runs.ts';
import { addCounts } from '../runs/statistics.ts';
import * as queries from './cohorts.queries.ts';
import type { Turn } from './cohorts.queries.ts';
import { noteGoalsOfCohort } from './goal-counting.ts';

/*
 * A run that goes out in cohorts (decision 042): the batches of each wait until it is let go, in their order. Who is there no more by
 * then is left out as it is let go, and whoever may no longer be written to as their batch is posted, as of every run.
 *
 *   waits ──the one before is out, its hours over──▶ judged ──its hour has come──▶ let go
 *                                                      │ figures over the limits, a person's word, or somebody
 *                                                      ▼
 *                                                    held ──somebody──▶ goes on, or is let go at once
 */

/** What became of a cohort, in people. `tried`: sent or failed; `failed` with what the provider dropped, `bounced` with what was blocked. */
export interface CohortFigures {
  tried: number;
  sent: number;
  failed: number;
  bounced: number;
  complained: number;
  unsubscribed: number;
}

/** A person held it, each one waits for a person's word, or the cohort before is over the limits. */
export type HeldWhy = 'person' | 'approval' | 'limits';

/** The figures of the cohort before, and which are over their limits. */
export type HeldDetail = CohortFigures & { over: GateFigure[] };

/** When the cohort whose turn it is may be looked at, and when it goes; undefined while the one before is still going out. */
export function dueOf(
  { rollout, startedAt, before, lastAt, isGoingOut }: Turn,
  at: Date,
): { since: Date; dueAt: Date } | undefined {
  if (isGoingOut) return undefined;
  const since =
    before === null || lastAt === null ? startedAt : new Date(lastAt.getTime() + rollout.waitHours * HOUR);
  return { since, dueAt: nextBegin(rollout.begins, since > at ? since : at) };
}

/** Lets go whatever cohorts' turn it is, and holds those whose gate says so. A run of which it cannot be done now keeps no other from it. */
export async function letCohortsGo(): Promise<void> {
  for (const runId of await queries.selectRollingOut())
    try {
      await lookAt(runId);
    } catch (error) {
      log.error({ err: error, runId }, 'the cohorts of a run could not be looked at');
    }
}

async function lookAt(runId: number): Promise<void> {
  const turn = await queries.selectTurn(db, runId);
  if (turn === undefined || stepOf(turn, now()) === 'wait') return;
  if (isDue(turn, now())) await noteGoalsOfCohort(runId, turn.cohort);
  await briefly((tx) => goOn(tx, runId));
}

function isDue(turn: Turn, at: Date): boolean {
  const due = dueOf(turn, at);
  return due !== undefined && at >= due.dueAt;
}

/** What is to be done about a cohort. It is judged when its hours are over, so that its owner has time, and again when it is let go. */
function stepOf(turn: Turn, at: Date): 'wait' | 'ask' | 'judge' | 'letGo' {
  const due = dueOf(turn, at);
  if (turn.heldAt !== null || due === undefined || at < due.since) return 'wait';
  if (turn.before === null || turn.passedAt !== null) return isDue(turn, at) ? 'letGo' : 'wait';
  if (turn.rollout.gate.kind === 'person') return 'ask';
  return isDue(turn, at) || turn.judgedAt === null ? 'judge' : 'wait';
}

async function goOn(tx: Tx, runId: number): Promise<void> {
  const turn = (await queries.holdRun(tx, runId)) ? await queries.selectTurn(tx, runId) : undefined;
  if (turn === undefined) return;
  const at = now();
  const step = stepOf(turn, at);
  if (step === 'ask') await holdByItself(tx, turn, 'approval', null);
  else if (step === 'judge') await judge(tx, turn, at);
  else if (step === 'letGo') await letGo(tx, turn, { at, by: null });
}

async function judge(tx: Tx, turn: Turn, at: Date): Promise<void> {
  const { runId, cohort, before, rollout } = turn;
  const figures = await figuresOf(tx, runId, before ?? 0);
  const over = overLimits(figures, rollout.gate);
  if (over.length > 0) {
    await holdByItself(tx, turn, 'limits', { ...figures, over });
    return;
  }
  await queries.noteJudged(tx, runId, cohort, at);
  if (isDue(turn, at)) await letGo(tx, turn, { at, by: null });
}

const noFigures: CohortFigures = { tried: 0, sent: 0, failed: 0, bounced: 0, complained: 0, unsubscribed: 0 };

const flags = Object.fromEntries(
  (['dropped', 'bounced', 'blocked', 'complained', 'unsubscribed'] as const).map((name) => [
    name,
    flagOf(name),
  ]),
);

async function figuresOf(tx: Tx, runId: number, cohort: number): Promise<CohortFigures> {
  return (await queries.measureCohorts(tx, runId, { cohorts: [cohort], flags })).get(cohort) ?? noFigures;
}

/** What became of these cohorts by now. */
export async function measuredCohorts(
  runId: number,
  cohorts: readonly number[],
): Promise<Map<number, CohortFigures>> {
  const found = await queries.measureCohorts(db, runId, { cohorts, flags });
  return new Map(cohorts.map((cohort) => [cohort, found.get(cohort) ?? noFigures]));
}

/** Shares of whom it was tried to, each against its limit; of nobody there is none. */
const overLimits = (figures: CohortFigures, gate: Gate): GateFigure[] =>
  gate.kind === 'person'
    ? []
    : gateFigures.filter((name) => figures[name] * 100 > gate[name] * figures.tried);

async function letGo(
  tx: Tx,
  { runId, cohort }: Pick<Turn, 'runId' | 'cohort'>,
  by: { at: Date; by: string | null },
): Promise<void> {
  await queries.letGo(tx, runId, cohort, by);
  const gone = await queries.leaveOutGone(tx, runId, cohort, by.at);
  await addCounts(tx, runId, { planned: -gone, skipped: gone, 'skipped:gone': gone });
  await askForLanes(tx);
}

/** Holds a cohort, and tells the campaign's owner. */
async function holdByItself(
  tx: Tx,
  { runId, cohort, name }: Turn,
  why: HeldWhy,
  detail: HeldDetail | null,
): Promise<void> {
  if (!(await queries.hold(tx, runId, cohort, { at: now(), by: null, why, detail }))) return;
  const reason = detail?.over[0] ?? 'approval';
  for (const { campaign, ownerId } of await selectOwners(tx, [runId]))
    await sendMail(tx, {
      to: { personId: ownerId },
      template: 'cohort-held',
      data: {
        campaign,
        cohort: name,
        reason,
        number: detail === null ? 0 : detail[detail.over[0] ?? 'failed'],
        of: detail?.tried ?? 0,
        path: `/console/runs/${String(runId)}`,
      },
    });
}

/**
 * Lets the next cohort go at once, whatever its hour, its gate and whoever holds it.
 * @throws Forbidden; NotFound; Conflict when it is not the next, or the run does not go on
 */
export async function letCohortGo(viewer: Viewer, runId: number, cohort: number): Promise<void> {
  await mayChange(viewer, { runId, cohort });
  await noteGoalsOfCohort(runId, cohort);
  await changing(viewer, { runId, cohort }, async (tx, by) => {
    const turn = await queries.selectTurn(tx, runId);
    if (turn?.cohort !== cohort) return false;
    await letGo(tx, turn, by);
    return true;
  });
}

/** Holds a cohort that is not out yet, until somebody has it go on. @throws Forbidden; NotFound; Conflict */
export async function holdCohort(viewer: Viewer, runId: number, cohort: number): Promise<void> {
  await changing(viewer, { runId, cohort }, (tx, by) =>
    queries.hold(tx, runId, cohort, { ...by, why: 'person', detail: null }),
  );
}

/** Has a cohort that is held go on: it goes when its hour comes. What held it by itself does not again. @throws Forbidden; NotFound; Conflict */
export async function resumeCohort(viewer: Viewer, runId: number, cohort: number): Promise<void> {
  await changing(viewer, { runId, cohort }, (tx, by) => queries.goOn(tx, runId, cohort, by));
}

/** @returns who they are */
async function mayChange(
  viewer: Viewer,
  { runId, cohort }: { runId: number; cohort: number },
): Promise<string> {
  const { personId } = editorOf(viewer);
  await runSeenBy(viewer, runId);
  if (!(await queries.isCohort(db, runId, cohort))) throw new NotFound('the run has no such cohort');
  return personId;
}

async function changing(
  viewer: Viewer,
  { runId, cohort }: { runId: number; cohort: number },
  change: (tx: Tx, by: { at: Date; by: string }) => Promise<boolean>,
): Promise<void> {
  const personId = await mayChange(viewer, { runId, cohort });
  await transaction(async (tx) => {
    const isDone = (await queries.holdRun(tx, runId)) && (await change(tx, { at: now(), by: personId }));
    if (!isDone) throw new Conflict('that cannot be done with this cohort any more');
  });
}
