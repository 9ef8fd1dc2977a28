declare module '../platform/events.ts' {
  interface Events {
    /** A campaign was activated: its run waits for its audience. */
    'run.triggered': { runId: number };
    /** The audience is frozen, the ledger written, batches wait. */
    'run.planned': { runId: number };
    /** A run came to its end: completed or cancelled. */
    'run.ended': { runId: number };
    /** A provider's webhook was kept under this id, to be taken in. */
    'hooks.received': { id: number };
    /** Outcomes of deliveries of a run changed. */
    'deliveries.changed': { runId: number };
  }
}

export {};
