import type { Viewer } from '../../access/viewer.ts';
import { maySend, newestVersion } from '../../content/content.ts';
import { now } from '../../platform/clock.ts';
import { NotFound } from '../../platform/errors.ts';

import { campaignSeenBy, type ShownCampaign } from './campaigns.ts';
import { nextTickOf } from '../runs/ticks.ts';
import { bringsPeople } from './triggers.ts';

/** What has to be there before approval can be asked for, in the order of the editor's steps: words `campaigns.readiness.<code>`. */
const readinessCodes = ['audience', 'content', 'content_errors', 'topic', 'schedule'] as const;
export type ReadinessCode = (typeof readinessCodes)[number];

/** What is ready of a campaign and what is missing. */
export async function checksOf(
  viewer: Viewer,
  campaignId: string,
): Promise<{ code: ReadinessCode; isOk: boolean }[]> {
  const campaign = await campaignSeenBy(viewer, campaignId);
  const message = await messageOf(campaign);
  const isOk: Record<ReadinessCode, boolean> = {
    audience: campaign.segment !== null || bringsPeople(campaign.trigger),
    content: message !== undefined,
    content_errors: message === undefined || maySend(message, campaign.messageClass),
    topic: campaign.topic !== null || campaign.messageClass === 'transactional',
    schedule: isAhead(campaign),
  };
  return readinessCodes.map((code) => ({ code, isOk: isOk[code] }));
}

async function messageOf({ messageId }: ShownCampaign) {
  if (messageId === null) return undefined;
  try {
    return await newestVersion(messageId);
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}

function isAhead({ trigger }: ShownCampaign): boolean {
  if (trigger.kind !== 'once' && trigger.kind !== 'recurring') return true;
  return nextTickOf(trigger, now()) !== undefined;
}
