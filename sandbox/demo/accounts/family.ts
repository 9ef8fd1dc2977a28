import { brandOf, companyIn, shortName, subsidiaryName, type Company } from '../companies.ts';
import { languageOf } from '../people.ts';
import { at, randomFrom, type Random } from '../random.ts';
import type { City, Country } from '../regions/region.ts';
import { countries } from '../regions/regions.ts';
import type { World } from '../world.ts';
import { foundAccount, headcount, type DemoAccount } from './account.ts';
import { introduceContacts, relate } from './contacts.ts';

const weights = countries.map((country) => [country, country.share] as const);

/** What a site below a branch is called. */
const siteNames: Readonly<Record<string, readonly string[]>> = {
  en: ['Data Center', 'Warehouse', 'Plant 2'],
  de: ['Rechenzentrum', 'Logistikzentrum', 'Werk 2'],
  es: ['Centro de Datos', 'Almacén', 'Planta 2'],
  fr: ['Centre de données', 'Entrepôt', 'Usine 2'],
  it: ['Centro dati', 'Magazzino', 'Stabilimento 2'],
  ja: ['データセンター', '物流センター', '第二工場'],
  pt: ['Centro de Dados', 'Armazém', 'Fábrica 2'],
};

/**
 * Founds a company and, if it is large, its subsidiaries down to the fourth level, with their contacts. No more than `limit`
 * accounts.
 */
export function foundFamily(
  world: World,
  index: number,
  limit: number,
): { accounts: DemoAccount[]; random: Random } {
  const random = randomFrom(world.seed, 'family', index);
  const country = random.weighted(weights);
  const company = companyIn(country, random, world.domains);
  const employees = headcount(random);
  const top = foundAccount(world, random, {
    company,
    country,
    employees,
    partner: partnerFor(world, random, country, employees),
  });
  const accounts = [top];
  const isAlone = employees < 800 || local.has(company.industry) || random.chance(0.3);
  const levels = isAlone ? 1 : random.weighted([[2, 55], [3, 30], [4, 15]] as const); // prettier-ignore
  if (levels > 1) branchOut({ world, random, accounts, limit, levels }, top, 2);
  for (const account of accounts) introduceContacts(world, random, account);
  shareContacts(world, random, accounts);
  return { accounts, random };
}

/** A county or a school has no subsidiaries. */
const local = new Set(['Education', 'Government', 'Healthcare', 'Not For Profit']);

interface Growth {
  world: World;
  random: Random;
  accounts: DemoAccount[];
  limit: number;
  levels: number;
}

function branchOut(growth: Growth, parent: DemoAccount, level: number): void {
  const { world, random, accounts, limit, levels } = growth;
  const count = random.int(1, level === 2 ? 4 : 2);
  for (let left = count; left > 0; left -= 1) {
    if (accounts.length >= limit) return;
    const country = level === 2 && random.chance(0.6) ? random.weighted(weights) : parent.country;
    const city = random.pick(country.cities);
    const employees = Math.max(8, Math.round(parent.employees * (0.08 + 0.3 * random.next())));
    const name = level === 4 ? siteName(parent, random) : branchName(growth, country, city);
    if (accounts.some((account) => account.company.name === name)) continue;
    const child = foundAccount(world, random, {
      company: childCompany(parent.company, name),
      country,
      employees,
      city,
      parentId: parent.id,
      partner: partnerFor(world, random, country, employees),
      site: city.name,
    });
    accounts.push(child);
    if (level < levels && random.chance(0.7)) branchOut(growth, child, level + 1);
  }
}

/** The group's name with the country or city, a Japanese group's abroad in Latin letters. */
function branchName({ accounts }: Growth, country: Country, city: City): string {
  const top = at(accounts, 0);
  const isForeign = country !== top.country;
  const stem = isForeign && top.country.locale === 'ja' ? brandOf(top.company) : top.company.name;
  const isFirst = isForeign && !accounts.some((account) => account.country === country);
  return subsidiaryName(stem, country, city, isFirst);
}

/** A subsidiary keeps the group's industry and domain, so its people's addresses differ from their colleagues' by name only. */
const childCompany = (parent: Company, name: string): Company => ({ ...parent, name });

function siteName(parent: DemoAccount, random: Random): string {
  const names = siteNames[languageOf(parent.country.locale)] ?? siteNames.en ?? [];
  return `${shortName(parent.company.name)} ${random.pick(names)}`;
}

/** Small companies mostly buy from a partner, large ones mostly from us. */
function partnerFor(world: World, random: Random, country: Country, employees: number) {
  const isChannel = random.chance(employees > 1000 ? 0.25 : 0.62);
  return isChannel ? world.partners.forCountry(country, random) : undefined;
}

/** Some people of a group act for one of its other companies too. */
function shareContacts(world: World, random: Random, accounts: readonly DemoAccount[]): void {
  for (const account of accounts.slice(1)) {
    const contact = accounts[0]?.contacts[0];
    if (contact && random.chance(0.4)) {
      relate(world, account, contact, {
        isDirect: false,
        role: 'Decision Maker',
        at: Math.max(account.createdAt, accounts[0]?.createdAt ?? 0),
      });
    }
  }
}
