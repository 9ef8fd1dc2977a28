import { type Locale, locales } from '../../platform/locale.ts';

import type { MessageContent, SegmentTable, Variant } from '../document.ts';

import { dressed, type Look, plainLook } from './dressing.ts';
import {
  box, button, details, figure, figures, heading, hero, page, paragraph, quiet, section, signature, space, steps, table, title,
} from './layout.ts'; // prettier-ignore
import { newsWords } from './news-words.ts';
import { renewalWords } from './renewal-words.ts';
import { welcomeWords } from './welcome-words.ts';

/** A message to begin with, that comes with the product. */
export interface Template {
  code: string;
  name: string;
  description: string;
  content: MessageContent;
}

type Part = Omit<Variant, 'variant' | 'locale'>;

const inAllLocales = (part: (locale: Locale) => Part): Variant[] =>
  locales.map((locale) => ({ ...part(locale), locale, variant: 0 }));

const content = (variants: Variant[], tables: MessageContent['tables'] = {}): MessageContent => ({
  format: 'mjml', defaultLocale: 'en', weights: [1], variants, tables,
}); // prettier-ignore

const inEnglish = (part: Part, tables: MessageContent['tables'] = {}): MessageContent =>
  content([{ ...part, locale: 'en', variant: 0 }], tables);

const portal = (locale: Locale, path = ''): string => `{{ portal.url }}/${locale}/portal${path}`;

const due: SegmentTable = {
  of: 'licenses',
  reach: 'own',
  isOfAllAccounts: true,
  rule: {
    all: [
      { field: 'license.supportUntil', op: 'withinNext', value: 90 },
      { field: 'license.isTrial', op: 'is', value: false },
    ],
  },
  columns: [{ field: 'license.product' }, { field: 'license.seats' }, { field: 'license.supportUntil' }],
  sort: { field: 'license.supportUntil', direction: 'ascending' },
  limit: 10,
  hasTotals: false,
  emptyText: Object.fromEntries(locales.map((locale) => [locale, renewalWords[locale].none])),
};

const renewal: Template = {
  code: 'renewal',
  name: 'Renewal coming up',
  description: 'The day of renewal, what is due within 90 days, and whom to talk to. In all languages.',
  content: content(
    inAllLocales((locale) => {
      const words = renewalWords[locale];
      return {
        subject: words.subject,
        preheader: words.preheader,
        body: page({
          locale,
          kicker: words.kicker,
          reason: 'service',
          sections: [
            section(space(34), title(words.title), paragraph(words.hello), paragraph(words.intro)),
            '{% if account.renewalOn %}',
            box(figure('{{ account.renewalOn }}', words.day)),
            '{% endif %}',
            section(
              heading(words.listed), table('due'), paragraph(words.after), button(words.button, portal(locale, '/licenses')),
              signature(words.greeting, words.team),
            ), // prettier-ignore
          ].join('\n'),
        }),
      };
    }),
    { due },
  ),
};

const welcome: Template = {
  code: 'welcome',
  name: 'Welcome',
  description: 'Three steps for the first week of a new customer. In all languages.',
  content: content(
    inAllLocales((locale) => {
      const words = welcomeWords[locale];
      return {
        subject: words.subject,
        preheader: words.preheader,
        body: page({
          locale,
          kicker: words.kicker,
          reason: 'customer',
          sections: [
            hero(words.title, words.lead),
            section(
              space(28), paragraph(words.intro), steps(words.steps), button(words.button, portal(locale)), quiet(words.help),
              signature(words.greeting, words.team),
            ), // prettier-ignore
          ].join('\n'),
        }),
      };
    }),
  ),
};

const news: Template = {
  code: 'product-news',
  name: 'Product news',
  description:
    'What is new in a release: one thing that matters, two more, and where to read on. In all languages.',
  content: content(
    inAllLocales((locale) => {
      const words = newsWords[locale];
      return {
        subject: words.subject,
        preheader: words.preheader,
        body: page({
          locale,
          kicker: words.kicker,
          reason: 'customer',
          sections: [
            hero(words.title, words.lead),
            section(
              space(28), paragraph(words.hello), paragraph(words.intro), button(words.button, `${portal(locale)}/?from=news`),
              ...words.others.flatMap((other) => [heading(other.title), paragraph(other.text)]), quiet(words.rest), space(14),
            ), // prettier-ignore
          ].join('\n'),
        }),
      };
    }),
  ),
};

