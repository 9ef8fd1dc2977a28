import { wholeSeconds } from '../../../clock.ts';
import type { Context } from '../../context.ts';
import { saveError } from '../../errors.ts';
import type { Change, Draft, Row, SaveHook } from '../hooks.ts';
import { knownObject, rowsById, stampAssignments } from '../system.ts';

/** What a new org's stages imply: probability and forecast category. */
const stages: Record<string, [probability: number, category: string]> = {
  Prospecting: [10, 'Pipeline'],
  Qualification: [10, 'Pipeline'],
  'Needs Analysis': [20, 'Pipeline'],
  'Value Proposition': [50, 'Pipeline'],
  'Id. Decision Makers': [60, 'Pipeline'],
  'Perception Analysis': [70, 'Pipeline'],
  'Proposal/Price Quote': [75, 'Pipeline'],
  'Negotiation/Review': [90, 'Pipeline'],
  'Closed Won': [100, 'Closed'],
  'Closed Lost': [0, 'Omitted'],
};

const categories: Record<string, string> = { 'Best Case': 'BestCase', Commit: 'Forecast' };

/** A stage brings its probability and forecast category along, unless they are set with it. */
export const opportunityRules: SaveHook = {
  beforeSave(ctx, drafts) {
    const now = wholeSeconds(ctx.org.clock.now()).toISOString();
    for (const draft of drafts) {
      const { row, before } = draft;
      if (row.StageName !== undefined && row.StageName !== before?.StageName) enterStage(draft, now);
      const name = row.ForecastCategoryName;
      if (typeof name === 'string') row.ForecastCategory = categories[name] ?? name;
    }
  },
};

function enterStage({ row, before }: Draft, now: string): void {
  const [probability, category] = stages[String(row.StageName)] ?? [0, 'Pipeline'];
  row.Probability ??= probability;
  row.ForecastCategoryName ??= category;
  if (before) row.LastStageChangeDate = now;
}

/** A line takes its product and price from the price book; its opportunity adds the lines up. */
export const lineItemRules: SaveHook = {
  async beforeSave(ctx, drafts) {
    await fillFromPricebook(ctx, drafts.filter(({ before }) => !before));
    for (const draft of drafts) price(draft);
  },
  async afterSave(ctx, changes) {
    await choosePricebook(ctx, changes);
    await addUp(ctx, changes.map(({ after }) => after.OpportunityId));
  },
  async afterDelete(ctx, ids) {
    const lines = await rowsById<{ OpportunityId: string }>(ctx, 'OpportunityLineItem', ids, ['OpportunityId']);
    await addUp(ctx, [...lines.values()].map((line) => line.OpportunityId));
  },
}; // prettier-ignore

interface Entry extends Row {
  Product2Id: string;
  UnitPrice: number;
}

interface Product extends Row {
  Name: string;
  ProductCode: string | null;
}

async function fillFromPricebook(ctx: Context, drafts: Draft[]): Promise<void> {
  const entryIds = drafts.map(({ row }) => row.PricebookEntryId);
  const entries = await rowsById<Entry>(ctx, 'PricebookEntry', entryIds, ['Product2Id', 'UnitPrice']);
  for (const draft of drafts) fillFromEntry(draft, entries.get(String(draft.row.PricebookEntryId)));
  const productIds = drafts.map(({ row }) => row.Product2Id);
  const products = await rowsById<Product>(ctx, 'Product2', productIds, ['Name', 'ProductCode']);
  const opportunityIds = drafts.map(({ row }) => row.OpportunityId);
  const opportunities = await rowsById<{ Name: string }>(ctx, 'Opportunity', opportunityIds, ['Name']);
  for (const { row } of drafts) {
    const product = products.get(String(row.Product2Id));
    const names = [opportunities.get(String(row.OpportunityId))?.Name, product?.Name];
    row.Name = names.filter(Boolean).join(' ');
    row.ProductCode = product?.ProductCode ?? null;
  }
}

function fillFromEntry({ row, errors }: Draft, entry: Entry | undefined): void {
  if (entry) {
    row.Product2Id = entry.Product2Id;
    row.ListPrice = entry.UnitPrice;
    if ((row.TotalPrice ?? null) === null) row.UnitPrice ??= entry.UnitPrice;
  } else if ((row.Product2Id ?? null) === null) {
    const missing = ['PricebookEntryId'];
    errors.push(
      saveError('REQUIRED_FIELD_MISSING', 'Required fields are missing: [PricebookEntryId]', missing),
    );
  }
}

function price({ row, before }: Draft): void {
  const line = { ...before, ...row };
  const quantity = Number(line.Quantity ?? 0);
  const kept = 1 - Number(line.Discount ?? 0) / 100;
  const totalIsGiven = (row.TotalPrice ?? null) !== null && (row.UnitPrice ?? null) === null;
  if (totalIsGiven && quantity * kept !== 0)
    row.UnitPrice = cents(Number(row.TotalPrice) / (quantity * kept));
  else row.TotalPrice = cents(Number(line.UnitPrice ?? 0) * quantity * kept);
}

const cents = (amount: number) => Math.round(amount * 100) / 100;

/** The first line's price book becomes that of an opportunity without one. */
async function choosePricebook(ctx: Context, changes: Change[]): Promise<void> {
  await ctx.db.query(
    `update "Opportunity" o set "Pricebook2Id" = e."Pricebook2Id"
       from unnest($1::text[], $2::text[]) l(opportunity, entry) join "PricebookEntry" e on e."Id" = l.entry
      where o."Id" = l.opportunity and o."Pricebook2Id" is null`,
    [changes.map(({ after }) => after.OpportunityId), changes.map(({ after }) => after.PricebookEntryId)],
  );
}

async function addUp(ctx: Context, opportunityIds: unknown[]): Promise<void> {
  await ctx.db.query(
    `update "Opportunity" o set "HasOpportunityLineItem" = s.lines > 0, ${stampAssignments(ctx, knownObject(ctx, 'Opportunity'))},
            "Amount" = coalesce(s.total, o."Amount"), "TotalOpportunityQuantity" = coalesce(s.quantity, o."TotalOpportunityQuantity")
       from (select ids.id, count(l."Id") as lines, sum(l."TotalPrice") as total, sum(l."Quantity") as quantity
               from unnest($1::text[]) ids(id)
               left join "OpportunityLineItem" l on l."OpportunityId" = ids.id and not l."IsDeleted" group by ids.id) s
      where o."Id" = s.id`,
    [[...new Set(opportunityIds)]],
  );
}

/** A price book entry is called what its product is. */
export const pricebookEntryRules: SaveHook = {
  async beforeSave(ctx, drafts) {
    const products = await rowsById<Product>(ctx, 'Product2', drafts.map(({ row }) => row.Product2Id), ['Name', 'ProductCode']);
    for (const { row, before } of drafts) {
      if (before) continue;
      const product = products.get(String(row.Product2Id));
      row.Name = product?.Name ?? null;
      row.ProductCode = product?.ProductCode ?? null;
    }
  },
}; // prettier-ignore
