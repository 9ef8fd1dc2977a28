import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';

import { MOST_COHORTS } from '../../campaigns/definition/rollout.ts';
import { cancelRun, pauseRun, resumeRun } from '../../campaigns/mailing/control.ts';
import { decisions, settleDoubt } from '../../campaigns/mailing/settling-doubts.ts';
import { holdCohort, letCohortGo, resumeCohort } from '../../campaigns/results/cohorts.ts';
import { chooseVariant } from '../../campaigns/results/trials.ts';
import { Conflict, NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { parse } from '../../platform/http/parse.ts';
import { only, type Route, route, staffViewerOf } from '../guards.ts';

import { runIdOf } from './run-page.ts';

const page = '/console/runs';
const editors = only('csm', 'admin');
const aRun = { id: 'staff-thing' } as const;
const aCohort = { ...aRun, cohort: 'staff-thing' } as const;

/** Holding a run or a cohort of it, letting it go on, ending it, deciding what nobody knows, and choosing a variant for those who wait for one. */
export const runActRoutes: Route[] = [
  route('post', `${page}/:id/pauses`, editors(aRun), act(pauseRun, 'runs.paused')),
  route('post', `${page}/:id/resumptions`, editors(aRun), act(resumeRun, 'runs.resumed')),
  route('post', `${page}/:id/cancellations`, editors(aRun), act(cancelRun, 'runs.cancelled')),
  route('post', `${page}/:id/doubts`, editors(aRun), unlessMoved(decideDoubt)),
  route('post', `${page}/:id/variants`, editors(aRun), unlessMoved(sendVariant)),
  route('post', `${page}/:id/cohorts/:cohort/releases`, editors(aCohort), actOnCohort(letCohortGo, 'runs.cohorts.released')),
  route('post', `${page}/:id/cohorts/:cohort/holds`, editors(aCohort), actOnCohort(holdCohort, 'runs.cohorts.wasHeld')),
  route('post', `${page}/:id/cohorts/:cohort/resumptions`, editors(aCohort), actOnCohort(resumeCohort, 'runs.cohorts.resumed')),
]; // prettier-ignore

/** Does it, and leads back to the run. */
function act(verb: typeof pauseRun, said: string): RequestHandler {
  return unlessMoved(async (req, res) => {
    const id = runIdOf(req.params.id);
    await verb(staffViewerOf(req), id);
    flash(res, said);
    res.redirect(303, `${page}/${String(id)}`);
  });
}

const Decision = z.object({
  batch: z.coerce.number().int().min(0).max(2_147_483_647),
  decision: z.enum(decisions),
});

async function decideDoubt(req: Request, res: Response): Promise<void> {
  const id = runIdOf(req.params.id);
  await settleDoubt(staffViewerOf(req), id, parse(Decision, req.body));
  flash(res, 'runs.doubt.decided');
  res.redirect(303, `${page}/${String(id)}`);
}

function actOnCohort(verb: typeof letCohortGo, said: string): RequestHandler {
  return unlessMoved(async (req, res) => {
    const id = runIdOf(req.params.id);
    await verb(staffViewerOf(req), id, cohortOf(req.params.cohort));
    flash(res, said);
    res.redirect(303, `${page}/${String(id)}`);
  });
}

/** @throws NotFound when a path's parameter cannot be a cohort's place */
function cohortOf(parameter: unknown): number {
  const place = z.coerce.number().int().min(1).max(MOST_COHORTS + 1).safeParse(parameter); // prettier-ignore
  if (!place.success) throw new NotFound();
  return place.data;
}

const Choice = z.object({ variant: z.coerce.number().int().min(0).max(25) });

async function sendVariant(req: Request, res: Response): Promise<void> {
  const id = runIdOf(req.params.id);
  await chooseVariant(staffViewerOf(req), id, parse(Choice, req.body).variant);
  flash(res, 'runs.trial.done');
  res.redirect(303, `${page}/${String(id)}`);
}

/** A run moves on while its page is looked at: what came too late is said on its page. */
function unlessMoved(verb: (req: Request, res: Response) => Promise<void>): RequestHandler {
  return async (req, res) => {
    try {
      await verb(req, res);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      flash(res, 'runs.notNow', { kind: 'warning' });
      res.redirect(303, `${page}/${String(runIdOf(req.params.id))}`);
    }
  };
}
