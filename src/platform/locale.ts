/** The languages of every page for customers, partners and the public (LK1), in the order of the footer's links. */
export const locales = ['en', 'de', 'es', 'fr', 'it', 'ja', 'es-419', 'pt', 'en-AU', 'en-GB'] as const;

export type Locale = (typeof locales)[number];

/** What each language calls itself. */
export const localeNames: Record<Locale, string> = {
  en: 'English',
  de: 'Deutsch',
  es: 'Español',
  fr: 'Français',
  it: 'Italiano',
  ja: '日本語',
  'es-419': 'Español (Latinoamérica)',
  pt: 'Português',
  'en-AU': 'English (Australia)',
  'en-GB': 'English (UK)',
};

/** Where a word is looked for when a regional language has none of its own. */
export const fallbacks: Record<string, Locale[]> = {
  'en-AU': ['en-GB', 'en'],
  'en-GB': ['en'],
  'es-419': ['es', 'en'],
  default: ['en'],
};

export const isLocale = (text: unknown): text is Locale => (locales as readonly unknown[]).includes(text);
