import { setTimeout as sleep } from 'node:timers/promises';

import { MINUTE, now } from '../../clock.ts';
import { log } from '../../log.ts';

import { openStream, type Stream } from './cometd.ts';
import { type Course, hasEnded } from '../mirror/course.ts';
import { SalesforceFailure, toFailure } from '../wire/errors.ts';
import { sessionBeside } from '../wire/session.ts';
import { createHints, type Hints } from './streaming-hints.ts';
import { CHANNEL, changedUnannounced, noteStatus, streamingState } from './streaming-state.ts';

/* Salesforce's change events as a hint: what they name is read at once. Whatever becomes of the subscription (a gap, a replay id that is
   too old, a node that forgot us, a session that ended, silence), the poll goes on and finds the same a few seconds later. */

/** Milliseconds. */
export interface Patience {
  /** How often it is asked whether changes come that nobody announced. */
  silenceLook: number;
  /** How long after an event a change may be found that belongs to it. */
  silence: number;
  /** After silence was suspected, how long until it may be again. */
  suspicion: number;
  longestPause: number;
}

const usual: Patience = { silenceLook: 30_000, silence: 15_000, suspicion: 5 * MINUTE, longestPause: MINUTE };

/** A subscription that was away for longer begins anew: the poll has caught up meanwhile. */
const RESUMABLE = MINUTE;

/** So many answers in a row as full as they can be: there is more waiting than reading it is worth. */
const FULL = 500;
const BEHIND = 4;

/** A subscription that is kept up. */
export interface Listening {
  /** Whether Salesforce answered the last connect. */
  isLive: () => boolean;
  stop: () => Promise<void>;
}

/** Subscribes to the org's change events and keeps that up until it is stopped. Never throws. */
export function listen(course: Course, patience: Partial<Patience> = {}): Listening {
  const stopping = new AbortController();
  const signal = AbortSignal.any([course.stopping, stopping.signal]);
  const listener: Listener = {
    hints: createHints(course, signal),
    course, signal, isLive: false, failures: 0, stale: undefined, isLost: false, suspectedAt: 0,
    patience: { ...usual, ...patience },
  }; // prettier-ignore
  const listening = keepUp(listener);
  return {
    isLive: () => listener.isLive,
    async stop() {
      stopping.abort();
      await listening;
      await listener.hints.settled();
    },
  };
}

interface Listener {
  readonly course: Course;
  readonly signal: AbortSignal;
  readonly hints: Hints;
  readonly patience: Patience;
  isLive: boolean;
  failures: number;
  /** A session that Salesforce refused. */
  stale: string | undefined;
  /** Where we were is of no use: subscribe from now on, and poll. */
  isLost: boolean;
  suspectedAt: number;
}

async function keepUp(listener: Listener): Promise<void> {
  const { signal } = listener;
  while (!signal.aborted) {
    try {
      await subscription(listener);
    } catch (error) {
      listener.isLive = false;
      listener.course.stream.objects.clear();
      if (hasEnded(signal)) break;
      await mend(listener, toFailure(error));
    }
  }
  listener.course.stream.objects.clear();
  await noteStatus('waiting').catch(() => undefined);
}

/** Subscribes, and listens until something goes wrong. */
async function subscription(listener: Listener): Promise<never> {
  const { hints, signal } = listener;
  const session = await sessionBeside(listener.stale);
  listener.stale = session.token;
  const ending = new AbortController();
  const stream = await openStream(session, AbortSignal.any([signal, ending.signal]));
  const watch = watchForSilence(listener, ending);
  try {
    await subscribe(listener, stream);
    for (let full = 0; full < BEHIND;) {
      const messages = await stream.next();
      if (!listener.isLive) await noteStatus('live');
      Object.assign(listener, { isLive: true, failures: 0 });
      listener.stale = undefined;
      full = messages.length >= FULL ? full + 1 : 0;
      if (messages.length > 0) hints.take(messages);
      else hints.beat();
    }
    throw new SalesforceFailure('BEHIND', 'More events waited than it is worth to read', { kind: 'retry' });
  } catch (error) {
    throw ending.signal.aborted ? (ending.signal.reason as Error) : error;
  } finally {
    clearInterval(watch);
    await stream.leave();
  }
}

async function subscribe(listener: Listener, stream: Stream): Promise<void> {
  const { replayId, replayAt } = await streamingState();
  const isRecent = replayAt !== null && now().getTime() - replayAt.getTime() < RESUMABLE;
  const from = replayId !== null && isRecent && !listener.isLost ? replayId : -1;
  try {
    await stream.subscribe(CHANNEL, from);
  } catch (error) {
    if (toFailure(error).code !== 'INVALID_REPLAY_ID') throw error;
    await noteStatus('connecting', { gap: true });
    await stream.subscribe(CHANNEL, -1);
    listener.isLost = true;
  }
  if (listener.isLost) listener.hints.everything();
  listener.isLost = false;
}

/** Decides how to go on, and says so. A node that forgot us and events that we skip are no reason to wait. */
async function mend(listener: Listener, failure: SalesforceFailure): Promise<void> {
  const { patience, signal } = listener;
  const isPassing = ['UNKNOWN_CLIENT', 'BEHIND', 'SILENT'].includes(failure.code);
  listener.isLost = failure.code === 'BEHIND' || failure.code === 'SILENT' || listener.isLost;
  if (failure.kind !== 'auth') listener.stale = undefined;
  listener.failures += 1;
  const isFirst = listener.failures === 1;
  log.warn({ code: failure.code, reason: failure.message }, 'the event stream is begun anew');
  const told = { detail: failure.message, rebuild: true, gap: listener.isLost };
  await noteStatus(isPassing && isFirst ? 'connecting' : 'failing', told).catch((error: unknown) => {
    log.warn({ err: error }, 'the state of the event stream could not be written down');
  });
  const pause = isFirst ? 100 : Math.min(patience.longestPause, 500 * 2 ** listener.failures);
  await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
}

/** A subscription can look alive and bring nothing. Changes that the poll found and no event announced give that away. */
function watchForSilence(listener: Listener, ending: AbortController): NodeJS.Timeout {
  const { patience } = listener;
  return setInterval(() => {
    void isSilent(listener)
      .then((silent) => {
        if (!silent) return;
        listener.suspectedAt = performance.now();
        const message = 'Changes came that no event announced';
        ending.abort(new SalesforceFailure('SILENT', message, { kind: 'retry' }));
      })
      .catch(() => undefined);
  }, patience.silenceLook).unref();
}

async function isSilent({ course, patience, suspectedAt }: Listener): Promise<boolean> {
  if (suspectedAt > 0 && performance.now() - suspectedAt < patience.suspicion) return false;
  const { heardAt, objects, connectedAt } = await streamingState();
  const tables = course.mappings
    .filter(({ sobject, sharesTable }) => objects.includes(sobject) && sharesTable !== true)
    .map(({ table }) => table);
  const since = Math.max(heardAt?.getTime() ?? 0, connectedAt?.getTime() ?? 0) + patience.silence;
  const until = now().getTime() - patience.silence / 2;
  return tables.length > 0 && (await changedUnannounced(tables, new Date(since), new Date(until)));
}
