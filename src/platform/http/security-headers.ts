import { randomBytes } from 'node:crypto';

import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';

import { config } from '../config.ts';

/* What a page may load and where its forms may lead: ourselves, the brand's logo, and Salesforce for staff who sign in there. */
const logoOrigin = /^https?:/.test(config.BRAND_LOGO_URL) ? [new URL(config.BRAND_LOGO_URL).origin] : [];
const salesforceOrigin = new URL(config.SALESFORCE_LOGIN_URL ?? config.SANDBOX_URL).origin;
const isHttps = config.publicUrl.startsWith('https:');

const nonceOf = (_req: unknown, res: unknown) => `'nonce-${String((res as Response).locals.nonce)}'`;

/** A nonce for the few inline elements of a page, and the headers that keep everything else out (F18). */
export const securityHeaders: readonly RequestHandler[] = [
  (_req, res, next) => {
    res.locals.nonce = randomBytes(16).toString('base64');
    next();
  },
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'none'"],
        objectSrc: ["'none'"],
        scriptSrc: ["'self'", nonceOf],
        styleSrc: ["'self'", nonceOf],
        imgSrc: ["'self'", 'data:', ...logoOrigin],
        formAction: ["'self'", salesforceOrigin],
        frameAncestors: ["'none'"],
        ...(isHttps ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    frameguard: { action: 'deny' },
    strictTransportSecurity: isHttps ? { maxAge: 31_536_000, includeSubDomains: true } : false,
    referrerPolicy: { policy: 'same-origin' },
    crossOriginEmbedderPolicy: false,
  }),
  (_req, res, next) => {
    res.setHeader('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=()');
    next();
  },
];

/** The same page over https for whoever came to the proxy without: the session's cookie is sent over https alone. */
export const preferHttps: RequestHandler = (req, res, next) => {
  const isPlain = isHttps && req.get('x-forwarded-proto') === 'http';
  const isPage = ['GET', 'HEAD'].includes(req.method) && req.originalUrl.startsWith('/');
  if (isPlain && isPage) res.redirect(308, config.publicUrl + req.originalUrl);
  else next();
};
