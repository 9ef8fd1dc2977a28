import type { Request, Response } from 'express';
import { z } from 'zod';

import { usesOfMessages } from '../../campaigns/definition/uses.ts';
import { outdatedMessage, outdatedMessages, redress } from '../../content/redressing.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { parse, uuidOf } from '../../platform/http/parse.ts';
import { isLocale, localeNames } from '../../platform/locale.ts';
import { tracksSaying } from '../../tracks/uses.ts';
import { only, type Route, route, staffViewerOf } from '../guards.ts';

import { previewOf, sendFrame } from './message-preview.ts';

const page = '/console/settings/brand/messages';
const editors = only('csm', 'admin');
const aMessage = { id: 'staff-thing' } as const;

/** Messages that were written before the brand changed: which they are, how each would look, and dressing them anew. */
export const brandMessageRoutes: Route[] = [
  route('get', page, editors(), listOutdated),
  route('get', `${page}/offer`, editors(), showOffer),
  route('get', `${page}/updates`, editors(), listOutdated),
  route('post', `${page}/updates`, editors(), submitting(update, listOutdated)),
  route('get', `${page}/:id`, editors(aMessage), showOutdated),
  route('get', `${page}/:id/frame`, editors(aMessage), showFrame),
];

/** Building one of ten languages takes a second; a page waits for them. */
const AT_ONCE = 25;

async function listOutdated(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const all = await outdatedMessages(viewer);
  const shown = all.slice(0, AT_ONCE);
  const ids = shown.map(({ id }) => id);
  const [campaigns, tracks] = await Promise.all([usesOfMessages(viewer, ids), tracksSaying(viewer, ids)]);
  const messages = shown.map((message) => ({
    ...message,
    campaigns: campaigns.filter(({ messageId }) => messageId === message.id),
    tracks: tracks.filter(({ messageId }) => messageId === message.id),
  }));
  res.render('console/settings/brand-messages', { messages, total: all.length });
}

/** How many there are, as a part of the brand's page. */
async function showOffer(req: Request, res: Response): Promise<void> {
  const { length: count } = await outdatedMessages(staffViewerOf(req));
  res.render('console/settings/brand-offer', { count });
}

const Shown = z.object({ locale: z.string().refine(isLocale).optional().catch(undefined) });

async function showOutdated(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const message = await outdatedMessage(viewer, uuidOf(req.params.id));
  const [campaigns, tracks] = await Promise.all([
    usesOfMessages(viewer, [message.id]),
    tracksSaying(viewer, [message.id]),
  ]);
  const languages = [...new Set(message.content.variants.map(({ locale }) => locale))];
  const { locale = message.content.defaultLocale } = Shown.parse(req.query);
  res.render('console/settings/brand-message', { message: { ...message, campaigns, tracks }, languages, locale, localeNames }); // prettier-ignore
}

/** The message by itself, as it is or, with `?look=today`, in the brand of today. */
async function showFrame(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const { content, dressed } = await outdatedMessage(viewer, uuidOf(req.params.id));
  const { locale = content.defaultLocale } = Shown.parse(req.query);
  const shown = req.query.look === 'today' ? dressed : content;
  sendFrame(res, await previewOf(viewer, shown, { locale, variant: 0, scheme: 'light' }));
}

/* Each as `id:version`, so that nothing is dressed that was not seen. */
const Chosen = z.object({
  messages: z
    .union([z.string().transform((one) => [one]), z.array(z.string())], 'messages.brand.errors.none')
    .pipe(z.array(z.string().regex(/^[0-9a-f-]{36}:\d{1,9}$/)).max(AT_ONCE)),
});

async function update(req: Request, res: Response): Promise<void> {
  const { messages } = parse(Chosen, req.body);
  const wanted = messages.map((each) => ({
    id: uuidOf(each.slice(0, 36)),
    version: Number(each.slice(37)),
  }));
  const count = await redress(staffViewerOf(req), wanted);
  flash(res, count === wanted.length ? 'messages.brand.dressed' : 'messages.brand.dressedSome', {
    values: { count, of: wanted.length },
    ...(count < wanted.length && { kind: 'warning' }),
  });
  res.redirect(303, page);
}
