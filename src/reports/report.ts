import type { Viewer } from '../access/viewer.ts';

/** What a report is about (RP1 to RP5). */
export const categories = ['engagement', 'free', 'paying', 'cancellations', 'rapport'] as const;
export type Category = (typeof categories)[number];

/** What the accounts of a report can be told apart by. */
export const segmentings = ['manager', 'size', 'industry', 'country', 'type', 'edition'] as const;
export type Segmenting = (typeof segmentings)[number];

/** How far back a report looks, or ahead: days, or months. */
export const spans = ['30d', '90d', '365d', '12m', '24m', '60m'] as const;
export type Span = (typeof spans)[number];

/** What is asked of a report. */
export interface Asked {
  span: Span;
  by: Segmenting | undefined;
  /** The day it is made, YYYY-MM-DD. */
  today: string;
  /** The most rows of a list of accounts or people. */
  limit: number;
}

export type Cell = string | number | null;
export type Row = Record<string, Cell>;

/** What a column holds. `account` and `group` are names that lead on: by the row's `id`, by its `key`. */
export interface Column {
  name: string;
  kind:
    | 'account'
    | 'group'
    | 'text'
    | 'number'
    | 'decimal'
    | 'share'
    | 'money'
    | 'date'
    | 'month'
    | 'rank'
    | 'word';
  /** A head that is data, such as the name of a group; else it is a word of the locale. */
  label?: string;
}

/** How a section is drawn: which column names the items, which ones are the values. */
export interface Plan {
  form: 'line' | 'columns' | 'stacked-columns' | 'rows' | 'stacked-rows' | 'whole-rows';
  label: string;
  values: readonly string[];
  kind: 'number' | 'decimal' | 'share' | 'money';
}

/** A part of a report: a chart and its figures, or a list. */
export interface Section {
  name: string;
  columns: Column[];
  rows: Row[];
  plan?: Plan;
}

export interface Report {
  name: string;
  category: Category;
  /** The first is taken where none is chosen. Empty: it tells of today. */
  spans: readonly Span[];
  segmentings: readonly Segmenting[];
  /** How it is grouped where nothing is chosen. */
  byDefault?: Segmenting;
  ask: (viewer: Viewer, asked: Asked) => Promise<Section[]>;
}

/** How many days or months a span is. */
export const lengthOf = (span: Span): number => Number.parseInt(span, 10);
