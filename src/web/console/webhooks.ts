import type { Request, Response } from 'express';
import { z } from 'zod';

import {
  createWebhook, deliveriesSeenBy, removeWebhook, retryDelivery, sendTest, setWebhookEnabled, WebhookForm, webhooksSeenBy,
} from '../../alerts/webhooks.ts'; // prettier-ignore
import { config } from '../../platform/config.ts';
import { localeNames, locales } from '../../platform/locale.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { parse, uuidOf } from '../../platform/http/parse.ts';
import { only, type Route, route, staffViewerOf } from '../guards.ts';

const page = '/console/webhooks';
const admin = only('admin');
const aThing = { id: 'staff-thing' } as const;

/** Where alerts are posted to outside, in Slack's form; what failed waits here for somebody to try again. */
export const webhookRoutes: Route[] = [
  route('get', page, admin(), showWebhooks),
  route('post', page, admin(), submitting(create, showWebhooks)),
  route('post', `${page}/:id/tests`, admin(aThing), test),
  route('post', `${page}/:id/state`, admin(aThing), turn),
  route('post', `${page}/:id/removals`, admin(aThing), remove),
  route('post', '/console/webhook-deliveries/:id/retries', admin(aThing), retry),
];

const languages = locales.map((locale) => ({ value: locale, label: localeNames[locale], lang: locale }));

/** In sandbox mode a stand-in for Slack can be tried. */
const sandboxSlack = config.isSandbox ? `${config.SANDBOX_URL}/slack/services/demo` : undefined;

async function showWebhooks(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const [webhooks, deliveries] = await Promise.all([webhooksSeenBy(viewer), deliveriesSeenBy(viewer)]);
  res.render('console/webhooks/index', { webhooks, deliveries, languages, sandboxUrl: sandboxSlack });
}

/** The page that answers shows the secret, once: it is not kept in a form that can be read again, nor in a cookie. */
async function create(req: Request, res: Response): Promise<void> {
  const form = parse(WebhookForm, req.body);
  const { secret } = await createWebhook(staffViewerOf(req), form);
  res.locals.made = { name: form.name, secret };
  await showWebhooks(req, res);
}

async function test(req: Request, res: Response): Promise<void> {
  await sendTest(staffViewerOf(req), uuidOf(req.params.id));
  flash(res, 'webhooks.tested');
  res.redirect(303, `${page}#deliveries`);
}

async function turn(req: Request, res: Response): Promise<void> {
  const { state } = z.object({ state: z.enum(['on', 'off']).catch('off') }).parse(req.body ?? {});
  await setWebhookEnabled(staffViewerOf(req), uuidOf(req.params.id), state);
  flash(res, `webhooks.turned.${state}`);
  res.redirect(303, page);
}

async function remove(req: Request, res: Response): Promise<void> {
  await removeWebhook(staffViewerOf(req), uuidOf(req.params.id));
  flash(res, 'webhooks.removed');
  res.redirect(303, page);
}

async function retry(req: Request, res: Response): Promise<void> {
  await retryDelivery(staffViewerOf(req), uuidOf(req.params.id));
  flash(res, 'webhooks.retried');
  res.redirect(303, `${page}#deliveries`);
}
