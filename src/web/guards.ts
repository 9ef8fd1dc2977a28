import type { Request, RequestHandler } from 'express';

import {
  type AccountViewer,
  type StaffRole,
  staffRoles,
  type StaffViewer,
  type Viewer,
} from '../access/viewer.ts';
import { Forbidden } from '../platform/errors.ts';
import { flash } from '../platform/http/flash.ts';

declare module 'express-serve-static-core' {
  interface Request {
    /** Who is asking; set for every request before any route. */
    viewer: Viewer;
  }
}

/** Everyone who can stand before a route. */
export const audiences = ['visitor', 'customer', 'partner', ...staffRoles] as const;
export type Audience = (typeof audiences)[number];

/** What a parameter of a path names. Tests put a stranger's record of that kind in its place. */
export type RecordKind =
  'account' | 'case' | 'case-file' | 'session' | 'locale' | 'token' | 'own-thing' | 'staff-thing';

/**
 * Who may take a route, and what its parameters name. This is the table of authorization: routes.ts gathers it,
 * tests attack every route from it.
 */
export interface Rule {
  readonly audience: readonly Audience[];
  readonly records: Readonly<Record<string, RecordKind>>;
}

export interface Route {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly rule: Rule;
  readonly handlers: readonly RequestHandler[];
}

const rule =
  (audience: readonly Audience[]) =>
  (records: Rule['records'] = {}): Rule => ({ audience, records });

export const anyone = rule(audiences);
export const signedIn = rule(audiences.filter((audience) => audience !== 'visitor'));
export const partners = rule(['partner']);
export const accountPeople = rule(['customer', 'partner']);
export const staff = rule(staffRoles);
export const only = (...roles: StaffRole[]) => rule(roles);

/** One line of the table of routes. Without a rule it does not compile; with an incomplete one it does not start. */
export function route(
  method: Route['method'],
  path: string,
  rule: Rule,
  ...handlers: RequestHandler[]
): Route {
  const named = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name);
  const ruled = Object.keys(rule.records);
  if (named.length !== ruled.length || named.some((name) => name === undefined || !ruled.includes(name)))
    throw new Error(`${method} ${path}: the rule must say what each parameter names`);
  return { method, path, rule, handlers: [guard(rule), ...handlers] };
}

/** The audiences that a viewer belongs to. */
export function audiencesOf(viewer: Viewer): readonly Audience[] {
  return viewer.kind === 'staff' ? viewer.roles : [viewer.kind];
}

/**
 * Visitors are sent to sign in and come back, from a form to its page: their session may have ended while they wrote. Whoever is
 * signed in but not meant is refused.
 */
function guard(rule: Rule): RequestHandler {
  return (req, res, next) => {
    if (audiencesOf(req.viewer).some((audience) => rule.audience.includes(audience))) {
      next();
      return;
    }
    if (req.viewer.kind !== 'visitor') throw new Forbidden();
    const page = req.method === 'GET' ? req.originalUrl : pageOfForm(req);
    if (page === undefined) throw new Forbidden();
    if (req.method !== 'GET') flash(res, 'signIn.sessionEnded', { kind: 'info' });
    res.redirect(303, `/sign-in?next=${encodeURIComponent(page)}`);
  };
}

/** The page of ours that a form was sent from; undefined where the browser does not say. */
function pageOfForm(req: Request): string | undefined {
  const from = URL.parse(req.get('referer') ?? '');
  return from?.host === req.host ? from.pathname + from.search : undefined;
}

/** The viewer of a route that is for signed-in people: whoever else comes this far is refused. */
export function signedInViewer({ viewer }: Request): AccountViewer | StaffViewer {
  if (viewer.kind === 'visitor') throw new Forbidden();
  return viewer;
}

/** The viewer of a route that is for people of customers and partners. */
export function accountViewerOf({ viewer }: Request): AccountViewer {
  if (viewer.kind !== 'customer' && viewer.kind !== 'partner') throw new Forbidden();
  return viewer;
}

/** The viewer of a route that is for staff. */
export function staffViewerOf({ viewer }: Request): StaffViewer {
  if (viewer.kind !== 'staff') throw new Forbidden();
  return viewer;
}
