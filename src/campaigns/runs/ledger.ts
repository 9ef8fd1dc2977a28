import { forStaff, type Viewer } from '../../access/viewer.ts';
import type { ChannelName } from '../../channels/channel.ts';

import * as queries from './ledger.queries.ts';
import type { MessageClass } from '../definition/policy.ts';
import { runSeenBy } from './runs.ts';

export const deliveryStates = ['planned', 'sent', 'skipped', 'failed', 'doubt'] as const;
type DeliveryState = (typeof deliveryStates)[number];

/** One row of the ledger: what became of a message to one person. */
export interface Delivery {
  n: number;
  personId: number;
  /** Null when the person is there no more. */
  personName: string | null;
  accountId: string;
  accountName: string | null;
  address: string | null;
  locale: string;
  variant: number;
  batch: number | null;
  /** The name of their cohort; null where the run goes out as a whole, or they get nothing. */
  cohort: string | null;
  state: DeliveryState;
  reason: string | null;
  outcome: number;
  flags: number;
  settledAt: Date | null;
  /** When its batch goes, while it waits for that. */
  dueAt: Date | null;
}

export interface LedgerFilter {
  state?: DeliveryState | undefined;
  reason?: string | undefined;
  /** A bit of `flags`: src/campaigns/outcomes/outcomes.ts. */
  flag?: number | undefined;
  batch?: number | undefined;
  /** The place of a cohort in its run, from 1. */
  cohort?: number | undefined;
  search?: string | undefined;
}

export const DELIVERIES_A_PAGE = 50;

/** A page of a run's ledger, in the order of planning. @throws NotFound */
export async function ledgerOf(
  viewer: Viewer,
  runId: number,
  filter: LedgerFilter,
  page: number,
): Promise<{ deliveries: Delivery[]; total: number }> {
  await runSeenBy(viewer, runId);
  return await queries.selectPage(runId, filter, { limit: DELIVERIES_A_PAGE, page });
}

/** Every row of a run's ledger, a thousand at a time, so that any number fits in memory. */
export async function* everyDelivery(
  viewer: Viewer,
  runId: number,
  filter: LedgerFilter,
): AsyncGenerator<Delivery> {
  await runSeenBy(viewer, runId);
  let last = 0;
  for (;;) {
    const rows = await queries.selectAfter(runId, filter, last);
    yield* rows;
    last = rows.at(-1)?.n ?? 0;
    if (rows.length < queries.CHUNK) return;
  }
}

/** A message to a person, among all of theirs. */
export interface PersonDelivery extends Delivery {
  runId: number;
  campaignId: string;
  campaignName: string;
  channel: ChannelName;
  messageClass: MessageClass;
  triggeredAt: Date;
}

/** What was sent, or was not, to a human (by any of their rows), or to all people of an account; the newest first. */
export async function deliveriesTo(
  viewer: Viewer,
  to: { personId: number } | { accountId: string },
  page: number,
): Promise<{ deliveries: PersonDelivery[]; total: number }> {
  return await queries.selectTo(forStaff(viewer), to, { limit: DELIVERIES_A_PAGE, page });
}
