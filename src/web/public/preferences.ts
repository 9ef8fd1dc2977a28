import type { Request, RequestHandler, Response } from 'express';

import { Feedback, feedbackBehind, giveFeedback, hindrances } from '../../campaigns/outcomes/feedback.ts';
import { chooseBehind, preferencesBehind, unsubscribe } from '../../campaigns/outcomes/preferences.ts';
import { NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { preferLocale } from '../../platform/http/locale.ts';
import { parse } from '../../platform/http/parse.ts';
import { anyone, route } from '../guards.ts';
import { topicsIn } from '../topics.ts';

const tokenOf = (req: Request) => String(req.params.token);

/** Nothing behind these links changes by looking (A11): programs that read mails for people follow them all. */
const show = (view: string): RequestHandler =>
  behindToken(async (req, res) => {
    const { address, locale, topic, topics } = await preferencesBehind(tokenOf(req));
    if (locale !== undefined) preferLocale(res, locale);
    res.render(view, { address, topic, topics, token: tokenOf(req) });
  });

const choosePreferences = behindToken(async (req, res) => {
  await chooseBehind(tokenOf(req), topicsIn(req.body));
  flash(res, 'preferences.saved');
  res.redirect(303, `/preferences/${tokenOf(req)}`);
});

/** The page's own form, and the mail program's button (RFC 8058), which has no cookies and reads no page. */
const endTopic = behindToken(async (req, res) => {
  const isOwnForm = (req.body as Record<string, unknown>).from === 'page';
  await unsubscribe(tokenOf(req), isOwnForm ? 'page' : 'one_click');
  if (isOwnForm) res.redirect(303, `/unsubscribe/${tokenOf(req)}/done`);
  else res.status(200).type('text/plain').send('Unsubscribed.\n');
});

/** Three questions, which mails may lead to: `{{ links.preferences }}/feedback`. */
const askForFeedback = behindToken(async (req, res) => {
  const { locale } = await feedbackBehind(tokenOf(req));
  if (locale !== undefined) preferLocale(res, locale);
  res.render('public/preferences/feedback', { token: tokenOf(req), hindrances });
});

const takeFeedback = behindToken(async (req, res) => {
  await giveFeedback(tokenOf(req), parse(Feedback, req.body));
  res.render('public/preferences/thanks');
});

/** The address of these pages is a secret of the recipient's: it is neither kept nor passed on. */
function behindToken(
  handler: (req: Request, res: Response) => Promise<void>,
): (req: Request, res: Response) => Promise<void> {
  return async (req, res) => {
    res.set({ 'Referrer-Policy': 'no-referrer', 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex' });
    try {
      await handler(req, res);
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
      res.status(410).render('public/preferences/unknown');
    }
  };
}

const token = anyone({ token: 'token' });

export const preferenceRoutes = [
  route('get', '/preferences/:token', token, show('public/preferences/show')),
  route('post', '/preferences/:token', token, choosePreferences),
  route('get', '/preferences/:token/feedback', token, askForFeedback),
  route('post', '/preferences/:token/feedback', token, submitting(takeFeedback, askForFeedback)),
  route('get', '/unsubscribe/:token', token, show('public/preferences/unsubscribe')),
  route('post', '/unsubscribe/:token', token, endTopic),
  route('get', '/unsubscribe/:token/done', token, show('public/preferences/done')),
];
