import { forStaff, type Viewer } from '../access/viewer.ts';

import { monthOf, monthsUntil } from './months.ts';
import { selectLeft, selectSteps, type Step } from './paying.queries.ts';
import { lengthOf, type Asked, type Row, type Section } from './report.ts';
import { tableOf } from './series.ts';

/** How the paying accounts of a group stood in a month. */
interface Month {
  month: string;
  before: number;
  valueBefore: number;
  started: number;
  ended: number;
  accounts: number;
  value: number;
  lost: number;
}

/** How many accounts pay, and what they pay a year, month by month (RP3). */
export async function payingAccounts(viewer: Viewer, asked: Asked): Promise<Section[]> {
  const { months, groups } = await monthly(viewer, asked);
  const all = sumOf(months, [...groups.values()].map(({ steps }) => steps)); // prettier-ignore
  if (asked.by === undefined) return [countsOf(all), valuesOf(all)];
  const grouped = [...groups.values()].map(({ key, name, steps }) => ({
    key,
    name,
    months: monthsOf(months, steps),
  }));
  const rows = grouped.map(({ key, name, months: own }) => {
    const [first, last] = [own[0], own.at(-1)];
    return {
      key, group: name, accounts: last?.accounts ?? 0, yearBefore: first?.before ?? 0, started: total(own, 'started'),
      ended: total(own, 'ended'), value: last?.value ?? 0,
    }; // prettier-ignore
  });
  return [
    { ...tableOf(grouped.flatMap(countsOfGroup), { label: 'month' }), name: 'accounts' },
    {
      name: 'groups',
      columns: [
        { name: 'group', kind: 'group' },
        { name: 'yearBefore', kind: 'number' },
        { name: 'started', kind: 'number' },
        { name: 'ended', kind: 'number' },
        { name: 'accounts', kind: 'number' },
        { name: 'value', kind: 'money' },
      ],
      rows: rows
        .filter((row) => row.accounts + row.yearBefore + row.started > 0)
        .sort((one, other) => other.value - one.value),
    },
  ];
}

const countsOfGroup = ({ key, name, months }: { key: string | null; name: string | null; months: Month[] }) =>
  months.map(({ month, accounts }) => ({ key, name, day: month, accounts }));

/** How many accounts left, and what they had paid, of those that paid when the month began (RP4). */
export async function churn(viewer: Viewer, asked: Asked): Promise<Section[]> {
  const { months, groups } = await monthly(viewer, asked);
  const left = await leftAccounts(viewer, asked, months[0] ?? asked.today);
  if (asked.by !== undefined) {
    const rows = [...groups.values()].map(({ key, name, steps }) =>
      churnRow(key, name, monthsOf(months, steps)),
    );
    return [churnByGroup(rows.filter(({ before, ended }) => before + ended > 0)), left];
  }
  const all = sumOf(months, [...groups.values()].map(({ steps }) => steps)); // prettier-ignore
  return [ratesOf(all), left];
}

const churnRow = (key: string | null, name: string | null, months: Month[]) => {
  const [first] = months;
  const [ended, lost] = [total(months, 'ended'), total(months, 'lost')];
  const { before = 0, valueBefore = 0 } = first ?? {};
  return {
    key,
    group: name,
    before,
    ended,
    logoChurn: shareOf(ended, before),
    valueBefore,
    lost,
    revenueChurn: shareOf(lost, valueBefore),
  };
};

const churnByGroup = (rows: ReturnType<typeof churnRow>[]): Section => ({
  name: 'groups',
  columns: [
    { name: 'group', kind: 'group' },
    { name: 'before', kind: 'number' },
    { name: 'ended', kind: 'number' },
    { name: 'logoChurn', kind: 'share' },
    { name: 'valueBefore', kind: 'money' },
    { name: 'lost', kind: 'money' },
    { name: 'revenueChurn', kind: 'share' },
  ],
  rows: rows.sort((one, other) => other.lost - one.lost || other.before - one.before),
  plan: { form: 'rows', label: 'group', values: ['logoChurn'], kind: 'share' },
});

