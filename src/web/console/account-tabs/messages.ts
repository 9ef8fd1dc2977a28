import { z } from 'zod';

import { DELIVERIES_A_PAGE, deliveriesTo } from '../../../campaigns/runs/ledger.ts';
import { pageNumber } from '../../../platform/http/parse.ts';
import { outcomesOf } from '../run-outcomes.ts';

import type { AccountTab } from './tab.ts';

const Query = z.object({ page: pageNumber });

/** What campaigns sent, or did not send, to the account's people. */
export const messagesTab: AccountTab = {
  name: 'messages',
  load: async ({ viewer, account, query }) => {
    const { page } = Query.parse(query);
    const { deliveries, total } = await deliveriesTo(viewer, { accountId: account.id }, page);
    const pages = Math.max(1, Math.ceil(total / DELIVERIES_A_PAGE));
    return { deliveries: deliveries.map(outcomesOf), total, here: page, pages };
  },
};
