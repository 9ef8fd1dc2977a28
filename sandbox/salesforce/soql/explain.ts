import { quote } from '../../database.ts';
import type { Context } from '../context.ts';
import { prepare } from './query.ts';
import { statement } from './select.ts';

interface PostgresPlan {
  'Plan Rows': number;
  'Total Cost': number;
}

/** GET /query?explain=: PostgreSQL's plan in the words of Salesforce's. */
export async function explainQuery(
  ctx: Context,
  soql: string,
): Promise<{ plans: unknown[]; sourceQuery: string }> {
  const { compiled } = prepare(ctx, soql, { all: false, ofIds: false });
  const { sobject, compilation } = compiled.scope;
  const { rows } = await ctx.db.query(`explain (format json) ${statement(compiled)}`, compilation.values);
  const [explained] = rows as { 'QUERY PLAN': { Plan: PostgresPlan }[] }[];
  const plan = explained?.['QUERY PLAN'][0]?.Plan ?? { 'Plan Rows': 0, 'Total Cost': 0 };
  const usesIndex = JSON.stringify(plan).includes('Index');
  const leading = {
    cardinality: plan['Plan Rows'],
    fields: [],
    leadingOperationType: usesIndex ? 'Index' : 'TableScan',
    notes: [],
    relativeCost: Number((plan['Total Cost'] / 1000).toFixed(3)),
    sobjectCardinality: await estimatedRows(ctx, sobject.name),
    sobjectType: sobject.name,
  };
  return { plans: [leading], sourceQuery: soql };
}

async function estimatedRows(ctx: Context, table: string): Promise<number> {
  const { rows } = await ctx.db.query('select reltuples as count from pg_class where oid = to_regclass($1)', [
    quote(table),
  ]);
  return Math.max(0, (rows as { count: number }[])[0]?.count ?? 0);
}
