import type { Locale } from '../platform/locale.ts';

import { lookOfBrand } from './brand-kit.ts';
import type { Format, MessageContent } from './document.ts';
import { dressed } from './templates/dressing.ts';
import { button, page, paragraph, section, space, title } from './templates/layout.ts';

/** What a message begins with that begins as nothing: a page in the look of the brand, or nothing but a greeting. */
export async function blankContent(format: Format, locale: Locale = 'en'): Promise<MessageContent> {
  const greeting = 'Hello {{ person.firstName | default: "there" }},';
  const body = {
    mjml: page({
      locale,
      kicker: 'News',
      reason: 'customer',
      sections: section(
        space(34),
        title('A heading'),
        paragraph(greeting),
        paragraph('What you want to say.'),
        button('Open the portal', `{{ portal.url }}/${locale}/portal`),
        space(14),
      ),
    }),
    html: `<p>${greeting}</p>\n<p>What you want to say.</p>\n<p><a href="{{ links.unsubscribe }}">Unsubscribe</a></p>`,
    text: `${greeting}\n\nwhat you want to say.`,
  }[format];
  const content: MessageContent = {
    format,
    defaultLocale: locale,
    weights: [1],
    variants: [{ locale, variant: 0, subject: '', preheader: '', body }],
    tables: {},
  };
  return dressed(content, await lookOfBrand());
}
