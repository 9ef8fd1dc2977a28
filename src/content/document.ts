import { z } from 'zod';

import { type Locale, locales } from '../platform/locale.ts';
import type { Rule } from '../rules/rules.ts';

import type { Words } from './locales.ts';

/** What a message is written in. `text` is for channels that show nothing else. */
export const formats = ['mjml', 'html', 'text'] as const;
export type Format = (typeof formats)[number];

/** One language of one variant of a message. Its texts may hold merge fields: `{{ person.firstName | default: "there" }}`. */
export interface Variant {
  locale: Locale;
  /** 0 is A, 1 is B … */
  variant: number;
  subject: string;
  /** What inboxes show behind the subject. */
  preheader: string;
  /** MJML, HTML or plain text, by the message's format. */
  body: string;
  /** The plain-text part, where it is not to be made of the body. */
  text?: string | undefined;
}

/** The objects that a table may list. */
export const tableObjects = ['accounts', 'opportunities', 'licenses', 'cases'] as const;
export type TableObject = (typeof tableObjects)[number];

/** Whose they are, from the recipient's account: the immediate hierarchy (CP12), its whole branch, or the accounts that it sells to. */
export const reaches = [
  'own',
  'siblings',
  'parents',
  'children',
  'branch',
  'distributed',
  'partnered',
] as const;
export type Reach = (typeof reaches)[number];

export interface TableColumn {
  /** A field of the catalog about the object, or about the account that it belongs to: `license.supportUntil`, `account.name`. */
  field: string;
  /** Without one, what the field is called. */
  heading?: Words | undefined;
}

/** A table whose rows are looked up for each recipient as their message is made (CP13): `{% table "renewals" %}`. */
export interface SegmentTable {
  of: TableObject;
  reach: Reach;
  /** From every account of the person, not the one alone that they are written to for. */
  isOfAllAccounts: boolean;
  /** Which of them, in the filter language. */
  rule?: Rule | undefined;
  /** Which of them, by a smart list of accounts. */
  segmentId?: string | undefined;
  columns: TableColumn[];
  sort: { field: string; direction: 'ascending' | 'descending' };
  limit: number;
  /** A last row with the sums of numbers and money. */
  hasTotals: boolean;
  /** Said instead of a table without rows; nothing at all when it is empty. */
  emptyText: Words;
}

/** What an author writes of a message. */
export interface MessageContent {
  format: Format;
  /** The language that everybody gets who has no other one of it. */
  defaultLocale: Locale;
  /** How often each variant is taken, in proportion: [1, 1] is half and half. */
  weights: number[];
  variants: Variant[];
  /** By the name that `{% table "name" %}` says. */
  tables: Record<string, SegmentTable>;
}

export const limits = {
  /** Characters of a body, and of a plain-text part. */
  body: 300_000,
  subject: 250,
  preheader: 250,
  variants: 5,
  tables: 10,
  columns: 8,
  rows: 50,
  name: 120,
} as const;

/** Text that a database and a mail can carry. */
const text = (most: number) =>
  z
    .string()
    .max(most, 'messages.errors.tooLong')
    .refine((value) => value.isWellFormed() && !value.includes('\0'), 'messages.errors.notText');

/* A header of a mail is one line: what would begin another one is refused, not repaired (CWE-93). */
const line = (most: number) =>
  text(most).refine((value) => !/[\r\n\u2028\u2029\u0085]/.test(value), 'messages.errors.oneLine');

const locale = z.enum(locales);
const words = z.union([line(200), z.partialRecord(locale, line(200))]);

/** Reads the settings of a table. */
export const segmentTable: z.ZodType<SegmentTable> = z.strictObject({
  of: z.enum(tableObjects),
  reach: z.enum(reaches),
  isOfAllAccounts: z.boolean(),
  rule: z.custom<Rule>((value) => typeof value === 'object' && value !== null).optional(),
  segmentId: z.uuid().optional(),
  columns: z
    .array(z.strictObject({ field: line(200), heading: words.optional() }))
    .min(1)
    .max(limits.columns),
  sort: z.strictObject({ field: line(200), direction: z.enum(['ascending', 'descending']) }),
  limit: z.int().min(1).max(limits.rows),
  hasTotals: z.boolean(),
  emptyText: words,
});

const variant: z.ZodType<Variant> = z.strictObject({
  locale,
  variant: z
    .int()
    .min(0)
    .max(limits.variants - 1),
  subject: line(limits.subject),
  preheader: line(limits.preheader),
  body: text(limits.body),
  text: text(limits.body).optional(),
});

/** Reads what an author wrote; what is only unwise about it, `checks.ts` says. Errors are locale keys. */
export const messageContent: z.ZodType<MessageContent> = z
  .strictObject({
    format: z.enum(formats),
    defaultLocale: locale,
    weights: z.array(z.number().min(0).max(1000)).min(1).max(limits.variants),
    variants: z
      .array(variant)
      .min(1)
      .max(locales.length * limits.variants),
    tables: z.record(z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/), segmentTable),
  })
  .check(({ value, issues }) => {
    for (const { path, message } of contradictions(value))
      issues.push({ code: 'custom', path, message, input: value });
  });

function contradictions({ weights, variants, defaultLocale, tables }: MessageContent) {
  const found: { path: (string | number)[]; message: string }[] = [];
  const names = variants.map(({ locale, variant }) => `${locale}/${variant}`);
  if (new Set(names).size < names.length)
    found.push({ path: ['variants'], message: 'messages.errors.twice' });
  if (variants.some(({ variant }) => variant >= weights.length))
    found.push({ path: ['weights'], message: 'messages.errors.weights' });
  if (weights.every((weight) => weight === 0))
    found.push({ path: ['weights'], message: 'messages.errors.weights' });
  for (const variant of weights.keys())
    if (!names.includes(`${defaultLocale}/${variant}`))
      found.push({ path: ['variants'], message: 'messages.errors.noDefault' });
  if (Object.keys(tables).length > limits.tables)
    found.push({ path: ['tables'], message: 'messages.errors.tooManyTables' });
  return found;
}
