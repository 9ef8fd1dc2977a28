import { Router, type RequestHandler } from 'express';

import { needs } from './setup.ts';
import { mappings } from './sync.ts';
import { campaignRunRoutes } from './web/api/campaign-runs.ts';
import { hookRoutes } from './web/api/hooks.ts';
import { trackPeopleApiRoutes } from './web/api/track-people.ts';
import { statusRoutes } from './web/api/status.ts';
import { inAppRoutes } from './web/api/in-app.ts';
import { trackingRoutes } from './web/api/tracking.ts';
import { accountMarkRoutes } from './web/console/account-marks.ts';
import { accountActRoutes } from './web/console/account-acts.ts';
import { accountEditRoutes } from './web/console/account-edit.ts';
import { accountRemovalRoutes } from './web/console/account-removals.ts';
import { consoleAccountRoutes } from './web/console/accounts.ts';
import { alertRoutes } from './web/console/alerts.ts';
import { backtestRoutes } from './web/console/backtest.ts';
import { budgetRoutes } from './web/console/budget.ts';
import { campaignRoutes } from './web/console/campaigns.ts';
import { campaignSettingRoutes } from './web/console/campaign-settings.ts';
import { designRoutes } from './web/console/design.ts';
import { conflictRoutes } from './web/console/conflicts.ts';
import { deadLetterRoutes } from './web/console/dead-letters.ts';
import { driftRoutes } from './web/console/drift.ts';
import { erasureRoutes } from './web/console/erasures.ts';
import { healthRoutes } from './web/console/health.ts';
import { healthProfileRoutes } from './web/console/health-profiles.ts';
import { engagementSettingRoutes } from './web/console/engagement-settings.ts';
import { insightRoutes } from './web/console/insights.ts';
import { followRoutes } from './web/console/follows.ts';
import { inboxRoutes } from './web/console/inbox.ts';
import { webhookRoutes } from './web/console/webhooks.ts';
import { consoleHomeRoutes } from './web/console/home.ts';
import { brandKitRoutes } from './web/console/brand-kit.ts';
import { brandMessageRoutes } from './web/console/brand-messages.ts';
import { imageRoutes } from './web/console/images.ts';
import { messageRoutes } from './web/console/messages.ts';
import { mappingRoutes } from './web/console/mapping.ts';
import { milestoneRoutes } from './web/console/milestones.ts';
import { outboxRoutes } from './web/console/outbox.ts';
import { savedViewRoutes } from './web/console/saved-views.ts';
import { reportRequestRoutes } from './web/console/report-requests.ts';
import { reportRoutes } from './web/console/reports.ts';
import { runRoutes } from './web/console/runs.ts';
import { rulePreviewRoutes } from './web/console/rule-preview.ts';
import { riskRoutes } from './web/console/risk.ts';
import { segmentRoutes } from './web/console/segments.ts';
import { peopleRoutes } from './web/console/people.ts';
import { setupRoutes } from './web/console/setup.ts';
import { strayEventRoutes } from './web/console/stray-events.ts';
import { signUpQueueRoutes } from './web/console/sign-ups.ts';
import { syncRoutes } from './web/console/sync.ts';
import { suppressionRoutes } from './web/console/suppressions.ts';
import { trackRoutes } from './web/console/tracks.ts';
import { topicRoutes } from './web/console/topics.ts';
import { tagRoutes } from './web/console/tags.ts';
import { consoleUsageRoutes } from './web/console/usage.ts';
import type { Route } from './web/guards.ts';
import { panelRoutes } from './web/panel/account.ts';
import { caseFileRoutes } from './web/portal/case-files.ts';
import { caseRoutes } from './web/portal/cases.ts';
import { overviewRoutes } from './web/portal/overview.ts';
import { partnerRoutes } from './web/partner/overview.ts';
import { ownPreferenceRoutes } from './web/portal/preferences.ts';
import { pushSubscriptionRoutes } from './web/portal/push-subscriptions.ts';
import { accountRoutes } from './web/public/account.ts';
import { clickRoutes } from './web/public/clicks.ts';
import { emailRoutes } from './web/public/email.ts';
import { homeRoutes } from './web/public/home.ts';
import { mediaRoutes } from './web/public/media.ts';
import { passwordRoutes } from './web/public/password.ts';
import { preferenceRoutes } from './web/public/preferences.ts';
import { salesforceSignInRoutes } from './web/public/salesforce-sign-in.ts';
import { secondStepRoutes } from './web/public/second-step.ts';
import { securityRoutes } from './web/public/security.ts';
import { signInRoutes } from './web/public/sign-in.ts';
import { signUpRoutes } from './web/public/sign-up.ts';
import { wellKnownRoutes } from './web/public/well-known.ts';

