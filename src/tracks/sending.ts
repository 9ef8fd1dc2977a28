import { Policy } from '../campaigns/definition/policy.ts';
import type { CampaignSettings } from '../campaigns/definition/settings.ts';
import { beginWaveRun } from '../campaigns/runs/waves.ts';
import type { Tx } from '../platform/db.ts';

import { handOver } from './advancing.queries.ts';
import type { SendStep } from './definition.ts';
import type { Version } from './flow.ts';
import { selectToSend } from './versions.queries.ts';

/**
 * Hands over whoever stands at a step that sends, as one run: who gets it and who does not, when, and what became of it is decided and told there,
 * as of every campaign. They go on at once, whatever becomes of it.
 */
export async function sendTo(
  tx: Tx,
  { trackId, settings }: { trackId: string; settings: CampaignSettings },
  { by, step }: { by: Version; step: SendStep },
): Promise<void> {
  const handed = await handOver(tx, { version: by.version, key: step.key });
  const { messageId, channel, sender } = step;
  if (handed === undefined || messageId === null) return;
  const { messageClass, topic, policy } = by.definition;
  const { name, messages, number } = await selectToSend(tx, { trackId, version: by.version, step: step.key });
  await beginWaveRun(tx, {
    trackId,
    version: by.version,
    fixed: {
      name, messageId, messageVersion: messages[messageId] ?? null, messageClass, topic, channel, audience: null, sender,
      source: { kind: 'wave', ...handed, step: step.key, number },
      policy: Policy.parse({ ...policy, again: 'always' }), limits: settings.limits[messageClass][channel], trigger: { kind: 'manual' },
    },
  }); // prettier-ignore
}
