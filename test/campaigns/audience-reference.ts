import { createHash } from 'node:crypto';

import type { Cap, MessageClass, Policy, QuietHours } from '../../src/campaigns/definition/policy.ts';
import type { Limits } from '../../src/campaigns/definition/settings.ts';

/* Who gets a campaign, worked out person by person with nothing but loops: what the statements over sets are held against. */

export interface WorldPerson {
  id: number;
  accountId: string;
  address: string | null;
  engagement: number | null;
}

export interface WorldAccount {
  id: string;
  isPaying: boolean;
  value: number | null;
  zone: string;
}

export interface Send {
  campaignId: string;
  messageClass: MessageClass;
  channel: string;
  address: string;
  accountId: string;
  /** When it was sent, or will be. */
  at: number;
}

export interface World {
  accounts: readonly WorldAccount[];
  people: readonly WorldPerson[];
  suppressed: readonly string[];
  erased: readonly string[];
  /** Addresses by what they said of the topic, or of all of them. */
  refused: readonly string[];
  refusedAll: readonly string[];
  granted: readonly string[];
  sends: readonly Send[];
  campaignId: string;
  messageClass: MessageClass;
  channel: string;
  isOptIn: boolean;
  limits: Limits;
  policy: Policy;
  now: number;
}

export type Verdict = { reason: string } | { due: number };

const DAY = 86_400_000;
const QUARTER = 15 * 60_000;

export function verdicts(world: World): Map<number, Verdict> {
  const found = new Map<number, Verdict>();
  const left: WorldPerson[] = [];
  for (const person of world.people) {
    const reason = refusalOf(person, world);
    if (reason === undefined) left.push(person);
    else found.set(person.id, { reason });
  }
  const spared = overAccountCaps(left, world);
  for (const person of left)
    found.set(
      person.id,
      spared.has(person.id) ? { reason: 'account_capped' } : { due: dueOf(person, world) },
    );
  return found;
}

function refusalOf(person: WorldPerson, world: World): string | undefined {
  const { address } = person;
  if (address === null || !/^[^@\s]+@[^@\s]+\.[^@\s.]+$/.test(address)) return 'no_address';
  if (world.erased.includes(address)) return 'erased';
  return isFirst(person, world) ? unwantedOf(address, world) : 'duplicate';
}

function unwantedOf(address: string, world: World): string | undefined {
  if (world.suppressed.includes(address)) return 'suppressed';
  if (world.messageClass !== 'transactional' && !consents(address, world)) return 'no_consent';
  if (gotIt(address, world)) return 'received_before';
  if (bucket(world.campaignId, address) < world.policy.holdoutPercent * 100) return 'holdout';
  return freeAt(address, world) > world.now + world.policy.waitDays * DAY ? 'capped' : undefined;
}

function isFirst(person: WorldPerson, { people, accounts, erased }: World): boolean {
  const accountOf = ({ accountId }: WorldPerson) => accounts.find(({ id }) => id === accountId);
  const same = people.filter(
    ({ address }) => address === person.address && address !== null && !erased.includes(address),
  );
  const worth = (one: WorldPerson) => ({ isPaying: false, value: null, ...accountOf(one) });
  const better = (one: WorldPerson, other: WorldPerson): number => {
    const [a, b] = [worth(one), worth(other)];
    return Number(b.isPaying) - Number(a.isPaying) || (b.value ?? -1) - (a.value ?? -1) || one.id - other.id;
  };
  return same.toSorted(better)[0]?.id === person.id;
}

const consents = (address: string, { refused, refusedAll, granted, isOptIn }: World): boolean =>
  !refused.includes(address) && !refusedAll.includes(address) && (!isOptIn || granted.includes(address));

function gotIt(address: string, { sends, campaignId, policy: { again }, now }: World): boolean {
  if (again === 'always') return false;
  return sends.some(
    (send) =>
      send.campaignId === campaignId &&
      send.address === address &&
      (again === 'never' || send.at > now - again * DAY),
  );
}

export const bucket = (campaignId: string, address: string): number =>
  Number.parseInt(createHash('md5').update(`${campaignId}:${address}`).digest('hex').slice(0, 8), 16) %
  10_000;

const capsOf = ({ limits, policy }: World, of: 'personCap' | 'accountCap') =>
  [limits[of], policy[of]].filter((cap): cap is Cap => cap !== null);

const counted = ({ sends, messageClass, channel }: World) =>
  sends.filter((send) => send.messageClass === messageClass && send.channel === channel);

/** The first moment at which one more message keeps every cap in every window, looked for send by send. */
function freeAt(address: string, world: World): number {
  const times = counted(world).filter((send) => send.address === address).map(({ at }) => at); // prettier-ignore
  const isFree = (at: number) =>
    capsOf(world, 'personCap').every(
      ({ messages, days }) =>
        /* Any window of that many days that holds `at`, and all that comes later, has room for it. */
        times.filter((time) => time > at - days * DAY).length < messages,
    );
  const moments = [
    world.now,
    ...capsOf(world, 'personCap').flatMap(({ days }) => times.map((time) => time + days * DAY)),
  ];
  return Math.min(...moments.filter((at) => at >= world.now && isFree(at)));
}

function overAccountCaps(left: readonly WorldPerson[], world: World): Set<number> {
  let over = new Set<number>();
  const used = (accountId: string, days: number) =>
    counted(world).filter((send) => send.accountId === accountId && send.at > world.now - days * DAY).length;
  for (const { messages, days } of capsOf(world, 'accountCap'))
    for (const { id } of world.accounts) {
      const members = left.filter((person) => person.accountId === id && !over.has(person.id));
      const ranked = members.toSorted((a, b) => (b.engagement ?? -1) - (a.engagement ?? -1) || a.id - b.id);
      const room = Math.max(0, messages - used(id, days));
      over = new Set([...over, ...ranked.slice(room).map((person) => person.id)]);
    }
  return over;
}

function dueOf({ address, accountId }: WorldPerson, world: World): number {
  const free = freeAt(address ?? '', world);
  const slot = free > world.now ? Math.floor((free + QUARTER) / QUARTER) * QUARTER : world.now;
  const quiet = world.policy.quietHours === 'house' ? world.limits.quietHours : world.policy.quietHours;
  if (quiet === null || quiet === 'none') return slot;
  return afterQuiet(slot, world.accounts.find(({ id }) => id === accountId)?.zone ?? 'UTC', quiet);
}

const clocks = new Map<string, Intl.DateTimeFormat>();

export function hourIn(zone: string, at: number): number {
  const clock =
    clocks.get(zone) ??
    new Intl.DateTimeFormat('en-US', { timeZone: zone, hour: 'numeric', hourCycle: 'h23' });
  clocks.set(zone, clock);
  return Number(clock.formatToParts(at).find(({ type }) => type === 'hour')?.value);
}

/** Minute by minute, until the clock on the wall says that it is over. */
export function afterQuiet(at: number, zone: string, { from, until }: QuietHours): number {
  const isQuiet = (moment: number) => {
    const hour = hourIn(zone, moment);
    return from < until ? hour >= from && hour < until : hour >= from || hour < until;
  };
  if (!isQuiet(at)) return at;
  let minute = Math.ceil(at / 60_000) * 60_000;
  while (isQuiet(minute)) minute += 60_000;
  return minute;
}
