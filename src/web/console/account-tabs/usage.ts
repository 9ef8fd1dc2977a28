import { now } from '../../../platform/clock.ts';
import { periods, usageOfAccount } from '../../../usage/account-usage.ts';
import { usageChart } from '../usage-chart.ts';

import { hoursOf } from './spoken.ts';
import type { AccountTab } from './tab.ts';

/** How the account's people use the product, by period (AP10). */
export const usageTab: AccountTab = {
  name: 'usage',
  load: async ({ viewer, account }) => {
    const usage = await usageOfAccount(viewer, account.id, now().toISOString().slice(0, 10));
    return { usage, usagePeriods: periods, usageChart: usage && usageChart(usage.days), hours: hoursOf };
  },
};
