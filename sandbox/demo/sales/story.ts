import { shortName } from '../companies.ts';
import { newestAt, type Edition } from '../company/products.ts';
import { addMonths, DAY, MONTH } from '../dates.ts';
import type { Tale } from '../accounts/account.ts';
import { at } from '../random.ts';
import { addLicense } from './licenses.ts';
import { addDeal } from './opportunities.ts';
import { addPipeline } from './pipeline.ts';

/** Where an account stands with us. */
export type Standing = 'lapsed' | 'paying' | 'prospect' | 'trial' | 'tried';

/** What an account has at the end of its story. */
export interface Holding {
  edition: Edition;
  version: string;
  productId: string;
  productName: string;
}

/** One purchase from the first order to today. */
export interface Purchase {
  edition: Edition;
  seats: number;
  boughtAt: number;
  addOns: readonly Edition[];
}

/** Tells the years of a customer who bought: order, yearly renewals, upgrades, and what is in the pipeline now. */
export function tellPurchase(tale: Tale, purchase: Purchase, standing: 'lapsed' | 'paying'): Holding {
  const { world, random, account } = tale;
  const { edition, seats, boughtAt } = purchase;
  const first = newestAt(edition, boughtAt);
  const short = shortName(account.company.name);
  const addOns = purchase.addOns.map((addOn) => newestAt(addOn, boughtAt).product);
  const opportunityId = addDeal(world, random, account, {
    name: `${short} – ${first.product.name}`,
    type: 'New Customer',
    stage: 'Closed Won',
    closesAt: boughtAt,
    lines: [
      { product: first.product, quantity: seats },
      ...addOns.map((product) => ({ product, quantity: Math.max(1, Math.round(seats / 4)) })),
      { product: edition.support, quantity: seats },
    ],
  });
  const supportUntil = renewYearly(tale, purchase, standing);
  const isOver = supportUntil < world.now;
  const status = isOver ? 'Expired' : 'Active';
  const last = upgrade(tale, { ...purchase, supportUntil, opportunityId }, status);
  for (const product of addOns)
    addLicense(world, random, account, {
      product,
      seats: Math.max(1, Math.round(seats / 4)),
      status,
      boughtAt,
      supportUntil,
      opportunityId,
    });
  if (standing === 'paying')
    addPipeline(world, random, account, { ...purchase, version: last.version, supportUntil });
  return { edition, version: last.version, productId: last.product.id, productName: last.product.name };
}

/** Each year's renewal, until the customer stopped or today. Returns the last day of support. */
function renewYearly(
  { world, random, account }: Tale,
  { edition, seats, boughtAt }: Purchase,
  standing: 'lapsed' | 'paying',
): number {
  const years = Math.floor((world.now - boughtAt) / (12 * MONTH));
  const stopsAfter = standing === 'lapsed' ? random.int(0, Math.max(0, years - 1)) : Infinity;
  const short = shortName(account.company.name);
  const isLate = random.chance(0.05);
  let until = addMonths(boughtAt, 12);
  for (let year = 0; until < world.now; year += 1) {
    if (isLate && standing === 'paying' && world.now - until < 45 * DAY) return until;
    const isLost = year >= stopsAfter;
    addDeal(world, random, account, {
      name: `${short} – ${edition.name} renewal ${String(new Date(until).getUTCFullYear())}`,
      type: 'Renewal',
      stage: isLost ? 'Closed Lost' : 'Closed Won',
      closesAt: Math.min(world.now - DAY, until + random.int(-21, 14) * DAY),
      lines: [{ product: edition.support, quantity: seats }],
      ...(isLost && { lostBecause: random.pick(lostReasons) }),
    });
    if (isLost) return until;
    until = addMonths(until, 12);
  }
  return until;
}

const lostReasons = [
  'Customer moved to the backup that comes with their cloud provider.',
  'No budget for this year. Asked us to come back in spring.',
  'Unhappy with response times in Support, see their cases.',
  'Company was taken over; the new owner has another product in use.',
  'Price. The competitor offered three years for the price of two.',
] as const;

type Owned = Purchase & { supportUntil: number; opportunityId: string };

/** Free upgrades to new versions while in support: each a zero-dollar opportunity, and a license in place of the old one. */
function upgrade({ world, random, account }: Tale, owned: Owned, status: 'Active' | 'Expired') {
  const { edition, seats, supportUntil } = owned;
  let { boughtAt, opportunityId } = owned;
  let current = newestAt(edition, boughtAt);
  for (const next of edition.versions.filter((version) => version.released > boughtAt)) {
    const upgradedAt = next.released + random.int(10, 240) * DAY;
    if (!random.chance(0.5) || upgradedAt > Math.min(world.now - 2 * DAY, supportUntil)) continue;
    addLicense(world, random, account, {
      product: current.product,
      seats,
      status: 'Replaced',
      boughtAt,
      supportUntil: upgradedAt,
      opportunityId,
    });
    opportunityId = addDeal(world, random, account, {
      name: `${shortName(account.company.name)} – Upgrade to ${next.product.name}`,
      type: 'Existing Customer - Upgrade',
      stage: 'Closed Won',
      closesAt: upgradedAt,
      lines: [{ product: next.product, quantity: seats, price: 0 }],
    });
    [current, boughtAt] = [next, upgradedAt];
  }
  addLicense(world, random, account, {
    product: current.product,
    seats,
    status,
    boughtAt,
    supportUntil,
    opportunityId,
  });
  return current;
}

/** What a company of that size buys. */
export function choosePurchase({ world, random, account }: Tale): Purchase {
  const { employees } = account;
  const [desktop, server, enterprise, standard, professional] = world.range.editions.map((_, place) =>
    at(world.range.editions, place),
  );
  const isMonitor = random.chance(0.14);
  const backup =
    employees < 40 ? desktop : employees < 700 ? server : random.chance(0.75) ? enterprise : server;
  const edition =
    (isMonitor ? (employees < 300 ? standard : professional) : backup) ?? at(world.range.editions, 0);
  const oldest = Math.max(1, Math.floor((world.now - account.createdAt) / MONTH));
  const boughtAt = addMonths(world.now, -random.int(1, Math.min(58, oldest))) - random.int(1, 27) * DAY;
  account.createdAt = Math.min(account.createdAt, boughtAt - random.int(5, 60) * DAY);
  return {
    edition,
    seats: seatsFor(edition.name, employees),
    boughtAt,
    addOns:
      edition.line === 'Tidewater Backup' && random.chance(0.4) ? [random.pick(world.range.addOns)] : [],
  };
}

/** Seats in the steps in which people order them. */
export function seatsFor(edition: string, employees: number): number {
  const share: Readonly<Record<string, number>> = {
    Desktop: 0.7,
    Server: 0.06,
    Enterprise: 0.025,
    Standard: 0.05,
    Professional: 0.03,
  };
  const wanted = Math.max(1, employees * (share[edition] ?? 0.05));
  const step = wanted > 200 ? 50 : wanted > 40 ? 10 : wanted > 12 ? 5 : 1;
  return Math.max(1, Math.round(wanted / step) * step);
}
