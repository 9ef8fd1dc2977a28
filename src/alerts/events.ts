declare module '../platform/events.ts' {
  interface Events {
    /** Something happened to accounts: the signals of this batch. */
    'signals.noted': { batch: number };
  }
}

export {};
