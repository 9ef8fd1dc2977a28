/** The org's own time: the machine's, moved by the control plane. */
export interface Clock {
  now: () => Date;
  /** Moves the org's time by so many milliseconds against the machine's. */
  setOffset: (milliseconds: number) => void;
}

export function createClock(): Clock {
  let offset = 0;
  return {
    now: () => new Date(Date.now() + offset),
    setOffset: (milliseconds) => {
      offset = milliseconds;
    },
  };
}

/** Salesforce keeps seconds only: the moment with its fraction cut off. */
export const wholeSeconds = (moment: Date): Date => new Date(Math.floor(moment.getTime() / 1000) * 1000);

/** `2026-01-02T03:04:05.000+0000`, as the REST API writes a moment. */
export const restDateTime = (moment: Date): string => moment.toISOString().replace('Z', '+0000');
