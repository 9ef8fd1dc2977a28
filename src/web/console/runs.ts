import type { Request, Response } from 'express';
import { z } from 'zod';

import { paceOf } from '../../campaigns/runs/pace.ts';
import { goalsOfRun } from '../../campaigns/results/results.ts';
import { cohortsOf } from '../../campaigns/results/cohort-course.ts';
import { type TrialCourse, trialOf } from '../../campaigns/results/trials.ts';
import { RUNS_A_PAGE, runSeenBy, runsSeenBy, runStates, type ShownRun } from '../../campaigns/runs/runs.ts';
import { pageNumber } from '../../platform/http/parse.ts';
import { type Route, route, staff, staffViewerOf } from '../guards.ts';

import { rolloutRules } from './campaign-rollout-told.ts';
import { letterOf } from './message-preview.ts';
import { batchesOf, cohortShown, isHeld } from './run-cohorts.ts';
import { runActRoutes } from './run-acts.ts';
import { runLedgerRoutes } from './run-ledger.ts';
import { headOf, runIdOf } from './run-page.ts';
import { countOf, courseOf, isUnderWay, progressOf } from './run-progress.ts';
import { runProofRoutes } from './run-proof.ts';

const page = '/console/runs';
const aRun = { id: 'staff-thing' } as const;

/** Runs, live while they are under way: progress, funnel, what was left out and why. */
export const runRoutes: Route[] = [
  route('get', page, staff(), listRuns),
  route('get', `${page}/:id`, staff(aRun), showRun),
  ...runLedgerRoutes,
  ...runProofRoutes,
  ...runActRoutes,
];

const ListQuery = z.object({ state: z.enum(runStates).optional().catch(undefined), page: pageNumber });

async function listRuns(req: Request, res: Response): Promise<void> {
  const asked = ListQuery.parse(req.query);
  const { runs, total } = await runsSeenBy(staffViewerOf(req), { state: asked.state }, asked.page);
  res.render('console/runs/index', {
    asked, total, states: runStates, runs: runs.map((run) => ({ ...run, progress: progressOf(run) })),
    isLive: runs.some(isUnderWay), pages: Math.max(1, Math.ceil(total / RUNS_A_PAGE)),
  }); // prettier-ignore
}

async function showRun(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const run = await runSeenBy(viewer, runIdOf(req.params.id));
  const head = headOf(req, run);
  const cohorts = await cohortsOf(run);
  const course = courseOf(run, isUnderWay(run) ? await paceOf(viewer, run.id) : 0);
  const percent = new Intl.NumberFormat('en', {
    style: 'percent',
    maximumFractionDigits: course.share > 0.99 && course.share < 1 ? 1 : 0,
  });
  res.render('console/runs/show', {
    ...head, doubts: run.doubts, funnel: funnelOf(run), mishaps: mishapsOf(run), shareOf,
    told: { ...course, word: isHeld(cohorts) ? 'held' : course.word, values: { percent: percent.format(course.share), total: head.run.progress.total.toLocaleString('en') } },
    trial: trialShown(await trialOf(run)), goals: await goalsOfRun(viewer, run.id), skippedBy: ranked(run.skippedBy).filter(({ reason }) => reason !== 'dry_run'), failedBy: ranked(run.failedBy),
    batches: batchesOf(run), cohorts: cohorts.map(cohortShown), rolloutRules: run.fixed.policy.rollout && rolloutRules(run.fixed.policy.rollout),
  }); // prettier-ignore
}

/** With the letters that people know variants by. */
function trialShown(course: TrialCourse | undefined) {
  if (course === undefined) return undefined;
  if (course.state === 'waiting')
    return {
      ...course,
      variants: course.variants.map((variant) => ({ variant, letter: letterOf(variant) })),
    };
  const { trial } = course;
  const variants = trial.variants.map((one) => ({ ...one, letter: letterOf(one.variant) }));
  return { ...course, letter: letterOf(trial.variant), variants };
}

const ranked = (counts: Record<string, number>) =>
  Object.entries(counts)
    .map(([reason, count]) => ({ reason, count }))
    .sort((one, other) => other.count - one.count);

/** From the plan to the click: what was sent as a share of the plan, what came of it as a share of what was sent. */
function funnelOf(run: ShownRun) {
  const planned = progressOf(run).total - progressOf(run).skipped;
  const steps = [
    { name: 'planned', count: planned, machine: 0 },
    { name: 'sent', count: countOf(run, 'sent'), machine: 0 },
    { name: 'delivered', count: countOf(run, 'delivered'), machine: 0 },
    { name: 'opened', count: countOf(run, 'opened'), machine: countOf(run, 'machine_opened') },
    { name: 'clicked', count: countOf(run, 'clicked'), machine: countOf(run, 'machine_clicked') },
    ...(countOf(run, 'converted') > 0
      ? [{ name: 'converted', count: countOf(run, 'converted'), machine: 0 }]
      : []),
  ];
  const sent = countOf(run, 'sent');
  return steps.map((step) => {
    const whole = step.name === 'sent' ? planned : sent;
    return { ...step, of: step.name === 'planned' || whole === 0 ? undefined : step.count / whole };
  });
}

const mishaps = ['bounced', 'blocked', 'dropped', 'complained', 'unsubscribed'];

const mishapsOf = (run: ShownRun) =>
  mishaps.map((name) => ({ name, count: countOf(run, name) })).filter(({ count }) => count > 0);

/** Small shares to two places: a complaint in a thousand matters. */
const shareOf = (count: number, of: number): string =>
  new Intl.NumberFormat('en', { style: 'percent', maximumSignificantDigits: 2 }).format(count / of);
