import { newestVersion } from '../../content/content.ts';
import { db } from '../../platform/db.ts';

import type { Campaign } from './campaigns.ts';
import { selectAudienceRule } from './campaigns.queries.ts';
import type { Fixed, Source } from '../runs/runs.ts';
import { campaignSettings } from './settings.ts';

/** What a run of this campaign would send now, and by which rules. */
export async function fixedOf(campaign: Campaign, source: Source): Promise<Fixed> {
  const { name, messageId, messageClass, topic, channel, policy, trigger, segmentId } = campaign;
  const message = messageId === null ? undefined : await newestVersion(messageId);
  const { limits } = await campaignSettings();
  return {
    name,
    messageId,
    messageVersion: message?.version ?? null,
    messageClass,
    topic,
    channel,
    audience: segmentId === null ? null : ((await selectAudienceRule(db, segmentId)) ?? null),
    source,
    policy,
    limits: limits[messageClass][channel],
    trigger,
  };
}
