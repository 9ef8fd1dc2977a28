import { formatsFor } from '../../platform/formats.ts';
import type { Locale } from '../../platform/locale.ts';

/** What a mark of a chart stands for: a rank of health, nothing in particular, or one of eight that are told apart. */
export const tones = [
  'good',
  'average',
  'poor',
  'accent',
  'muted',
  '1',
  '2',
  '3',
  '4',
  '5',
  '6',
  '7',
  '8',
] as const;
export type Tone = (typeof tones)[number];

/** How the figures of a chart are written: a share is 0–1, money is in minor units and written in whole ones. */
export type FigureKind = 'number' | 'decimal' | 'share' | 'money';

/** The figures behind a chart, for those who cannot or do not want to see it. */
export interface ChartTable {
  heads: readonly string[];
  rows: readonly { label: string; href?: string | undefined; cells: readonly string[] }[];
}

/** How figures are written in full, and how on a scale. */
export interface Writer {
  full: (value: number) => string;
  short: (value: number) => string;
}

const made = new Map<string, Writer>();

/** Writes the figures of one kind in one language. */
export function writerOf(kind: FigureKind = 'number', locale: Locale = 'en'): Writer {
  const name = `${locale} ${kind}`;
  const known = made.get(name);
  if (known !== undefined) return known;
  const writer = makeWriter(kind, locale);
  made.set(name, writer);
  return writer;
}

function makeWriter(kind: FigureKind, locale: Locale): Writer {
  const { number, percent } = formatsFor(locale, 'UTC');
  const money = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: 'USD',
    maximumFractionDigits: 0,
  });
  const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
  const decimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const fine = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const short = (value: number) => compact.format(value);
  return {
    number: { full: number, short },
    decimal: { full: (value: number) => decimal.format(value), short },
    share: { full: (value: number) => fine.format(value), short: percent },
    money: {
      full: (minor: number) => money.format(minor / 100),
      short: (minor: number) => short(minor / 100),
    },
  }[kind];
}
