declare module '../platform/events.ts' {
  interface Events {
    /** Statuses, ranks, scores or reasons changed: those of health_history in this batch. One event a recomputation. */
    'health.changed': { batch: number; accounts: number };
  }
}

declare module '../platform/jobs.ts' {
  interface Jobs {
    /** Computes every account's health anew and keeps the day's readings. */
    recompute_health: Record<string, never>;
    /** Finds out how accounts were on past days. */
    replay_health: Record<string, never>;
    /** Computes the health of the accounts that wait in health_due. */
    recompute_due_health: Record<string, never>;
  }
}
