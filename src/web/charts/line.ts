import type { Locale } from '../../platform/locale.ts';

import { type ChartTable, type FigureKind, type Tone, type Writer, writerOf } from './figures.ts';
import { HEIGHT, labelsOf, percent, round, scaleOf, type Scale, type Tick, type XLabel } from './scale.ts';

/** One line: a value for each label, null where there is none. */
export interface Series {
  label: string;
  tone: Tone;
  values: readonly (number | null)[];
  /** A line that is foreseen, or compared with, is dashed. */
  stroke?: 'solid' | 'dashed';
}

export interface LineGiven {
  /** The points in time, evenly apart, oldest first. */
  labels: readonly string[];
  series: readonly Series[];
  /** What the labels are called in the table. */
  head: string;
  /** Stretches of the scale with a meaning, such as the ranks of health. */
  bands?: readonly { from: number; to: number; tone: Tone; label: string }[];
  /** What happened at one of the labels, by its index. */
  markers?: readonly { at: number; label: string }[];
  /** The ends of the scale, where they are given, such as 0 and 100. */
  domain?: readonly [number, number];
  /** Where a click on a point in time leads. */
  hrefs?: readonly (string | undefined)[];
  kind?: FigureKind;
  locale?: Locale;
}

/** How wide the box is in which the paths are drawn; it is stretched to the room there is. */
export const BOX = 1000;

export interface Line {
  height: number;
  box: number;
  ticks: Tick[];
  labels: XLabel[];
  bands: { y: number; height: number; tone: Tone; label: string }[];
  markers: { x: string; label: string; number: number }[];
  lines: {
    label: string;
    tone: Tone;
    stroke: 'solid' | 'dashed';
    path: string;
    alone: Point[];
    end: Point | undefined;
  }[];
  slots: {
    x: string;
    width: string;
    title: string;
    href: string | undefined;
    points: (Point & { tone: Tone })[];
  }[];
  isLinked: boolean;
  table: ChartTable;
}

interface Point {
  x: string;
  y: number;
}

/** Lines over time, with what lies behind them and what happened on the way. */
export function line(given: LineGiven): Line {
  const { labels, series, bands = [], markers = [], domain, hrefs } = given;
  const write = writerOf(given.kind, given.locale);
  const values = series.flatMap((one) => one.values.filter((value) => value !== null));
  const edges = bands.flatMap(({ from, to }) => [from, to]);
  const scale = scaleOf(values, write, { domain, edges });
  const last = Math.max(1, labels.length - 1);
  const at = (index: number) => (labels.length === 1 ? 0.5 : index / last);
  return {
    height: HEIGHT,
    box: BOX,
    ticks: scale.ticks,
    labels: labelsOf(labels, at),
    bands: bands.map(({ from, to, tone, label }) => ({
      y: scale.y(to), height: round(scale.y(from) - scale.y(to)), tone, label,
    })), // prettier-ignore
    markers: markers.map((one, index) => ({ x: percent(at(one.at)), label: one.label, number: index + 1 })),
    lines: series.map((one) => drawn(one, scale, at)),
    slots: slotsOf(given, write, { scale, at }),
    isLinked: hrefs?.some((href) => href !== undefined) ?? false,
    table: tableOf(given, write),
  };
}

function drawn(
  { label, tone, values, stroke = 'solid' }: Series,
  { y }: Scale,
  at: (index: number) => number,
): Line['lines'][number] {
  const path = values
    .map((value, index) => {
      if (value === null) return '';
      const isJoined = index > 0 && values[index - 1] != null;
      const place = `${String(round(at(index) * BOX))},${String(y(value))}`;
      return `${isJoined ? 'L' : 'M'}${place}`;
    })
    .join('');
  const alone = values.flatMap((value, index) =>
    value === null || values[index - 1] != null || values[index + 1] != null
      ? []
      : [{ x: percent(at(index)), y: y(value) }],
  );
  const index = values.findLastIndex((value) => value !== null);
  const value = values[index];
  return {
    label,
    tone,
    stroke,
    path,
    alone,
    end: value == null ? undefined : { x: percent(at(index)), y: y(value) },
  };
}

function slotsOf(
  { labels, series, hrefs, markers = [] }: LineGiven,
  write: Writer,
  { scale, at }: { scale: Scale; at: (index: number) => number },
): Line['slots'] {
  const width = 1 / Math.max(1, labels.length - 1);
  return labels.map((label, index) => {
    const from = Math.max(0, at(index) - width / 2);
    const happened = markers.filter((one) => one.at === index).map((one) => one.label);
    const points = series.flatMap(({ tone, values }) => {
      const value = values[index];
      return value == null ? [] : [{ x: percent(at(index)), y: scale.y(value), tone }];
    });
    return {
      x: percent(from),
      width: percent(Math.min(1, at(index) + width / 2) - from),
      title: [`${label}: ${figuresAt(series, index, write)}`, ...happened].join('\n'),
      href: hrefs?.[index],
      points,
    };
  });
}

function figuresAt(series: readonly Series[], index: number, write: Writer): string {
  const texts = series.map(({ label, values }) => {
    const text = written(values[index], write);
    return series.length === 1 ? text : `${label} ${text}`;
  });
  return texts.join(', ');
}

const written = (value: number | null | undefined, write: Writer): string =>
  value == null ? '–' : write.full(value);

function tableOf({ labels, series, head, hrefs }: LineGiven, write: Writer): ChartTable {
  return {
    heads: [head, ...series.map(({ label }) => label)],
    rows: labels.map((label, index) => ({
      label,
      href: hrefs?.[index],
      cells: series.map(({ values }) => written(values[index], write)),
    })),
  };
}
