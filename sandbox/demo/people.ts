import type { Random } from './random.ts';
import type { Country } from './regions/region.ts';
import { slug, spelled } from './spelling.ts';
import { namesIn } from './words/names.ts';
import { titlesByLanguage } from './words/titles.ts';

/** A made-up person. `mailName` is what stands before the @ of their address. */
export interface DemoPerson {
  firstName: string;
  lastName: string;
  mailName: string;
}

/** Where people carry two family names. */
const twoFamilyNames = new Set(['Spain', 'Mexico', 'Colombia', 'Chile']);

/** A person as one meets them in that country. */
export function personIn(country: Country, random: Random): DemoPerson {
  const names = namesIn(country.name);
  const first = spelled(random.pick(random.chance(0.45) ? names.female : names.male));
  const last = spelled(random.pick(names.last));
  const second = twoFamilyNames.has(country.name) ? ` ${spelled(random.pick(names.last)).written}` : '';
  return {
    firstName: first.written,
    lastName: last.written + second,
    mailName: `${slug(first.latin)}.${slug(last.latin)}`,
  };
}

/** The language of a locale as titles and case texts are kept: `es` for `es-419`. */
export const languageOf = (locale: string): string => locale.split('-')[0] ?? locale;

/** What a person does there; the place says how high, from hands-on (0) to the one who pays (9). */
export function titleIn(country: Country, place: number): string {
  const titles = titlesByLanguage[languageOf(country.locale)] ?? titlesByLanguage.en ?? [];
  return titles[place % titles.length] ?? '';
}
