import { healthHistory, maybeHealth } from '../../../health/health.ts';
import { now } from '../../../platform/clock.ts';
import { healthChart } from '../health-chart.ts';

import { spokenReason } from './spoken.ts';
import type { AccountTab } from './tab.ts';

/** The account's health with its reasons and its history (HE22). */
export const healthTab: AccountTab = {
  name: 'health',
  load: async ({ viewer, account }) => {
    const [health, history] = await Promise.all([
      maybeHealth(viewer, account.id),
      healthHistory(viewer, account.id),
    ]);
    return { health, history, chart: healthChart(history, now()), sentence: spokenReason };
  },
};
