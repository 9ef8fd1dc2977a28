import type { Request, Response } from 'express';
import { z } from 'zod';

import type { StaffViewer } from '../../access/viewer.ts';
import { inboxOf, told } from '../../alerts/inbox.ts';
import type { Reason } from '../../health/ranks.ts';
import { sentenceOf } from '../../health/reasons.ts';
import { formatsFor } from '../../platform/formats.ts';
import { syncSummary } from '../../platform/salesforce/summary.ts';
import { accountsInNeed } from '../../portfolio/accounts.ts';
import { changedSinceYesterday, comingRenewals, hasAccounts, type Whose } from '../../portfolio/morning.ts';
import { populationOf, populationVersion } from '../../portfolio/population.ts';
import { type Route, route, staff, staffViewerOf } from '../guards.ts';

import { spokenReason, t, wholeMoney } from './account-tabs/spoken.ts';
import { breakdownChart } from './health-dashboard.ts';

/** What a member of staff sees first: their own accounts, what changed since yesterday and why, and what comes. */
export const consoleHomeRoutes: Route[] = [route('get', '/console', staff(), showHome)];

const Query = z.object({ whose: z.enum(['mine', 'everybody']).optional().catch(undefined) });

async function showHome(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const { whose: wanted } = Query.parse(req.query);
  const [version, isManager, alerts, sync] = await Promise.all([
    populationVersion(), hasAccounts(viewer), inboxOf(viewer, { state: 'open' }, 1), syncSummary(),
  ]); // prettier-ignore
  const whose = whoseAccounts(viewer, { wanted, isManager });
  const filter = whose === 'everybody' ? {} : whose;
  const [population, changed, renewals, needy] = await Promise.all([
    populationOf(viewer, version, filter), changedSinceYesterday(viewer, version, whose), comingRenewals(viewer, whose), accountsInNeed(viewer, { ...filter, limit: 12 }),
  ]); // prettier-ignore
  const isOwn = whose !== 'everybody';
  res.render('console/home/show', {
    population, changed, renewals, sync, isManager, isOwn, wholeMoney, spokenReason, whySentence: spokenReason,
    breakdown: breakdownChart(population, { path: '/console/health', query: isOwn ? { manager: 'me' } : {} }),
    list: isOwn ? 'manager=me&' : '',
    accounts: needy,
    alerts: alerts.alerts.slice(0, 5).map((alert) => told(alert, viewer.timeZone)), alertsWaiting: alerts.total,
    mainReason: (reasons: readonly Reason[]) => mainReason(reasons, viewer.timeZone),
  }); // prettier-ignore
}

/** Whoever looks after accounts begins with these; everybody can look at all. */
function whoseAccounts(
  { userId }: StaffViewer,
  { wanted, isManager }: { wanted: 'mine' | 'everybody' | undefined; isManager: boolean },
): Whose {
  return userId !== null && isManager && wanted !== 'everybody' ? { managerId: userId } : 'everybody';
}

function mainReason([first]: readonly Reason[], timeZone: string): string {
  return first === undefined ? '' : sentenceOf(first, t, formatsFor('en', timeZone).date);
}
