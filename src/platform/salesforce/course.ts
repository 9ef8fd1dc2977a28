import { DAY, HOUR, MINUTE, now } from '../clock.ts';
import { db } from '../db.ts';

import { maySpend } from './budget.ts';
import { forgetSettled, takeRereads } from './claims.ts';
import { describe, names, type Readable } from './describe.ts';
import { SalesforceFailure, toFailure } from './errors.ts';
import { load } from './load.ts';
import type { Mirrored } from './mapping.ts';
import {
  catchLateRows,
  compareWhole,
  type Followed,
  noteFailure,
  pollChanges,
  refetch,
  resolveCases,
} from './poll.ts';
import { reload, statesOf, type SyncState, updateState } from './states.ts';

/** How often each kind of looking happens, in milliseconds. */
const SELDOM = 10_000;
const WHOLE = 30_000;
const LATE_OFTEN = 15_000;
const LATE_SELDOM = MINUTE;
const DESCRIBE = 5 * MINUTE;

const SETTLED_KEPT = 30 * DAY;

/** What one process knows while it follows Salesforce. */
export interface Course {
  readonly mappings: readonly Mirrored[];
  readonly stopping: AbortSignal;
  readables: Map<string, Readable>;
  /** When each kind of looking happened last, by the process's own clock. */
  readonly looks: Map<string, number>;
}

export const newCourse = (mappings: readonly Mirrored[], stopping: AbortSignal): Course => ({
  mappings,
  stopping,
  readables: new Map(),
  looks: new Map(),
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

/** Learns what is readable now; an object with a field that has become readable is loaded again. */
async function refreshReadables(course: Course): Promise<void> {
  if (!isDue(course, 'describe', DESCRIBE) && course.readables.size > 0) return;
  course.readables = await describe(course.mappings);
  const states = await statesOf(course.mappings);
  for (const { sobject } of course.mappings) {
    const readable = course.readables.get(sobject);
    const state = states.get(sobject);
    if (!readable)
      await noteFailure(
        sobject,
        new SalesforceFailure('INVALID_TYPE', `This org has no ${sobject}, or hides it from us.`),
      );
    else if (state?.phase === 'live') await noteFields(readable, state.fields);
  }
}

async function noteFields(readable: Readable, before: readonly string[]): Promise<void> {
  const { sobject } = readable.mapping;
  const fields = names(readable);
  if (fields.length === before.length && fields.every((name) => before.includes(name))) return;
  await updateState(db, sobject, { fields, hidden_fields: [...readable.hidden] });
  if (fields.some((name) => !before.includes(name))) await reload(sobject);
}

const isFollowed = (state: SyncState | undefined): state is SyncState =>
  (state?.markAt ?? null) !== null && state?.isPaused === false;

/** Objects that were loaded once; one that is loaded again goes on being followed meanwhile. */
async function followed(course: Course): Promise<Followed[]> {
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
  const often = all.filter(({ readable }) => readable.mapping.pace === 'often');
  const isWide = (await maySpend('accounts')) && isDue(course, 'seldom', SELDOM);
  const changed = await pollChanges(isWide ? all : often);
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
    if (readable) changed += await refetch(readable, ids);
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
