import { accountCases } from '../../../cases/account-cases.ts';
import { urgentPriorities } from '../../../health/readings.ts';
import { recordUrl } from '../record-url.ts';

import type { AccountTab } from './tab.ts';

export const casesTab: AccountTab = {
  name: 'cases',
  load: async ({ viewer, account }) => ({
    cases: await accountCases(viewer, account.id),
    urgent: urgentPriorities,
    caseUrl: (id: string) => recordUrl('Case', id),
  }),
};
