import type { ChannelName } from '../../channels/channel.ts';
import { config } from '../../platform/config.ts';
import { sql } from '../../platform/db.ts';

import type { Fixed } from '../runs/runs.ts';

/*
 * A batch on its way out:
 *
 *   ready ──claim──▶ ready, leased ──begin──▶ sending ──answer──▶ sent | ready again | doubt
 *     ▲                    │                     │
 *     └──lease over────────┘                     └──lease over──▶ doubt ──▶ sent | ready again | decided by a person
 *
 * While it is only leased nothing has been posted: whoever comes next may take it. `sending` is committed before the POST, so a batch whose
 * holder died in between may be with the provider: it is in doubt, and never goes out again by the passing of time alone (PERFORMANCE 5.1).
 */

/** How long a batch is its holder's. It posts within the first half of it, or not at all. */
export const LEASE_MILLISECONDS = config.CAMPAIGN_LEASE_SECONDS * 1_000;

/** How long a POST may take: the lease outlasts it. */
export const POST_MILLISECONDS = Math.min(25_000, LEASE_MILLISECONDS * 0.4);

/** How long after the lease an event may still come that tells that a batch was accepted. */
export const GRACE_MILLISECONDS = config.CAMPAIGN_GRACE_SECONDS * 1_000;

/* Counted while the transaction waits for its process, not while it works. */
const LONGEST_IDLE = Math.max(1_000, LEASE_MILLISECONDS / 6);

/**
 * Said first in transactions that others may wait for: the database ends them by itself when their process has stopped in the middle, with a
 * batch or the counters of a run in its hands.
 */
export const endsWhenIdle = sql`set_config('idle_in_transaction_session_timeout', ${String(LONGEST_IDLE)}, true)`;

/** A batch that this process holds. Whoever holds an older fence writes nothing. */
export interface Claimed {
  runId: number;
  batch: number;
  fence: number;
  attempts: number;
  channel: ChannelName;
  /** Whether the channel was in trouble when the batch was taken. */
  isTroubled: boolean;
  /** The campaign's id and what was fixed for this run. */
  campaignId: string;
  fixed: Fixed;
}

/** The rows of a batch that wait. */
export interface Waiting {
  n: number;
  personId: number;
  accountId: string;
  address: string | null;
  locale: string;
  variant: number;
}

/** Somebody else holds the batch now, or its run is paused or cancelled: what was begun is left as it was. */
export class LostBatch extends Error {}
