import type { MessageClass } from '../campaigns/definition/policy.ts';

import type { StepKind, TrackDefinition } from './definition.ts';

/** How a track stands; before it was first activated, how its newest version does. */
export const trackStatuses = ['draft', 'in_review', 'approved', 'active', 'paused', 'archived'] as const;
export type TrackStatus = (typeof trackStatuses)[number];

export const versionStates = ['draft', 'in_review', 'approved', 'active', 'replaced'] as const;
export type VersionState = (typeof versionStates)[number];

/** How many entered, are in it, came to the end, left before it (and why), and reached the goal; messages that were sent. */
export interface TrackCounts {
  entered: number;
  here: number;
  done: number;
  left: number;
  /** Of those who left: goal, rule, removed, gone, archived. */
  leftBy: Record<string, number>;
  sent: number;
  converted: number;
}

/** A track in a list. */
export interface ListedTrack {
  id: string;
  name: string;
  description: string;
  messageClass: MessageClass;
  topic: string | null;
  status: TrackStatus;
  /** The version that people go through; null until there is one. */
  version: number | null;
  /** A newer version that is not active yet. */
  next: { version: number; state: VersionState } | null;
  entryKind: TrackDefinition['entry']['kind'];
  ownerId: string;
  ownerName: string | null;
  changedAt: Date;
  counts: TrackCounts;
}

/** A track as its page shows it: `definition` is that of the newest version, `activeDefinition` of the one that people go through. */
export interface ShownTrack extends ListedTrack {
  definition: TrackDefinition;
  activeDefinition: TrackDefinition | null;
  activatedAt: Date | null;
  pausedAt: Date | null;
  pausedByName: string | null;
  changedByName: string | null;
  createdAt: Date;
  template: { code: string; parameters: Record<string, unknown> } | null;
  /** How many are at each step, by its key. */
  waiting: Record<string, number>;
}

/** What became of people at a step, in the order of the steps. Steps of former versions come last. */
export interface StepFigures {
  key: string;
  kind: StepKind | null;
  depth: number;
  /** Came to it, are there now, went on. */
  entered: number;
  here: number;
  passed: number;
  /** How they went on: handed_over, waited, held, timed_out, then, otherwise, tagged, task, exit. */
  outcomes: Record<string, number>;
  /** Of a message: sent, skipped, failed, planned, opened, clicked … of its runs. */
  counts: Record<string, number>;
}
