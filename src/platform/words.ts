import { createInstance, type i18n } from 'i18next';
import FsBackend from 'i18next-fs-backend';

import { fallbacks, type Locale, locales } from './locale.ts';
import { log } from './log.ts';

/** The files of locales/<locale>/: one for each surface, and what they share. */
export const surfaces = ['shared', 'public', 'portal', 'partner', 'console', 'panel', 'mail'] as const;
export type Surface = (typeof surfaces)[number];

/** Gives the words of a key. `count` picks the plural; `defaultValue` stands in for a key that may be unknown. */
export type Translate = (key: string, values?: Record<string, unknown>) => string;

const words: i18n = createInstance();
await words.use(FsBackend).init({
  preload: [...locales],
  load: 'currentOnly',
  fallbackLng: fallbacks,
  ns: [...surfaces],
  defaultNS: 'shared',
  fallbackNS: 'shared',
  initAsync: false,
  interpolation: { escapeValue: false },
  backend: { loadPath: `${import.meta.dirname}/../../locales/{{lng}}/{{ns}}.yml` },
  parseMissingKeyHandler: (key, defaultValue) => {
    if (defaultValue === undefined) log.warn({ key }, 'there are no words for this key');
    return defaultValue ?? key;
  },
});

const translators = new Map<string, Translate>();

/** Words without values are looked up once: a page of a list asks for hundreds (20 µs each). */
const MOST_REMEMBERED = 10_000;

/** The words of one surface (or of several, the first first) in one language, with those of `shared` behind them. */
export function translator(locale: Locale, ...spoken: Surface[]): Translate {
  const name = [locale, ...spoken].join('/');
  const known = translators.get(name);
  if (known !== undefined) return known;
  const fixed = words.getFixedT(locale, [...spoken, 'shared']);
  const plain = new Map<string, string>();
  const translate: Translate = (key, values) => {
    if (values !== undefined) return fixed(key, values);
    const words = plain.get(key) ?? fixed(key, {});
    if (plain.size < MOST_REMEMBERED) plain.set(key, words);
    return words;
  };
  translators.set(name, translate);
  return translate;
}
