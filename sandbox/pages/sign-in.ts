import type { Request, Response } from 'express';

import { staff } from '../cast.ts';
import type { Org } from '../salesforce/context.ts';
import { openSession } from '../salesforce/auth/sessions.ts';
import { isCrossSite, localPath, setCookie } from '../salesforce/auth/web.ts';
import { maybeUserNamed } from '../salesforce/auth/users.ts';
import { icon } from './icons.ts';

/** What each of the cast is here for. */
const parts = [
  { who: staff.rep, job: 'Sales representative', does: 'Looks at accounts, their health and what Rapport learnt about them.' },
  { who: staff.support, job: 'Support', does: 'Answers cases: comments, e-mails, files, status.' },
  { who: staff.csm, job: 'Customer success', does: 'Keeps an eye on the accounts of their customers.' },
  { who: staff.admin, job: 'Administrator', does: 'Sees every object and field of the org.' },
] as const; // prettier-ignore

/** GET /sign-in: who does one want to be? */
export function showSignIn(req: Request, res: Response): void {
  res.render('crm/sign-in', { parts, startUrl: localPath(req.query.startURL), problem: undefined, icon });
}

/** POST /sign-in: a session as one of the cast, without a password: the sandbox listens on this machine only. */
export function signInAs(org: Org) {
  return async (req: Request, res: Response): Promise<void> => {
    const { username, startURL } = (req.body ?? {}) as { username?: string; startURL?: string };
    const part = parts.find(({ who }) => who.username === username);
    const user = part && !isCrossSite(req) ? await maybeUserNamed(org.pool, part.who.username) : undefined;
    if (!user?.isActive) {
      const problem = 'This user is not in the org yet: the demo data is still being loaded.';
      res.status(409).render('crm/sign-in', { parts, startUrl: localPath(startURL), problem, icon });
      return;
    }
    const session = await openSession(org, { userId: user.id, clientId: null, kind: 'web', scope: 'full' });
    setCookie(res, session);
    res.redirect(303, localPath(startURL));
  };
}
