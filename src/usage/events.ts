declare module '../platform/events.ts' {
  interface Events {
    /** Usage was counted for that many accounts since the last time. */
    'usage.counted': { accounts: number };
  }
}
