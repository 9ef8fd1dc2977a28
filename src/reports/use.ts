import { forStaff, type Viewer } from '../access/viewer.ts';
import { frequencies } from '../usage/account-usage.ts';

import { daysBefore } from './months.ts';
import { type Asked, lengthOf, type Plan, type Section } from './report.ts';
import { tableOf } from './series.ts';
import { selectActivity, selectActivityByGroup, selectEvents, selectFrequencies } from './use.queries.ts';

/** Days up to yesterday, the last full one: each by itself for a month, in sevens beyond. */
function windowOf({ span, today }: Asked) {
  const days = lengthOf(span);
  const step = days <= 31 ? 1 : 7;
  return { until: daysBefore(today, 1), step, points: Math.ceil(days / step) };
}

/** Accounts and people that use the product, over time (RP1). */
export async function activity(viewer: Viewer, asked: Asked): Promise<Section[]> {
  const window = windowOf(asked);
  if (asked.by !== undefined) {
    const counts = await selectActivityByGroup(forStaff(viewer), asked.by, window);
    return [{ ...tableOf(counts), name: 'groups' }];
  }
  const rows = await selectActivity(forStaff(viewer), window);
  const day = { name: 'day', kind: 'date' } as const;
  return [
    {
      name: 'activity',
      columns: [
        day,
        { name: 'activeAccounts', kind: 'number' },
        { name: 'peopleADay', kind: 'decimal' },
        { name: 'events', kind: 'number' },
        { name: 'hours', kind: 'decimal' },
      ],
      rows,
      plan: { form: 'line', label: 'day', values: ['activeAccounts', 'peopleADay'], kind: 'decimal' },
    },
  ];
}

/** How often accounts visit, by group (AP5, AN4). */
export async function visitFrequency(viewer: Viewer, asked: Asked): Promise<Section[]> {
  const rows = await selectFrequencies(forStaff(viewer), asked.by);
  const parts: readonly string[] = frequencies;
  const plan: Plan = { form: 'stacked-rows', label: 'group', values: parts, kind: 'number' };
  return [
    {
      name: 'frequencies',
      columns: [
        { name: 'group', kind: 'group' },
        ...parts.map((name) => ({ name, kind: 'number' as const })),
        { name: 'accounts', kind: 'number' },
        { name: 'engagement', kind: 'decimal' },
        { name: 'people', kind: 'number' },
      ],
      rows,
      plan,
    },
  ];
}

/** What products tell Rapport (RP5, “User Actions Sent”). */
export async function eventsTold(viewer: Viewer, asked: Asked): Promise<Section[]> {
  const rows = await selectEvents(forStaff(viewer), windowOf(asked));
  return [
    {
      name: 'events',
      columns: [
        { name: 'day', kind: 'date' },
        { name: 'eventsADay', kind: 'number' },
        { name: 'events', kind: 'number' },
        { name: 'accountsADay', kind: 'number' },
        { name: 'refused', kind: 'number' },
      ],
      rows,
      plan: { form: 'columns', label: 'day', values: ['eventsADay'], kind: 'number' },
    },
  ];
}
