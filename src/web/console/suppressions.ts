import type { Request, Response } from 'express';
import { z } from 'zod';

import { mayEditCampaigns } from '../../campaigns/definition/editors.ts';
import { channelNames as channels } from '../../channels/channel.ts';
import { liftSuppression, suppressByHand, suppressionsSeenBy } from '../../consent/suppression-list.ts';
import { NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { pageNumber, parse, searchText } from '../../platform/http/parse.ts';
import { translator } from '../../platform/words.ts';
import { only, type Route, route, staff, staffViewerOf } from '../guards.ts';

const page = '/console/suppressions';
const editors = only('csm', 'admin');
const t = translator('en', 'console');

/** Addresses that nothing is sent to: found by their whole address, suppressed by hand, and freed with a record of who did. */
export const suppressionRoutes: Route[] = [
  route('get', page, staff(), listSuppressions),
  route('post', `${page}/new`, editors(), submitting(add, listSuppressions)),
  route('post', `${page}/:id/lifts`, editors({ id: 'staff-thing' }), lift),
];

const SUPPRESSIONS_A_PAGE = 50;
const reasons = ['bounced', 'blocked', 'complained', 'invalid', 'gone', 'manual'] as const;

const Query = z.object({
  q: searchText,
  channel: z.enum(channels).optional().catch(undefined),
  reason: z.enum(reasons).optional().catch(undefined),
  state: z.enum(['active', 'lifted']).catch('active'),
  page: pageNumber,
});

async function listSuppressions(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const asked = Query.parse(req.query);
  const { suppressions, total } = await suppressionsSeenBy(viewer, {
    address: asked.q === '' ? undefined : asked.q, channel: asked.channel, reason: asked.reason, state: asked.state,
    page: asked.page, size: SUPPRESSIONS_A_PAGE,
  }); // prettier-ignore
  res.render('console/suppressions/index', {
    suppressions, total, asked, channels, reasons, mayEdit: mayEditCampaigns(viewer),
    pages: Math.max(1, Math.ceil(total / SUPPRESSIONS_A_PAGE)),
    isFiltered: [asked.q || undefined, asked.channel, asked.reason].some((one) => one !== undefined) || asked.state === 'lifted',
  }); // prettier-ignore
}

const NewSuppression = z.object({
  address: z.string().trim().min(1).max(320).regex(/^\S+$/),
  channel: z.enum(channels),
  comment: z.string().trim().max(300).default(''),
});

async function add(req: Request, res: Response): Promise<void> {
  await suppressByHand(req.viewer, parse(NewSuppression, req.body));
  flash(res, 'consent.suppressions.suppressed');
  res.redirect(303, page);
}

async function lift(req: Request, res: Response): Promise<void> {
  const id = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).safeParse(req.params.id);
  if (!id.success) throw new NotFound();
  await liftSuppression(req.viewer, id.data, t('consent.suppressions.liftedComment'));
  flash(res, 'consent.suppressions.lifted');
  res.redirect(303, page);
}
