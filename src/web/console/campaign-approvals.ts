import type { Request, Response } from 'express';

import {
  approvalsOf,
  decideApproval,
  requestApproval,
  withdrawApproval,
} from '../../campaigns/definition/approvals.ts';
import { mayEditCampaigns } from '../../campaigns/definition/editors.ts';
import { previewAudience } from '../../campaigns/audience/previews.ts';
import { checksOf, type ReadinessCode } from '../../campaigns/definition/readiness.ts';
import { runsSeenBy } from '../../campaigns/runs/runs.ts';
import { flash } from '../../platform/http/flash.ts';
import { uuidOf } from '../../platform/http/parse.ts';
import { only, type Route, route, staff, staffViewerOf } from '../guards.ts';

import { deciding } from './approval-decisions.ts';
import { shownOf } from './campaign-audience.ts';
import { type CampaignStep, campaignPage, unlessConflict } from './campaign-page.ts';
import { changesSince, toldOf } from './campaign-told.ts';
import { progressOf } from './run-progress.ts';

const page = '/console/campaigns';
const editors = only('csm', 'admin');
const aCampaign = { id: 'staff-thing' } as const;

/** Nothing is sent that a second person has not approved (A10): the review that asks for it, and the decision. */
export const campaignApprovalRoutes: Route[] = [
  route('get', `${page}/:id/review`, editors(aCampaign), showReview),
  route('post', `${page}/:id/approval-requests`, editors(aCampaign), unlessConflict(ask)),
  route('post', `${page}/:id/withdrawals`, editors(aCampaign), unlessConflict(withdraw)),
  route('get', `${page}/:id/approval`, staff(aCampaign), showApproval),
  route('post', `${page}/:id/approval-decisions`, editors(aCampaign), unlessConflict(decide)),
];

async function showReview(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const shown = await campaignPage(viewer, uuidOf(req.params.id));
  const { campaign } = shown;
  const [checks, told, { runs }] = await Promise.all([
    checksOf(viewer, campaign.id),
    toldOf(viewer, campaign),
    runsSeenBy(viewer, { campaignId: campaign.id }, 1),
  ]);
  const dryRuns = runs.filter(({ isDry }) => isDry).slice(0, 3);
  res.render('console/campaigns/review', {
    ...shown, checks: checks.map((check) => ({ ...check, step: mendedIn[check.code] })), told, dryRuns: dryRuns.map((run) => ({ ...run, progress: progressOf(run) })),
    isReady: checks.every(({ isOk }) => isOk),
  }); // prettier-ignore
}

/** The step in which something that is missing is said. */
const mendedIn: Record<ReadinessCode, CampaignStep> = {
  audience: 'audience',
  content: 'content',
  content_errors: 'content',
  topic: 'policy',
  schedule: 'when',
};

async function ask(req: Request, res: Response): Promise<void> {
  const id = uuidOf(req.params.id);
  await requestApproval(staffViewerOf(req), id);
  flash(res, 'campaigns.review.asked');
  res.redirect(303, `${page}/${id}/approval`);
}

async function withdraw(req: Request, res: Response): Promise<void> {
  const id = uuidOf(req.params.id);
  await withdrawApproval(staffViewerOf(req), id);
  flash(res, 'campaigns.approval.withdrawn');
  res.redirect(303, `${page}/${id}/review`);
}

async function showApproval(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const shown = await campaignPage(viewer, uuidOf(req.params.id));
  const { campaign } = shown;
  const approvals = await approvalsOf(viewer, campaign.id);
  const waiting = approvals.find(({ decision }) => decision === null);
  const lastApproved = approvals.find(({ decision }) => decision === 'approved');
  const isOwn = waiting?.requestedBy === viewer.personId;
  res.render('console/campaigns/approval', {
    ...shown, approvals, waiting, lastApproved, isOwn, mayDecide: mayEditCampaigns(viewer) && !isOwn,
    changes: waiting && (await changesSince(viewer, campaign, lastApproved?.snapshot)),
    preview: waiting && shownOf(await previewAudience(viewer, campaign.id)),
  }); // prettier-ignore
}

const settle = deciding({ page, words: 'campaigns.approval', decide: decideApproval, show: showApproval });

async function decide(req: Request, res: Response): Promise<void> {
  await settle(req, res, () => undefined);
}
