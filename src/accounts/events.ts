declare module '../platform/events.ts' {
  interface Events {
    /** Somebody took an account off the lists (AP8), or put it back. */
    'account.removed': { accountId: string };
    'account.restored': { accountId: string };
  }
}
