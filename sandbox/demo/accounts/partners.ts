import { brandOf, companyIn } from '../companies.ts';
import { randomFrom, type Random } from '../random.ts';
import type { Country } from '../regions/region.ts';
import { countries } from '../regions/regions.ts';
import type { World } from '../world.ts';
import { foundAccount, type DemoAccount, type Partner } from './account.ts';

/** Distributors, their resellers, and MSPs: who sells for Tidewater Software, and where. */
export interface PartnerNetwork {
  all: readonly Partner[];
  /** A reseller or MSP of that country or, where there is none, of its territory; undefined where nobody is. */
  forCountry: (country: Country, random: Random) => Partner | undefined;
}

/** How many of each kind an org of so many accounts has. */
export function partnerCounts(accounts: number): Record<Partner['kind'], number> {
  return {
    Distributor: Math.min(60, Math.max(6, Math.round(accounts * 0.008))),
    Reseller: Math.max(6, Math.round(accounts * 0.04)),
    MSP: Math.max(2, Math.round(accounts * 0.012)),
  };
}

/** Looks partners up by country. */
export function networkOf(all: readonly Partner[]): PartnerNetwork {
  const sellers = all.filter((partner) => partner.kind !== 'Distributor');
  const known = new Map<string, readonly Partner[]>();
  return {
    all,
    forCountry(country, random) {
      const found = known.get(country.name) ?? near(sellers, country);
      known.set(country.name, found);
      return found.length > 0 ? random.pick(found) : undefined;
    },
  };
}

function near(partners: readonly Partner[], country: Country): readonly Partner[] {
  const here = partners.filter((partner) => partner.country === country.name);
  return here.length > 0 ? here : partners.filter((partner) => partner.territory === country.territory);
}

const weights = countries.map((country) => [country, country.share] as const);
const suffixes: Readonly<Record<Partner['kind'], string>> = {
  Distributor: 'Distribution',
  Reseller: 'IT Solutions',
  MSP: 'Managed Services',
};

const japanese: Readonly<Record<Partner['kind'], string>> = {
  Distributor: 'ディストリビューション',
  Reseller: 'ソリューションズ',
  MSP: 'マネージドサービス',
};

/** Founds one more partner. Distributors sit in the large countries, others behind a distributor of their territory. */
export function foundPartner(world: World, kind: Partner['kind'], index: number, known: readonly Partner[]) {
  const random = randomFrom(world.seed, 'partner', kind, index);
  const country = random.weighted(
    kind === 'Distributor' ? weights.filter(([{ share }]) => share >= 5) : weights,
  );
  const company = companyIn(country, random, world.domains);
  const name =
    country.locale === 'ja'
      ? `${brandOf(company)}${japanese[kind]}株式会社`
      : `${brandOf(company)} ${suffixes[kind]}`;
  const distributors = known.filter((partner) => partner.kind === 'Distributor');
  const near = distributors.filter((partner) => partner.territory === country.territory);
  const distributor = kind === 'Distributor' ? undefined : random.pick(near.length > 0 ? near : distributors);
  const account = foundAccount(world, random, {
    company: { ...company, name, industry: 'Technology' },
    country,
    employees: random.int(kind === 'Distributor' ? 80 : 6, kind === 'Distributor' ? 900 : 120),
    type: kind,
    partner: distributor,
  });
  return { account, random, partner: partnerOf(account, kind) };
}

/** The partner that an account is. */
export function partnerOf(account: DemoAccount, kind: Partner['kind']): Partner {
  const { id, company, country, partner } = account;
  return {
    id,
    name: company.name,
    kind,
    country: country.name,
    territory: country.territory,
    distributor: partner?.id,
  };
}
