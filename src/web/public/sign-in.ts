import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { z } from 'zod';

import type { Viewer } from '../../access/viewer.ts';
import { demoHint } from '../../identity/demo.ts';
import { noteSecurity } from '../../identity/security-events.ts';
import { type PersonForSignIn, stepAfterPassword } from '../../identity/sign-in.ts';
import { now } from '../../platform/clock.ts';
import { Invalid } from '../../platform/errors.ts';
import { submitting } from '../../platform/http/forms.ts';
import { parse } from '../../platform/http/parse.ts';
import { authenticated } from '../authenticators.ts';
import { anyone, route } from '../guards.ts';
import { endCurrentSession, originOf, saveSession, startSession } from '../session.ts';

const Credentials = z.object({
  email: z.string().trim().min(1).max(320),
  password: z.string().min(1).max(1000),
});

const homes = { staff: '/console', partner: '/partner', customer: '/portal', visitor: '/no-account' };

/** The first page of a viewer's own rooms. */
export const homeOf = (viewer: Viewer): string => homes[viewer.kind];

/** A path of ours to return to, or undefined: nobody is sent to another site (ASVS v5.0.0-3.7.2). */
export function safePath(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.length > 2000 || !/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(text))
    return undefined;
  return new URL(text, 'http://here').host === 'here' ? text : undefined;
}

const showSignIn: RequestHandler = (req, res) => {
  if (req.viewer.kind !== 'visitor' || req.session.personId !== undefined)
    res.redirect(303, homeOf(req.viewer));
  else showForm(req, res);
};

function showForm(req: Request, res: Response): void {
  res.render('public/sign-in/show', { next: nextOf(req), demo: demoHint() });
}

const nextOf = (req: Request) =>
  safePath((req.body as { next?: unknown } | undefined)?.next ?? req.query.next);

async function signIn(req: Request, res: Response, next: NextFunction): Promise<void> {
  parse(Credentials, req.body);
  const person = await authenticated('password', req, res, next);
  if (!person) throw new Invalid({ form: 'signIn.wrong' });
  await proceed(req, res, person, nextOf(req));
}

/** After the password: signed in at once, or on to the authenticator app. */
export async function proceed(
  req: Request,
  res: Response,
  person: PersonForSignIn,
  next?: string,
): Promise<void> {
  const step = stepAfterPassword(person);
  if (step === 'done') {
    await completeSignIn(req, res, { personId: person.id, method: 'password', isStrong: false }, next);
    return;
  }
  req.session.pending = { personId: person.id, email: person.email, step, since: now().getTime() };
  if (next !== undefined) req.session.next = next;
  await saveSession(req);
  res.redirect(303, step === 'code' ? '/sign-in/code' : '/sign-in/authenticator');
}

/** Starts the session of somebody who has proved who they are, and leads them where they wanted to go. */
export async function completeSignIn(
  req: Request,
  res: Response,
  proof: Parameters<typeof startSession>[1],
  next = req.session.next,
): Promise<void> {
  await startSession(req, proof);
  await noteSecurity('signed-in', originOf(req), proof.personId);
  await saveSession(req);
  res.redirect(303, next ?? '/home');
}

const home: RequestHandler = (req, res) => {
  res.redirect(303, req.session.personId === undefined ? '/sign-in' : homeOf(req.viewer));
};

const signOut: RequestHandler = async (req, res) => {
  if (req.viewer.kind !== 'visitor') await noteSecurity('signed-out', originOf(req), req.viewer.personId);
  await endCurrentSession(req);
  res.setHeader('Clear-Site-Data', '"cache"');
  res.redirect(303, '/sign-in');
};

export const signInRoutes = [
  route('get', '/sign-in', anyone(), showSignIn),
  route('post', '/sign-in', anyone(), submitting(signIn, showForm)),
  route('post', '/sign-out', anyone(), signOut),
  route('get', '/home', anyone(), home),
];
