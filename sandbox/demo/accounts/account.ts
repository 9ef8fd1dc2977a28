import { addressIn, type Company } from '../companies.ts';
import type { StaffUser } from '../company/staff.ts';
import { DAY, isoDate } from '../dates.ts';
import { randomFrom, type Random } from '../random.ts';
import type { City, Country } from '../regions/region.ts';
import type { World } from '../world.ts';

/** A partner of Tidewater Software. */
export interface Partner {
  id: string;
  name: string;
  kind: 'Distributor' | 'MSP' | 'Reseller';
  country: string;
  territory: Country['territory'];
  /** Who supplies them; undefined for distributors. */
  distributor: string | undefined;
}

/** A contact of an account, as far as what happens later needs to know. */
export interface DemoContact {
  id: string;
  firstName: string;
  lastName: string;
  email: string;
  phone: string;
  /** BCP 47 tag. */
  locale: string;
  title: string;
}

/** An account while its story is told; `finishAccount` writes it. */
export interface DemoAccount {
  id: string;
  company: Company;
  country: Country;
  address: ReturnType<typeof addressIn>;
  employees: number;
  type: 'Customer - Channel' | 'Customer - Direct' | 'Distributor' | 'MSP' | 'Prospect' | 'Reseller';
  parentId: string | undefined;
  partner: Partner | undefined;
  /** Sells to them. */
  rep: StaffUser;
  /** Owns the account: their rep, or for valuable customers their success manager. */
  owner: StaffUser;
  createdAt: number;
  lastActivityAt: number | undefined;
  contacts: DemoContact[];
  description: string | undefined;
  site: string | undefined;
}

/** Whose story is being told, and with what. */
export interface Tale {
  world: World;
  random: Random;
  account: DemoAccount;
}

/** What tells one account from another; the rest follows from chance. */
export interface Founding {
  company: Company;
  country: Country;
  employees: number;
  city?: City;
  parentId?: string | undefined;
  partner?: Partner | undefined;
  type?: DemoAccount['type'];
  rep?: StaffUser;
  owner?: StaffUser;
  /** How many days ago it came into the books; random without. */
  knownForDays?: number;
  description?: string;
  site?: string;
}

/** Begins an account. */
export function foundAccount(world: World, random: Random, founding: Founding): DemoAccount {
  const { company, country, employees, parentId, partner } = founding;
  const rep = founding.rep ?? world.staff.forCountry('rep', country, random);
  return {
    id: world.ids.next('Account'),
    company,
    country,
    address: addressIn(country, random, founding.city),
    employees,
    type: founding.type ?? 'Prospect',
    parentId,
    partner,
    rep,
    owner: founding.owner ?? rep,
    createdAt:
      world.now - (founding.knownForDays ?? random.int(30, 1900)) * DAY - random.int(0, 86_399) * 1000,
    lastActivityAt: undefined,
    contacts: [],
    description: founding.description,
    site: founding.site,
  };
}

const ratings = [['Hot', 2], ['Warm', 5], ['Cold', 3]] as const; // prettier-ignore
const sources = ['Web', 'Phone Inquiry', 'Partner Referral', 'Other'] as const;

/** Writes the account's row, once all is known about it. */
export function finishAccount(world: World, random: Random, account: DemoAccount): void {
  const { company, address, employees } = account;
  const changedAt = Math.max(account.createdAt, world.now - random.int(1, 400) * DAY);
  world.add('Account', {
    Id: account.id,
    Name: company.name,
    Type: account.type,
    ParentId: account.parentId,
    ...addressFields('Billing', address),
    ...(random.chance(0.55) ? addressFields('Shipping', address) : {}),
    Phone: address.phone,
    AccountNumber: random.fill('TW-######'),
    Website: `https://www.${company.domain}`,
    Industry: company.industry,
    AnnualRevenue: revenueOf(employees, random),
    NumberOfEmployees: employees,
    Ownership: ownershipOf(account),
    Description: account.description,
    Rating: account.type === 'Prospect' ? random.weighted(ratings) : undefined,
    Site: account.site,
    OwnerId: account.owner.id,
    AccountSource: account.partner ? 'Partner Referral' : random.pick(sources),
    YearStarted: String(new Date(world.now).getUTCFullYear() - random.int(4, 90)),
    LastActivityDate: maybeDate(account.lastActivityAt),
    Rapport_Success_Manager__c: successManagerOf(world, account)?.id,
    ...partnerFields(account.partner),
  }, { at: account.createdAt, by: account.rep.id, changedAt, changedBy: account.owner.id }); // prettier-ignore
}

/** Customers have somebody who looks after them; a few are still with their rep alone. */
function successManagerOf(
  world: World,
  { type, owner, country, company }: DemoAccount,
): StaffUser | undefined {
  if (!type.startsWith('Customer')) return undefined;
  if (owner.job === 'csm') return owner;
  const random = randomFrom(world.seed, 'success manager', company.domain);
  return random.chance(0.85) ? world.staff.forCountry('csm', country, random) : undefined;
}

const maybeDate = (moment: number | undefined) => (moment === undefined ? undefined : isoDate(moment));

const ownershipOf = ({ parentId, employees }: DemoAccount): string =>
  parentId === undefined ? (employees > 8000 ? 'Public' : 'Private') : 'Subsidiary';

const partnerFields = (partner: Partner | undefined) =>
  partner?.kind === 'Distributor'
    ? { Rapport_Distributor__c: partner.id }
    : { Rapport_Distributor__c: partner?.distributor, Rapport_Partner__c: partner?.id };

function addressFields<P extends 'Billing' | 'Shipping'>(prefix: P, address: DemoAccount['address']) {
  const { street, city, state, postalCode, country } = address;
  const parts = { Street: street, City: city, State: state, PostalCode: postalCode, Country: country };
  return Object.fromEntries(Object.entries(parts).map(([part, value]) => [prefix + part, value])) as Record<
    `${P}${keyof typeof parts}`,
    string
  >;
}

/** Dollars a year: about as much a head as companies make, in round numbers. */
function revenueOf(employees: number, random: Random): number {
  const exact = employees * random.int(90_000, 260_000);
  const step = 10 ** Math.max(4, Math.floor(Math.log10(exact)) - 2);
  return Math.round(exact / step) * step;
}

/** How many people work there: many small companies, few large ones. */
export function headcount(random: Random): number {
  const [least, most] = random.weighted([
    [[5, 49], 34], [[50, 249], 34], [[250, 999], 19], [[1000, 4999], 10], [[5000, 38_000], 3],
  ] as const); // prettier-ignore
  return Math.round(least * (most / least) ** random.next());
}
