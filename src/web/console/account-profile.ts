import type { Request, Response } from 'express';

import { accountSeenBy } from '../../accounts/accounts.ts';
import { mayRemove } from '../../accounts/removals.ts';
import { standingOf, trendOf } from '../../portfolio/standing.ts';
import { isFollowed } from '../../alerts/follows.ts';
import { NotFound } from '../../platform/errors.ts';
import { salesforceIdOf } from '../../platform/http/parse.ts';
import { type Route, route, staff, staffViewerOf } from '../guards.ts';

import { attributesTab } from './account-tabs/attributes.ts';
import { casesTab } from './account-tabs/cases.ts';
import { dealsTab } from './account-tabs/deals.ts';
import { healthTab } from './account-tabs/health.ts';
import { messagesTab } from './account-tabs/messages.ts';
import { insightsTab } from './account-tabs/insights.ts';
import { overviewTab } from './account-tabs/overview.ts';
import { peopleTab } from './account-tabs/people.ts';
import { hoursOf, spokenReason, wholeMoney } from './account-tabs/spoken.ts';
import type { AccountTab } from './account-tabs/tab.ts';
import { timelineTab } from './account-tabs/timeline.ts';
import { usageTab } from './account-tabs/usage.ts';
import { recordUrl } from './record-url.ts';

/** The account's profile: each tab a page of its own, so that it costs only what it shows. */
const tabs: readonly AccountTab[] = [
  overviewTab,
  usageTab,
  peopleTab,
  healthTab,
  casesTab,
  dealsTab,
  insightsTab,
  attributesTab,
  messagesTab,
  timelineTab,
];

const pathOf = ({ name }: AccountTab, id: string): string =>
  name === 'overview' ? `/console/accounts/${id}` : `/console/accounts/${id}/${name}`;

export const accountProfileRoutes: Route[] = tabs.map((tab) =>
  route('get', pathOf(tab, ':id'), staff({ id: 'account' }), async (req, res) => {
    await showTab(req, res, tab);
  }),
);

/** Shows the account's page with that tab open. */
export async function showTab(req: Request, res: Response, tab: AccountTab): Promise<void> {
  const viewer = staffViewerOf(req);
  const id = salesforceIdOf(req.params.id);
  const [account, standing, isFollowing] = await Promise.all([
    accountSeenBy(viewer, id), standingOf(viewer, id), isFollowed(viewer, 'account', id),
  ]); // prettier-ignore
  if (standing === undefined) throw new NotFound();
  const shown = await tab.load({ viewer, account, standing, query: req.query });
  res.render('console/accounts/show', {
    account, standing, isFollowed: isFollowing, trend: trendOf(standing), tab: tab.name,
    tabs: tabs.map((one) => ({ name: one.name, href: pathOf(one, id) })),
    recordUrl: recordUrl('Account', id), mayRemove: mayRemove(viewer), hoursOf, wholeMoney, whySentence: spokenReason, ...shown,
  }); // prettier-ignore
}
