import { headlineOf, type Insight } from '../../../insights/insights.ts';
import { receiptsOf } from '../../../insights/receipts.ts';

import { t } from './spoken.ts';
import type { AccountTab } from './tab.ts';

/** What was told of the account in Salesforce, and what became of it. */
export const insightsTab: AccountTab = {
  name: 'insights',
  load: async ({ viewer, account }) => ({
    insights: await receiptsOf(viewer, account.id),
    headline: (insight: Insight) => headlineOf(insight, t),
  }),
};
