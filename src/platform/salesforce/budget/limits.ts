/** Calls that were made, of those that may be. */
export interface Usage {
  used: number;
  limit: number;
}

/** What an answer tells of the org's calls of the last 24 hours, everybody's, and of those of our own application where it has a limit. */
export interface Reading {
  org: Usage;
  app: Usage | undefined;
}

/** Reads `Sforce-Limit-Info: api-usage=18/15000, per-app-api-usage=17/250(appName=rapport)`. */
export function readLimitInfo(header: string | undefined): Reading | undefined {
  const org = usageIn(/(?:^|[\s,])api-usage=(\d+)\/(\d+)/.exec(header ?? ''));
  return org && { org, app: usageIn(/per-app-api-usage=(\d+)\/(\d+)/.exec(header ?? '')) };
}

const usageIn = (match: RegExpExecArray | null): Usage | undefined =>
  match === null ? undefined : { used: Number(match[1]), limit: Number(match[2]) };

/** The share that is spent, of the tighter of both limits, from 0 to 1; 0 while nothing is known. */
export function shareOf({ org, app }: Reading): number {
  return Math.max(...[org, app].map((one) => (one && one.limit > 0 ? Math.min(1, one.used / one.limit) : 0)));
}
