import { castAccounts, castContacts, type CastContact } from '../../cast.ts';
import { addActivities } from '../activities.ts';
import { companyIn, type Company } from '../companies.ts';
import { addMonths, DAY, HOUR } from '../dates.ts';
import { at, randomFrom, type Random } from '../random.ts';
import { countryNamed } from '../regions/regions.ts';
import { newestAt } from '../company/products.ts';
import { addLicense } from '../sales/licenses.ts';
import { addDeal } from '../sales/opportunities.ts';
import { tellPurchase } from '../sales/story.ts';
import { addAttachment, attachFile } from '../support/attachments.ts';
import { reportCase, type CaseStatus } from '../support/cases.ts';
import { pdfFile } from '../support/files.ts';
import type { World } from '../world.ts';
import {
  finishAccount,
  foundAccount,
  type DemoAccount,
  type DemoContact,
  type Founding,
  type Partner,
} from './account.ts';
import { introduce, introduceContacts, relate } from './contacts.ts';
import { tellStory } from './customers.ts';
import { tellPartner } from './partner-story.ts';
import { partnerOf } from './partners.ts';

const company = (name: string, domain: string, industry: string): Company => ({
  name,
  domain: `${domain}.example`,
  industry,
});

function found(
  world: World,
  random: Random,
  founding: Omit<Founding, 'country' | 'rep'> & { country?: string },
): DemoAccount {
  const country = countryNamed(founding.country ?? 'United States');
  return foundAccount(world, random, { ...founding, country, rep: world.staff.cast.rep });
}

/** Introduces one of the cast first, then as many colleagues as the company has. */
function introduceCast(world: World, random: Random, account: DemoAccount, who: CastContact): DemoContact {
  const contact = introduce(world, random, account, { ...who, isBeta: true });
  introduceContacts(world, random, account, 2);
  return contact;
}

/** The named distributor with its reseller among others, all with people and stories of their own. Returns the partners. */
export function foundCastPartners(world: World, resellers: number): Partner[] {
  const random = randomFrom(world.seed, 'cast', 'partners');
  const distributor = found(world, random, {
    company: company(castAccounts.distributor, 'meridian-distribution', 'Technology'),
    employees: 420,
    type: 'Distributor',
    knownForDays: 1840,
    description: 'Distributes to resellers in the United States and Canada. Quarterly stock rotation.',
  });
  introduceCast(world, random, distributor, castContacts.distributor);
  const network: Partner[] = [partnerOf(distributor, 'Distributor')];
  const addReseller = (account: DemoAccount) => {
    network.push(partnerOf(account, 'Reseller'));
    tellPartner(world, random, account);
  };
  const named = found(world, random, {
    company: company(castAccounts.reseller, 'blue-quay', 'Technology'),
    employees: 34,
    type: 'Reseller',
    knownForDays: 1320,
    partner: network[0],
    description: 'Serves logistics and healthcare companies along the coast.',
  });
  introduceCast(world, random, named, castContacts.reseller);
  addReseller(named);
  for (let index = 0; index < resellers; index += 1) {
    const country = random.pick(['United States', 'United States', 'Canada']);
    const other = companyIn(countryNamed(country), random, world.domains);
    const name = `${other.name.split(/[ ,]/)[0] ?? ''} ${random.pick(['Technologies', 'IT Services', 'Systems Group', 'Consulting'])}`;
    const account = found(world, random, {
      company: { ...other, name, industry: 'Technology' },
      country,
      employees: random.int(8, 90),
      type: 'Reseller',
      partner: network[0],
    });
    introduceContacts(world, random, account, 2);
    addReseller(account);
  }
  tellPartner(world, random, distributor);
  return network;
}

/** The named reseller's clients: small companies, most of them paying. */
export function foundResellerClients(world: World, reseller: Partner, count: number): void {
  for (let index = 0; index < count; index += 1) {
    const random = randomFrom(world.seed, 'cast', 'client', index);
    const country = countryNamed('United States');
    const account = found(world, random, {
      company: companyIn(country, random, world.domains),
      employees: random.int(12, 240),
      partner: reseller,
    });
    introduceContacts(world, random, account, 2);
    tellStory(world, random, account, index % 6 === 5 ? 'trial' : index % 6 === 4 ? 'lapsed' : 'paying');
  }
}

/** The named customer's two companies. */
export function foundCastCustomer(world: World): void {
  const random = randomFrom(world.seed, 'cast', 'customer');
  const owner = world.staff.cast.csm;
  const group = found(world, random, {
    company: company(castAccounts.customer, 'haldenfreight', 'Shipping'),
    employees: 1240,
    knownForDays: 1610,
    owner,
    type: 'Customer - Direct',
    description:
      'Freight forwarder with eleven depots on the east coast. Runs all depots on Tidewater Backup Server since 2022.',
  });
  const maya = introduceCast(world, random, group, castContacts.customer);
  const second = found(world, random, {
    company: company(castAccounts.customerSecond, 'haldenfreight', 'Shipping'),
    employees: 180,
    parentId: group.id,
    knownForDays: 700,
    owner,
    type: 'Customer - Direct',
    site: 'Charlotte',
    description: 'Cold storage arm of the group, with its own IT budget.',
  });
  introduceContacts(world, random, second, 2);
  relate(world, second, maya, { isDirect: false, role: 'Decision Maker', at: second.createdAt });
  tellGroup(world, random, group, maya);
  tellSecond(world, random, second, maya);
}

