import type { Locale } from '../platform/locale.ts';
import { translator } from '../platform/words.ts';
import type { Catalog, Entity, Field } from '../rules/fields.ts';

import type { SegmentTable, TableColumn, TableObject } from './document.ts';
import { escapeHtml } from './escaping.ts';
import { wordsIn } from './locales.ts';
import { unmarkedText } from './marks.ts';
import { teller } from './values-told.ts';

/** What a rule about the rows of a table is about. */
export const tableEntity = {
  accounts: 'account',
  opportunities: 'opportunity',
  licenses: 'license',
  cases: 'case',
} as const satisfies Record<TableObject, Entity>;

/** What a table is for one recipient: its first rows, and of how many. */
export interface TableRows {
  /** Cell by cell, in the order of the columns. */
  rows: readonly (readonly unknown[])[];
  total: number;
  /** By column; null where there is nothing to add up. */
  totals: readonly unknown[];
}

interface Shown {
  table: SegmentTable;
  catalog: Catalog;
  locale: Locale;
}

/** A table as it stands in messages of a language: in HTML, and as lines of text. */
export function tableShown(
  data: TableRows,
  { table, catalog, locale }: Shown,
): { html: string; text: string } {
  const told = teller(locale);
  const words = translator(locale, 'mail');
  if (data.rows.length === 0) return emptyTable(wordsIn(table.emptyText, locale) ?? '');
  const fields = table.columns.map(({ field }) => catalog.get(field));
  const cells = data.rows.map((row) => row.map((value) => told(value)));
  const totals =
    table.hasTotals && data.totals.some((value) => value !== null)
      ? data.totals.map((value) => told(value))
      : undefined;
  if (totals?.[0] === '') totals[0] = words('content.table.total');
  const view: View = {
    heads: table.columns.map((column) =>
      headingOf(column, fields, { locale, words: (key) => words(key, { defaultValue: '' }) }),
    ),
    areNumbers: fields.map((field) => field?.type === 'number' || field?.type === 'money'),
    areDates: fields.map((field) => field?.type === 'date'),
    cells,
    totals,
    more:
      data.total > cells.length
        ? words('content.table.more', { rest: data.total - cells.length })
        : undefined,
  };
  return { html: htmlOf(view), text: textOf(view) };
}

const emptyTable = (text: string) => ({
  html: text === '' ? '' : `<p style="margin:0">${escapeHtml(text)}</p>`,
  text: unmarkedText(text),
});

interface View {
  heads: readonly string[];
  areNumbers: readonly boolean[];
  areDates: readonly boolean[];
  cells: readonly (readonly string[])[];
  totals: readonly string[] | undefined;
  more: string | undefined;
}

function headingOf(
  { field, heading }: TableColumn,
  fields: readonly (Field | undefined)[],
  { locale, words }: { locale: Locale; words: (key: string) => string },
): string {
  const known = fields.find((each) => each?.name === field);
  return (
    wordsIn(heading, locale) ||
    words(`content.headings.${field}`) ||
    (known?.label ?? field.split('.').at(-1) ?? '')
  );
}

/* Lines of half-transparent grey are seen on white and on black; what cannot do that takes the first of the two. */
const LINE = 'border-bottom:1px solid #c9ced6;border-bottom-color:rgba(128,136,148,.38)';
const STRONG = 'border-top:2px solid #9aa1ab;border-top-color:rgba(128,136,148,.7)';

const sideOf = (isNumber: boolean | undefined) => (isNumber === true ? 'right' : 'left');

function htmlOf({ heads, areNumbers, areDates, cells, totals, more }: View): string {
  const styleOf = (i: number) =>
    `text-align:${sideOf(areNumbers[i])}${areNumbers[i] === true || areDates[i] === true ? ';white-space:nowrap' : ''}`;
  const cell = (tag: 'th' | 'td', i: number, style: string) =>
    tag === 'th'
      ? `<th scope="col" align="${sideOf(areNumbers[i])}" style="${style};text-align:${sideOf(areNumbers[i])};word-break:normal">`
      : `<td align="${sideOf(areNumbers[i])}" style="${style};${styleOf(i)}">`;
  const row = (tag: 'th' | 'td', values: readonly string[], style: string) =>
    `<tr>${values.map((value, i) => `${cell(tag, i, style)}${escapeHtml(value)}</${tag}>`).join('')}</tr>`;
  const plain = 'padding:9px 8px;vertical-align:top;font-size:14px;line-height:20px';
  const head = row(
    'th',
    heads,
    `padding:6px 8px;vertical-align:bottom;font-size:12px;line-height:16px;font-weight:600;opacity:.72;${LINE}`,
  );
  const body = cells.map((each) => row('td', each, `${plain};${LINE}`)).join('');
  const foot = totals === undefined ? '' : row('td', totals, `${plain};font-weight:600;${STRONG}`);
  const rest =
    more === undefined
      ? ''
      : `<p style="margin:8px 8px 0;font-size:13px;line-height:18px;opacity:.72">${escapeHtml(more)}</p>`;
  return `<table width="100%" border="0" cellpadding="0" cellspacing="0" style="width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums"><thead>${head}</thead><tbody>${body}${foot}</tbody></table>${rest}`;
}

function textOf({ heads, cells, totals, more }: View): string {
  const line = (values: readonly string[]) =>
    `- ${values.map((value, i) => (i === 0 ? value : `${heads[i] ?? ''}: ${value}`)).filter((value) => !value.endsWith(': ')).join(', ')}`; // prettier-ignore
  return unmarkedText(
    [...cells, ...(totals === undefined ? [] : [totals])]
      .map(line)
      .concat(more ?? [])
      .join('\n'),
  );
}
