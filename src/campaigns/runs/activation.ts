import '../events.ts';

import type { Viewer } from '../../access/viewer.ts';
import { now } from '../../platform/clock.ts';
import { db, transaction, type Tx } from '../../platform/db.ts';
import { Conflict, NotFound } from '../../platform/errors.ts';
import { record } from '../../platform/events.ts';
import { faultPoint } from '../../platform/faults.ts';

import { selectApproved } from '../definition/approvals.queries.ts';
import type { Campaign } from '../definition/campaigns.ts';
import {
  hasOpenRun,
  selectCampaign,
  selectForUpdate,
  updateStatus,
} from '../definition/campaigns.queries.ts';
import { editorOf } from '../definition/editors.ts';
import { briefly } from '../mailing/briefly.ts';
import { fixedOf } from '../definition/fixed.ts';
import type { Fixed, Source } from './runs.ts';
import { insertRun, selectRunOf } from './runs.queries.ts';
import { type CampaignSettings, campaignSettings } from '../definition/settings.ts';

/** What sets a run off, once by its key: a form's, a tick's, a batch's, another system's. */
interface Cause {
  key: string;
  source: Source;
  by: string | null;
}

/**
 * Activates a campaign: one that starts by hand has a run at once, any other begins to wait for its trigger. Once a key, however often it is
 * asked for. A dry run plans and explains everything and sends nothing; it needs no approval.
 * @returns the run; null where it waits for its trigger @throws Conflict for a campaign that is not approved or has an open run
 */
export async function activateCampaign(
  viewer: Viewer,
  campaignId: string,
  { key, isDry = false }: { key: string; isDry?: boolean },
): Promise<number | null> {
  const { personId } = editorOf(viewer);
  const cause: Cause = { key: `${isDry ? 'dry' : 'manual'}:${key}`, source: { kind: 'list' }, by: personId };
  if (isDry) return await runDry(campaignId, cause);
  const settings = await campaignSettings();
  return await transaction(async (tx) => {
    const campaign = await lockedCampaign(tx, campaignId);
    const known = await selectRunOf(tx, campaignId, cause.key);
    if (known !== undefined) return known;
    const isByHand = campaign.trigger.kind === 'manual';
    if (!isByHand && campaign.status === 'active') return null;
    const fixed = await approvedOf(tx, campaign, { source: cause.source, settings });
    if (isByHand && (await hasOpenRun(tx, campaignId))) throw new Conflict('a run is open');
    await updateStatus(tx, campaignId, 'active', now());
    return isByHand ? (await trigger(tx, campaign, fixed, cause)).id : null;
  });
}

async function lockedCampaign(tx: Tx, id: string): Promise<Campaign> {
  const campaign = await selectForUpdate(tx, id);
  if (campaign === undefined) throw new NotFound();
  return campaign;
}

async function runDry(campaignId: string, cause: Cause): Promise<number> {
  const before = await selectCampaign(db, campaignId);
  if (before === undefined) throw new NotFound();
  const fixed = await fixedOf(before, cause.source);
  return await transaction(async (tx) => {
    const campaign = await lockedCampaign(tx, campaignId);
    const { id } = await insertAndTell(tx, campaign, { fixed, cause, isDry: true });
    return id;
  });
}

/** What was approved of this revision; the house's caps and quiet hours are those of now. @throws Conflict */
async function approvedOf(
  tx: Tx,
  campaign: Campaign,
  { source, settings: { limits } }: { source: Source; settings: CampaignSettings },
): Promise<Fixed> {
  const approval = await selectApproved(tx, campaign.id, campaign.revision);
  const mayRun = ['approved', 'active', 'ended'].includes(campaign.status);
  if (approval === undefined || !mayRun) throw new Conflict('the campaign is not approved');
  const { snapshot } = approval;
  return {
    ...snapshot,
    name: campaign.name,
    source,
    limits: limits[snapshot.messageClass][snapshot.channel],
  };
}

async function trigger(
  tx: Tx,
  campaign: Campaign,
  fixed: Fixed,
  cause: Cause,
): Promise<{ id: number; isNew: boolean }> {
  return await insertAndTell(tx, campaign, { fixed, cause, isDry: false });
}

async function insertAndTell(
  tx: Tx,
  { id: campaignId, revision }: Campaign,
  { fixed, cause, isDry }: { fixed: Fixed; cause: Cause; isDry: boolean },
): Promise<{ id: number; isNew: boolean }> {
  const run = await insertRun(tx, {
    campaignId, revision, triggerKey: cause.key, triggeredBy: cause.by, triggeredAt: now(), isDry, fixed,
  }); // prettier-ignore
  if (run.isNew) await record(tx, 'run.triggered', { runId: run.id });
  faultPoint('triggering');
  return run;
}

/**
 * Begins a run of a campaign that waits for its trigger, once a key. @returns its id, new or known; undefined when the campaign is not
 * active any more, or not approved
 */
export async function setOff(campaignId: string, cause: Cause): Promise<number | undefined> {
  const settings = await campaignSettings();
  return await briefly(async (tx) => {
    const campaign = await lockedCampaign(tx, campaignId);
    if (campaign.status !== 'active') return await selectRunOf(tx, campaignId, cause.key);
    const approval = await selectApproved(tx, campaignId, campaign.revision);
    if (approval === undefined) return undefined;
    const fixed = await approvedOf(tx, campaign, { source: cause.source, settings });
    return (await trigger(tx, campaign, fixed, cause)).id;
  });
}
