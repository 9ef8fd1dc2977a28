import '../events.ts';

import { now } from '../../platform/clock.ts';
import { sql, transaction, type Tx } from '../../platform/db.ts';
import { record } from '../../platform/events.ts';
import { faultPoint } from '../../platform/faults.ts';

import { readEvents } from './hook-reading.ts';

/** Who tells of deliveries: a provider, or our own links and pixels. */
type HookSource = 'sendgrid' | 'links' | 'sunshine' | 'in_app' | 'push';

/**
 * Keeps what a provider posted, as it came, until it is taken in (outcomes-intake.ts). Once this resolves, it is not lost. What cannot be
 * read is kept as well: nobody who signed it will write it better next time.
 * @param body a list of events in JSON. Own sources write them as SendGrid does: `{sg_event_id, event, timestamp, run, n, url}`.
 */
export async function keepHook(source: HookSource, body: string): Promise<void> {
  await transaction((tx) => keepHookIn(tx, source, body));
}

/** The same, in the transaction of what the events are about. */
export async function keepHookIn(tx: Tx, source: HookSource, body: string): Promise<void> {
  const receivedAt = now();
  const text = body.replaceAll('\0', '');
  const reading = readEvents(text, receivedAt);
  const { rows } = await sql<{ id: number }>`
    insert into hook_inbox (source, received_at, events, body, reading)
    values (${source}, ${receivedAt}, ${reading?.length ?? -1}, ${text}, ${reading === undefined ? null : JSON.stringify(reading)}::json)
    returning id`.execute(tx);
  const id = rows[0]?.id;
  if (id !== undefined) await record(tx, 'hooks.received', { id });
  faultPoint('keeping');
}
