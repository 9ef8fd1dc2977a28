import type { Request, Response } from 'express';
import { z } from 'zod';

import { followable, follow, followsOf, unfollow } from '../../alerts/follows.ts';
import { changeSettings, settingsOf } from '../../alerts/settings.ts';
import { NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { parse } from '../../platform/http/parse.ts';
import { type Route, route, staff, staffViewerOf } from '../guards.ts';

import { backTo } from './inbox.ts';

const page = '/console/follows';
const settingsPage = '/console/alert-settings';

/** What one follows (FA1, FA2, AP6), and how one wants to be told. */
export const followRoutes: Route[] = [
  route('get', page, staff(), showFollows),
  route('post', page, staff(), submitting(begin, showFollows)),
  route('post', '/console/unfollows', staff(), submitting(end, showFollows)),
  route('get', settingsPage, staff(), showSettings),
  route('post', settingsPage, staff(), submitting(change, showSettings)),
];

async function showFollows(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const [follows, settings] = await Promise.all([followsOf(viewer), settingsOf(viewer)]);
  const of = (kind: string) => follows.filter((one) => one.kind === kind);
  res.render('console/follows/index', { lists: of('segment'), accounts: of('account'), settings });
}

const Target = z.union([
  z.object({ kind: z.literal('account'), target: z.string().regex(/^([a-z0-9]{15}|[a-z0-9]{18})$/i) }),
  z.object({ kind: z.literal('segment'), target: z.guid() }),
]);

/** @throws NotFound for what cannot be followed; nothing of that is typed. */
function targetOf(req: Request) {
  const { kind } = parse(z.object({ kind: z.enum(followable) }), req.body);
  const result = Target.safeParse({ ...(req.body as object), kind });
  if (!result.success) throw new NotFound();
  return result.data;
}

async function begin(req: Request, res: Response): Promise<void> {
  const { kind, target } = targetOf(req);
  await follow(staffViewerOf(req), kind, target);
  flash(res, `follows.begun.${kind}`);
  res.redirect(303, backTo(req, page));
}

async function end(req: Request, res: Response): Promise<void> {
  const { kind, target } = targetOf(req);
  await unfollow(staffViewerOf(req), kind, target);
  flash(res, 'follows.ended');
  res.redirect(303, backTo(req, page));
}

async function showSettings(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  res.render('console/follows/settings', { settings: await settingsOf(viewer), zone: viewer.timeZone });
}

const ticked = z
  .literal('on')
  .optional()
  .transform((on) => on === 'on');
const hour = z.coerce.number().int().min(0).max(23);
const maybeHour = z.literal('').transform(() => null).or(hour).nullable().default(null); // prettier-ignore

const Settings = z.object({
  wantsDigest: ticked,
  wantsOwnAccounts: ticked,
  digestHour: hour.default(8),
  wantsMail: ticked,
  quietFrom: maybeHour,
  quietUntil: maybeHour,
});

async function change(req: Request, res: Response): Promise<void> {
  await changeSettings(staffViewerOf(req), parse(Settings, req.body));
  flash(res, 'follows.settings.saved');
  res.redirect(303, settingsPage);
}
