import { monthOf } from './months.ts';
import type { Plan, Row, Section } from './report.ts';

/** So many groups are told apart in a chart; the rest are summed up. */
const TOLD_APART = 7;

interface Counted {
  /** The point in time: a day, or a month. */
  day: string;
  key: string | null;
  name: string | null;
  accounts: number;
}

/** Accounts of each group over time: a column for each of the largest groups, and one for all others. */
export function tableOf(
  counts: readonly Counted[],
  { label = 'day' }: { label?: 'day' | 'month' } = {},
): Omit<Section, 'name'> {
  const { shown, hasOthers } = largest(counts);
  const values = [...shown.map(({ name }) => name), ...(hasOthers ? ['others'] : [])];
  const columns = values.map((name) => ({ name, kind: 'number' as const, ...labelOf(shown, name) }));
  const plan: Plan = { form: 'stacked-columns', label, values, kind: 'number' };
  return {
    columns: [{ name: label, kind: label === 'day' ? 'date' : 'month' }, ...columns],
    rows: pointsOf(counts, shown, label),
    plan,
  };
}

function largest(counts: readonly Counted[]): { shown: Shown; hasOthers: boolean } {
  const sizes = new Map<string | null, { name: string | null; size: number }>();
  for (const { key, name, accounts } of counts)
    sizes.set(key, { name, size: (sizes.get(key)?.size ?? 0) + accounts });
  const ordered = [...sizes].sort(([, one], [, other]) => other.size - one.size);
  const shown = ordered
    .slice(0, TOLD_APART)
    .map(([key, { name }], index) => ({ key, name: `group${String(index)}`, label: name ?? '' }));
  return { shown, hasOthers: ordered.length > TOLD_APART };
}

/** A row for each point in time, in order. */
function pointsOf(counts: readonly Counted[], shown: Shown, label: string): Row[] {
  const columnOf = new Map(shown.map(({ key, name }) => [key, name]));
  const points = new Map<string, Row>();
  for (const { day, key, accounts } of counts) {
    const row = points.get(day) ?? blank(label, day, shown);
    const column = columnOf.get(key) ?? 'others';
    row[column] = Number(row[column] ?? 0) + accounts;
    points.set(day, row);
  }
  return [...points].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
}

type Shown = readonly { key: string | null; name: string; label: string }[];

const blank = (label: string, day: string, shown: Shown): Row => ({
  [label]: label === 'month' ? monthOf(day) : day,
  ...Object.fromEntries(shown.map(({ name }) => [name, 0])),
});

function labelOf(shown: Shown, name: string): { label?: string } {
  const label = shown.find((one) => one.name === name)?.label;
  return label === undefined ? {} : { label };
}
