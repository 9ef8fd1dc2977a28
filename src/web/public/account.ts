import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';

import { chooseAccount } from '../../access/people.ts';
import { requestEmailChange } from '../../identity/email-change.ts';
import { changePassword } from '../../identity/password-reset.ts';
import { changeProfile, hasPassword } from '../../identity/profile.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { rememberLocale } from '../../platform/http/locale.ts';
import { line, parse } from '../../platform/http/parse.ts';
import { localeNames, locales } from '../../platform/locale.ts';
import { accountPeople, accountViewerOf, route, signedIn, signedInViewer } from '../guards.ts';
import { originOf, renewSession } from '../session.ts';

import { safePath } from './sign-in.ts';

const timeZones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

const languages = locales.map((locale) => ({ value: locale, label: localeNames[locale] }));

const Profile = z.object({ name: line(120), locale: z.enum(locales), timeZone: z.enum(timeZones) });
const PasswordChange = z.object({ current: z.string().min(1).max(1000), next: z.string().min(1).max(1000) });
const Choice = z.object({ accountId: line(18), next: z.string().optional() });
const EmailChange = z.object({ email: z.email().trim().max(320), current: z.string().min(1).max(1000) });

function showProfile(_req: Request, res: Response): void {
  res.render('public/account/show', { timeZones, languages });
}

async function saveProfile(req: Request, res: Response): Promise<void> {
  const profile = parse(Profile, req.body);
  await changeProfile(signedInViewer(req), profile);
  rememberLocale(res, profile.locale);
  flash(res, 'account.saved');
  res.redirect(303, '/account');
}

async function showPassword(req: Request, res: Response): Promise<void> {
  res.render('public/account/password', { hasPassword: await hasPassword(signedInViewer(req)) });
}

async function savePassword(req: Request, res: Response): Promise<void> {
  const { personId, email } = signedInViewer(req);
  await changePassword(
    { personId, email, sessionId: req.sessionID },
    parse(PasswordChange, req.body),
    originOf(req),
  );
  await renewSession(req);
  flash(res, 'account.passwordChanged');
  res.redirect(303, '/account/password');
}

function showEmail(_req: Request, res: Response): void {
  res.render('public/account/email');
}

async function changeEmail(req: Request, res: Response): Promise<void> {
  await requestEmailChange(signedInViewer(req), parse(EmailChange, req.body), originOf(req));
  flash(res, 'account.emailSent', { kind: 'info' });
  res.redirect(303, '/account');
}

/** Acts for another of their accounts from now on (C4). */
const switchAccount: RequestHandler = async (req, res) => {
  const { accountId, next } = parse(Choice, req.body);
  await chooseAccount(accountViewerOf(req), accountId);
  await renewSession(req, { accountId });
  res.redirect(303, safePath(next) ?? '/home');
};

export const accountRoutes = [
  route('get', '/account', signedIn(), showProfile),
  route('post', '/account', signedIn(), submitting(saveProfile, showProfile)),
  route('get', '/account/password', signedIn(), showPassword),
  route('post', '/account/password', signedIn(), submitting(savePassword, showPassword)),
  route('get', '/account/email', signedIn(), showEmail),
  route('post', '/account/email', signedIn(), submitting(changeEmail, showEmail)),
  route('post', '/account/current', accountPeople(), switchAccount),
];