const checkIn: Template = {
  code: 'check-in',
  name: 'Personal check-in',
  description: 'A short letter from the success manager when an account has become quiet.',
  content: inEnglish({
    subject: 'How are things at {{ account.name }}?',
    preheader: 'A short note from {{ manager.name | default: "your success manager" }}.',
    body: page({
      locale: 'en',
      kicker: 'A short note',
      reason: 'customer',
      sections: section(
        space(34),
        paragraph('Hello {{ person.firstName | default: "there" }},'),
        paragraph(
          '{% if account.lastActiveOn %}I noticed that your team was last active on {{ account.lastActiveOn }}, and wanted to ask how things are.{% else %}I have not heard from your team for a while, and wanted to ask how things are.{% endif %}',
        ),
        paragraph(
          'If something got in the way – time, a question, a missing piece – tell me in a line, and I will see what I can do. If all is well, that is good to hear, too.',
        ),
        paragraph('Would a quarter of an hour next week help? Just reply with a time that suits you.'),
        signature('Best regards', 'Your team at {{ brand.name }}'),
      ),
    }),
  }),
};

const branch: SegmentTable = {
  of: 'accounts',
  reach: 'branch',
  isOfAllAccounts: true,
  rule: { field: 'account.nextRenewalOn', op: 'withinNext', value: 180 },
  columns: [
    { field: 'account.name' },
    { field: 'account.nextRenewalOn' },
    { field: 'account.contractValue' },
  ],
  sort: { field: 'account.nextRenewalOn', direction: 'ascending' },
  limit: 12,
  hasTotals: true,
  emptyText: 'Nothing is due within the next six months.',
};

const review: Template = {
  code: 'account-review',
  name: 'Quarterly review',
  description: 'Figures of the account, and the companies of its branch whose renewal is near.',
  content: inEnglish(
    {
      subject: 'Your quarter with {{ brand.name }}',
      preheader: 'How {{ account.name }} uses what it bought, and what is due next.',
      body: page({
        locale: 'en',
        kicker: 'Quarterly review',
        reason: 'customer',
        sections: [
          section(
            space(34),
            title('Your quarter at a glance'),
            paragraph(
              'Hello {{ person.firstName | default: "there" }}, this is where {{ account.name }} stands today, {{ today }}.',
            ),
          ),
          figures(
            { label: 'People active', value: '{{ account.peopleActive | default: "–" }}' },
            { label: 'Days with use', value: '{{ account.daysActive | default: "–" }}' },
            { label: 'Open cases', value: '{{ account.openCases }}' },
          ),
          section(
            quiet('People and days of the last two weeks.'),
            heading('Renewals in your group within six months'),
            table('branch'),
            paragraph('Shall we go through it together? Reply to this mail, and we find a time.'),
            button('Open the portal', portal('en')),
            signature('Kind regards', 'Your team at {{ brand.name }}'),
          ),
        ].join('\n'),
      }),
    },
    { branch },
  ),
};

const event: Template = {
  code: 'event',
  name: 'Invitation',
  description: 'An invitation to a training session or an event: when, where, and what it is about.',
  content: inEnglish({
    subject: 'You are invited: restore drills, live',
    preheader: '45 minutes, your questions included.',
    body: page({
      locale: 'en',
      kicker: 'Invitation',
      reason: 'customer',
      sections: [
        section(
          space(34),
          title('Restore drills, live'),
          paragraph(
            'Hello {{ person.firstName | default: "there" }}, we take a server down on purpose and bring it back, step by step. Join us, and bring your questions.',
          ),
        ),
        box(
          details([
            ['When', 'Thursday, 10 December, 15:00 UTC'],
            ['Where', 'Online; the address comes with your seat'],
            ['Length', '45 minutes'],
            ['For', 'Whoever would get the call at night'],
          ]),
        ),
        section(
          heading('What you will see'),
          paragraph(
            'A plan for the first ten minutes. A restore to other hardware. A drill that your team can repeat each quarter, with a checklist to take along.',
          ),
          button('Save my seat', `${portal('en')}/?from=invitation`),
          quiet('No time on that day? Save a seat all the same: we send the recording to everybody who did.'),
          space(14),
        ),
      ].join('\n'),
    }),
  }),
};

const delivered: readonly Template[] = [renewal, welcome, news, checkIn, review, event];

/** The templates that come with the product, in a look. */
export const templatesIn = (look: Look): Template[] =>
  delivered.map((template) => ({ ...template, content: dressed(template.content, look) }));

/** They, in the look that follows from the settings alone. */
export const templates: readonly Template[] = templatesIn(plainLook());
