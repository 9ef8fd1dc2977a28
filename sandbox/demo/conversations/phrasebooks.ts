import { languageOf } from '../people.ts';
import type { Phrasebook } from './conversation.ts';
import { english } from './en.ts';
import { french } from './fr.ts';
import { german } from './de.ts';
import { italian } from './it.ts';
import { japanese } from './ja.ts';
import { portuguese } from './pt.ts';
import { spanish } from './es.ts';

const byLanguage: Readonly<Record<string, Phrasebook>> = {
  de: german,
  es: spanish,
  fr: french,
  it: italian,
  ja: japanese,
  pt: portuguese,
};

/** What is said on cases in that locale's language; English where there is no other. */
export const phrasebookOf = (locale: string): Phrasebook => byLanguage[languageOf(locale)] ?? english;

/** The text with its `{placeholders}` filled. */
export const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
