import * as memberships from './access/memberships.ts';
import * as accessMoves from './access/moves.ts';
import * as answers from './cases/answers.ts';
import * as deliveries from './cases/deliveries.ts';
import './accounts/events.ts';
import './cases/events.ts';
import * as caseMoves from './cases/moves.ts';
import * as health from './health/health.ts';
import * as demo from './identity/demo.ts';
import * as lateMatches from './identity/late-matches.ts';
import * as insights from './insights/insights.ts';
import * as insightMoves from './insights/moves.ts';
import * as receipts from './insights/receipts.ts';
import './usage/events.ts';
import * as usageMoves from './usage/moves.ts';
import type { Reactions } from './platform/jobs.ts';
import './platform/salesforce/outbox/outbox.ts';
import './platform/salesforce/mirror/changes.ts';
import * as moves from './platform/salesforce/mirror/moves.ts';
import * as orgs from './platform/salesforce/mirror/orgs.ts';

/** What each event sets off. An event that sets nothing off is listed with {}. */
export const reactions: Reactions = {
  'account.removed': {},
  'account.restored': {},
  'case.opened': { recomputeHealth: health.recomputeAccount },
  'case.replied': {},
  'case.closed': { recomputeHealth: health.recomputeAccount },
  'case.reopened': { recomputeHealth: health.recomputeAccount },
  'health.changed': { tellHealth: insights.tellHealth },
  'mirror.changed': {
    recomputeHealth: health.recomputeTouched,
    refreshMemberships: memberships.refreshTouched,
    admitLateMatches: lateMatches.admitLateMatches,
    makeDemoPeople: demo.makeDemoPeople,
    tellCustomers: answers.tellCustomers,
    noteInsightActs: receipts.noteActs,
    noteMerged: moves.noteMerged,
  },
  'mirror.loaded': {
    recomputeHealth: health.requestFullRun,
    refreshMemberships: memberships.refreshEverybody,
    admitLateMatches: lateMatches.admitLateMatches,
    makeDemoPeople: demo.makeDemoPeople,
    passOverLoaded: answers.passOverLoaded,
    noteMoved: moves.noteMoved,
    followDeliveries: orgs.followDeliveries,
  },
  'mirror.moved': {
    moveLinks: accessMoves.followMoved,
    moveCases: caseMoves.followMoved,
    moveInsights: insightMoves.followMoved,
    moveUsage: usageMoves.followMoved,
  },
  'usage.counted': { recomputeHealth: health.recomputeUsed },
  'engagement.refreshed': {},
  'outbox.delivered': { noteDeliveries: deliveries.noteDeliveries, noteInsightsSent: receipts.noteSent },
  'outbox.discarded': { noteDiscards: deliveries.noteDiscards },
};
