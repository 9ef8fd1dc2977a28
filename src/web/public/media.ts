import type { RequestHandler } from 'express';

import { imageBytes } from '../../content/images.ts';
import { anyone, route } from '../guards.ts';

const YEAR = 31_536_000;

/** A picture of a message. Its address names its bytes, so it never changes: whoever has it need not ask again. */
const showImage: RequestHandler = async (req, res, next) => {
  const [, hash] = /^([0-9a-f]{64})\.(?:png|jpg|gif)$/.exec(String(req.params.name)) ?? [];
  const image = hash === undefined ? undefined : await imageBytes(hash);
  if (image === undefined) {
    next('router');
    return;
  }
  res.set({
    'Cache-Control': `public, max-age=${String(YEAR)}, immutable`,
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'X-Content-Type-Options': 'nosniff',
  });
  res.type(image.mediaType).send(image.bytes);
};

/* Asked without a session: whoever reads a mail is nobody whom we know. */
export const mediaRoutes = [route('get', '/media/:name', anyone({ name: 'token' }), showImage)];
