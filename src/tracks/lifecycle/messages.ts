import { dressed, type Look } from '../../content/templates/dressing.ts';
import { button, page, paragraph, quiet, section, signature, space, title } from '../../content/templates/layout.ts'; // prettier-ignore
import type { MessageContent, Variant } from '../../content/document.ts';
import { escapeHtml } from '../../content/escaping.ts';
import { type Locale, locales } from '../../platform/locale.ts';

import { lifecycleWords, type MessageCode } from './words/words.ts';

export type Fill = Readonly<Record<string, string>>;

/** A message of a lifecycle case in all languages, in the brand’s look. */
export function lifecycleMessage(code: MessageCode, fill: Fill, look: Look): MessageContent {
  const variants = locales.map((locale) => variantOf(code, fill, locale));
  return dressed({ format: 'mjml', defaultLocale: 'en', weights: [1], variants, tables: {} }, look);
}

/** What a message is called among all others. */
export const messageName = (code: MessageCode, fill: Fill): string =>
  filled(lifecycleWords.en.messages[code].title, fill);

function variantOf(code: MessageCode, fill: Fill, locale: Locale): Variant {
  const { kicker, messages } = lifecycleWords[locale];
  const { subject, preheader } = messages[code];
  const values = { ...fill, locale };
  return {
    locale,
    variant: 0,
    subject: filled(subject, values),
    preheader: filled(preheader, values),
    body: page({
      locale,
      kicker,
      reason: 'customer',
      sections: filled(bodyOf(code, locale), escaped(values)),
    }),
  };
}

function bodyOf(code: MessageCode, locale: Locale): string {
  const { hello, greeting, team, messages } = lifecycleWords[locale];
  const { title: heading, text, points = [], button: label, after } = messages[code];
  return section(
    space(34),
    ...(label === undefined ? [] : [title(heading)]),
    paragraph(hello),
    ...text.map(paragraph),
    ...(points.length === 0 ? [] : [listed(points)]),
    ...(label === undefined ? [] : [button(label, '[[link]]')]),
    ...(after === undefined ? [] : [quiet(after)]),
    signature(greeting, team),
  );
}

const listed = (points: readonly string[]): string =>
  `<mj-text><ul style="margin:0;padding-left:22px">${points.map((point) => `<li style="padding-bottom:8px">${point}</li>`).join('')}</ul></mj-text>`;

/* A link may hold another place, the language; what is set for a track is text, whatever stands in it. */
const filled = (text: string, fill: Fill): string => {
  const once = (from: string) => from.replaceAll(/\[\[([a-z]+)\]\]/g, (place, name: string) => fill[name] ?? place);
  return once(once(text));
}; // prettier-ignore

const escaped = ({ link = '', ...texts }: Fill): Fill => ({
  ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, escapeHtml(text)])),
  link: escapeHtml(link),
});
