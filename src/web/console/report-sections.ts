import { ranks } from '../../health/ranks.ts';
import { formatsFor } from '../../platform/formats.ts';
import type { Translate } from '../../platform/words.ts';
import type { Cell, Column, Report, Row, Section, Segmenting } from '../../reports/report.ts';
import { writerOf } from '../charts/figures.ts';

/* Figures of reports in words: what stands in the cells of a page, and where they lead. */

export interface Speech {
  t: Translate;
  report: Report;
  by: Segmenting | undefined;
}

/** A cell as it is shown: a rank has its mark, all else is text. */
export interface ShownCell {
  text: string;
  href: string | undefined;
  rank: string | undefined;
  isNumber: boolean;
}

const { date } = formatsFor('en', 'UTC');
const month = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' });
const shortMonth = new Intl.DateTimeFormat('en', { month: 'short', year: '2-digit', timeZone: 'UTC' });
const shortDay = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' });

const numeric = new Set<Column['kind']>(['number', 'decimal', 'share', 'money']);

export const isNumeric = ({ kind }: Column): boolean => numeric.has(kind);

/** What a column is called: by the data, by this report, or by all. */
export function headOf({ name, label, kind }: Column, { t, report, by }: Speech): string {
  if (label !== undefined) return labelOf(label, { t, report, by });
  if (kind === 'group') return t(`reports.heads.${by ?? 'all'}`);
  return t(`reports.of.${report.name}.columns.${name}`, { defaultValue: t(`reports.columns.${name}`) });
}

/** The name of a group; a size is a word, and what is not known is said so. */
export function labelOf(label: string, { t, by }: Speech): string {
  if (label === '') return t('reports.notKnown');
  return by === 'size' ? t(`lists.sizes.${label}`) : label;
}

/** A cell in words. */
export function textOf(column: Column, row: Row, speech: Speech): string {
  const value = row[column.name] ?? null;
  if (column.kind === 'group') return groupText(row, speech);
  if (value === null) return '–';
  return writers[column.kind](value, speech, column.name);
}

const groupText = (row: Row, speech: Speech): string =>
  speech.by === undefined && row.key === null
    ? speech.t('reports.everything')
    : labelOf(String(row.group ?? ''), speech);

type Write = (value: string | number, speech: Speech, name: string) => string;

const asText: Write = (value) => String(value);
const figure =
  (kind: 'number' | 'decimal' | 'share' | 'money'): Write =>
  (value) =>
    writerOf(kind).full(Number(value));

const writers: Record<Column['kind'], Write> = {
  account: asText,
  group: asText,
  text: asText,
  number: figure('number'),
  decimal: figure('decimal'),
  share: figure('share'),
  money: figure('money'),
  date: (value) => date(String(value)),
  month: (value) => month.format(new Date(`${String(value)}-01`)),
  rank: (value, { t }) => t(`health.${String(value)}`),
  word: (value, { t }, name) => t(`reports.words.${name}.${String(value)}`),
};

/** The same, as short as below a chart. */
export function shortTextOf(column: Column, row: Row, speech: Speech): string {
  const value = row[column.name] ?? null;
  if (column.kind === 'month' && value !== null) return shortMonth.format(new Date(`${String(value)}-01`));
  if (column.kind === 'date' && value !== null) return shortDay.format(new Date(String(value)));
  return textOf(column, row, speech);
}

/** Every row of a section as it is shown. */
export function cellsOf({ columns, rows }: Pick<Section, 'columns' | 'rows'>, speech: Speech): ShownCell[][] {
  return rows.map((row) =>
    columns.map((column) => ({
      text: textOf(column, row, speech),
      href: hrefOf(column, row, speech.by),
      rank: column.kind === 'rank' && row[column.name] !== null ? String(row[column.name]) : undefined,
      isNumber: isNumeric(column),
    })),
  );
}

function hrefOf({ kind, name }: Column, row: Row, by: Segmenting | undefined): string | undefined {
  if (kind === 'account') return `/console/accounts/${String(row.id)}`;
  if (kind === 'group') return groupHref(by, row.key ?? null);
  const isRank = kind === 'number' && ranks.some((rank) => rank === name);
  return isRank && row[name] !== 0 ? groupHref(by, row.key ?? null, name) : undefined;
}

/** What the list of accounts calls a grouping; it has no filter for editions. */
const filters: Partial<Record<Segmenting, string>> = {
  manager: 'manager',
  size: 'size',
  industry: 'industry',
  country: 'country',
  type: 'type',
};

/** The accounts of a group in their list; undefined where the list cannot be narrowed to it. */
export function groupHref(by: Segmenting | undefined, key: Cell, rank?: string): string | undefined {
  if (by === undefined) return undefined;
  const filter = filters[by];
  if (filter === undefined) return undefined;
  if (key === null && by !== 'manager' && by !== 'size') return undefined;
  const query = new URLSearchParams({
    [filter]: String(key ?? '-'),
    ...(rank === undefined ? {} : { rank }),
  });
  return `/console/accounts?${query.toString()}`;
}
