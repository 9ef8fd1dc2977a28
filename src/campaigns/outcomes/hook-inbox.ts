import { isUtf8 } from 'node:buffer';

import '../events.ts';

import { now } from '../../platform/clock.ts';
import { transaction, type Tx } from '../../platform/db.ts';
import { record } from '../../platform/events.ts';

import * as queries from './hook-inbox.queries.ts';
import { type EventReading, readEvents } from './hook-reading.ts';

/** Who tells of deliveries: a provider, or our own links and pixels. */
type HookSource = 'sendgrid' | 'links' | 'sunshine' | 'in_app' | 'push';

/** A post as it is kept: what came, and what was read of it; undefined where it cannot be read. */
export interface Hook {
  source: HookSource;
  receivedAt: Date;
  body: string | Buffer;
  reading: readonly EventReading[] | undefined;
}

interface Waiting {
  hook: Hook;
  done: () => void;
  failed: (error: unknown) => void;
}

let waiting: Waiting[] = [];
let isKeeping = false;

/**
 * Keeps what a provider posted, as it came, until it is taken in (intake.ts). Once this resolves, it is not lost. What cannot be
 * read is kept as well: nobody who signed it will write it better next time. Posts that come while others are being kept go together.
 * @param body a list of events in JSON. Own sources write them as SendGrid does: `{sg_event_id, event, timestamp, run, n, url}`.
 */
export async function keepHook(source: HookSource, body: string | Buffer): Promise<void> {
  const hook = hookOf(source, body);
  await new Promise<void>((done, failed) => {
    waiting.push({ hook, done, failed });
    if (!isKeeping) void keepWaiting();
  });
}

async function keepWaiting(): Promise<void> {
  isKeeping = true;
  while (waiting.length > 0) {
    const turn = waiting;
    waiting = [];
    await keepTogether(turn);
  }
  isKeeping = false;
}

/* When one of them cannot be kept, the others are kept without it. */
async function keepTogether(turn: readonly Waiting[]): Promise<void> {
  try {
    await transaction((tx) => keepAndTell(tx, turn.map(({ hook }) => hook))); // prettier-ignore
    for (const { done } of turn) done();
  } catch (error) {
    if (turn.length === 1) turn[0]?.failed(error);
    else for (const each of turn) await keepTogether([each]);
  }
}

/* While older posts wait, whoever was told of them takes these, too: they look until nothing is left (`isNothingComing`). */
async function keepAndTell(tx: Tx, hooks: readonly Hook[]): Promise<void> {
  await queries.announce(tx);
  const isTold = await queries.isAnyWaiting(tx);
  const id = await insert(tx, hooks);
  if (!isTold) await record(tx, 'hooks.received', { id });
}

/** The same, in the transaction of what the events are about. */
export async function keepHookIn(tx: Tx, source: HookSource, body: string): Promise<void> {
  const id = await insert(tx, [hookOf(source, body)]);
  await record(tx, 'hooks.received', { id });
}

function hookOf(source: HookSource, body: string | Buffer): Hook {
  const receivedAt = now();
  const text = body.toString('utf8').replaceAll('\0', '');
  const isAsItCame = typeof body !== 'string' && isUtf8(body) && !body.includes(0);
  return { source, receivedAt, body: isAsItCame ? body : text, reading: readEvents(text, receivedAt) };
}

async function insert(tx: Tx, hooks: readonly Hook[]): Promise<number> {
  let id = 0;
  for (const hook of hooks) id = await queries.insertHook(tx, hook);
  return id;
}
