import { isIPv6 } from 'node:net';

import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';

import { HOUR, MINUTE } from '../platform/clock.ts';
import { pool } from '../platform/db.ts';
import { TooMany } from '../platform/errors.ts';

const limit = (keyPrefix: string, points: number, milliseconds: number) =>
  new RateLimiterPostgres({
    storeClient: pool,
    tableName: 'rate_limits',
    tableCreated: true,
    clearExpiredByTimeout: false,
    keyPrefix,
    points,
    duration: milliseconds / 1000,
  });

/** How often anything may be tried, counted in the database so that every process knows (ASVS v5.0.0-6.3.1, 2.4.1). */
const limits = {
  /** Failed passwords of one account, wherever they come from. */
  account: limit('account', 10, 15 * MINUTE),
  /** Failed sign-ins from one network address. */
  address: limit('address', 50, 15 * MINUTE),
  /** Wrong one-time codes for one account. */
  code: limit('code', 5, 15 * MINUTE),
  /** Mails that a visitor had sent, from one network address. */
  mailsFromAddress: limit('mail-from', 20, HOUR),
  /** Mails that visitors had sent to one mailbox. */
  mailsToMailbox: limit('mail-to', 5, HOUR),
  /** Cases that one person opens, and replies that they write. */
  cases: limit('case', 60, HOUR),
  replies: limit('reply', 240, HOUR),
  /** Tests of campaigns' messages that one person has sent. */
  testMails: limit('test-mail', 60, HOUR),
};

export type Limit = keyof typeof limits;

/**
 * Counts one more, before it is tried: many at once are no way around it.
 * @throws TooMany when that exceeds the limit.
 */
export async function countOne(name: Limit, key: string): Promise<void> {
  try {
    await limits[name].consume(countedAs(name, key));
  } catch (refused) {
    if (refused instanceof RateLimiterRes) throw tooMany(refused);
    throw refused;
  }
}

/** Counts one more and says whether it is within the limit. */
export async function isWithin(name: Limit, key: string): Promise<boolean> {
  return await countOne(name, key).then(
    () => true,
    (error: unknown) => {
      if (error instanceof TooMany) return false;
      throw error;
    },
  );
}

/** Takes one back: the attempt was a good one. */
export async function giveBack(name: Limit, key: string): Promise<void> {
  await limits[name].reward(countedAs(name, key), 1);
}

/** Forgets what was counted: they proved who they are. */
export async function forget(name: Limit, key: string): Promise<void> {
  await limits[name].delete(countedAs(name, key));
}

const tooMany = (counted: RateLimiterRes) => new TooMany(Math.max(1, Math.ceil(counted.msBeforeNext / 1000)));

const byAddress = new Set<Limit>(['address', 'mailsFromAddress']);

const countedAs = (name: Limit, key: string) => (byAddress.has(name) ? networkOf(key) : key);

/* A home has a /64 of IPv6 and may use any of its addresses: they count as one. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const front = head.split(':').filter(Boolean);
  const back = tail?.split(':').filter(Boolean) ?? [];
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0');
  const groups = [...front, ...zeros, ...back].slice(0, 4);
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}
