import { DAY, now } from '../platform/clock.ts';

import { forgetPanelRequests } from './canvas.ts';
import { deleteExpired } from './queries.ts';

declare module '../platform/jobs.ts' {
  interface Jobs {
    forget_expired: Record<string, never>;
  }
}

/** How long it is kept who signed in when, and from where. */
const SECURITY_EVENTS_KEPT = 400 * DAY;

/** Removes what no longer opens or limits anything: used links, ended sessions, counters, old security events. */
export async function forgetExpired(): Promise<void> {
  const at = now();
  await forgetPanelRequests();
  await deleteExpired({ at, securityEventsBefore: new Date(at.getTime() - SECURITY_EVENTS_KEPT) });
}
