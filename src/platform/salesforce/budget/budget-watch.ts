import { z } from 'zod';

import { DAY, MINUTE, now } from '../../clock.ts';
import { log } from '../../log.ts';

import { budgetNow, forgetBudget, spending } from './budget.ts';
import { probePause } from './budget-rules.ts';
import * as store from './budget-store.ts';
import { send } from '../wire/connection.ts';
import { toFailure } from '../wire/errors.ts';

/** How often the org's limits are asked for by themselves; more often while something is shed, since nothing else may be asked. */
const SELDOM = 10 * MINUTE;
const OFTEN = 2 * MINUTE;

const KEPT = 15 * DAY;

/** The limits that Rapport leans on, or that people ask about. */
const watched = [
  'DailyApiRequests', 'DailyBulkApiBatches', 'DailyBulkV2QueryJobs', 'DailyBulkV2QueryFileStorageMB', 'DailyStreamingApiEvents',
  'DailyDurableStreamingApiEvents', 'StreamingApiConcurrentClients', 'DurableStreamingApiConcurrentClients',
  'MonthlyPlatformEventsUsageEntitlement', 'DataStorageMB', 'FileStorageMB',
]; // prettier-ignore

const Limits = z.record(
  z.string(),
  z.looseObject({ Max: z.number(), Remaining: z.number() }).or(z.unknown()),
);

/**
 * Asks the org for its limits when it is time, as one process for all: every ten minutes, every two while something is shed, and, when
 * the org takes no more calls, after half a minute, a minute, two … until it does.
 */
export async function watchBudget(): Promise<void> {
  const { ledger, thresholds } = await budgetNow();
  const at = now();
  if (ledger.exhaustedSince !== null) {
    if (await store.takeProbe(at, new Date(at.getTime() + probePause(ledger.probes + 1)))) await probe();
    return;
  }
  const every = thresholds.some(({ shedReason }) => shedReason !== null) ? OFTEN : SELDOM;
  if ((ledger.limitsReadAt?.getTime() ?? 0) > at.getTime() - every) return;
  if (await store.takeLimitsReading(at, new Date(at.getTime() - every))) {
    await readLimits();
    await store.forgetCalls(new Date(at.getTime() - KEPT));
  }
}

async function probe(): Promise<void> {
  try {
    await readLimits();
  } catch (error) {
    if (toFailure(error).kind === 'quota') return;
    throw error;
  }
  if (await store.noteRecovered()) log.info('the org takes API calls again');
  forgetBudget();
}

async function readLimits(): Promise<void> {
  const { body } = await spending('probe', () => send({ path: '/limits' }));
  const limits = Limits.parse(body);
  const known = watched.flatMap((name) => {
    const limit = z.object({ Max: z.int(), Remaining: z.int() }).safeParse(limits[name]);
    return limit.success ? [{ name, max: limit.data.Max, remaining: limit.data.Remaining }] : [];
  });
  await store.keepLimits(known, now());
}
