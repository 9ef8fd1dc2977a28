import express from 'express';
import { z } from 'zod';

import { faultsForm } from '../control/faults.ts';
import { maybePreset, presetGroups } from '../control/presets.ts';
import { switches, Unreadable } from '../control/switches.ts';
import { isRotating } from '../salesforce/auth/state.ts';
import { isCrossSite } from '../salesforce/auth/web.ts';
import { tellFault } from './fault-words.ts';
import { icon } from './icons.ts';
import { withPolicy } from './policy.ts';

import type { NextFunction, Request, Response, Router } from 'express';
import type { Switched } from '../control/switches.ts';

const example = `{"match": {"path": "/composite/sobjects", "every": 2},
 "effect": {"rows": {"count": 5}}}`;

/** The page /faults: what goes wrong in the org now, and how to have more of it go wrong. */
export function faultPages(on: Switched): Router {
  const router = express.Router();
  const form = express.urlencoded({ extended: false, limit: '256kb' });
  router.use('/faults', withPolicy, refuseOtherSites);
  router.get('/faults', (req, res) => show(on, res, { done: typeof req.query.done === 'string' ? req.query.done : undefined })); // prettier-ignore
  router.post('/faults', form, addOwn(on));
  router.post('/faults/presets/:id', addPreset(on));
  router.post('/faults/remove', form, remove(on));
  router.post('/faults/switches/:name', form, flip(on));
  return router;
}

interface Shown {
  /** What was just done. */
  done?: string | undefined;
  problem?: string | undefined;
  /** The JSON that could not be taken. */
  typed?: string | undefined;
}

async function show({ org, clients, faults }: Switched, res: Response, shown: Shown): Promise<void> {
  const { dailyMax, dailyUsed } = org.limits;
  res.render('crm/faults', {
    done: shown.done?.slice(0, 200),
    problem: shown.problem,
    typed: shown.typed ?? example,
    faults: faults.list().map(tellFault),
    groups: presetGroups,
    now: {
      left: Math.max(0, dailyMax - dailyUsed),
      dailyMax,
      isRotating: await isRotating(org.pool),
      offsetMinutes: Math.round((org.clock.now().getTime() - Date.now()) / 60_000),
      clients: clients.count(),
      isSilent: org.events.settings.isSilent,
      isFull: org.events.settings.concurrentClients === 0,
    },
    icon,
  });
}

/** A fault in the JSON of the control plane. */
const addOwn = (on: Switched) => async (req: Request, res: Response) => {
  const { fault: typed = '' } = (req.body ?? {}) as { fault?: string };
  try {
    on.faults.add(faultsForm.parse(JSON.parse(typed)));
    back(res, 'The fault is active.');
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : 'This is no JSON.';
    res.status(422);
    await show(on, res, { problem, typed });
  }
};

const addPreset = (on: Switched) => (req: Request, res: Response) => {
  const preset = maybePreset(String(req.params.id));
  if (preset) {
    const forms = faultsForm.parse(preset.faults);
    on.faults.add(forms.map((each) => ({ ...each, name: preset.title })));
    back(res, `${preset.title}: active from now on.`);
  } else res.status(404).render('crm/missing', { icon });
};

const remove = (on: Switched) => (req: Request, res: Response) => {
  const { id } = (req.body ?? {}) as { id?: string };
  if (id === undefined) on.faults.clear();
  else on.faults.remove(Number(id));
  back(res, id === undefined ? 'All faults are removed.' : 'The fault is removed.');
};

const flip = (on: Switched) => async (req: Request, res: Response) => {
  const act = Object.hasOwn(switches, String(req.params.name)) ? switches[String(req.params.name)] : undefined; // prettier-ignore
  if (!act) {
    res.status(404).render('crm/missing', { icon });
    return;
  }
  try {
    back(res, await act(on, (req.body ?? {}) as Record<string, string>));
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    res.status(422);
    await show(on, res, { problem: error.message });
  }
};

const back = (res: Response, done: string) => {
  res.redirect(303, `/faults?done=${encodeURIComponent(done)}`);
};

/** As the control plane, the page answers people of this machine only. */
function refuseOtherSites(req: Request, res: Response, next: NextFunction): void {
  const isLocal = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(req.get('host') ?? '');
  if (req.method === 'GET' || (isLocal && !isCrossSite(req))) next();
  else res.status(403).type('text/plain').send('This form was sent from another site.');
}
