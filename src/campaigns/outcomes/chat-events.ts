import type { ChatEvent } from '../../channels/sunshine-events.ts';
import { now } from '../../platform/clock.ts';

import { briefly } from '../mailing/briefly.ts';
import * as queries from './chat-events.queries.ts';
import { keepHookIn } from './hook-inbox.ts';

/** Keeps what Sunshine told. Once this resolves, it is not lost. */
export async function keepChatEvents(events: readonly ChatEvent[]): Promise<void> {
  if (events.length === 0) return;
  await briefly(async (tx) => {
    await queries.keepTold(tx, events);
    await queries.keepEvents(tx, events, now());
  });
  await tellChatOutcomes();
}

/**
 * Hands on what was told of messages that are known by now, in a transaction of its own: whichever of note and event is committed last, one of both sees the
 * other. A job of the clock as well, for events that came before the answer to their message.
 */
export async function tellChatOutcomes(): Promise<void> {
  await briefly(async (tx) => {
    const told = await queries.takeKnown(tx, now());
    if (told.length > 0) await keepHookIn(tx, 'sunshine', JSON.stringify(told));
  });
}
