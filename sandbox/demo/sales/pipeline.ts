import type { DemoAccount } from '../accounts/account.ts';
import { shortName } from '../companies.ts';
import { newestAt, type Edition } from '../company/products.ts';
import { addMonths, DAY } from '../dates.ts';
import { at, type Random, randomFrom } from '../random.ts';
import type { World } from '../world.ts';
import { addLicense } from './licenses.ts';
import { addDeal, type Stage } from './opportunities.ts';

const openStages: readonly Stage[] = [
  'Prospecting', 'Qualification', 'Needs Analysis', 'Value Proposition', 'Id. Decision Makers', 'Perception Analysis',
  'Proposal/Price Quote', 'Negotiation/Review',
]; // prettier-ignore

const nextSteps = [
  'Send the quote', 'Call the decision maker', 'Demo for the operations team', 'Wait for purchase order', 'Check budget with finance',
  'Agree on terms', 'Reference call with a similar customer', 'Technical questions to Support',
] as const; // prettier-ignore

interface Owned {
  edition: Edition;
  version: string;
  seats: number;
  supportUntil: number;
}

/** What is open with a paying customer: the renewal that is due, now and then an upgrade or more seats. */
export function addPipeline(world: World, random: Random, account: DemoAccount, owned: Owned): void {
  const short = shortName(account.company.name);
  const { edition, seats, supportUntil } = owned;
  const daysLeft = (supportUntil - world.now) / DAY;
  if (daysLeft < 110) {
    addDeal(world, random, account, {
      name: `${short} – ${edition.name} renewal ${String(new Date(supportUntil).getUTCFullYear())}`,
      type: 'Renewal',
      stage: daysLeft < 25 ? random.pick(openStages.slice(6)) : random.pick(openStages.slice(1, 7)),
      closesAt: supportUntil,
      nextStep: random.pick(nextSteps),
      lines: [{ product: edition.support, quantity: seats }],
    });
  }
  const newest = newestAt(edition, world.now);
  if (newest.version !== owned.version && random.chance(0.22)) {
    addDeal(world, random, account, {
      name: `${short} – Upgrade to ${newest.product.name}`,
      type: 'Existing Customer - Upgrade',
      stage: random.pick(openStages),
      closesAt: world.now + random.int(10, 150) * DAY,
      nextStep: random.pick(nextSteps),
      lines: [{ product: newest.product, quantity: Math.max(1, Math.round(seats * 0.3)) }],
    });
  }
}

/** A company that has not bought yet: nothing so far, a deal that is open, or one that was lost. */
export function addProspecting(world: World, random: Random, account: DemoAccount): void {
  if (random.chance(0.35)) return;
  const isOpen = random.chance(0.55);
  const edition = random.pick(world.range.editions);
  const product = newestAt(edition, world.now).product;
  addDeal(world, random, account, {
    name: `${shortName(account.company.name)} – ${product.name}`,
    type: 'New Customer',
    stage: isOpen ? random.pick(openStages) : 'Closed Lost',
    closesAt: isOpen ? world.now + random.int(8, 170) * DAY : world.now - random.int(10, 400) * DAY,
    ...(isOpen ? { nextStep: random.pick(nextSteps) } : { lostBecause: 'Stayed with what they have.' }),
    lines: [{ product, quantity: random.int(2, 60) }],
  });
}

/** Of 0 to 100 percent a number of days: most trials that came to nothing ended not long ago. */
const sooner = (percent: number): number => 32 + Math.round((percent / 100) ** 2 * 390);

/** A customer who tried the product before the first order. */
export function addEarlierTrial(
  world: World,
  random: Random,
  account: DemoAccount,
  purchase: { edition: Edition; boughtAt: number },
): void {
  const boughtAt = purchase.boughtAt - random.int(12, 30) * DAY;
  account.createdAt = Math.min(account.createdAt, boughtAt - DAY);
  addLicense(world, random, account, {
    product: newestAt(purchase.edition, boughtAt).product,
    seats: 5,
    status: 'Replaced',
    boughtAt,
    supportUntil: addMonths(boughtAt, 1),
    isTrial: true,
  });
}

/** Days since a running trial began: as drawn, but three in ten are about to end. */
function age({ seed }: World, { id }: DemoAccount, drawn: number): number {
  const end = randomFrom(seed, 'end of trial', id);
  return end.chance(0.3) ? end.int(23, 27) : drawn;
}

/** A company that tries the product now, or did and has not bought. */
export function addTrial(world: World, random: Random, account: DemoAccount, isRunning: boolean): string {
  const edition = at(world.range.editions, account.employees < 40 ? 0 : 1);
  const daysAgo = isRunning ? age(world, account, random.int(1, 26)) : sooner(random.int(0, 100));
  const boughtAt = world.now - daysAgo * DAY;
  account.createdAt = Math.min(account.createdAt, boughtAt - DAY);
  const product = newestAt(edition, boughtAt).product;
  addLicense(world, random, account, {
    product,
    seats: random.pick([3, 5, 10, 25]),
    status: isRunning ? 'Trial' : 'Expired',
    boughtAt,
    supportUntil: addMonths(boughtAt, 1),
    isTrial: true,
  });
  addDeal(world, random, account, {
    name: `${shortName(account.company.name)} – ${product.name}`,
    type: 'New Customer',
    stage: isRunning
      ? random.pick(openStages.slice(1, 6))
      : random.pick(['Closed Lost', 'Qualification'] as const),
    closesAt: isRunning ? world.now + random.int(10, 70) * DAY : boughtAt + random.int(35, 44) * DAY,
    nextStep: isRunning ? 'Call before the trial ends' : 'Offer an extension of the trial',
    lines: [{ product, quantity: random.int(5, 40) }],
  });
  return product.id;
}
