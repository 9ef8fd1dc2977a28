import { forStaff, type Viewer } from '../../access/viewer.ts';
import { now } from '../../platform/clock.ts';
import { transaction } from '../../platform/db.ts';
import { Conflict, NotFound } from '../../platform/errors.ts';

import { selectForUpdate, updateCampaign, withdrawOpenApprovals } from './campaigns.queries.ts';
import { editorOf } from './editors.ts';
import * as queries from './newer-message.queries.ts';

/** A message that was changed since the campaign was approved with it: what goes out is the version that was approved. */
export interface NewerMessage {
  messageId: string;
  approved: number;
  newest: number;
}

/** @returns undefined where the newest version is the approved one, or nothing was approved */
export async function newerMessageOf(viewer: Viewer, campaignId: string): Promise<NewerMessage | undefined> {
  const found = await queries.selectVersions(forStaff(viewer), campaignId);
  return found !== undefined && found.newest > found.approved ? found : undefined;
}

/**
 * Has the campaign take the newest version of its message: it is a draft again, to be approved anew.
 * @throws Conflict where nothing is approved, nor waits for it
 */
export async function takeNewestMessage(viewer: Viewer, campaignId: string): Promise<void> {
  const { personId } = editorOf(viewer);
  await transaction(async (tx) => {
    const campaign = await selectForUpdate(tx, campaignId);
    if (campaign === undefined) throw new NotFound();
    if (!['in_review', 'approved', 'active', 'ended'].includes(campaign.status))
      throw new Conflict('the campaign is a draft, or put away');
    await updateCampaign(tx, campaign, { isOther: true, personId, now: now() });
    await withdrawOpenApprovals(tx, campaignId, { personId, now: now() });
  });
}