/** Asked by machines, and answered before sessions: they must be able to say that the database is away. */
const machineRoutes: readonly Route[] = [
  ...statusRoutes,
  ...trackingRoutes,
  ...inAppRoutes,
  ...hookRoutes,
  ...clickRoutes,
  ...mediaRoutes,
  ...campaignRunRoutes,
  ...trackPeopleApiRoutes,
];

/** Everything a request can reach, and who may reach it. */
export const routes: readonly Route[] = [
  ...machineRoutes,
  ...panelRoutes,
  ...homeRoutes,
  ...wellKnownRoutes,
  ...signInRoutes,
  ...secondStepRoutes,
  ...salesforceSignInRoutes,
  ...signUpRoutes,
  ...passwordRoutes,
  ...emailRoutes,
  ...accountRoutes,
  ...securityRoutes,
  ...partnerRoutes,
  ...consoleHomeRoutes,
  ...consoleAccountRoutes,
  ...peopleRoutes,
  ...engagementSettingRoutes,
  ...accountActRoutes,
  ...accountEditRoutes,
  ...accountRemovalRoutes,
  ...savedViewRoutes,
  ...healthRoutes,
  ...healthProfileRoutes,
  ...segmentRoutes,
  ...tagRoutes,
  ...riskRoutes,
  ...accountMarkRoutes,
  ...insightRoutes,
  ...milestoneRoutes,
  ...reportRequestRoutes,
  ...reportRoutes,
  ...backtestRoutes,
  ...inboxRoutes,
  ...alertRoutes,
  ...followRoutes,
  ...webhookRoutes,
  ...campaignRoutes,
  ...trackRoutes,
  ...runRoutes,
  ...topicRoutes,
  ...suppressionRoutes,
  ...campaignSettingRoutes,
  ...messageRoutes,
  ...imageRoutes,
  ...brandKitRoutes,
  ...brandMessageRoutes,
  ...deadLetterRoutes,
  ...erasureRoutes,
  ...consoleUsageRoutes,
  ...designRoutes,
  ...rulePreviewRoutes,
  ...syncRoutes,
  ...outboxRoutes,
  ...conflictRoutes,
  ...mappingRoutes(mappings),
  ...setupRoutes(needs),
  ...driftRoutes,
  ...strayEventRoutes,
  ...budgetRoutes,
  ...signUpQueueRoutes,
  ...preferenceRoutes,
  ...overviewRoutes,
  ...ownPreferenceRoutes,
  ...pushSubscriptionRoutes,
  ...caseRoutes,
  ...caseFileRoutes,
];

export const machineRouter = (): RequestHandler => mount(machineRoutes, asVisitor);

/** Shown inside Salesforce: who asks proves it without a cookie, and so comes before sessions. */
export const panelRouter = (): RequestHandler => mount(panelRoutes, asVisitor);

export const router = (): RequestHandler =>
  mount(routes.filter((each) => !machineRoutes.includes(each) && !panelRoutes.includes(each)));

const asVisitor: RequestHandler = (req, _res, next) => {
  req.viewer = { kind: 'visitor' };
  next();
};

/** A request is held against the routes of its own room, not against all the hundreds. */
function mount(some: readonly Route[], ...before: RequestHandler[]): RequestHandler {
  const rooms = new Map<string, Router>();
  for (const { method, path, handlers } of some) {
    const room = rooms.get(roomOf(path)) ?? Router();
    rooms.set(roomOf(path), room);
    room[method](path, ...before, ...handlers);
  }
  return (req, res, next) => {
    const room = rooms.get(roomOf(req.path));
    if (room) room(req, res, next);
    else next();
  };
}

/** The first part of a path, which no route leaves open: `portal` of /portal/cases/:id. Case matters in no address. */
const roomOf = (path: string): string => (path.split('/', 2)[1] ?? '').toLowerCase();
