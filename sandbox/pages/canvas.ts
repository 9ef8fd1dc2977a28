import { randomBytes } from 'node:crypto';

import type { Request, Response } from 'express';

import { canvasAppsOn, signedRequest, type CanvasApp } from '../salesforce/canvas.ts';
import { contextOf, type Context } from '../salesforce/context.ts';
import { isId, toLongId } from '../salesforce/records/ids.ts';

/** The Canvas apps on the page of an account; what lets the browser show them in frames is said with the answer. */
export async function canvasOn(ctx: Context, res: Response): Promise<CanvasApp[]> {
  const apps = await canvasAppsOn(ctx, 'Aura');
  if (apps.length > 0) {
    const policy = String(res.getHeader('content-security-policy'));
    const origins = apps.map(({ url }) => new URL(url).origin);
    res.setHeader('content-security-policy', `${policy}; frame-src 'self' ${[...new Set(origins)].join(' ')}`);
  }
  return apps;
} // prettier-ignore

/**
 * GET /canvas/:app?record=…: what the frame holds first, as in Salesforce: a form that sends itself to the app with the signed request.
 * The form's own few words of script are the only ones that may run.
 */
export async function openCanvas(req: Request, res: Response): Promise<void> {
  const ctx = contextOf(req);
  const given = typeof req.query.record === 'string' ? req.query.record : '';
  const app = (await canvasAppsOn(ctx, 'Aura')).find(({ name }) => name === req.params.app);
  if (!app || !isId(given)) {
    res.status(404).render('crm/missing');
    return;
  }
  const nonce = randomBytes(12).toString('base64');
  res.setHeader(
    'content-security-policy',
    `default-src 'none'; script-src 'nonce-${nonce}'; form-action ${new URL(app.url).origin}; base-uri 'none'; frame-ancestors 'self'`,
  );
  res.render('crm/canvas', { app, nonce, signed: await signedRequest(ctx, app, toLongId(given)) });
}
