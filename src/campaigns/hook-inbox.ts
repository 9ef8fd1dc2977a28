import './events.ts';

import { now } from '../platform/clock.ts';
import { sql, transaction, type Tx } from '../platform/db.ts';
import { record } from '../platform/events.ts';

/** Who tells of deliveries: a provider, or our own links and pixels. */
export type HookSource = 'sendgrid' | 'links' | 'sunshine' | 'in_app' | 'push';

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
  const { text, events } = readable(body);
  const { rows } = await sql<{ id: number }>`
    insert into hook_inbox (source, received_at, events, body) values (${source}, ${now()}, ${events}, ${text}) returning id`.execute(
    tx,
  );
  const id = rows[0]?.id;
  if (id !== undefined) await record(tx, 'hooks.received', { id });
}

/* What PostgreSQL can keep as text, but not read as JSON: the null character, and halves of characters. */
const unreadable = /\\u(0000|d[89a-f])/i;

/** How many events a body holds, and the body as PostgreSQL can read it; -1 for one that is no list of objects. */
function readable(body: string): { text: string; events: number } {
  const text = body.replaceAll('\0', '');
  try {
    const list: unknown = JSON.parse(text);
    if (!Array.isArray(list) || !list.every(isObject)) return { text, events: -1 };
    return { text: unreadable.test(text) ? JSON.stringify(list, wellFormed) : text, events: list.length };
  } catch {
    return { text, events: -1 };
  }
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

const wellFormed = (_key: string, value: unknown) =>
  typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '') : value;
