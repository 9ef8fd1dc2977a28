import { DAY, now } from '../platform/clock.ts';

import * as queries from './retention.queries.ts';

declare module '../platform/jobs.ts' {
  interface Jobs {
    /** Clears signals, settled alerts and deliveries that nobody asks for any more. */
    forget_alerts: Record<string, never>;
  }
}

/** How long each is kept: signals for a year's look back, what is settled for half of one, what merely went out for a month. */
const KEPT = { signals: 400, settled: 180, sent: 30 } as const;

export async function forgetAlerts(): Promise<void> {
  const ago = (days: number) => new Date(now().getTime() - days * DAY);
  await queries.deleteOld({ signals: ago(KEPT.signals), settled: ago(KEPT.settled), sent: ago(KEPT.sent) });
}
