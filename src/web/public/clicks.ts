import type { RequestHandler } from 'express';

import { followLink, noteOpen } from '../../campaigns/outcomes/followed-links.ts';
import { anyone, route } from '../guards.ts';

const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

/** A link of a mail, on to where it leads. What we did not sign is no page; whoever only asks for the head is no reader. */
const follow: RequestHandler = async (req, res, next) => {
  if (req.method === 'HEAD') {
    res.status(204).end();
    return;
  }
  const url = await followLink(String(req.params.token), req.get('user-agent') ?? '');
  if (url === undefined) {
    next('router');
    return;
  }
  res.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer', 'X-Robots-Tag': 'noindex' });
  res.redirect(302, url);
};

/** A mail's picture of one pixel. */
const open: RequestHandler = async (req, res) => {
  const isOurs =
    req.method === 'HEAD' || (await noteOpen(String(req.params.token), req.get('user-agent') ?? ''));
  res
    .status(isOurs ? 200 : 404)
    .set({ 'Cache-Control': 'no-store', 'Cross-Origin-Resource-Policy': 'cross-origin' });
  res.type('image/gif').send(PIXEL);
};

/* Asked without a session: a mail's reader is nobody whom we know. */
export const clickRoutes = [
  route('get', '/c/:token', anyone({ token: 'token' }), follow),
  route('get', '/o/:token', anyone({ token: 'token' }), open),
];
