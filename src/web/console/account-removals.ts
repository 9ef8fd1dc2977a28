import type { Request, Response } from 'express';
import { z } from 'zod';

import { removeAccount, removedAccounts, restoreAccount } from '../../accounts/removals.ts';
import { flash } from '../../platform/http/flash.ts';
import { parse, salesforceIdOf } from '../../platform/http/parse.ts';
import { only, type Route, route, staffViewerOf } from '../guards.ts';

const removers = only('csm', 'admin');
const remover = only('csm', 'admin')({ id: 'account' });

/** The junk-list (AP8): what counts in no list, and the way back. */
export const accountRemovalRoutes: Route[] = [
  route('get', '/console/removed-accounts', removers(), list),
  route('post', '/console/accounts/:id/removal', remover, remove),
  route('post', '/console/accounts/:id/restoration', remover, restore),
];

const Removal = z.object({ reason: z.string().trim().max(200).catch('') });

async function remove(req: Request, res: Response): Promise<void> {
  const id = salesforceIdOf(req.params.id);
  await removeAccount(staffViewerOf(req), id, parse(Removal, req.body).reason);
  flash(res, 'removals.removed');
  res.redirect(303, `/console/accounts/${id}`);
}

async function restore(req: Request, res: Response): Promise<void> {
  const id = salesforceIdOf(req.params.id);
  await restoreAccount(staffViewerOf(req), id);
  flash(res, 'removals.restored');
  res.redirect(303, `/console/accounts/${id}`);
}

async function list(req: Request, res: Response): Promise<void> {
  res.render('console/accounts/removed', { accounts: await removedAccounts(staffViewerOf(req)) });
}
