import type { Request, RequestHandler, Response } from 'express';

import { config } from '../config.ts';
import { formatsFor, type Moment } from '../formats.ts';
import { type Locale, localeNames, locales } from '../locale.ts';

import { asset } from './assets.ts';
import { cookie } from './cookies.ts';
import { takeFlash } from './flash.ts';
import { fieldOf, type SubmittedForm } from './forms.ts';
import { icon } from './icons.ts';
import { isLocalized } from './locale.ts';

const brand = {
  name: config.BRAND_NAME,
  logoUrl: config.BRAND_LOGO_URL,
  supportEmail: config.BRAND_SUPPORT_EMAIL,
};

/** What every view can call; docs/style.md, Views, says what for. Needs the locale found. */
export const viewHelpers: RequestHandler = (req, res, next) => {
  const theme = cookie(req, 'theme');
  Object.assign(res.locals, {
    viewer: undefined,
    brand,
    icon,
    asset,
    isSandbox: config.isSandbox,
    theme: theme === 'dark' || theme === 'light' ? theme : undefined,
    flash: takeFlash(req, res),
    currentPath: req.path,
    path: pathsOf(res),
    withQuery: queryOf(req),
    field: (name: string) => fieldOf(res.locals.form as SubmittedForm | undefined, name),
    errors: () => (res.locals.form as SubmittedForm | undefined)?.errors ?? {},
    alternates: alternatesOf(req),
  });
  speak(res, 'UTC');
  next();
};

/** Sets the formats of this answer's views: in its language, in the person's time zone. */
export function speak(res: Response, timeZone: string): void {
  const formats = formatsFor(res.locals.locale as Locale, timeZone);
  Object.assign(res.locals, formats, {
    timeZone,
    time: (at: Moment) =>
      `<time datetime="${new Date(at).toISOString()}" title="${escaped(formats.dateTime(at))}">${escaped(formats.relativeTime(at))}</time>`,
  });
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/* A link stays in the language that the address names. */
const pathsOf = (res: Response) => (to: string) => {
  const prefix = res.locals.localePrefix as string | undefined;
  return prefix !== undefined && isLocalized(to) ? prefix + to : to;
};

/* The same page with some of its query changed: the next page, another order. Undefined takes a name away. */
const queryOf = (req: Request) => (changes: Record<string, string | number | undefined>) => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(req.query))
    for (const text of Array.isArray(value) ? value : [value])
      if (typeof text === 'string') query.append(name, text);
  for (const [name, value] of Object.entries(changes)) {
    query.delete(name);
    if (value !== undefined && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return text === '' ? req.originalUrl.split('?', 1).join('') : `?${text}`;
};

/* The same page in each language (LK2). A form that was sent is shown again at its own address, which a link can only GET. */
function alternatesOf(req: Request): { locale: Locale; name: string; href: string; url: string }[] {
  if (!isLocalized(req.path)) return [];
  return locales.map((locale) => {
    const href = `/${locale}${req.path === '/' ? '/' : req.url}`;
    return { locale, name: localeNames[locale], href, url: config.publicUrl + href };
  });
}
