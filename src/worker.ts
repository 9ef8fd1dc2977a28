import { sendDigests } from './alerts/digests.ts';
import { mailAlerts } from './alerts/mails.ts';
import { forgetAlerts } from './alerts/retention.ts';
import { watchAlerts } from './alerts/watch.ts';
import { postWebhook } from './alerts/webhooks.ts';
import { forgetUploads } from './cases/uploads.ts';
import { recomputeAllHealth, recomputeDueHealth } from './health/health.ts';
import { replayHealth } from './health/replay.ts';
import { beginEmailChange } from './identity/email-change.ts';
import { erasePerson } from './identity/erasure.ts';
import { forgetExpired } from './identity/expired.ts';
import { beginPasswordReset } from './identity/password-reset.ts';
import { beginSignUp } from './identity/sign-up.ts';
import { makeTemplates } from './content/seeded.ts';
import { noteMilestones } from './insights/milestones.ts';
import { noteAllActs } from './insights/receipts.ts';
import { db, pool } from './platform/db.ts';
import { createJobRunner, type JobHandlers } from './platform/job-runner.ts';
import { enqueue } from './platform/jobs.ts';
import { postMail } from './platform/mail.ts';
import { giveWayToPages, stopOnSignal } from './platform/process.ts';
import { compareMirror } from './platform/salesforce/mirror/proof.ts';
import { sweep } from './platform/sweep.ts';
import { reactions } from './reactions.ts';
import { forgetChannels } from './campaigns/mailing/channel-retention.ts';
import { endRun } from './campaigns/runs/completion.ts';
import { countGoals } from './campaigns/results/goal-counting.ts';
import { sendBatches, watchMailing } from './campaigns/mailing/mailing.ts';
import { takeInHooks } from './campaigns/outcomes/intake.ts';
import { updateAccounts } from './campaigns/outcomes/updater.ts';
import { triggerCampaigns } from './campaigns/runs/triggering.ts';
import { runBacktest } from './reports/backtest-run.ts';
import { forgetPages } from './reports/visits.ts';
import { startSchedule } from './schedule.ts';
import { compareSegments } from './segments/comparison.ts';
import { refreshDueSegments, refreshSegments } from './segments/refresh.ts';
import { advanceTracks } from './tracks/advancing.ts';
import { countTrackApproval } from './tracks/approvals.ts';
import { watchTracks } from './tracks/watching.ts';
import { stageNames, stageOf, stagesAsked } from './stages.ts';
import { sync } from './sync.ts';
import { refreshBenchmarks } from './usage/benchmarks.ts';
import { matchUsage } from './usage/matching.ts';
import { forgetUsage } from './usage/retention.ts';
import { takeInUsage } from './usage/take-in.ts';

/** Every job that is put off by name, and what does it. Reactions to events are in reactions.ts. */
export const jobs: JobHandlers = {
  sweep,
  recompute_health: recomputeAllHealth,
  recompute_due_health: recomputeDueHealth,
  replay_health: replayHealth,
  forget_uploads: forgetUploads,
  note_insight_acts: noteAllActs,
  note_milestones: noteMilestones,
  erase_person: erasePerson,
  send_mail: postMail,
  begin_sign_up: beginSignUp,
  begin_password_reset: beginPasswordReset,
  begin_email_change: beginEmailChange,
  forget_expired: forgetExpired,
  take_in_usage: takeInUsage,
  match_usage: matchUsage,
  forget_usage: forgetUsage,
  refresh_benchmarks: refreshBenchmarks,
  compare_mirror: compareMirror,
  run_backtest: runBacktest,
  forget_pages: forgetPages,
  trigger_campaigns: triggerCampaigns,
  take_in_hooks: takeInHooks,
  count_goals: countGoals,
  update_accounts: updateAccounts,
  send_batches: sendBatches,
  watch_mailing: watchMailing,
  forget_channels: forgetChannels,
  end_run: endRun,
  advance_tracks: () => advanceTracks(),
  watch_tracks: watchTracks,
  count_track_approval: countTrackApproval,
  watch_alerts: watchAlerts,
  send_digests: sendDigests,
  mail_alerts: mailAlerts,
  post_webhook: postWebhook,
  forget_alerts: forgetAlerts,
  refresh_due_segments: refreshDueSegments,
  refresh_segments: refreshSegments,
  compare_segments: () => compareSegments(),
  make_templates: makeTemplates,
};

if (import.meta.main) {
  giveWayToPages();
  const asked = stagesAsked();
  const without = stageNames.filter((stage) => !asked.includes(stage));
  const runner = createJobRunner({ reactions, jobs, stageOf }, { without });
  const schedule = startSchedule();
  const salesforce = asked.includes('rest') ? sync() : undefined;
  runner.start();
  if (asked.includes('rest')) await enqueue(db, 'make_templates', {}, { key: 'make_templates' });
  salesforce?.start();
  process.send?.('ready');
  stopOnSignal('worker', async () => {
    await schedule.stop();
    await salesforce?.stop();
    await runner.stop();
    await pool.end();
  });
}
