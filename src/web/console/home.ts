import type { Viewer } from '../../access/viewer.ts';
import { accountsInNeed, type ListedAccount } from '../../portfolio/accounts.ts';
import { distribution } from '../../health/health.ts';
import { sentenceOf } from '../../health/reasons.ts';
import { formatsFor } from '../../platform/formats.ts';
import { syncSummary } from '../../platform/salesforce/summary.ts';
import { translator } from '../../platform/words.ts';
import { type Route, route, staff, staffViewerOf } from '../guards.ts';

import { ringOf } from './health-chart.ts';

/** What a member of staff sees first: how the accounts are, which need somebody, and whether the data is fresh. */
export const consoleHomeRoutes: Route[] = [
  route('get', '/console', staff(), async (req, res) => {
    const [health, accounts, sync] = await Promise.all([
      distribution(req.viewer),
      accountsInNeed(staffViewerOf(req), 12),
      syncSummary(),
    ]);
    res.render('console/home/show', {
      health, ring: ringOf(health), sync, accounts: accounts.map((account) => shown(account, req.viewer)),
    }); // prettier-ignore
  }),
];

const t = translator('en', 'console');

function shown(account: ListedAccount, viewer: Viewer) {
  const [worst] = account.reasons;
  const { date } = formatsFor('en', 'UTC');
  return {
    ...account,
    mainReason: worst === undefined ? '' : sentenceOf(worst, t, date),
    isMine: viewer.kind === 'staff' && viewer.userId !== null && account.ownerId === viewer.userId,
  };
}
