import type { Request, Response } from 'express';
import { z } from 'zod';

import { approvalsOf } from '../../campaigns/definition/approvals.ts';
import {
  archiveCampaign, campaignOwners, campaignSeenBy, CAMPAIGNS_A_PAGE, campaignSortings, campaignsSeenBy, campaignStatuses, createCampaign,
  deactivateCampaign, duplicateCampaign, NewCampaign, restoreCampaign,
} from '../../campaigns/definition/campaigns.ts'; // prettier-ignore
import { mayEditCampaigns } from '../../campaigns/definition/editors.ts';
import { messageClasses } from '../../campaigns/definition/policy.ts';
import { runsSeenBy } from '../../campaigns/runs/runs.ts';
import { channelNames as channels } from '../../channels/channel.ts';
import { channelsAtHand } from '../../channels/channels.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { pageNumber, parse, searchText, sortAmong, uuidOf } from '../../platform/http/parse.ts';
import { translator } from '../../platform/words.ts';
import { only, type Route, route, staff, staffViewerOf } from '../guards.ts';

import { campaignActRoutes } from './campaign-acts.ts';
import { campaignApprovalRoutes } from './campaign-approvals.ts';
import { campaignAudienceRoutes } from './campaign-audience.ts';
import { campaignContentRoutes } from './campaign-content.ts';
import { campaignPage, unlessConflict } from './campaign-page.ts';
import { campaignPeopleRoutes } from './campaign-people.ts';
import { campaignResultRoutes } from './campaign-results.ts';
import { campaignRolloutRoutes } from './campaign-rollout.ts';
import { campaignStepRoutes } from './campaign-steps.ts';
import { toldOf } from './campaign-told.ts';
import { campaignNewestMessageRoutes } from './campaign-newest-message.ts';
import { messageGoalRoutes } from './message-goal.ts';
import { isUnderWay, progressOf } from './run-progress.ts';
import { orTrack } from './track-page.ts';

const page = '/console/campaigns';
const editors = only('csm', 'admin');
const aCampaign = { id: 'staff-thing' } as const;
const t = translator('en', 'console');

/** Campaigns: all of them, a new one, and one with its runs; its steps, its approval and the why are in files of their own. */
export const campaignRoutes: Route[] = [
  route('get', page, staff(), listCampaigns),
  route('get', `${page}/new`, editors(), showNew),
  route('post', `${page}/new`, editors(), submitting(create, showNew)),
  ...campaignResultRoutes,
  ...messageGoalRoutes,
  ...campaignNewestMessageRoutes,
  route('get', `${page}/:id`, staff(aCampaign), orTrack(showCampaign)),
  ...campaignStepRoutes,
  ...campaignRolloutRoutes,
  ...campaignAudienceRoutes,
  ...campaignContentRoutes,
  ...campaignApprovalRoutes,
  ...campaignPeopleRoutes,
  ...campaignActRoutes,
  route('post', `${page}/:id/copies`, editors(aCampaign), copy),
  route('post', `${page}/:id/endings`, editors(aCampaign), unlessConflict(end)),
  route('post', `${page}/:id/archivals`, editors(aCampaign), unlessConflict(archive)),
  route('post', `${page}/:id/restorations`, editors(aCampaign), unlessConflict(restore)),
];

const oneOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names).optional().catch(undefined);

const IndexQuery = z.object({
  q: searchText,
  status: oneOf(campaignStatuses),
  class: oneOf(messageClasses),
  channel: oneOf(channels),
  owner: z.guid().optional().catch(undefined),
  page: pageNumber,
  sort: sortAmong(campaignSortings).catch({ sort: 'changedAt', direction: 'desc' }),
});

async function listCampaigns(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const asked = IndexQuery.parse(req.query);
  const { sort, direction } = asked.sort;
  const filter = {
    search: asked.q, status: asked.status, messageClass: asked.class, channel: asked.channel, ownerId: asked.owner,
    isArchived: asked.status === 'archived',
  }; // prettier-ignore
  const [{ campaigns, total }, owners] = await Promise.all([
    campaignsSeenBy(viewer, filter, { sort, direction, page: asked.page }),
    campaignOwners(viewer),
  ]);
  res.render('console/campaigns/index', {
    campaigns, total, owners, asked, statuses: campaignStatuses, classes: messageClasses, channels, mayEdit: mayEditCampaigns(viewer),
    sort: direction === 'desc' ? `-${sort}` : sort, pages: Math.max(1, Math.ceil(total / CAMPAIGNS_A_PAGE)),
    isFiltered: [asked.q || undefined, asked.status, asked.class, asked.channel, asked.owner].some((one) => one !== undefined),
  }); // prettier-ignore
}

function showNew(_req: Request, res: Response): void {
  res.render('console/campaigns/new', { classes: messageClasses, channels: channelsAtHand() });
}

async function create(req: Request, res: Response): Promise<void> {
  const asked = parse(
    NewCampaign.pick({ name: true, description: true, messageClass: true, channel: true }).strip(),
    req.body,
  );
  const id = await createCampaign(staffViewerOf(req), asked);
  flash(res, 'campaigns.created');
  res.redirect(303, `${page}/${id}/audience`);
}

const RUNS_SHOWN = 20;

async function showCampaign(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const shown = await campaignPage(viewer, uuidOf(req.params.id));
  const { campaign } = shown;
  const [{ runs }, approvals, told] = await Promise.all([
    runsSeenBy(viewer, { campaignId: campaign.id }, 1),
    approvalsOf(viewer, campaign.id),
    toldOf(viewer, campaign, shown.newerMessage?.approved),
  ]);
  const latest = runs.slice(0, RUNS_SHOWN).map((run) => ({ ...run, progress: progressOf(run) }));
  res.render('console/campaigns/show', {
    ...shown, approvals, told, runs: latest, isLive: latest.some(isUnderWay),
  }); // prettier-ignore
}

async function copy(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const { id, name } = await campaignSeenBy(viewer, uuidOf(req.params.id));
  const copied = await duplicateCampaign(viewer, id, t('campaigns.copyOf', { name: name.slice(0, 180) }));
  flash(res, 'campaigns.copied');
  res.redirect(303, `${page}/${copied}`);
}

async function end(req: Request, res: Response): Promise<void> {
  const id = uuidOf(req.params.id);
  await deactivateCampaign(req.viewer, id);
  flash(res, 'campaigns.ended');
  res.redirect(303, `${page}/${id}`);
}

async function archive(req: Request, res: Response): Promise<void> {
  await archiveCampaign(req.viewer, uuidOf(req.params.id));
  flash(res, 'campaigns.archived');
  res.redirect(303, page);
}

async function restore(req: Request, res: Response): Promise<void> {
  const id = uuidOf(req.params.id);
  await restoreCampaign(req.viewer, id);
  flash(res, 'campaigns.restored');
  res.redirect(303, `${page}/${id}`);
}
