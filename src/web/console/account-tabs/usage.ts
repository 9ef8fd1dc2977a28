import { now } from '../../../platform/clock.ts';
import { type AccountUsage, periods, usageOfAccount } from '../../../usage/account-usage.ts';
import { benchmarksOf } from '../../../usage/benchmarks.ts';
import { columns, rows } from '../../charts/bars.ts';
import { benchmarkRows } from '../benchmark-chart.ts';

import { dayName, hoursOf, t } from './spoken.ts';
import type { AccountTab } from './tab.ts';

/** How the account uses the product, by period, and how that compares with others (AP10, AP12, AN4). */
export const usageTab: AccountTab = {
  name: 'usage',
  load: async ({ viewer, account }) => {
    const [usage, found] = await Promise.all([
      usageOfAccount(viewer, account.id, now().toISOString().slice(0, 10)),
      benchmarksOf(viewer, account.id),
    ]);
    return {
      ...(usage && charts(usage)),
      usage,
      usagePeriods: periods,
      hours: hoursOf,
      benchmarks: found && { ...found, ...benchmarkRows(found) },
    };
  },
};

const charts = ({ days, modules }: AccountUsage) => ({
  most: Math.max(...days.map(({ events }) => events)),
  usageChart: columns({
    items: days.map(({ day, events }) => ({ label: dayName(day), value: events })),
    heads: [t('people.day'), t('accounts.usage.events')],
  }),
  modules: rows({
    items: modules.map(({ module, events }) => ({
      label: module === '' ? t('accounts.usage.noModule') : module,
      value: events,
    })),
    heads: [t('accounts.usage.module'), t('accounts.usage.events')],
  }),
});
