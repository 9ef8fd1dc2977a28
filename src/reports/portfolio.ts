import { forStaff, type Viewer } from '../access/viewer.ts';

import { selectAdoption, selectUpgradeReady } from './adoption.queries.ts';
import { daysBefore, monthsUntil } from './months.ts';
import { selectAtRisk, selectHealth, selectManagers } from './portfolio.queries.ts';
import { selectDue, selectMoves, selectQuarters } from './renewals.queries.ts';
import { type Asked, type Column, lengthOf, type Section } from './report.ts';

const group: Column = { name: 'group', kind: 'group' };
const account: Column = { name: 'account', kind: 'account' };
const manager: Column = { name: 'manager', kind: 'text' };
const numbers = (...names: string[]): Column[] => names.map((name) => ({ name, kind: 'number' }));
const ofRanks = ['good', 'average', 'poor'];

/** How healthy the paying accounts of each group are (RP7). */
export async function healthAcross(viewer: Viewer, asked: Asked): Promise<Section[]> {
  const rows = await selectHealth(forStaff(viewer), asked.by, 'accounts');
  const columns: Column[] = [
    group,
    ...numbers(...ofRanks, 'accounts', 'score'),
    { name: 'value', kind: 'money' },
  ];
  return [
    {
      name: 'ranks',
      columns,
      rows,
      plan: { form: 'whole-rows', label: 'group', values: ofRanks, kind: 'number' },
    },
  ];
}

/** What is paid by accounts in poor health (RP7, AN2). */
export async function revenueAtRisk(viewer: Viewer, asked: Asked): Promise<Section[]> {
  const scope = forStaff(viewer);
  const [rows, worst] = await Promise.all([
    selectHealth(scope, asked.by, 'value'),
    selectAtRisk(scope, asked.limit),
  ]);
  return [
    {
      name: 'values',
      columns: [
        group,
        ...ofRanks.map((name): Column => ({ name, kind: 'money' })),
        { name: 'value', kind: 'money' },
        { name: 'shareAtRisk', kind: 'share' },
      ],
      rows,
      plan: { form: 'stacked-rows', label: 'group', values: ofRanks, kind: 'money' },
    },
    {
      name: 'worst',
      columns: [
        account,
        manager,
        { name: 'value', kind: 'money' },
        ...numbers('score'),
        { name: 'since', kind: 'date' },
        { name: 'lastUseOn', kind: 'date' },
        { name: 'renewalOn', kind: 'date' },
      ],
      rows: worst,
    },
  ];
}

/** What success managers have in hand, did, and reached (RP7). */
export async function productivity(viewer: Viewer, asked: Asked): Promise<Section[]> {
  const since = daysBefore(asked.today, lengthOf(asked.span) - 1);
  const rows = await selectManagers(forStaff(viewer), { today: asked.today, since });
  return [
    {
      name: 'managers',
      columns: [
        group,
        ...numbers('accounts'),
        { name: 'value', kind: 'money' },
        ...numbers('score', 'poor', 'activities', 'touched'),
        { name: 'reach', kind: 'share' },
        ...numbers('improved', 'declined', 'kept', 'lost'),
        { name: 'renewalRate', kind: 'share' },
      ],
      rows,
      plan: { form: 'rows', label: 'group', values: ['reach'], kind: 'share' },
    },
  ];
}

/** How each plan or edition is used, and who has outgrown theirs (AN5). */
export async function adoption(viewer: Viewer, asked: Asked): Promise<Section[]> {
  const scope = forStaff(viewer);
  const [rows, ready] = await Promise.all([
    selectAdoption(scope, asked.by),
    selectUpgradeReady(scope, asked),
  ]);
  return [
    {
      name: 'plans',
      columns: [
        group,
        ...numbers('accounts'),
        { name: 'activeShare', kind: 'share' },
        { name: 'people', kind: 'decimal' },
        { name: 'modules', kind: 'decimal' },
        { name: 'utilization', kind: 'share' },
        ...numbers('engagement'),
        { name: 'value', kind: 'money' },
      ],
      rows,
      plan: { form: 'rows', label: 'group', values: ['activeShare'], kind: 'share' },
    },
    {
      name: 'ready',
      columns: [
        account,
        manager,
        { name: 'why', kind: 'word' },
        { name: 'edition', kind: 'text' },
        { name: 'version', kind: 'text' },
        { name: 'newest', kind: 'text' },
        { name: 'utilization', kind: 'share' },
        ...numbers('engagement'),
        { name: 'value', kind: 'money' },
      ],
      rows: ready,
    },
  ];
}

/** How far back it is looked whether accounts were healthier, in days. */
const EARLIER = 90;

/** The renewals of this quarter and the three after it by health, and how the accounts were a quarter ago (AN2). */
export async function renewals(viewer: Viewer, { today, limit }: Asked): Promise<Section[]> {
  const scope = forStaff(viewer);
  const asked = { today, earlier: daysBefore(today, EARLIER), until: endOfQuarters(today, 4) };
  const [quarters, moves, due] = await Promise.all([
    selectQuarters(scope, asked),
    selectMoves(scope, asked),
    selectDue(scope, asked, limit),
  ]);
  return [
    {
      name: 'quarters',
      columns: [
        { name: 'quarter', kind: 'text' },
        ...numbers('accounts'),
        ...[...ofRanks, 'value', 'slippedValue'].map((name): Column => ({ name, kind: 'money' })),
        ...numbers('improved', 'declined'),
      ],
      rows: quarters,
      plan: { form: 'stacked-columns', label: 'quarter', values: ofRanks, kind: 'money' },
    },
    {
      name: 'moves',
      columns: [{ name: 'earlier', kind: 'rank' }, ...numbers(...ofRanks), { name: 'value', kind: 'money' }],
      rows: moves,
    },
    {
      name: 'due',
      columns: [
        account,
        manager,
        { name: 'renewalOn', kind: 'date' },
        { name: 'value', kind: 'money' },
        { name: 'rank', kind: 'rank' },
        ...numbers('score'),
        { name: 'earlierRank', kind: 'rank' },
        ...numbers('earlierScore'),
        { name: 'prepared', kind: 'word' },
      ],
      rows: due,
    },
  ];
}

/** The day after the last of so many quarters, the first of them that of `today`. */
function endOfQuarters(today: string, quarters: number): string {
  const [first = today] = monthsUntil(today, 1);
  const [year = 0, month = 1] = first.split('-').map(Number);
  const quarter = Math.floor((month - 1) / 3);
  return new Date(Date.UTC(year, (quarter + quarters) * 3, 1)).toISOString().slice(0, 10);
}
