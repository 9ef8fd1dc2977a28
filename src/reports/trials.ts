import { forStaff, type Viewer } from '../access/viewer.ts';

import { monthsUntil } from './months.ts';
import { type Asked, type Column, lengthOf, type Section } from './report.ts';
import {
  selectAcquisition,
  selectRunningTrials,
  selectTrialGroups,
  selectTrialMonths,
} from './trials.queries.ts';

const firstMonthOf = ({ today, span }: Asked): string => monthsUntil(today, lengthOf(span))[0] ?? today;

const fates: Column[] = [
  { name: 'started', kind: 'number' },
  { name: 'used', kind: 'number' },
  { name: 'converted', kind: 'number' },
  { name: 'running', kind: 'number' },
  { name: 'over', kind: 'number' },
  { name: 'conversion', kind: 'share' },
  { name: 'daysToBuy', kind: 'decimal' },
];

/** What became of trials, by the month in which they started: whether they were used, and bought (RP2). */
export async function trialConversion(viewer: Viewer, asked: Asked): Promise<Section[]> {
  const scope = forStaff(viewer);
  const values = ['converted', 'running', 'over'];
  if (asked.by !== undefined) {
    const rows = await selectTrialGroups(scope, asked, firstMonthOf(asked));
    const plan = { form: 'stacked-rows', label: 'group', values, kind: 'number' } as const;
    return [{ name: 'groups', columns: [{ name: 'group', kind: 'group' }, ...fates], rows, plan }];
  }
  const rows = await selectTrialMonths(scope, asked.today, firstMonthOf(asked));
  const plan = { form: 'stacked-columns', label: 'month', values, kind: 'number' } as const;
  return [{ name: 'months', columns: [{ name: 'month', kind: 'month' }, ...fates], rows, plan }];
}

/** Who tries the product now, and how much they use it. */
export async function runningTrials(viewer: Viewer, asked: Asked): Promise<Section[]> {
  const rows = await selectRunningTrials(forStaff(viewer), asked);
  return [
    {
      name: 'running',
      columns: [
        { name: 'account', kind: 'account' },
        { name: 'engagement', kind: 'number' },
        { name: 'daysActive', kind: 'number' },
        { name: 'people', kind: 'number' },
        { name: 'lastUseOn', kind: 'date' },
        { name: 'startedOn', kind: 'date' },
        { name: 'endsOn', kind: 'date' },
      ],
      rows,
      plan: { form: 'rows', label: 'account', values: ['daysActive'], kind: 'number' },
    },
  ];
}

/** New customers by month, and whether they had tried the product first. */
export async function acquisition(viewer: Viewer, asked: Asked): Promise<Section[]> {
  const rows = await selectAcquisition(forStaff(viewer), asked.today, firstMonthOf(asked));
  return [
    {
      name: 'months',
      columns: [
        { name: 'month', kind: 'month' },
        { name: 'acquired', kind: 'number' },
        { name: 'afterTrial', kind: 'number' },
        { name: 'direct', kind: 'number' },
      ],
      rows,
      plan: { form: 'stacked-columns', label: 'month', values: ['afterTrial', 'direct'], kind: 'number' },
    },
  ];
}