const ratesOf = (months: Month[]): Section => ({
  name: 'rates',
  columns: [
    { name: 'month', kind: 'month' },
    { name: 'before', kind: 'number' },
    { name: 'ended', kind: 'number' },
    { name: 'logoChurn', kind: 'share' },
    { name: 'valueBefore', kind: 'money' },
    { name: 'lost', kind: 'money' },
    { name: 'revenueChurn', kind: 'share' },
  ],
  rows: months.map(({ month, before, ended, valueBefore, lost }) => ({
    month, before, ended, logoChurn: shareOf(ended, before), valueBefore, lost, revenueChurn: shareOf(lost, valueBefore),
  })), // prettier-ignore
  plan: { form: 'line', label: 'month', values: ['logoChurn', 'revenueChurn'], kind: 'share' },
});

async function leftAccounts(viewer: Viewer, asked: Asked, since: string): Promise<Section> {
  return {
    name: 'left',
    columns: [
      { name: 'account', kind: 'account' },
      { name: 'manager', kind: 'text' },
      { name: 'endedOn', kind: 'date' },
      { name: 'value', kind: 'money' },
      { name: 'lastUseOn', kind: 'date' },
      { name: 'reason', kind: 'text' },
    ],
    rows: await selectLeft(forStaff(viewer), asked, since),
  };
}

const countsOf = (months: Month[]): Section => ({
  name: 'accounts',
  columns: [
    { name: 'month', kind: 'month' },
    { name: 'accounts', kind: 'number' },
    { name: 'started', kind: 'number' },
    { name: 'ended', kind: 'number' },
  ],
  rows: months.map(({ month, accounts, started, ended }): Row => ({ month, accounts, started, ended })),
  plan: { form: 'line', label: 'month', values: ['accounts'], kind: 'number' },
});

const valuesOf = (months: Month[]): Section => ({
  name: 'value',
  columns: [
    { name: 'month', kind: 'month' },
    { name: 'value', kind: 'money' },
    { name: 'average', kind: 'money' },
  ],
  rows: months.map(({ month, value, accounts }): Row => ({
    month,
    value,
    average: accounts === 0 ? null : Math.round(value / accounts),
  })),
  plan: { form: 'columns', label: 'month', values: ['value'], kind: 'money' },
});

interface Group {
  key: string | null;
  name: string | null;
  steps: Step[];
}

async function monthly(
  viewer: Viewer,
  asked: Asked,
): Promise<{ months: string[]; groups: Map<string | null, Group> }> {
  const months = monthsUntil(asked.today, lengthOf(asked.span));
  const steps = await selectSteps(forStaff(viewer), asked, months[0] ?? asked.today);
  const groups = new Map<string | null, Group>();
  for (const step of steps) {
    const group = groups.get(step.key) ?? { key: step.key, name: step.name, steps: [] };
    group.steps.push(step);
    groups.set(step.key, group);
  }
  return { months, groups };
}

const sumOf = (months: readonly string[], groups: readonly Step[][]): Month[] =>
  monthsOf(months, groups.flat());

/** Adds the steps up, month after month, from what was before the first. */
function monthsOf(months: readonly string[], steps: readonly Step[]): Month[] {
  const of = (month: string | null) => {
    const own = steps.filter((step) => step.month === month);
    const add = (name: 'started' | 'ended' | 'gained' | 'ceased' | 'lost') =>
      own.reduce((sum, step) => sum + step[name], 0);
    return {
      started: add('started'),
      ended: add('ended'),
      gained: add('gained'),
      ceased: add('ceased'),
      lost: add('lost'),
    };
  };
  const earlier = of(null);
  let [accounts, value] = [earlier.started - earlier.ended, earlier.gained - earlier.ceased];
  return months.map((day) => {
    const [before, valueBefore] = [accounts, value];
    const { started, ended, gained, ceased, lost } = of(monthOf(day));
    accounts += started - ended;
    value += gained - ceased;
    return { month: monthOf(day), before, valueBefore, started, ended, accounts, value, lost };
  });
}

const total = (months: readonly Month[], name: 'started' | 'ended' | 'lost'): number =>
  months.reduce((sum, month) => sum + month[name], 0);

/** Null where there is nothing to take a share of. */
export const shareOf = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
