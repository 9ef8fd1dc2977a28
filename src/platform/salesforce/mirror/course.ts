import { DAY, HOUR, MINUTE, now } from '../../clock.ts';

import { maySpend, spending } from '../budget/budget.ts';
import { forgetSettled, takeRereads } from '../outbox/claims.ts';
import { chosenMappings, mappingRevision } from './chosen.ts';
import { describe, type Described, type Readable } from './describe.ts';
import { toFailure } from '../wire/errors.ts';
import { noteFields } from './fields.ts';
import { load } from './load.ts';
import type { Mirrored } from './mapping.ts';
import { resolveCases } from './late-cases.ts';
import { catchLateRows, type Followed, noteFailure, pollChanges } from './poll.ts';
import { refetch } from './refetch.ts';
import { statesOf, type SyncState } from './states.ts';
import { compareWhole } from './whole.ts';

/** How often each kind of looking happens, in milliseconds. */
const SELDOM = 10_000;
const WHOLE = 30_000;
const LATE_OFTEN = 15_000;
const LATE_SELDOM = MINUTE;
const DESCRIBE = 5 * MINUTE;

const SETTLED_KEPT = 30 * DAY;

/** What one process knows while it follows Salesforce. */
export interface Course {
  /** What the code maps. */
  readonly base: readonly Mirrored[];
  /** The same as administrators chose it. */
  mappings: readonly Mirrored[];
  /** Which state of their choice that is. */
  revision: number;
  readonly stopping: AbortSignal;
  readables: Map<string, Readable>;
  /** When each kind of looking happened last, by the process's own clock. */
  readonly looks: Map<string, number>;
  /** What the event stream makes of it. */
  readonly stream: Announced;
}

/** What the event stream has to say to the poll. */
export interface Announced {
  /** Objects whose changes are read as events name them: the poll looks whether any is missing. */
  readonly objects: Set<string>;
  /** Objects to be polled at once, `*` for all. */
  readonly hinted: Set<string>;
  /** Ends the pause before the next poll. */
  nudge: () => void;
}

export const newCourse = (mappings: readonly Mirrored[], stopping: AbortSignal): Course => ({
  base: mappings,
  mappings,
  revision: -1,
  stopping,
  readables: new Map(),
  looks: new Map(),
  stream: { objects: new Set(), hinted: new Set(), nudge: () => undefined },
});

/** Asked anew each time: it changes while the work goes on. */
export const hasEnded = (stopping: AbortSignal): boolean => stopping.aborted;

/** Whether it is time for some looking again; if so, it counts as done. */
export function isDue({ looks }: Course, what: string, every: number): boolean {
  const at = performance.now();
  if (at - (looks.get(what) ?? -Infinity) < every) return false;
  looks.set(what, at);
  return true;
}

/** Learns what is to be mirrored and what is readable of it now. */
export async function refreshReadables(course: Course): Promise<void> {
  const revision = await mappingRevision();
  const isAnother = revision !== course.revision;
  if (isAnother) course.mappings = await chosenMappings(course.base);
  course.revision = revision;
  if (!isDue(course, 'describe', DESCRIBE) && !isAnother && course.readables.size > 0) return;
  course.looks.set('describe', performance.now());
  const described = await describedWithin(course);
  if (described === undefined) return;
  const states = await statesOf(course.mappings);
  for (const readable of described.readables.values()) {
    const state = states.get(readable.mapping.sobject);
    if (state?.phase === 'live') await noteFields(readable, state);
  }
  course.readables = await withFormer(course, described);
}

/** Without knowing the fields not even cases can be followed; knowing them anew can wait where calls are scarce. */
async function describedWithin({ mappings, readables }: Course): Promise<Described | undefined> {
  if (readables.size === 0) return await spending('cases', () => describe(mappings));
  if (!(await maySpend('setup'))) return undefined;
  return await spending('setup', () => describe(mappings));
}

