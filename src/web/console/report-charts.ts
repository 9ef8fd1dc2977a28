import type { Column, Plan, Row, Section } from '../../reports/report.ts';
import { columns, rows } from '../charts/bars.ts';
import type { Tone } from '../charts/figures.ts';
import { line } from '../charts/line.ts';
import { stackedColumns, stackedRows } from '../charts/stacked.ts';

import { groupHref, headOf, shortTextOf, type Speech } from './report-sections.ts';

/** What a section's chart is drawn by: a view of views/shared/charts and what it is given. */
export interface DrawnChart {
  view: 'line' | 'columns' | 'stacked-columns' | 'rows' | 'stacked-rows';
  chart: object;
}

/** So many bars lie below each other; the table has all. */
const MOST_ROWS = 15;

const known: Partial<Record<string, Tone>> = {
  good: 'good',
  average: 'average',
  poor: 'poor',
  over: 'muted',
  others: 'muted',
};
const palette = ['1', '2', '3', '4', '5', '6', '7', '8'] as const;

/** The chart of a section; undefined where there is nothing to draw. */
export function chartOf(section: Section, speech: Speech): DrawnChart | undefined {
  const { plan, rows } = section;
  if (plan === undefined || rows.length === 0) return undefined;
  return draw[plan.form](section, plan, speech);
}

type Draw = (section: Section, plan: Plan, speech: Speech) => DrawnChart;

const draw: Record<Plan['form'], Draw> = {
  line: (section, plan, speech) => ({
    view: 'line',
    chart: line({
      labels: labelsOf(section, plan, speech),
      series: partsOf(section, plan, speech).map((part, at) => ({
        ...part,
        values: section.rows.map((row) => numberOrNull(row, plan.values[at] ?? '')),
      })),
      head: headOf(columnOf(section, plan.label), speech),
      kind: plan.kind,
    }),
  }),
  columns: (section, plan, speech) => ({ view: 'columns', chart: columns(barsOf(section, plan, speech)) }),
  rows: (section, plan, speech) => ({ view: 'rows', chart: rows(barsOf(shortened(section), plan, speech)) }),
  'stacked-columns': (section, plan, speech) => ({
    view: 'stacked-columns',
    chart: stackedColumns(stackOf(section, plan, speech)),
  }),
  'stacked-rows': (section, plan, speech) => ({
    view: 'stacked-rows',
    chart: stackedRows(stackOf(shortened(section), plan, speech)),
  }),
  'whole-rows': (section, plan, speech) => ({
    view: 'stacked-rows',
    chart: stackedRows({ ...stackOf(shortened(section), plan, speech), length: 'whole' }),
  }),
};

const shortened = (section: Section): Section => ({ ...section, rows: section.rows.slice(0, MOST_ROWS) });

function columnOf({ columns: all }: Section, name: string): Column {
  return all.find((column) => column.name === name) ?? { name, kind: 'number' };
}

const labelsOf = (section: Section, plan: Plan, speech: Speech): string[] =>
  section.rows.map((row) => shortTextOf(columnOf(section, plan.label), row, speech));

const numberOf = (row: Row, name: string): number => Number(row[name] ?? 0);
const numberOrNull = (row: Row, name: string): number | null =>
  row[name] == null ? null : Number(row[name]);

function partsOf(section: Section, { values }: Plan, speech: Speech): { label: string; tone: Tone }[] {
  return values.map((name, index) => ({
    label: headOf(columnOf(section, name), speech),
    tone: known[name] ?? (values.length === 1 ? 'accent' : (palette[index] ?? 'muted')),
  }));
}

function barsOf(section: Section, plan: Plan, speech: Speech) {
  const [name = ''] = plan.values;
  const labels = labelsOf(section, plan, speech);
  return {
    items: section.rows.map((row, index) => ({
      label: labels[index] ?? '',
      value: numberOf(row, name),
      href: hrefOf(section, plan, row, speech),
    })),
    heads: [headOf(columnOf(section, plan.label), speech), headOf(columnOf(section, name), speech)] as const,
    kind: plan.kind,
  };
}

function stackOf(section: Section, plan: Plan, speech: Speech) {
  const labels = labelsOf(section, plan, speech);
  return {
    items: section.rows.map((row, index) => ({
      label: labels[index] ?? '',
      values: plan.values.map((name) => numberOf(row, name)),
      href: hrefOf(section, plan, row, speech),
      hrefs: plan.values.map((name) => rankHref(row, name, speech)),
    })),
    parts: partsOf(section, plan, speech),
    heads: [headOf(columnOf(section, plan.label), speech), speech.t('reports.sum')] as const,
    kind: plan.kind,
  };
}

function hrefOf(section: Section, { label }: Plan, row: Row, { by }: Speech): string | undefined {
  const { kind } = columnOf(section, label);
  if (kind === 'account') return `/console/accounts/${String(row.id)}`;
  return kind === 'group' ? groupHref(by, row.key ?? null) : undefined;
}

const rankHref = (row: Row, name: string, { by }: Speech): string | undefined =>
  name in { good: 1, average: 1, poor: 1 } && numberOf(row, name) > 0
    ? groupHref(by, row.key ?? null, name)
    : undefined;
