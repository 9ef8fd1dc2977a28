import { type Rank, ranks } from '../../health/ranks.ts';
import { DAY, now } from '../../platform/clock.ts';
import { NONE, type Size, sizes } from '../../portfolio/filters.ts';
import type { Counts, Group, GroupedBy, Population, PopulationDay } from '../../portfolio/population.ts';
import { line } from '../charts/line.ts';
import { ring } from '../charts/ring.ts';
import { stackedRows } from '../charts/stacked.ts';

import { formats, t } from './account-tabs/spoken.ts';

const parts = ranks.map((rank) => ({ label: t(`health.${rank}`), tone: rank }));

/** Leads to the table below, narrowed to what was clicked. */
const below = (query: Record<string, string | undefined>): string => {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return `?${new URLSearchParams(given).toString()}#accounts`;
};

/** How many accounts have each rank (HE6); a slice leads to them (HE8). */
export function breakdownChart(
  population: Population,
  at: { path: string; query: Record<string, string> } = { path: '', query: {} },
) {
  return ring({
    slices: ranks.map((rank) => ({
      label: t(`health.${rank}`),
      value: population[rank],
      tone: rank,
      href: `${at.path}${below({ ...at.query, rank })}`,
    })),
    heads: [t('health.rank'), t('health.accounts'), t('health.share')],
    center: population.score === undefined ? '–' : formats.number(population.score),
  });
}

/** The score of the base over time (HE7): a point a day, or a week where a year is shown. */
export function trendChart(
  known: readonly PopulationDay[],
  { days, today }: { days: number; today: Population },
) {
  const step = days > 120 ? 7 : 1;
  const scores = new Map(known.map(({ day, score }) => [day, score]));
  const end = now().getTime();
  const points = Array.from({ length: Math.floor(days / step) + 1 }, (_, back) =>
    dayOf(end - back * step * DAY),
  ).reverse();
  const last = points.at(-1);
  const values = points.map((day) => (day === last ? (today.score ?? null) : latestIn(scores, day, step)));
  return {
    isKnown: values.filter((value) => value !== null).length > 1,
    change: changeOf(values),
    chart: line({
      labels: points.map((day) => shortDay.format(new Date(day))),
      series: [{ label: t('dashboard.score'), tone: 'accent', values }],
      head: t('dashboard.day'),
      domain: [0, 100],
    }),
  };
}

const shortDay = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' });
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** The score of that day, or of the last one before it within the step. */
function latestIn(scores: ReadonlyMap<string, number | null>, day: string, step: number): number | null {
  for (let back = 0; back < step; back += 1) {
    const score = scores.get(dayOf(Date.parse(day) - back * DAY));
    if (score != null) return score;
  }
  return null;
}

function changeOf(values: readonly (number | null)[]): number | undefined {
  const first = values.find((value) => value !== null);
  const last = values.findLast((value) => value !== null);
  return first == null || last == null ? undefined : last - first;
}

/** Health by what accounts are told apart by (HE10, HE11); each bar and each part of it leads to its accounts. */
export function groupsChart(
  { shown, others }: { shown: readonly Group[]; others: Group | undefined },
  { by, chosen }: { by: GroupedBy; chosen: string },
) {
  const ordered = by === 'size' ? bySize(shown) : shown;
  const items = ordered.map((group) => ({
    label: labelOf(group, by),
    values: valuesOf(group),
    href: below({ by: chosen, ...queryOf(group, by) }),
    hrefs: ranks.map((rank: Rank) => below({ by: chosen, ...queryOf(group, by), rank })),
  }));
  const rest = others ? [{ label: t('dashboard.others'), values: valuesOf(others) }] : [];
  const heads = [
    t(`dashboard.groupings.${typeof by === 'string' ? by : 'attribute'}`),
    t('health.accounts'),
  ] as const;
  return stackedRows({ items: [...items, ...rest], parts, heads, length: 'whole' });
}

const valuesOf = (counts: Counts): number[] => ranks.map((rank) => counts[rank]);

const bySize = (groups: readonly Group[]): Group[] => {
  const order = Object.keys(sizes) as Size[];
  const place = ({ key }: Group) => (key === null ? order.length : order.indexOf(key as Size));
  return groups.toSorted((one, other) => place(one) - place(other));
};

function queryOf({ key }: Group, by: GroupedBy): Record<string, string> {
  const value = key ?? NONE;
  return typeof by === 'string' ? { [by]: value } : { field: by.attribute, value };
}

const worded: Partial<Record<string, string>> = {
  size: 'lists.sizes', stage: 'stages', frequency: 'accounts.usage.frequencies', risk: 'lists.risks',
}; // prettier-ignore

function labelOf({ key, label }: Group, by: GroupedBy): string {
  if (key === null) return t(by === 'manager' ? 'lists.nobody' : 'lists.unknown');
  const words = typeof by === 'string' ? worded[by] : undefined;
  return words === undefined ? (label ?? key) : t(`${words}.${key}`, { defaultValue: key });
}
