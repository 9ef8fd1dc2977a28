import { evidenceTold } from '../../../insights/evidence.ts';
import { headlineOf, type Insight } from '../../../insights/insights.ts';
import { milestonesOf } from '../../../insights/milestones.ts';
import { receiptsOf } from '../../../insights/receipts.ts';
import { wholeCatalog } from '../../../segments/catalog.ts';

import { t } from './spoken.ts';
import type { AccountTab } from './tab.ts';

/** What was told of the account in Salesforce, what became of it, and what it has reached. */
export const insightsTab: AccountTab = {
  name: 'insights',
  load: async ({ viewer, account }) => {
    const [insights, milestones, catalog] = await Promise.all([
      receiptsOf(viewer, account.id),
      milestonesOf(viewer, account.id),
      wholeCatalog(),
    ]);
    return {
      insights,
      milestones: milestones.map((one) => ({ ...one, told: evidenceTold(one.evidence, catalog) })),
      headline: (insight: Insight) => headlineOf(insight, t),
      told: ({ evidence }: Insight) => evidenceTold(evidence, catalog),
    };
  },
};
