import type { DemoAccount } from '../accounts/account.ts';
import type { Product } from '../company/products.ts';
import { DAY, isoDate, isoMoment } from '../dates.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';

/** Stages with their probability and forecast category. */
const stages = {
  Prospecting: [10, 'Pipeline'],
  Qualification: [10, 'Pipeline'],
  'Needs Analysis': [20, 'Pipeline'],
  'Value Proposition': [50, 'Pipeline'],
  'Id. Decision Makers': [60, 'Pipeline'],
  'Perception Analysis': [70, 'Pipeline'],
  'Proposal/Price Quote': [75, 'BestCase'],
  'Negotiation/Review': [90, 'BestCase'],
  'Closed Won': [100, 'Closed'],
  'Closed Lost': [0, 'Omitted'],
} as const;

export type Stage = keyof typeof stages;
const categoryNames = {
  Pipeline: 'Pipeline',
  BestCase: 'Best Case',
  Closed: 'Closed',
  Omitted: 'Omitted',
} as const;

/** A product on an opportunity. `price` is what one seat costs here; without it, list price less the deal's discount. */
export interface LineItem {
  product: Product;
  quantity: number;
  price?: number;
}

/** A sale, won, lost or open. */
export interface Deal {
  name: string;
  type: 'Existing Customer - Upgrade' | 'New Customer' | 'Renewal';
  stage: Stage;
  closesAt: number;
  lines: readonly LineItem[];
  nextStep?: string;
  lostBecause?: string;
}

/** Writes an opportunity with its products and the contact it goes through, and returns its id. */
export function addDeal(world: World, random: Random, account: DemoAccount, deal: Deal): string {
  const { add, ids, now } = world;
  const id = ids.next('Opportunity');
  const isClosed = deal.stage.startsWith('Closed');
  const openedAt = Math.max(account.createdAt, Math.min(deal.closesAt, now) - random.int(12, 110) * DAY);
  const changedAt = isClosed
    ? Math.min(now - DAY / 2, deal.closesAt)
    : Math.min(now - DAY / 4, Math.max(openedAt, now - random.int(0, 25) * DAY));
  const stamp = { at: Math.min(openedAt, changedAt), by: account.rep.id, changedAt };
  const discount = account.partner ? 0.18 : random.pick([0, 0, 0.05, 0.1]);
  const lines = deal.lines.map((line) => priced(line, discount));
  const [Probability, category] = stages[deal.stage];
  const contact = account.contacts[0];
  add('Opportunity', {
    Id: id,
    AccountId: account.id,
    Name: deal.name.slice(0, 120),
    Description: deal.lostBecause,
    StageName: deal.stage,
    Amount: lines.reduce((sum, line) => sum + line.total, 0),
    Probability,
    TotalOpportunityQuantity: lines.reduce((sum, line) => sum + line.quantity, 0),
    CloseDate: isoDate(deal.closesAt),
    Type: deal.type,
    NextStep: deal.nextStep,
    LeadSource: account.partner ? 'Partner Referral' : undefined,
    ForecastCategory: category,
    ForecastCategoryName: categoryNames[category],
    HasOpportunityLineItem: lines.length > 0,
    Pricebook2Id: world.range.pricebook,
    ContactId: contact?.id,
    OwnerId: account.rep.id,
    LastStageChangeDate: isoMoment(changedAt),
  }, stamp); // prettier-ignore
  for (const [place, line] of lines.entries())
    addLine(world, id, { ...line, place, serviceDate: isoDate(deal.closesAt) }, stamp);
  if (contact) {
    const Id = ids.next('OpportunityContactRole');
    add(
      'OpportunityContactRole',
      { Id, OpportunityId: id, ContactId: contact.id, Role: 'Decision Maker', IsPrimary: true },
      stamp,
    );
  }
  return id;
}

interface PricedLine extends LineItem {
  price: number;
  total: number;
  discount: number;
}

function priced(line: LineItem, discount: number): PricedLine {
  const price = line.price ?? Math.round(line.product.price * (1 - discount));
  return {
    ...line,
    price,
    total: price * line.quantity,
    discount: line.price === undefined ? Math.round(discount * 100) : 0,
  };
}

function addLine(
  world: World,
  OpportunityId: string,
  line: PricedLine & { place: number; serviceDate: string },
  stamp: { at: number; by: string },
): void {
  const { product } = line;
  world.add('OpportunityLineItem', {
    Id: world.ids.next('OpportunityLineItem'),
    OpportunityId,
    SortOrder: line.place + 1,
    PricebookEntryId: product.entryId,
    Product2Id: product.id,
    ProductCode: product.code,
    Name: product.name,
    Quantity: line.quantity,
    TotalPrice: line.total,
    UnitPrice: line.price,
    ListPrice: product.price,
    ServiceDate: line.serviceDate,
    Discount: line.discount > 0 ? line.discount : undefined,
  }, stamp); // prettier-ignore
}
