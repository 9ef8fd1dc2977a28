import '../events.ts';

import { forStaff, type Viewer } from '../../access/viewer.ts';
import type { ChannelName } from '../../channels/channel.ts';
import { NotFound } from '../../platform/errors.ts';
import type { Rule } from '../../rules/rules.ts';

import type { MessageClass, Policy } from '../definition/policy.ts';
import * as queries from './runs.queries.ts';
import type { Limits } from '../definition/settings.ts';
import type { Trigger } from '../definition/triggers.ts';
import type { WinnerMeasure } from '../results/variants.ts';

export const runStates = ['triggered', 'planned', 'sending', 'completed', 'cancelled'] as const;
export type RunState = (typeof runStates)[number];

/** Whom a run is about before its campaign's list narrows them: pointers, never recipients. */
export type Source =
  /** The list's people as they are when the run is planned. */
  | { kind: 'list' }
  /** Who entered or left a list in one batch of its changes. */
  | { kind: 'changes'; batch: number; segmentId: string; moment: 'entered' | 'left' }
  /** Whom a batch of signals is about. */
  | { kind: 'signals'; batch: number; signal: string }
  /** Those that another system named: people (account_people.id), and all people of accounts. */
  | { kind: 'named'; personIds: number[]; accountIds: string[] }
  /** Whom a wave of a track brought to a step that sends: those of track_path. `number` stands for the step in the ledger. */
  | { kind: 'wave'; wave: number; step: string; number: number; people: number };

/** What was fixed when a run was triggered: it is sent as it was approved, whatever is changed meanwhile. */
export interface Fixed {
  name: string;
  messageId: string | null;
  messageVersion: number | null;
  messageClass: MessageClass;
  topic: string | null;
  channel: ChannelName;
  /** The list's rule at that moment; null for whoever the source brings. */
  audience: { segmentId: string; entity: 'account' | 'person'; rule: Rule } | null;
  source: Source;
  policy: Policy;
  /** The house's caps and quiet hours for this class and channel. */
  limits: Limits;
  trigger: Trigger;
  /** Whose name it goes out under; the house's where nothing is said. */
  sender?: 'house' | 'manager' | undefined;
}

/** What the rest of a run got, and on what grounds. */
export interface TrialResult {
  variant: number;
  /** `person`: somebody chose it. */
  verdict: 'too_few' | 'no_difference' | 'winner' | 'person';
  by: WinnerMeasure;
  at: string;
  personId: string | null;
  variants: { variant: number; sent: number; count: number }[];
}

export interface Run {
  id: number;
  campaignId: string;
  revision: number;
  triggerKey: string;
  triggeredBy: string | null;
  triggeredAt: Date;
  state: RunState;
  pausedAt: Date | null;
  pausedBy: string | null;
  pauseReason: string | null;
  isDry: boolean;
  fixed: Fixed;
  plannedAt: Date | null;
  audienceCount: number | null;
  /** Hex. */
  audienceHash: string | null;
  startedAt: Date | null;
  endedAt: Date | null;
  /** Hex. */
  ledgerHash: string | null;
  /** How the trial of variants ended, where there was one. */
  trial: TrialResult | null;
}

/** A run as its page shows it. */
export interface ShownRun extends Run {
  /** Whether its next cohort waits for somebody to have it go on. */
  isHeld: boolean;
  campaign: { id: string; name: string; channel: ChannelName; messageClass: MessageClass };
  triggeredByName: string | null;
  pausedByName: string | null;
  /** Of run_statistics: total, planned (still to go), sent, skipped, failed, doubt, and outcomes as they come. */
  counts: Record<string, number>;
  skippedBy: Record<string, number>;
  failedBy: Record<string, number>;
  /** How many batches are in which state. */
  batches: Record<string, number>;
  doubts: { batch: number; size: number; postedAt: Date | null; error: string | null }[];
  /** When the last batch that waits for its hour goes; null when none waits. */
  lastDueAt: Date | null;
}

/** A run in a list. */
export type ListedRun = Omit<Run, 'fixed'> & {
  campaignName: string;
  isHeld: boolean;
  counts: Record<string, number>;
};

export const RUNS_A_PAGE = 50;

/** Runs, the newest first. */
export async function runsSeenBy(
  viewer: Viewer,
  filter: { campaignId?: string | undefined; state?: RunState | undefined },
  page: number,
): Promise<{ runs: ListedRun[]; total: number }> {
  return await queries.selectRuns(forStaff(viewer), filter, { limit: RUNS_A_PAGE, page });
}

/** One run with its figures. @throws NotFound */
export async function runSeenBy(viewer: Viewer, id: number): Promise<ShownRun> {
  const run = await queries.selectShown(forStaff(viewer), id);
  if (run === undefined) throw new NotFound();
  return run;
}
