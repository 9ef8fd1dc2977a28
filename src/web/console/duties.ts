import type { RequestHandler } from 'express';

import { countDeadDeliveries } from '../../alerts/webhooks.ts';
import { countWaiting } from '../../campaigns/waiting.ts';
import { signUpsWaiting } from '../../identity/sign-up-queue.ts';
import { countDeadLetters } from '../../platform/jobs.ts';
import { outboxCounts } from '../../platform/salesforce/outbox/outbox-list.ts';
import { countUnmatched } from '../../usage/settling.ts';

/** What waits for somebody of the staff, by the entry of the navigation where it is settled. */
export type Duties = Record<
  'sync' | 'outbox' | 'conflicts' | 'sign-ups' | 'dead-letters' | 'usage' | 'alerts' | 'campaigns',
  number
>;

const FRESH_MILLISECONDS = 3_000;

let counted: { at: number; duties: Duties } | undefined;

/** Has every page of the console show beside its navigation what waits; counted anew every few seconds at most. */
export const showDuties: RequestHandler = async (req, res, next) => {
  if (req.method === 'GET' && req.viewer.kind === 'staff') res.locals.duties = await currentDuties();
  next();
};

async function currentDuties(): Promise<Duties> {
  if (counted && performance.now() - counted.at < FRESH_MILLISECONDS) return counted.duties;
  const [{ failed: outbox, conflicts }, signUps, deadLetters, usage, alerts, campaigns] = await Promise.all([
    outboxCounts(),
    signUpsWaiting(),
    countDeadLetters(),
    countUnmatched(),
    countDeadDeliveries(),
    countWaiting(),
  ]);
  counted = {
    at: performance.now(),
    duties: {
      sync: outbox + conflicts,
      outbox,
      conflicts,
      'sign-ups': signUps,
      'dead-letters': deadLetters,
      usage,
      alerts,
      campaigns,
    },
  };
  return counted.duties;
}
