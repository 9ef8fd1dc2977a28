import '../events.ts';

import { now } from '../../platform/clock.ts';
import type { Tx } from '../../platform/db.ts';
import { record } from '../../platform/events.ts';

import type { Fixed } from './runs.ts';
import { insertRun } from './runs.queries.ts';

/** Begins the run of those whom a wave of a track brought to one of its steps; from here on it is a run like every other. */
export async function beginWaveRun(
  tx: Tx,
  {
    trackId,
    version,
    fixed,
  }: { trackId: string; version: number; fixed: Fixed & { source: { kind: 'wave' } } },
): Promise<void> {
  const { id } = await insertRun(tx, {
    campaignId: trackId, revision: version, triggerKey: `wave:${String(fixed.source.wave)}`, triggeredBy: null, triggeredAt: now(),
    isDry: false, fixed,
  }); // prettier-ignore
  await record(tx, 'run.triggered', { runId: id });
}
