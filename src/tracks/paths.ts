import { forStaff, type Viewer } from '../access/viewer.ts';
import { db } from '../platform/db.ts';
import { NotFound } from '../platform/errors.ts';

import type { Step, StepKind } from './definition.ts';
import type { EntryCause } from './entering.ts';
import type { PersonState } from './people.ts';
import * as queries from './paths.queries.ts';
import { trackSeenBy, type TrackStatus } from './tracks.ts';
import { selectVersions } from './versions.queries.ts';

/** A step that somebody passed, as it was then, and what came of it. */
export interface PathStep {
  key: string;
  kind: StepKind | null;
  step: Step | null;
  arrivedAt: Date;
  passedAt: Date;
  /** handed_over, waited, held, timed_out, then, otherwise, tagged, task, exit: words `tracks.outcomes.<outcome>`. */
  outcome: string;
  /** Of a message: its row of the ledger; null while its run is not planned yet. */
  runId: number | null;
  n: number | null;
  delivery: {
    state: string;
    reason: string | null;
    outcome: number;
    flags: number;
    settledAt: Date | null;
  } | null;
  /** Of a task: its Rapport_Id__c. */
  taskId: string | null;
}

/** One time that somebody went through a track. */
export interface PathEntry {
  entry: number;
  version: number;
  state: PersonState;
  cause: EntryCause & { byName: string | null };
  enteredAt: Date;
  endedAt: Date | null;
  reason: string | null;
  /** When they reached the goal after one of the messages. */
  convertedAt: Date | null;
  steps: PathStep[];
  now: {
    key: string;
    kind: StepKind | null;
    step: Step | null;
    arrivedAt: Date;
    dueAt: Date;
    untilAt: Date | null;
  } | null;
}

export interface Path {
  person: {
    id: number;
    name: string | null;
    email: string | null;
    accountId: string | null;
    accountName: string | null;
  };
  /** The first time first. */
  entries: PathEntry[];
}

/** The way that somebody went through a track, each time. @throws NotFound for who never was in it */
export async function pathOf(viewer: Viewer, trackId: string, personId: number): Promise<Path> {
  await trackSeenBy(viewer, trackId);
  const person = await queries.selectPerson(forStaff(viewer), personId);
  const entries = await queries.selectEntries(forStaff(viewer), trackId, personId);
  if (entries.length === 0) throw new NotFound();
  const passed = await queries.selectPassed(forStaff(viewer), trackId, personId);
  const numbers = [...entries, ...passed].map(({ version }) => version);
  const versions = await selectVersions(db, trackId, [...new Set(numbers)]);
  const stepOf = (version: number, key: string) => {
    const step = versions.get(version)?.flow.get(key)?.step ?? null;
    return { key, step, kind: step?.kind ?? null };
  };
  return {
    person: person ?? { id: personId, name: null, email: null, accountId: null, accountName: null },
    entries: entries.map(({ step, arrivedAt, dueAt, untilAt, ...entry }) => ({
      ...entry,
      steps: passed
        .filter((each) => each.entry === entry.entry)
        .map(({ key, version, passed: rest }) => ({ ...stepOf(version, key), ...rest })),
      now:
        step === null || dueAt === null
          ? null
          : { ...stepOf(entry.version, step), arrivedAt, dueAt, untilAt },
    })),
  };
}

/** A track that somebody is in, or was. */
export interface TrackOfPerson {
  trackId: string;
  /** Which of their rows it is. */
  personId: number;
  name: string;
  status: TrackStatus;
  state: PersonState;
  step: string | null;
  entry: number;
  enteredAt: Date;
  dueAt: Date | null;
  endedAt: Date | null;
  reason: string | null;
}

/** The tracks of a human, by any of their rows, those that they are in first. */
export async function tracksOfPerson(viewer: Viewer, personId: number): Promise<TrackOfPerson[]> {
  return await queries.selectTracksOf(forStaff(viewer), personId);
}
