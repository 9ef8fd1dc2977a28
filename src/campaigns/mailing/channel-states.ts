import type { ChannelName } from '../../channels/channel.ts';
import { now } from '../../platform/clock.ts';
import { db } from '../../platform/db.ts';
import { noteService } from '../../platform/readiness.ts';

import * as queries from './channel-states.queries.ts';

/* What all processes keep together about a provider: whether it takes anything now, and since when it does not. */

const LONGEST_WAIT_SECONDS = 60;

/** It took something: whatever trouble there was is over. `closedUntil`: it said that this was all for now. */
export async function noteUp(channel: ChannelName, closedUntil?: Date): Promise<void> {
  const wasInTrouble = await queries.open(db, channel, closedUntil ?? null);
  if (wasInTrouble) await noteService(channel, true);
}

/** It takes nothing before that moment. */
export async function close(channel: ChannelName, until: Date, reason: string): Promise<void> {
  await queries.close(db, { channel, until, reason });
}

/**
 * It could not. Nothing is posted for a while, twice as long each time; what several lanes met at the same moment counts once.
 */
export async function noteDown(channel: ChannelName, reason: string): Promise<void> {
  const jitter = 0.75 + Math.random() / 2;
  const isFirst = await queries.noteTrouble(db, {
    channel,
    reason,
    now: now(),
    most: LONGEST_WAIT_SECONDS,
    jitter,
  });
  if (isFirst) await noteService(channel, false, reason);
}
