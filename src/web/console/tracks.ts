import type { Request, Response } from 'express';
import { z } from 'zod';

import { mayEditCampaigns } from '../../campaigns/definition/editors.ts';
import { messageClasses } from '../../campaigns/definition/policy.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { line, pageNumber, parse, searchText, sortAmong } from '../../platform/http/parse.ts';
import { TrackDefinition } from '../../tracks/definition.ts';
import {
  createTrack, TRACKS_A_PAGE, trackOwners, trackSortings, tracksSeenBy, trackStatuses,
} from '../../tracks/tracks.ts'; // prettier-ignore
import { type Route, route, staff, staffViewerOf } from '../guards.ts';

import { trackActRoutes } from './track-acts.ts';
import { trackAddingRoutes } from './track-adding.ts';
import { trackApprovalRoutes } from './track-approvals.ts';
import { trackEditorRoutes } from './track-editor.ts';
import { trackKeyRoutes } from './track-keys.ts';
import { trackOverviewRoutes } from './track-overview.ts';
import { editors, page } from './track-page.ts';
import { trackPeopleRoutes } from './track-people.ts';
import { trackSettingsRoutes } from './track-settings.ts';
import { trackTemplateRoutes } from './track-templates.ts';

/** Nurture tracks (CP14): all of them, and a new one; what belongs to one is in files of its own. */
export const trackRoutes: Route[] = [
  route('get', page, staff(), listTracks),
  route('get', `${page}/new`, editors(), showNew),
  route('post', `${page}/new`, editors(), submitting(create, showNew)),
  ...trackTemplateRoutes,
  ...trackOverviewRoutes,
  ...trackEditorRoutes,
  ...trackSettingsRoutes,
  ...trackKeyRoutes,
  ...trackApprovalRoutes,
  ...trackActRoutes,
  ...trackAddingRoutes,
  ...trackPeopleRoutes,
];

const IndexQuery = z.object({
  q: searchText,
  status: z.enum(trackStatuses).optional().catch(undefined),
  owner: z.guid().optional().catch(undefined),
  page: pageNumber,
  sort: sortAmong(trackSortings).catch({ sort: 'changedAt', direction: 'desc' }),
});

async function listTracks(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const asked = IndexQuery.parse(req.query);
  const { sort, direction } = asked.sort;
  const filter = {
    search: asked.q, status: asked.status, ownerId: asked.owner, isArchived: asked.status === 'archived',
  }; // prettier-ignore
  const [{ tracks, total }, owners] = await Promise.all([
    tracksSeenBy(viewer, filter, { sort, direction, page: asked.page }),
    trackOwners(viewer),
  ]);
  res.render('console/tracks/index', {
    tracks, total, owners, asked, statuses: trackStatuses, mayEdit: mayEditCampaigns(viewer),
    sort: direction === 'desc' ? `-${sort}` : sort, pages: Math.max(1, Math.ceil(total / TRACKS_A_PAGE)),
    isFiltered: [asked.q || undefined, asked.status, asked.owner].some((one) => one !== undefined),
  }); // prettier-ignore
}

function showNew(_req: Request, res: Response): void {
  res.render('console/tracks/new', { classes: messageClasses });
}

const NewTrack = z.object({
  name: line(200),
  description: z.string().trim().max(2000).default(''),
  messageClass: z.enum(messageClasses),
});

async function create(req: Request, res: Response): Promise<void> {
  const { messageClass, ...about } = parse(NewTrack, req.body);
  const definition = TrackDefinition.parse({ messageClass, entry: { kind: 'rule', rule: null } });
  const id = await createTrack(staffViewerOf(req), { ...about, definition });
  flash(res, 'tracks.created');
  res.redirect(303, `${page}/${id}/edit`);
}
