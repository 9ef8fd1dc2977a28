import { planRun } from '../../../src/campaigns/audience/planning.ts';
import { sendBatches, sendRun, watchMailing } from '../../../src/campaigns/mailing/mailing.ts';
import { takeInHooks } from '../../../src/campaigns/outcomes/intake.ts';
import { askForUpdate, noteCampaigns, updateAccounts } from '../../../src/campaigns/outcomes/updater.ts';
import { endRun } from '../../../src/campaigns/runs/completion.ts';
import { endCampaign, triggerCampaigns } from '../../../src/campaigns/runs/triggering.ts';
import type { JobHandlers } from '../../../src/platform/job-runner.ts';
import type { Reactions } from '../../../src/platform/jobs.ts';

export { stageOf } from '../../../src/stages.ts';

/* The stages of campaigns, from the trigger to the account updater, and nothing else: a process that does these is up in half a second. */

export const reactions = {
  'run.triggered': { planRun },
  'run.planned': { sendRun },
  'run.ended': { endCampaign, askForUpdate },
  'hooks.received': { takeInHooks },
  'deliveries.changed': { askForUpdate },
  'outbox.delivered': { noteCampaigns },
} as unknown as Reactions;

export const jobs = {
  trigger_campaigns: triggerCampaigns,
  send_batches: sendBatches,
  watch_mailing: watchMailing,
  end_run: endRun,
  take_in_hooks: takeInHooks,
  update_accounts: updateAccounts,
  send_mail: () => Promise.resolve(),
} as unknown as JobHandlers;
