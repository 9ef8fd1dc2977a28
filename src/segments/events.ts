declare module '../platform/events.ts' {
  interface Events {
    /** Accounts or people entered or left lists: those of segment_changes in this batch. One event a refresh. */
    'segment.changed': { batch: number; changes: number };
    /** Tags were added to accounts or taken off them: those of account_tag_changes in this batch. */
    'tags.changed': { batch: number; changes: number };
    /** Risk levels changed: those of account_risk_changes in this batch. */
    'risk.changed': { batch: number; changes: number };
  }
}

declare module '../platform/jobs.ts' {
  interface Jobs {
    /** Looks at the accounts that wait in segment_due, for every list. */
    refresh_due_segments: Record<string, never>;
    /** Looks at every account for the lists that were never refreshed, whose rule changed, or for which a new day began. */
    refresh_segments: Record<string, never>;
    /** Compares every list with a full look, and mends what differs. */
    compare_segments: Record<string, never>;
  }
}

/** What a batch did: its number, and how many rows it holds. */
export interface Batch {
  batch: number;
  changes: number;
}
