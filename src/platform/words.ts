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

/** What is said is looked up once (20 µs each): a page of a list asks for hundreds. Then all is forgotten, and learned anew. */
const MOST_REMEMBERED = 10_000;

/** The words of one surface (or of several, the first first) in one language, with those of `shared` behind them. */
export function translator(locale: Locale, ...spoken: Surface[]): Translate {
  const name = [locale, ...spoken].join('/');
  const known = translators.get(name);
  if (known !== undefined) return known;
  const fixed = words.getFixedT(locale, [...spoken, 'shared']);
  const translate = quick((key, values) => fixed(key, values ?? {}));
  translators.set(name, translate);
  return translate;
}

/** Numbers choose the words' form, and a default stands in for them: they belong to what is looked up. Other values are only filled in. */
const deciding = (name: string, value: unknown): boolean =>
  typeof value === 'number' || name === 'defaultValue';

/* Words that say each other, or format what is filled in, are the library's to put together. */
const intricate = /\$t\(|\{\{-|\{\{[^}]*,/;

function quick(fixed: Translate): Translate {
  const known = new Map<string, string>();
  const remembered = (name: string, key: string, values: Record<string, unknown>): string => {
    const found = known.get(name) ?? fixed(key, values);
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(name, found);
    return found;
  };
  return (key, values) => {
    if (values === undefined) return remembered(key, key, {});
    const entries = Object.entries(values);
    const isPlain = entries.every(([name, value]) => deciding(name, value) || typeof value === 'string');
    if (!isPlain || 'context' in values) return fixed(key, values);
    const decide = entries.filter(([name, value]) => deciding(name, value));
    const name = [key, ...decide.map(([one, value]) => `${one}=${String(value)}`)].join('\n');
    if (decide.length === entries.length) return remembered(name, key, values);
    const raw = remembered(`${name}\nraw`, key, { ...Object.fromEntries(decide), skipInterpolation: true });
    return intricate.test(raw) ? fixed(key, values) : filled(raw, values);
  };
}

/** All values are texts and numbers. */
const filled = (words: string, values: Record<string, unknown>): string =>
  words.replace(/\{\{\s*([^{}]+?)\s*\}\}/g, (_, name: string) => {
    const value = values[name];
    return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
  });
