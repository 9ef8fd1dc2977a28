import type { Request, RequestHandler, Response } from 'express';

import { isLocale, type Locale, locales } from '../locale.ts';

import { cookie } from './cookies.ts';

const YEAR = 365 * 86_400_000;
const prefixed = /^\/([a-z]{2}(?:-[A-Za-z0-9]{2,3})?)(?=\/|$|\?)/;

/* These speak one language, or none. */
const withoutLocale =
  /^\/(console|panel|hooks|v1|c|o|media|assets|vendor|healthz|readyz|metrics|\.well-known)(\/|$|\?)/;

/** Whether a path of ours has a page in each language, at /<locale>/<path>. */
export const isLocalized = (path: string): boolean =>
  path.startsWith('/') && !path.startsWith('//') && !withoutLocale.test(path);

/**
 * Finds the language of a request (LK3): that of its address (/de/portal), else the one chosen before, else the browser's.
 * The prefix is taken off before routing, and put on wherever the answer redirects to. The language of a signed-in person
 * comes later, when they are known: see `preferLocale`.
 */
export const findLocale: RequestHandler = (req, res, next) => {
  const named = prefixed.exec(req.url)?.[1];
  if (isLocale(named) && isLocalized(req.url.slice(named.length + 1) || '/')) {
    usePrefix(req, res, named);
  } else {
    const chosen = cookie(req, 'locale');
    res.locals.locale = isLocale(chosen) ? chosen : negotiated(req.get('accept-language') ?? '');
    res.vary('Accept-Language');
  }
  next();
};

function usePrefix(req: Request, res: Response, locale: Locale): void {
  req.url = req.url.slice(locale.length + 1).replace(/^(?=\?|$)/, '/');
  res.locals.locale = locale;
  res.locals.localePrefix = `/${locale}`;
  keepPrefixInRedirects(res, `/${locale}`);
  /* Following one of our own language links is a choice; arriving from elsewhere is not. */
  if (req.get('sec-fetch-site') === 'same-origin' && cookie(req, 'locale') !== locale)
    rememberLocale(res, locale);
}

function keepPrefixInRedirects(res: Response, prefix: string): void {
  const plain = res.location.bind(res);
  res.location = (url) => plain(isLocalized(url) && !url.startsWith(`${prefix}/`) ? prefix + url : url);
}

/** Keeps a person's choice of language in their browser, where detection never overwrites it. */
export function rememberLocale(res: Response, locale: Locale): void {
  res.cookie('locale', locale, {
    maxAge: YEAR,
    sameSite: 'lax',
    httpOnly: true,
    secure: res.req.secure,
    path: '/',
  });
}

/** The saved choice of a signed-in person holds wherever the address names no language. */
export function preferLocale(res: Response, locale: Locale): void {
  if (res.locals.localePrefix === undefined) res.locals.locale = locale;
}

/** The language of ours that suits an Accept-Language header best; English when none does. */
export function negotiated(header: string): Locale {
  const wishes = header
    .slice(0, 400)
    .split(',')
    .map((wish) => {
      const [tag = '', quality] = wish.trim().split(/\s*;\s*q=/);
      return { tag, weight: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  for (const { tag } of wishes) {
    const match = closest(tag);
    if (match !== undefined) return match;
  }
  return 'en';
}

/* Where a country's language is nearer to one of our regional ones than to the plain one. */
const regions: [locale: Locale, language: string, countries: string[]][] = [
  ['es-419', 'es', 'AR BO CL CO CR CU DO EC GT HN MX NI PA PE PR PY SV US UY VE 419'.split(' ')],
  ['en-GB', 'en', 'GB IE ZA IN SG HK MT'.split(' ')],
  ['en-AU', 'en', ['NZ']],
];

function closest(tag: string): Locale | undefined {
  const exact = locales.find((locale) => locale.toLowerCase() === tag.toLowerCase());
  if (exact !== undefined) return exact;
  const [language = '', ...rest] = tag.toLowerCase().split('-');
  const country = rest.at(-1)?.toUpperCase() ?? '';
  const regional = regions.find(
    ([, spoken, countries]) => spoken === language && countries.includes(country),
  );
  return regional?.[0] ?? locales.find((locale) => locale === language);
}
