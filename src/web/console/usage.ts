import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';

import { config } from '../../platform/config.ts';
import { NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { line, parse } from '../../platform/http/parse.ts';
import { ignore, matchTo, rejectedMessages, unmatchedAccounts } from '../../usage/settling.ts';
import { createSource, revokeKey, rotateKey, sources } from '../../usage/write-keys.ts';
import { only, route, staffViewerOf } from '../guards.ts';

const NewSource = z.object({ name: line(80) });
const Key = z.object({ key: line(100) });
const Match = z.object({ accountId: line(18) });

async function showSources(req: Request, res: Response): Promise<void> {
  res.render('console/usage/sources', {
    sources: await sources(staffViewerOf(req)),
    collector: config.publicUrl,
  });
}

async function addSource(req: Request, res: Response): Promise<void> {
  await createSource(staffViewerOf(req), parse(NewSource, req.body).name);
  flash(res, 'usage.sourceAdded');
  res.redirect(303, '/console/usage');
}

const addKey: RequestHandler = async (req, res) => {
  await rotateKey(staffViewerOf(req), integerOf(req.params.source));
  flash(res, 'usage.keyAdded');
  res.redirect(303, '/console/usage');
};

async function revoke(req: Request, res: Response): Promise<void> {
  await revokeKey(staffViewerOf(req), parse(Key, req.body).key);
  flash(res, 'usage.keyRevoked');
  res.redirect(303, '/console/usage');
}

async function showUnmatched(req: Request, res: Response): Promise<void> {
  res.render('console/usage/unmatched', await unmatchedAccounts(staffViewerOf(req)));
}

async function match(req: Request, res: Response): Promise<void> {
  const id = integerOf(req.params.usageAccount);
  await matchTo(staffViewerOf(req), id, parse(Match, req.body).accountId);
  flash(res, 'usage.matched');
  res.redirect(303, '/console/usage/accounts');
}

const ignoreOne: RequestHandler = async (req, res) => {
  await ignore(staffViewerOf(req), integerOf(req.params.usageAccount));
  flash(res, 'usage.ignored');
  res.redirect(303, '/console/usage/accounts');
};

const showRejections: RequestHandler = async (req, res) => {
  res.render('console/usage/rejections', { rejections: await rejectedMessages(staffViewerOf(req)) });
};

function integerOf(parameter: unknown): number {
  const parsed = z.coerce.number().int().min(1).max(2_147_483_647).safeParse(parameter);
  if (!parsed.success) throw new NotFound();
  return parsed.data;
}

const admins = only('admin');
const settlers = only('csm', 'admin');
const aUsageAccount = { usageAccount: 'staff-thing' } as const;

export const consoleUsageRoutes = [
  route('get', '/console/usage', admins(), showSources),
  route('post', '/console/usage/sources', admins(), submitting(addSource, showSources)),
  route('post', '/console/usage/sources/:source/keys', admins({ source: 'staff-thing' }), addKey),
  route('post', '/console/usage/revocations', admins(), submitting(revoke, showSources)),
  route('get', '/console/usage/accounts', settlers(), showUnmatched),
  route(
    'post',
    '/console/usage/accounts/:usageAccount/matches',
    settlers(aUsageAccount),
    submitting(match, showUnmatched),
  ),
  route('post', '/console/usage/accounts/:usageAccount/ignored', settlers(aUsageAccount), ignoreOne),
  route('get', '/console/usage/rejections', admins(), showRejections),
];
