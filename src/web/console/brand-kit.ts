import type { Request, Response } from 'express';
import { z } from 'zod';

import { hasRole } from '../../access/viewer.ts';
import { BrandKit, brandKit, changeBrandKit, logoOf } from '../../content/brand-kit.ts';
import { imagesSeenBy } from '../../content/images.ts';
import { fonts } from '../../content/templates/dressing.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { parse } from '../../platform/http/parse.ts';
import { only, type Route, route, staffViewerOf } from '../guards.ts';

const page = '/console/settings/brand';

/** How messages look: the brand's logo, colours, font and address. */
export const brandKitRoutes: Route[] = [
  route('get', page, only('csm', 'admin')(), showKit),
  route('get', `${page}/changes`, only('admin')(), showKit),
  route('post', `${page}/changes`, only('admin')(), submitting(change, showKit)),
];

async function showKit(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const [kit, images] = await Promise.all([brandKit(), imagesSeenBy(viewer)]);
  const logos = images.map(({ id, name, url }) => ({ id, name, isChosen: url === kit.logo?.url }));
  res.render('console/settings/brand', {
    kit, logos, fonts: Object.keys(fonts), mayChange: hasRole(viewer, 'admin'),
    logoPath: kit.logo === null ? undefined : new URL(kit.logo.url).pathname,
  }); // prettier-ignore
}

const Typed = BrandKit.omit({ logo: true }).extend({
  logo: z.union([z.literal(''), z.guid()]).default(''),
  logoWidth: z.coerce.number().int('messages.brand.errors.width').min(16, 'messages.brand.errors.width').max(528, 'messages.brand.errors.width').default(140),
}); // prettier-ignore

async function change(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const { logo, logoWidth, ...rest } = parse(Typed, req.body);
  const chosen = logo === '' ? null : await logoOf(viewer, logo);
  const count = await changeBrandKit(viewer, {
    ...rest,
    logo: chosen && { url: chosen.url, width: Math.min(logoWidth, chosen.width) },
  });
  flash(res, 'messages.brand.saved', { values: { count } });
  res.redirect(303, page);
}
