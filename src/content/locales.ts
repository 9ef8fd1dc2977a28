import { fallbacks, isLocale, type Locale } from '../platform/locale.ts';

/** Where a message is looked for in turn: es-419 → es → en. */
export const chainOf = (locale: string): Locale[] => [
  ...(isLocale(locale) ? [locale] : []),
  ...((Object.hasOwn(fallbacks, locale) ? fallbacks[locale] : fallbacks.default) ?? []),
];

/** Words in some languages, or the same in all. */
export type Words = string | Partial<Record<Locale, string>>;

/** The words in a language, or in the next one of its chain that has any. */
export function wordsIn(words: Words | undefined, locale: string): string | undefined {
  if (words === undefined || typeof words === 'string') return words;
  return chainOf(locale)
    .map((each) => words[each])
    .find((found) => found !== undefined && found !== '');
}