function tellGroup(world: World, random: Random, account: DemoAccount, maya: DemoContact): void {
  const [desktop, server, , monitor] = [0, 1, 2, 3].map((place) => at(world.range.editions, place));
  const yearly = (edition: typeof server, seats: number, monthsAgo: number, addOns: readonly number[] = []) =>
    tellPurchase({ world, random, account }, {
      edition: edition ?? at(world.range.editions, 1),
      seats,
      boughtAt: addMonths(world.now, -monthsAgo) + 9 * DAY,
      addOns: addOns.map((place) => at(world.range.addOns, place)),
    }, 'paying'); // prettier-ignore
  const holding = yearly(server, 30, 46, [0, 3]);
  yearly(desktop, 220, 27);
  yearly(monitor, 12, 14);
  const enterprise = newestAt(at(world.range.editions, 2), world.now).product;
  const triedAt = world.now - 12 * DAY;
  addLicense(world, random, account, {
    product: enterprise,
    seats: 5,
    status: 'Trial',
    boughtAt: triedAt,
    supportUntil: addMonths(triedAt, 1),
    isTrial: true,
  });
  addDeal(world, random, account, {
    name: 'Halden Freight – Move to Enterprise',
    type: 'Existing Customer - Upgrade',
    stage: 'Value Proposition',
    closesAt: world.now + 48 * DAY,
    nextStep: 'Review the trial with Maya',
    lines: [{ product: enterprise, quantity: 12 }],
  });
  for (const story of mayasCases) {
    const { topic, hoursAgo, status, priority, hasFile = false } = story;
    const caseId = reportCase({ world, random, account }, holding, {
      topic, openedAt: world.now - hoursAgo * HOUR, contact: maya, status, priority, hasFile, origin: 'Web', agent: world.staff.cast.agent,
    }); // prettier-ignore
    if (topic === 8)
      addAttachment(world, caseId, invoice, {
        at: world.now - hoursAgo * HOUR + DAY,
        by: world.staff.cast.agent.id,
      });
    if (topic === 7)
      attachFile(world, random, {
        parentId: caseId,
        kind: 'log',
        by: world.staff.cast.agent.id,
        at: world.now - hoursAgo * HOUR + 2 * HOUR,
        host: 'SQL-02-internal-trace',
        isInternal: true,
      });
  }
  addActivities(world, random, account, 6);
  finishAccount(world, random, account);
}

function tellSecond(world: World, random: Random, account: DemoAccount, maya: DemoContact): void {
  const boughtAt = addMonths(world.now, -16) - 4 * DAY;
  const purchase = { edition: at(world.range.editions, 1), seats: 6, boughtAt, addOns: [] };
  const holding = tellPurchase({ world, random, account }, purchase, 'paying');
  const colleague = account.contacts[0] ?? maya;
  const tell = (topic: number, hoursAgo: number, status: CaseStatus, contact: DemoContact) =>
    reportCase({ world, random, account }, holding, {
      topic,
      openedAt: world.now - hoursAgo * HOUR,
      contact,
      status,
      origin: 'Web',
      agent: world.staff.cast.agent,
    });
  tell(3, 30 * 24, 'Closed', colleague);
  tell(6, 4 * 24, 'Working', maya);
  addActivities(world, random, account, 3);
  finishAccount(world, random, account);
}

interface CastCase {
  topic: number;
  hoursAgo: number;
  status: CaseStatus;
  priority: 'High' | 'Low' | 'Medium';
  hasFile?: boolean;
}

/** One of each state that a customer can meet, newest first. */
const mayasCases: readonly CastCase[] = [
  { topic: 4, hoursAgo: 3, status: 'New', priority: 'Medium' },
  { topic: 2, hoursAgo: 30, status: 'Working', priority: 'High', hasFile: true },
  { topic: 5, hoursAgo: 5 * 24, status: 'Waiting on Customer', priority: 'Medium', hasFile: true },
  { topic: 9, hoursAgo: 21 * 24, status: 'On Hold', priority: 'Low' },
  { topic: 0, hoursAgo: 33 * 24, status: 'Closed', priority: 'High', hasFile: true },
  { topic: 1, hoursAgo: 70 * 24, status: 'Closed', priority: 'Medium', hasFile: true },
  { topic: 8, hoursAgo: 118 * 24, status: 'Closed', priority: 'Low' },
  { topic: 11, hoursAgo: 190 * 24, status: 'Closed', priority: 'High', hasFile: true },
  { topic: 6, hoursAgo: 260 * 24, status: 'Closed', priority: 'Medium' },
  { topic: 7, hoursAgo: 402 * 24, status: 'Closed', priority: 'High', hasFile: true },
  { topic: 10, hoursAgo: 555 * 24, status: 'Closed', priority: 'Medium', hasFile: true },
  { topic: 3, hoursAgo: 810 * 24, status: 'Closed', priority: 'Low' },
];

const invoice = pdfFile('Invoice TW-204417.pdf', 'Invoice TW-204417', [
  'Tidewater Software, 410 Harbor Street, Norfolk, VA 23510',
  'To: Halden Freight Group, Accounts Payable',
  '30 x Tidewater Backup Server, Annual Support & Maintenance      USD 4,140.00',
  'Payable within 30 days. Thank you for your business.',
]);
