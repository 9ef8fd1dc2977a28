import type { RawBuilder } from 'kysely';

import { sql } from '../platform/db.ts';
import { type Locale, locales } from '../platform/locale.ts';

import type { MessageVersion } from './content.ts';
import { chainOf } from './locales.ts';

type Content = Pick<MessageVersion, 'content'>;

/** The language that a message has for readers of a language: es-419 → es → en, at last its default one. */
export function localeFor({ content: { variants, defaultLocale } }: Content, locale: string): Locale {
  const has = (wanted: Locale) => variants.some((each) => each.locale === wanted);
  return chainOf(locale).find(has) ?? defaultLocale;
}

/** The same in SQL, over a column of locales. */
export function messageLocale(version: Content, locale: RawBuilder<unknown>): RawBuilder<string> {
  const cases = locales.map((each) => sql`when ${each} then ${localeFor(version, each)}`);
  return sql`(case ${locale} ${sql.join(cases, sql` `)} else ${version.content.defaultLocale}::text end)`;
}

/**
 * Which variant somebody gets, by the weights; always the same one for the same key, and evenly spread over keys (A9).
 * @param key what tells recipients apart within the campaign: its id with the person's, as text
 */
export function chosenVariant(
  { content: { weights } }: Content,
  key: RawBuilder<unknown>,
): RawBuilder<number> {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const share = sql`((hashtextextended(${key}::text, 0) & 1048575) / 1048576.0)`;
  let until = 0;
  const cases = weights.map((weight, variant) => {
    until += weight / total;
    return sql`when weight < ${until}::float8 then ${variant}::int`;
  });
  return sql`(select case ${sql.join(cases, sql` `)} else ${weights.findLastIndex((weight) => weight > 0)}::int end from (select ${share} as weight) drawn)`;
}
