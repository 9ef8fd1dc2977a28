import type { Viewer } from '../../access/viewer.ts';
import { NotFound } from '../../platform/errors.ts';

import { ledgerHash } from './completion.ts';
import * as queries from './proof.queries.ts';

/** What a run's ledger, its batches, its counters and the provider's events say, held against each other. */
export interface Proof {
  runId: number;
  campaign: string;
  state: string;
  /** Everybody whom the run was about. */
  people: number;
  sent: number;
  skipped: number;
  failed: number;
  doubt: number;
  /** Still to go out. */
  planned: number;
  skippedBy: Record<string, number>;
  failedBy: Record<string, number>;
  /** Whether the people of the frozen audience are those of the ledger, each with one end (or still under way). */
  isBalanced: boolean;
  /** Messages of which the provider told each kind of event, each once however often it told. */
  events: Record<string, number>;
  /** Sent messages of which the provider told anything, and of which nothing came yet. */
  heard: number;
  unheard: number;
  /** Batches by state. */
  batches: Record<string, number>;
  /** Hex; null until the run has ended. */
  ledgerHash: string | null;
  /** Whether the ledger is as it was sealed; null until the run has ended. */
  isHashRight: boolean | null;
  /** What does not fit; words: `runs.problems.<code>`. */
  problems: Problem[];
}

export interface Problem {
  code: ProblemCode;
  count: number;
}

export const problemCodes = [
  'audience_differs', 'rows_open', 'batches_open', 'sent_without_batch', 'taken_twice', 'event_unsent', 'cohorts_differ', 'counters_differ', 'hash_differs',
] as const; // prettier-ignore
type ProblemCode = (typeof problemCodes)[number];

/** The proof of a run, for staff. @throws NotFound */
export async function proofOf(viewer: Viewer, runId: number): Promise<Proof> {
  if (viewer.kind !== 'staff') throw new NotFound();
  return await proveRun(runId);
}

/** Of a run that goes out as a whole nobody can be in another cohort. */
const strayedOf = async (runId: number, { hasCohorts }: { hasCohorts: boolean }): Promise<number> =>
  hasCohorts ? await queries.countStrayed(runId) : 0;

/** Holds everything that is known of a run against each other, anew. @throws NotFound */
export async function proveRun(runId: number): Promise<Proof> {
  const run = await queries.maybeRun(runId);
  if (run === undefined) throw new NotFound();
  const [rows, events, batches, counters, strayed] = await Promise.all([
    queries.selectRows(runId),
    queries.selectEvents(runId),
    queries.selectBatches(runId),
    queries.selectCounters(runId),
    strayedOf(runId, run),
  ]);
  const { sent, skipped, failed, doubt, planned, people } = rows;
  const sealed = run.ledgerHash === null ? null : (await ledgerHash(runId)).toString('hex');
  const isHashRight = sealed === null ? null : sealed === run.ledgerHash;
  const isBalanced = people === run.audienceCount && people === sent + skipped + failed + doubt + planned;
  const hasEnded = run.ledgerHash !== null;
  const found: Record<ProblemCode, number> = {
    audience_differs: run.audienceCount === null || isBalanced ? 0 : Math.abs(people - run.audienceCount),
    rows_open: hasEnded ? planned + doubt : 0,
    batches_open: hasEnded ? queries.openStates.reduce((sum, state) => sum + (batches[state] ?? 0), 0) : 0,
    sent_without_batch: rows.sentWithoutBatch,
    taken_twice: events.takenTwice,
    event_unsent: events.unsent,
    cohorts_differ: strayed,
    counters_differ: queries.differing(counters, rows),
    hash_differs: isHashRight === false ? 1 : 0,
  };
  return {
    runId, campaign: run.campaign, state: run.state, people, sent, skipped, failed, doubt, planned, isBalanced, batches,
    skippedBy: rows.skippedBy, failedBy: rows.failedBy, events: events.byKind, heard: events.heard, unheard: sent - events.heard,
    ledgerHash: run.ledgerHash, isHashRight, problems: problemCodes.map((code) => ({ code, count: found[code] })).filter(({ count }) => count > 0),
  }; // prettier-ignore
}
