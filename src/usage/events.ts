declare module '../platform/events.ts' {
  interface Events {
    /** Usage was counted for that many accounts since the last time. */
    'usage.counted': { accounts: number };
    /** Readings of these accounts or of their people were brought up to date; `all` when they are too many to name. */
    'engagement.refreshed': { accounts: readonly string[] | 'all' };
    /** An administrator changed what status, stage and engagement follow from. */
    'engagement.ruled': Record<string, never>;
  }
}