/** In the order of the mapping; of an object that Salesforce only fails to describe now, what was known goes on to count. */
async function withFormer(
  { mappings, readables: former }: Course,
  { readables, refusals }: Described,
): Promise<Map<string, Readable>> {
  for (const [sobject, failure] of refusals) {
    const before = former.get(sobject);
    if (before && failure.kind !== 'terminal') readables.set(sobject, before);
    else await noteFailure(sobject, failure);
  }
  return new Map(
    mappings.flatMap(({ sobject }) => {
      const readable = readables.get(sobject);
      return readable ? [[sobject, readable] as const] : [];
    }),
  );
}

const isFollowed = (state: SyncState | undefined): state is SyncState =>
  (state?.markAt ?? null) !== null && state?.isPaused === false;

/** Objects that were loaded once; one that is loaded again goes on being followed meanwhile. */
export async function followed(course: Course): Promise<Followed[]> {
  const states = await statesOf(course.mappings);
  return [...course.readables.values()].flatMap((readable) => {
    const state = states.get(readable.mapping.sobject);
    return isFollowed(state) ? [{ readable, state }] : [];
  });
}

/** Loads whatever has not been loaded, one object after another. */
export async function loadAll(course: Course): Promise<void> {
  await refreshReadables(course);
  const before = await statesOf(course.mappings);
  for (const readable of course.readables.values()) {
    const { sobject } = readable.mapping;
    if (before.get(sobject)?.phase === 'live' || hasEnded(course.stopping)) continue;
    const state = (await statesOf(course.mappings)).get(sobject);
    if (state?.phase !== 'live' && state?.isPaused === false) await loadOne(course, readable, state);
  }
}

async function loadOne({ readables, stopping }: Course, readable: Readable, state: SyncState): Promise<void> {
  const { sobject, caseField } = readable.mapping;
  try {
    await load(readable, state, stopping);
  } catch (error) {
    if (!hasEnded(stopping)) await noteFailure(sobject, toFailure(error));
    throw error;
  }
  if (sobject === 'Case' || caseField !== undefined) await resolveCases([...readables.values()]);
}

/** Takes over what changed since the last poll: cases each time, the rest less often. @returns how many rows changed */
export async function pollOnce(course: Course): Promise<number> {
  await refreshReadables(course);
  const all = (await followed(course)).filter(({ readable }) => readable.mapping.pace !== 'whole');
  const { objects, hinted } = course.stream;
  const isDueNow = ({ mapping: { sobject, pace } }: Readable) => pace === 'often' || hinted.has(sobject);
  const often = all.filter(({ readable }) => isDueNow(readable));
  const isWide = (await maySpend('accounts')) && (isDue(course, 'seldom', SELDOM) || hinted.has('*'));
  const announced = new Set([...objects].filter((sobject) => !hinted.has(sobject) && !hinted.has('*')));
  hinted.clear();
  const changed = await pollChanges(isWide ? all : often, announced);
  const reread = await rereadSettled(course);
  if (changed + reread > 0) await resolveCases([...course.readables.values()]);
  return changed + reread;
}

async function rereadSettled({ readables }: Course): Promise<number> {
  let changed = 0;
  const wanted = Map.groupBy(await takeRereads(), ({ sobject }) => sobject);
  for (const [sobject, rows] of wanted) {
    const readable = readables.get(sobject);
    const ids = rows.map(({ salesforceId }) => salesforceId);
    if (readable) changed += await spending('cases', () => refetch(readable, ids));
  }
  return changed;
}

/** The slower looks: rows that became visible late, and deletes that leave no trace. */
export async function lookAgain(course: Course): Promise<number> {
  await refreshReadables(course);
  if (isDue(course, 'forget', HOUR)) await forgetSettled(new Date(now().getTime() - SETTLED_KEPT));
  if (!(await maySpend('accounts'))) return 0;
  const due = {
    often: isDue(course, 'late often', LATE_OFTEN),
    seldom: isDue(course, 'late seldom', LATE_SELDOM),
    whole: isDue(course, 'whole', WHOLE),
  };
  const inTurn = (await followed(course)).filter(({ readable }) => due[readable.mapping.pace]);
  const isWhole = ({ readable }: Followed) => readable.mapping.pace === 'whole';
  let changed = await catchLateRows(inTurn.filter((one) => !isWhole(one)));
  for (const one of inTurn.filter(isWhole)) changed += await compareWhole(one);
  if (changed > 0) await resolveCases([...course.readables.values()]);
  return changed;
}
