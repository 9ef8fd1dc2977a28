import * as memberships from './access/memberships.ts';
import * as accessMoves from './access/moves.ts';
import * as alertMoves from './alerts/moves.ts';
import * as raising from './alerts/raising.ts';
import * as signals from './alerts/signals.ts';
import * as watch from './alerts/watch.ts';
import * as goals from './campaigns/results/goal-counting.ts';
import * as mailing from './campaigns/mailing/mailing.ts';
import * as outcomesIntake from './campaigns/outcomes/intake.ts';
import * as updater from './campaigns/outcomes/updater.ts';
import * as demoCampaigns from './campaigns/demo.ts';
import * as planning from './campaigns/audience/planning.ts';
import * as triggering from './campaigns/runs/triggering.ts';
import * as answers from './cases/answers.ts';
import * as deliveries from './cases/deliveries.ts';
import './accounts/events.ts';
import './cases/events.ts';
import * as caseMoves from './cases/moves.ts';
import * as health from './health/health.ts';
import * as demo from './identity/demo.ts';
import * as erasure from './identity/erasure.ts';
import * as lateMatches from './identity/late-matches.ts';
import * as insights from './insights/insights.ts';
import * as milestones from './insights/milestones.ts';
import * as insightMoves from './insights/moves.ts';
import * as receipts from './insights/receipts.ts';
import * as segmentMoves from './segments/moves.ts';
import * as risk from './segments/risk.ts';
import * as tagTriggers from './segments/tag-triggers.ts';
import * as segmentsTouched from './segments/touched.ts';
import * as demoTracks from './tracks/demo.ts';
import * as tracks from './tracks/watching.ts';
import * as benchmarks from './usage/benchmarks.ts';
import './usage/events.ts';
import * as matching from './usage/matching.ts';
import * as usageMoves from './usage/moves.ts';
import type { Reactions } from './platform/jobs.ts';
import './platform/salesforce/outbox/outbox.ts';
import './platform/salesforce/mirror/changes.ts';
import * as moves from './platform/salesforce/mirror/moves.ts';
import * as orgs from './platform/salesforce/mirror/orgs.ts';

/** What each event sets off. An event that sets nothing off is listed with {}. */
export const reactions: Reactions = {
  'account.removed': { refreshSegments: segmentsTouched.noteAccount },
  'account.restored': { refreshSegments: segmentsTouched.noteAccount },
  'case.opened': { recomputeHealth: health.recomputeAccount, noteSignals: signals.noteCase },
  'case.replied': {},
  'case.closed': { recomputeHealth: health.recomputeAccount },
  'case.reopened': { recomputeHealth: health.recomputeAccount },
  'health.changed': {
    tellHealth: insights.tellHealth,
    noteMilestones: milestones.noteMilestonesAfter,
    refreshSegments: segmentsTouched.noteHealthChange,
    noteSignals: signals.noteHealth,
    watchAlerts: watch.askForWatch,
    countGoals: goals.askForCount,
  },
  'mirror.changed': {
    recomputeHealth: health.recomputeTouched,
    refreshMemberships: memberships.refreshTouched,
    admitLateMatches: lateMatches.admitLateMatches,
    forgetErased: erasure.forgetReturned,
    makeDemoPeople: demo.makeDemoPeople,
    tellCustomers: answers.tellCustomers,
    noteInsightActs: receipts.noteActs,
    refreshSegments: segmentsTouched.noteMirrorChange,
    noteSignals: signals.noteMirrored,
    noteMerged: moves.noteMerged,
    countGoals: goals.askForCount,
  },
  'mirror.loaded': {
    recomputeHealth: health.requestFullRun,
    refreshMemberships: memberships.refreshEverybody,
    admitLateMatches: lateMatches.admitLateMatches,
    forgetErased: erasure.forgetReturnedLoad,
    makeDemoPeople: demo.makeDemoPeople,
    passOverLoaded: answers.passOverLoaded,
    noteMoved: moves.noteMoved,
    followDeliveries: orgs.followDeliveries,
    refreshSegments: segmentsTouched.lookAtAll,
    matchUsage: matching.matchLoaded,
  },
  'mirror.moved': {
    moveLinks: accessMoves.followMoved,
    moveCases: caseMoves.followMoved,
    moveInsights: insightMoves.followMoved,
    moveUsage: usageMoves.followMoved,
    moveTagsAndRisk: segmentMoves.followMoved,
    moveFollows: alertMoves.followMoved,
  },
  'usage.counted': { recomputeHealth: health.recomputeUsed },
  'engagement.ruled': { recomputeHealth: health.requestFullRun },
  'engagement.refreshed': {
    refreshSegments: segmentsTouched.noteEngagement,
    refreshBenchmarks: benchmarks.refreshStaleBenchmarks,
    countGoals: goals.askForCount,
    makeDemoCampaigns: demoCampaigns.makeDemoCampaigns,
    makeDemoTracks: demoTracks.makeDemoTracks,
  },
  'segment.changed': {
    carryOutTriggers: tagTriggers.carryOutTriggers,
    settleRisk: risk.settleRisk,
    noteSignals: signals.noteSegments,
    watchAlerts: watch.askForWatch,
    triggerCampaigns: triggering.triggerOnSegments,
    enterTracks: tracks.enterOnSegments,
  },
  'tags.changed': {
    watchAlerts: watch.askForWatch,
    countGoals: goals.askForCount,
    enterTracks: tracks.enterOnTags,
  },
  'risk.changed': { noteSignals: signals.noteRisk, watchAlerts: watch.askForWatch },
  'signals.noted': {
    raiseAlerts: raising.raiseAlerts,
    triggerCampaigns: triggering.triggerOnSignals,
    enterTracks: tracks.enterOnSignals,
    countGoals: goals.askForCount,
  },
  'run.triggered': { planRun: planning.planRun },
  'run.planned': { sendRun: mailing.sendRun, noteGoals: goals.noteGoals },
  'run.ended': {
    endCampaign: triggering.endCampaign,
    askForUpdate: updater.askForUpdate,
    measure: goals.askForMeasure,
  },
  'hooks.received': { takeInHooks: outcomesIntake.takeInHooks },
  'deliveries.changed': { askForUpdate: updater.askForUpdate },
  'outbox.delivered': {
    noteDeliveries: deliveries.noteDeliveries,
    noteInsightsSent: receipts.noteSent,
    noteCampaigns: updater.noteCampaigns,
  },
  'outbox.discarded': { noteDiscards: deliveries.noteDiscards },
};
