import type { Request, Response } from 'express';

import { chooseOwn, ownPreferences } from '../../campaigns/outcomes/preferences.ts';
import { pushKey } from '../../campaigns/outcomes/push-subscriptions.ts';
import { flash } from '../../platform/http/flash.ts';
import { accountPeople, accountViewerOf, route } from '../guards.ts';
import { topicsIn } from '../topics.ts';

async function show(req: Request, res: Response): Promise<void> {
  res.render('portal/preferences/show', {
    topics: await ownPreferences(accountViewerOf(req)),
    pushKey: await pushKey(),
  });
}

async function save(req: Request, res: Response): Promise<void> {
  await chooseOwn(accountViewerOf(req), topicsIn(req.body));
  flash(res, 'preferences.saved');
  res.redirect(303, '/portal/preferences');
}

/** What a signed-in person wants to be written to about. */
export const ownPreferenceRoutes = [
  route('get', '/portal/preferences', accountPeople(), show),
  route('post', '/portal/preferences', accountPeople(), save),
];
