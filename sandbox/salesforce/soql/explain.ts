import type { Context } from '../context.ts';
import { prepare } from './query.ts';
import { statement } from './select.ts';

interface PostgresPlan {
  'Node Type': string;
  'Plan Rows': number;
  'Total Cost': number;
  Plans?: PostgresPlan[];
}

/** GET /query?explain=: PostgreSQL's plan in the words of Salesforce's. */
export async function explainQuery(
  ctx: Context,
  soql: string,
): Promise<{ plans: unknown[]; sourceQuery: string }> {
  const { compiled } = prepare(ctx, soql, { all: false, ofIds: false });
  const { sobject, compilation } = compiled.scope;
  const { rows } = await ctx.db.query(`explain (format json) ${statement(compiled)}`, compilation.values);
  const [first] = rows as { 'QUERY PLAN': { Plan: PostgresPlan }[] }[];
  const plan = first?.['QUERY PLAN'][0]?.Plan;
  const total = await ctx.db.query(
    `select reltuples::bigint as count from pg_class where oid = to_regclass($1)`,
    [`"${sobject.name}"`],
  );
  const usesIndex = plan !== undefined && JSON.stringify(plan).includes('Index');
  const leading = {
    cardinality: plan?.['Plan Rows'] ?? 0,
    fields: [],
    leadingOperationType: usesIndex ? 'Index' : 'TableScan',
    notes: [],
    relativeCost: Number(((plan?.['Total Cost'] ?? 0) / 1000).toFixed(3)),
    sobjectCardinality: Math.max(0, (total.rows as { count: number }[])[0]?.count ?? 0),
    sobjectType: sobject.name,
  };
  return { plans: [leading], sourceQuery: soql };
}
