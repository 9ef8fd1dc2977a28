import type { Request, Response } from 'express';
import { z } from 'zod';

import { cookie } from './cookies.ts';

/** A message that the next page shows once. `key` names its words in that page's surface. */
const Flash = z.object({
  kind: z.enum(['success', 'info', 'warning', 'danger']),
  key: z.string().regex(/^[\w.-]{1,80}$/),
  values: z.record(z.string(), z.union([z.string().max(200), z.number()])).optional(),
});
export type Flash = z.infer<typeof Flash>;

/** Says on the page that a redirect leads to how the act went. */
export function flash(
  res: Response,
  key: string,
  { kind = 'success', values }: Partial<Omit<Flash, 'key'>> = {},
): void {
  const message = Buffer.from(JSON.stringify({ kind, key, values })).toString('base64url');
  res.cookie('flash', message, {
    maxAge: 60_000,
    sameSite: 'lax',
    httpOnly: true,
    secure: res.req.secure,
    path: '/',
  });
}

/** Takes the message that waits for this page, if any; it will not be shown again. */
export function takeFlash(req: Request, res: Response): Flash | undefined {
  const waiting = cookie(req, 'flash');
  if (waiting === undefined) return undefined;
  res.clearCookie('flash', { path: '/' });
  try {
    return Flash.safeParse(JSON.parse(Buffer.from(waiting, 'base64url').toString())).data;
  } catch {
    return undefined;
  }
}
