import type { Request, RequestHandler, Response } from 'express';

import { viewerOf } from '../../access/people.ts';
import type { StaffViewer } from '../../access/viewer.ts';
import { openPass, type Pass, Untrusted } from '../../identity/canvas.ts';
import { negotiated } from '../../platform/http/locale.ts';
import { speak } from '../../platform/http/view-helpers.ts';

import { panelFrames } from './frames.ts';

/** Who looks at the panel, and the account that it stands on. */
export interface Looking {
  viewer: StaffViewer;
  accountId: string;
}

/**
 * The panel's pages may stand in the frames of our org, and nowhere else. Cookies are not looked at, and nothing of the answer is kept:
 * who asks proves it by Salesforce's signature or by a pass of ours, so no other site can make a browser ask in their name.
 */
export const inSalesforce: RequestHandler = (_req, res, next) => {
  const policy = String(res.getHeader('content-security-policy'));
  res.setHeader(
    'Content-Security-Policy',
    policy.replace("frame-ancestors 'none'", `frame-ancestors ${panelFrames.join(' ')}`),
  );
  res.removeHeader('X-Frame-Options');
  res.setHeader('Cache-Control', 'private, no-store');
  res.locals.theme = undefined;
  next();
};

/** Whoever holds the pass, with the rights of this moment; the views speak their language. @throws Untrusted */
export async function lookingWith(res: Response, pass: Pass): Promise<Looking> {
  speakAsIn(res, pass);
  const viewer = await viewerOf({ personId: pass.personId, isStrong: true });
  if (viewer.kind !== 'staff') throw new Untrusted('notStaff');
  res.locals.viewer = viewer;
  return { viewer, accountId: pass.recordId };
}

/** The pass that a form of the panel carries. @throws Untrusted */
export function passIn(req: Request): Pass {
  const { pass } = req.body as { pass?: unknown };
  return openPass(typeof pass === 'string' ? pass.slice(0, 4000) : '');
}

function speakAsIn(res: Response, { language, timeZone }: Pass): void {
  res.locals.locale = negotiated(language.replaceAll('_', '-'));
  speak(res, isTimeZone(timeZone) ? timeZone : 'UTC');
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
