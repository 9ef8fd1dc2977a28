import { setTimeout as sleep } from 'node:timers/promises';

import { log } from '../../log.ts';

import { maySpend, pauseWithin, spending } from '../budget/budget.ts';
import type { StreamMessage } from './cometd.ts';
import { CLIENT_NAME } from '../wire/connection.ts';
import { type Course, followed, refreshReadables } from '../mirror/course.ts';
import { toFailure } from '../wire/errors.ts';
import { resolveCases } from '../mirror/late-cases.ts';
import { refetch } from '../mirror/refetch.ts';
import { noteHeard } from './streaming-state.ts';

/** The shortest time between two looks: what comes in meanwhile is read together. */
const TOGETHER = 250;

/** Calls that a look makes on average. */
const CALLS_A_LOOK = 2;

/** Of more records than these it is cheaper to ask what changed than to name them. */
const NAMED = 2_000;

/** What is hinted at: records of an object, or the object as a whole. */
type Pending = Map<string, Set<string> | 'whole'>;

/**
 * Turns what the event stream says into looks at Salesforce: named records are read at once, for the rest the poll is brought
 * forward. What goes wrong here costs time only: the poll finds it all.
 */
export interface Hints {
  take: (messages: readonly StreamMessage[]) => void;
  /** Nobody knows what changed: every object is polled now. */
  everything: () => void;
  /** Writes down that the stream lives although nothing came. */
  beat: () => void;
  /** Resolves when nothing is in hand. */
  settled: () => Promise<void>;
}

export function createHints(course: Course, stopping: AbortSignal): Hints {
  let pending: Pending = new Map();
  let heard = freshHeard();
  let isDue = false;
  let working: Promise<void> | undefined;
  const work = async () => {
    while (isDue && !stopping.aborted) {
      const [hinted, told] = [pending, heard];
      pending = new Map();
      heard = freshHeard();
      isDue = false;
      await look(course, hinted);
      await noteHeard(told);
      await sleep(pauseWithin(TOGETHER, CALLS_A_LOOK), undefined, { signal: stopping }).catch(() => undefined); // prettier-ignore
    }
  };
  const due = () => {
    isDue = true;
    working ??= work()
      .catch((error: unknown) => {
        log.warn({ reason: toFailure(error).message }, 'a hint was left to the poll');
      })
      .finally(() => {
        working = undefined;
        if (isDue && !stopping.aborted) due();
      });
  };
  return {
    take(messages) {
      for (const message of messages) {
        heard.events += 1;
        heard.replayId = message.replayId;
        heard.objects.add(message.sobject);
        if (isOurs(message)) heard.echoes += 1;
        else heard.gaps += add(pending, message);
      }
      due();
    },
    everything() {
      course.stream.hinted.add('*');
      course.stream.nudge();
    },
    beat: due,
    settled: async () => {
      await working;
    },
  };
}

const freshHeard = () => ({
  replayId: undefined as number | undefined,
  events: 0,
  echoes: 0,
  gaps: 0,
  objects: new Set<string>(),
});

/** What we wrote ourselves we know. */
const isOurs = ({ changeOrigin }: StreamMessage): boolean => changeOrigin.endsWith(`;client=${CLIENT_NAME}`);

/** The empty id of an overflow, and the wildcard of a converted field, name no record. */
const isRecord = (id: string): boolean => /^[0-9A-Za-z]{15,18}$/.test(id) && !/^0{15}/.test(id);

/** Notes what a message hints at; tells how many gaps that is. */
function add(pending: Pending, { sobject, changeType, recordIds }: StreamMessage): number {
  const known = pending.get(sobject);
  const isGap = changeType.startsWith('GAP_');
  if (known === 'whole') return Number(isGap);
  if (!recordIds.every(isRecord) || (known?.size ?? 0) + recordIds.length > NAMED)
    pending.set(sobject, 'whole');
  else pending.set(sobject, new Set([...(known ?? []), ...recordIds]));
  return Number(isGap);
}

async function look(course: Course, hinted: Pending): Promise<void> {
  if (hinted.size === 0 || !(await maySpend('streaming'))) return;
  try {
    await spending('streaming', () => readHinted(course, hinted));
  } catch (error) {
    const failure = toFailure(error);
    log.warn({ code: failure.code, reason: failure.message }, 'a hint was left to the poll');
  }
}

async function readHinted(course: Course, hinted: Pending): Promise<void> {
  await refreshReadables(course);
  const all = (await followed(course)).filter(({ readable }) => readable.mapping.pace !== 'whole');
  let changed = 0;
  for (const { readable } of all) {
    const { sobject } = readable.mapping;
    const ids = hinted.get(sobject);
    if (ids === undefined) continue;
    if (ids === 'whole') course.stream.hinted.add(sobject);
    else changed += await refetch(readable, [...ids]);
    course.stream.objects.add(sobject);
  }
  if (course.stream.hinted.size > 0) course.stream.nudge();
  if (changed > 0) await resolveCases([...course.readables.values()]);
}
