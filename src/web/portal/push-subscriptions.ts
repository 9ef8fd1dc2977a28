import type { Request, Response } from 'express';
import { z } from 'zod';

import { subscribe, unsubscribeBrowser } from '../../campaigns/outcomes/push-subscriptions.ts';
import { parse } from '../../platform/http/parse.ts';
import { accountPeople, accountViewerOf, route } from '../guards.ts';

const endpoint = z.string().max(2_000);
const base64url = z.string().regex(/^[\w-]{16,200}=*$/);
const Browser = z.object({ endpoint, p256dh: base64url, auth: base64url });

async function add(req: Request, res: Response): Promise<void> {
  await subscribe(accountViewerOf(req), parse(Browser, req.body));
  res.status(204).end();
}

async function end(req: Request, res: Response): Promise<void> {
  await unsubscribeBrowser(accountViewerOf(req), parse(z.object({ endpoint }), req.body).endpoint);
  res.status(204).end();
}

/** Browsers in which a person wants to be told; posted by public/js/push.js. */
export const pushSubscriptionRoutes = [
  route('post', '/portal/push-subscriptions', accountPeople(), add),
  route('post', '/portal/push-subscriptions/endings', accountPeople(), end),
];
