import type { Request, Response } from 'express';
import { z } from 'zod';

import { activateCampaign } from '../../campaigns/runs/activation.ts';
import { campaignSeenBy } from '../../campaigns/definition/campaigns.ts';
import { flash } from '../../platform/http/flash.ts';
import { parse, uuidOf } from '../../platform/http/parse.ts';
import { only, type Route, route, staffViewerOf } from '../guards.ts';

import { unlessConflict } from './campaign-page.ts';

const page = '/console/campaigns';
const editors = only('csm', 'admin');
const aCampaign = { id: 'staff-thing' } as const;

/** What sets a campaign off: sent by hand, its trigger switched on, a dry run. The form's key makes each happen once. */
export const campaignActRoutes: Route[] = [
  route('post', `${page}/:id/activations`, editors(aCampaign), unlessConflict(activate)),
  route('post', `${page}/:id/dry-runs`, editors(aCampaign), unlessConflict(dryRun)),
];

const Keyed = z.object({ key: z.guid('errors.invalid') });

async function activate(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const { id, trigger } = await campaignSeenBy(viewer, uuidOf(req.params.id));
  const { key } = parse(Keyed, req.body);
  const runId = await activateCampaign(viewer, id, { key });
  flash(res, trigger.kind === 'manual' ? 'campaigns.started' : 'campaigns.activated');
  res.redirect(303, runId === null ? `${page}/${id}` : `/console/runs/${String(runId)}`);
}

async function dryRun(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const { id } = await campaignSeenBy(viewer, uuidOf(req.params.id));
  const { key } = parse(Keyed, req.body);
  const runId = await activateCampaign(viewer, id, { key, isDry: true });
  flash(res, 'campaigns.dryRunStarted');
  res.redirect(303, runId === null ? `${page}/${id}` : `/console/runs/${String(runId)}`);
}
