import type { NextFunction, Request, Response } from 'express';

import { contextFor } from '../salesforce/auth/middleware.ts';
import { isCrossSite, maybeWebSession } from '../salesforce/auth/web.ts';
import type { Context, Org } from '../salesforce/context.ts';
import { setContext } from '../salesforce/context.ts';
import { layouts, tabs } from './layouts.ts';
import { icon } from './icons.ts';
import { listPath } from './paths.ts';
import { formatter } from './values.ts';

/** A page for people who are signed in; others are asked who they want to be first. Forms of other sites are refused. */
export function withViewer(org: Org) {
  return async (req: Request, res: Response, next: NextFunction): Promise<void> => {
    const session = await maybeWebSession(org, req);
    if (!session) {
      res.redirect(303, `/sign-in?startURL=${encodeURIComponent(req.originalUrl)}`);
      return;
    }
    if (req.method !== 'GET' && isCrossSite(req)) {
      res.status(403).type('text/plain').send('This form was sent from another site.');
      return;
    }
    const ctx = contextFor(org, req, session);
    setContext(req, ctx);
    Object.assign(res.locals, {
      viewer: session.user,
      tabs: tabs.flatMap((layout) => tabOf(ctx, layout.object, layout.icon)),
      path: req.path,
      icon,
      notice: undefined,
      format: formatter(session.user.timeZone, org.clock.now()),
    });
    next();
  };
}

function tabOf(ctx: Context, object: string, mark: string) {
  const sobject = ctx.org.catalog.find(object);
  if (!sobject || !ctx.org.security.may(ctx.user, 'read', sobject)) return [];
  return [{ object, label: sobject.labelPlural, icon: mark, href: listPath(object) }];
}

/** The layout of an object that has pages; undefined for others. */
export const maybeLayout = (object: string) =>
  layouts.find((layout) => layout.object.toLowerCase() === object.toLowerCase());
