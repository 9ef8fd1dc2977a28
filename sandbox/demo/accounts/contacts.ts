import { mailAt } from '../companies.ts';
import { DAY, isoDate } from '../dates.ts';
import { personIn, titleIn } from '../people.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import type { DemoAccount, DemoContact } from './account.ts';

/** What sets a contact apart; the rest follows from chance. */
export interface Introduction {
  firstName: string;
  lastName: string;
  email: string;
  title: string;
  locale: string;
  isBeta?: boolean;
}

/** As many contacts as a company of that size has, from those who run the systems to those who pay. */
export function introduceContacts(world: World, random: Random, account: DemoAccount, atLeast = 1): void {
  const most = account.employees > 1000 ? 6 : account.employees > 200 ? 4 : 2;
  const count = Math.max(atLeast, random.int(Math.ceil(most / 2), most));
  const rank = [0, 1, 4, 3, 7, 8, 2, 9, 5, 6];
  for (let place = 0; place < count; place += 1) {
    const person = personIn(account.country, random);
    const email = mailAt(
      account.company.domain,
      person.mailName,
      account.contacts.map((contact) => contact.email),
    );
    introduce(world, random, account, {
      ...person,
      email,
      title: titleIn(account.country, rank[place] ?? place),
      locale: localeFor(account, random),
    }); // prettier-ignore
  }
  if (random.chance(0.02)) shareAddress(world, random, account);
}

/** In Switzerland and Belgium, and now and then elsewhere, people prefer another of our languages. */
function localeFor({ country }: DemoAccount, random: Random): string {
  if (country.name === 'Switzerland' && random.chance(0.3)) return random.pick(['fr', 'it']);
  return country.locale.startsWith('en') || random.chance(0.96) ? country.locale : 'en';
}

/** Two people behind one mailbox: whoever signs up with it matches both. */
function shareAddress(world: World, random: Random, account: DemoAccount): void {
  const email = `it-support@${account.company.domain}`;
  for (let left = 2; left > 0; left -= 1) {
    const { firstName, lastName } = personIn(account.country, random);
    introduce(world, random, account, {
      firstName,
      lastName,
      email,
      title: titleIn(account.country, 9),
      locale: account.country.locale,
    });
  }
}

const roles = [
  'Technical Buyer',
  'Business User',
  'Decision Maker',
  'Influencer',
  'Economic Buyer',
  'Executive Sponsor',
] as const;

/** Writes a contact of the account with its direct relation, and returns it. */
export function introduce(
  world: World,
  random: Random,
  account: DemoAccount,
  who: Introduction,
): DemoContact {
  const { address, owner } = account;
  const place = account.contacts.length;
  const at = Math.min(world.now - DAY, account.createdAt + random.int(0, 200) * DAY);
  const contact: DemoContact = {
    id: world.ids.next('Contact'),
    firstName: who.firstName,
    lastName: who.lastName,
    email: who.email,
    phone: address.phone,
    locale: who.locale,
    title: who.title,
  };
  world.add('Contact', {
    Id: contact.id,
    AccountId: account.id,
    LastName: who.lastName,
    FirstName: who.firstName,
    MailingStreet: address.street,
    MailingCity: address.city,
    MailingState: address.state,
    MailingPostalCode: address.postalCode,
    MailingCountry: address.country,
    Phone: address.phone,
    MobilePhone: random.chance(0.4) ? random.fill(address.phone.replace(/\d{4}$/, '####')) : undefined,
    ReportsToId: place > 1 && random.chance(0.5) ? account.contacts[0]?.id : undefined,
    Email: who.email,
    Title: who.title,
    Department: place % 3 === 2 ? 'Finance' : 'IT',
    OwnerId: owner.id,
    HasOptedOutOfEmail: random.chance(0.04),
    Rapport_Locale__c: who.locale,
    Rapport_Beta__c: who.isBeta ?? random.chance(0.08),
  }, { at, by: account.rep.id, changedAt: Math.max(at, world.now - random.int(1, 500) * DAY) }); // prettier-ignore
  relate(world, account, contact, { isDirect: true, role: roles[place % roles.length] ?? 'Other', at });
  account.contacts.push(contact);
  return contact;
}

/** Relates a contact to an account: directly to their own, else to one that they also act for. */
export function relate(
  world: World,
  account: DemoAccount,
  contact: DemoContact,
  { isDirect, role, at }: { isDirect: boolean; role: string; at: number },
): void {
  world.add('AccountContactRelation', {
    Id: world.ids.next('AccountContactRelation'),
    AccountId: account.id,
    ContactId: contact.id,
    Roles: role,
    IsDirect: isDirect,
    IsActive: true,
    StartDate: isoDate(at),
  }, { at, by: account.rep.id }); // prettier-ignore
}
