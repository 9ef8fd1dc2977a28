import type { RequestHandler } from 'express';

import { DAY, now } from '../../platform/clock.ts';
import { config } from '../../platform/config.ts';
import { anyone, route, type Route } from '../guards.ts';

/* RFC 9116. The portal is deployed and its address watched by the company, so the date moves on by itself. */
const securityText: RequestHandler = (_req, res) => {
  const expires = new Date(now().getTime() + 180 * DAY).toISOString();
  res
    .type('text')
    .send(
      [
        `Contact: mailto:${config.BRAND_SUPPORT_EMAIL}`,
        `Expires: ${expires}`,
        'Preferred-Languages: en',
        `Canonical: ${config.publicUrl}/.well-known/security.txt`,
        '',
      ].join('\n'),
    );
};

/* Search engines may show the pages that anyone may read. */
const robotsText: RequestHandler = (_req, res) => {
  const closed = ['/portal', '/partner', '/console', '/account', '/*/portal', '/*/partner', '/*/account'];
  res.type('text').send(['User-agent: *', ...closed.map((path) => `Disallow: ${path}`), ''].join('\n'));
};

/** What machines look for at addresses that are the same everywhere. */
export const wellKnownRoutes: Route[] = [
  route('get', '/.well-known/security.txt', anyone(), securityText),
  route('get', '/robots.txt', anyone(), robotsText),
];
