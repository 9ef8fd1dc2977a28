import type { Request, Response } from 'express';
import { z } from 'zod';

import { changeCampaign } from '../../campaigns/definition/campaigns.ts';
import { type AudiencePreview, previewAudience } from '../../campaigns/audience/previews.ts';
import { Invalid } from '../../platform/errors.ts';
import { submitting } from '../../platform/http/forms.ts';
import { parse, uuidOf } from '../../platform/http/parse.ts';
import { segmentSeenBy, segmentsSeenBy } from '../../segments/segments.ts';
import { only, type Route, route, staff, staffViewerOf } from '../guards.ts';

import { campaignPage, unlessConflict } from './campaign-page.ts';
import { onward } from './campaign-steps.ts';

const page = '/console/campaigns';
const editors = only('csm', 'admin');
const aCampaign = { id: 'staff-thing' } as const;

/** Whom a campaign is for: the choice of a list, and beside it who would get it now, who is left out, and why. */
export const campaignAudienceRoutes: Route[] = [
  route('get', `${page}/:id/audience`, editors(aCampaign), showAudience),
  route('post', `${page}/:id/audience`, editors(aCampaign), unlessConflict(save)),
  route('get', `${page}/:id/audience/preview`, staff(aCampaign), showPreview),
  route('post', `${page}/:id/audience/previews`, editors(aCampaign), previewChoice),
];

async function showAudience(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const [shown, segments] = await Promise.all([
    campaignPage(viewer, uuidOf(req.params.id)),
    segmentsSeenBy(viewer),
  ]);
  res.render('console/campaigns/audience', {
    ...shown,
    segments: segments.filter(({ isShared }) => isShared),
    preview: res.locals.preview as AudiencePreview | undefined,
  });
}

const Choice = z.object({ segmentId: z.literal('').transform(() => null).or(z.guid()) }); // prettier-ignore

const change = submitting(async (req, res) => {
  const { segmentId } = parse(Choice, req.body);
  await changeCampaign(staffViewerOf(req), uuidOf(req.params.id), { segmentId });
  onward(req, res, 'audience');
}, showAudience);

async function save(req: Request, res: Response): Promise<void> {
  await change(req, res, () => undefined);
}

/** What the page of an audience asks for once it is open: counting many people takes a while. */
async function showPreview(req: Request, res: Response): Promise<void> {
  const preview = await previewAudience(staffViewerOf(req), uuidOf(req.params.id));
  res.render('console/campaigns/preview', { preview: shownOf(preview) });
}

/** The same for a list that was chosen and not saved yet. */
async function previewChoice(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const id = uuidOf(req.params.id);
  await campaignPage(viewer, id);
  try {
    const { segmentId } = parse(Choice, req.body);
    if (segmentId !== null) await segmentSeenBy(viewer, segmentId);
    const preview = await previewAudience(viewer, id, { segmentId: segmentId ?? undefined });
    res.render('console/campaigns/preview', { preview: shownOf(preview) });
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    res.status(422).render('console/campaigns/unpreviewed', { fields: error.fields });
  }
}

/** As the views show it: reasons in order of how many they keep out. */
export const shownOf = (preview: AudiencePreview) => ({
  ...preview,
  skipped: Object.entries(preview.skipped)
    .map(([reason, count]) => ({ reason, count }))
    .sort((one, other) => other.count - one.count),
});
