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

interface Drawing {
  table: SegmentTable;
  catalog: Catalog;
  locale: Locale;
}

/** A table as it stands in a message, each drawn when it is first asked for. */
export interface Shown {
  readonly html: string;
  readonly text: string;
}

/** Draws a table for messages of a language; what is the same for all recipients is made once. */
export function tableDrawer({ table, catalog, locale }: Drawing): (data: TableRows) => Shown {
  const told = teller(locale);
  const words = translator(locale, 'mail');
  const style = styleOf(table, { catalog, locale, words: (key) => words(key, { defaultValue: '' }) });
  const total = words('content.table.total');
  const empty = wordsIn(table.emptyText, locale) ?? '';
  return (data) => {
    if (data.rows.length === 0) return emptyTable(empty);
    const cells = data.rows.map((row) => row.map(told));
    const totals =
      table.hasTotals && data.totals.some((value) => value !== null) ? data.totals.map(told) : undefined;
    if (totals?.[0] === '') totals[0] = total;
    const rest = data.total - cells.length;
    const view: View = { cells, totals, more: rest > 0 ? words('content.table.more', { rest }) : undefined };
    return once({ html: () => htmlOf(style, view), text: () => textOf(style, view) });
  };
}

/** Properties of its own (templates see no others), made at most once. */
function once(make: { html: () => string; text: () => string }): Shown {
  const made: { html?: string; text?: string } = {};
  return {
    get html() {
      return (made.html ??= make.html());
    },
    get text() {
      return (made.text ??= make.text());
    },
  };
}

const emptyTable = (text: string): Shown => ({
  html: text === '' ? '' : `<p style="margin:0;padding:0 8px">${escapeHtml(text)}</p>`,
  text: unmarkedText(text),
});

interface View {
  cells: readonly (readonly string[])[];
  totals: readonly string[] | undefined;
  more: string | undefined;
}

/** What all recipients' tables have in common. */
interface Style {
  heads: readonly string[];
  head: string;
  /** The beginning of each column's cells, and of those of the last row. */
  cells: readonly string[];
  sums: readonly string[];
}

/* Short, since each recipient's table travels by itself. Lines of half-transparent grey are seen on white and on black; what cannot do that
   takes the first of the two colours. */
const LINE = 'border-bottom:1px solid #c9ced6;border-color:rgba(128,136,148,.4)';
const STRONG = 'font-weight:600;border-top:2px solid #9aa1ab;border-color:rgba(128,136,148,.7)';
const HEAD = `padding:6px 8px;font-size:12px;line-height:16px;font-weight:600;opacity:.72;word-break:normal;${LINE}`;
const CELL = 'padding:9px 8px';
const REST = 'margin:8px 8px 0;font-size:13px;line-height:18px;opacity:.72';
const TABLE =
  'width:100%;border-collapse:collapse;font-size:14px;line-height:20px;font-variant-numeric:tabular-nums';

function styleOf(
  { columns }: SegmentTable,
  { catalog, locale, words }: { catalog: Catalog; locale: Locale; words: (key: string) => string },
): Style {
  const fields = columns.map(({ field }) => catalog.get(field));
  const heads = columns.map((column, i) => headingOf(column, fields[i], locale, words));
  const begin = (tag: string, style: string) => (field: Field | undefined) =>
    `<${tag} align="${isNumber(field) ? 'right' : 'left'}"${isShort(field) && tag === 'td' ? ' nowrap' : ''} style="${style}">`;
  const th = fields.map(begin('th scope="col"', HEAD));
  return {
    heads,
    head: `<tr valign="bottom">${heads.map((head, i) => `${th[i] ?? ''}${escapeHtml(head)}</th>`).join('')}</tr>`,
    cells: fields.map(begin('td', `${CELL};${LINE}`)),
    sums: fields.map(begin('td', `${CELL};${STRONG}`)),
  };
}

const isNumber = (field: Field | undefined) => field?.type === 'number' || field?.type === 'money';
const isShort = (field: Field | undefined) => isNumber(field) || field?.type === 'date';

const headingOf = (
  { field, heading }: TableColumn,
  known: Field | undefined,
  locale: Locale,
  words: (key: string) => string,
): string =>
  wordsIn(heading, locale) ||
  words(`content.headings.${field}`) ||
  (known?.label ?? field.split('.').at(-1) ?? '');

function htmlOf({ head, cells: begins, sums }: Style, { cells, totals, more }: View): string {
  const row = (values: readonly string[], starts: readonly string[]) => {
    let html = '<tr valign="top">';
    for (const [i, value] of values.entries()) html += `${starts[i] ?? '<td>'}${escapeHtml(value)}</td>`;
    return `${html}</tr>`;
  };
  let body = '';
  for (const each of cells) body += row(each, begins);
  const foot = totals === undefined ? '' : row(totals, sums);
  const rest = more === undefined ? '' : `<p style="${REST}">${escapeHtml(more)}</p>`;
  return `<table width="100%" border="0" cellpadding="0" cellspacing="0" style="${TABLE}"><thead>${head}</thead><tbody>${body}${foot}</tbody></table>${rest}`;
}

function textOf({ heads }: Style, { cells, totals, more }: View): string {
  const labelled = (value: string, i: number) => (i === 0 ? value : `${heads[i] ?? ''}: ${value}`);
  const line = (values: readonly string[]) => `- ${values.map(labelled).filter((_label, i) => values[i] !== '').join(', ')}`; // prettier-ignore
  const lines = [...cells, ...(totals === undefined ? [] : [totals])].map(line);
  return unmarkedText([...lines, ...(more === undefined ? [] : [more])].join('\n'));
}
