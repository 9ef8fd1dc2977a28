import type { Request, Response } from 'express';
import { z } from 'zod';

import { config } from '../../platform/config.ts';
import { NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { uuidOf } from '../../platform/http/parse.ts';
import { createTrackKey, revokeTrackKey, trackKeys } from '../../tracks/keys.ts';
import { type Route, route, staffViewerOf } from '../guards.ts';

import { aTrack, editors, page, trackPage } from './track-page.ts';

const aKey = { ...aTrack, key: 'staff-thing' } as const;

/** Keys with which other systems name who comes into a track. A new one is shown on the page that comes back, and never again. */
export const trackKeyRoutes: Route[] = [
  route('get', `${page}/:id/keys`, editors(aTrack), showKeys),
  route('post', `${page}/:id/keys`, editors(aTrack), makeKey),
  route('post', `${page}/:id/keys/:key/revocations`, editors(aKey), revokeKey),
];

async function showKeys(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const shown = await trackPage(viewer, uuidOf(req.params.id));
  res.render('console/tracks/keys', {
    ...shown,
    keys: await trackKeys(viewer, shown.track.id),
    newKey: res.locals.newKey as string | undefined,
    apiExample: exampleCall(shown.track.id),
  });
}

async function makeKey(req: Request, res: Response): Promise<void> {
  res.locals.newKey = await createTrackKey(req.viewer, uuidOf(req.params.id));
  await showKeys(req, res);
}

async function revokeKey(req: Request, res: Response): Promise<void> {
  const id = uuidOf(req.params.id);
  const key = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).safeParse(req.params.key);
  if (!key.success) throw new NotFound();
  await revokeTrackKey(req.viewer, id, key.data);
  flash(res, 'campaigns.when.revoked');
  res.redirect(303, `${page}/${id}/keys`);
}

/** How another system has somebody come in. */
const exampleCall = (id: string): string =>
  [
    `curl -X POST ${config.publicUrl}/v1/tracks/${id}/people \\`,
    `  -H 'Authorization: Bearer YOUR_KEY' \\`,
    `  -H 'Idempotency-Key: order-4711' \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '{"people": ["ada@example.com"]}'`,
  ].join('\n');
