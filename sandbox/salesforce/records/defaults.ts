import { quote } from '../../database.ts';
import type { Context } from '../context.ts';
import { defaultSql } from '../schema/calculated.ts';
import type { SObject } from '../schema/catalog.ts';
import type { Row } from './hooks.ts';
import type { Work } from './work.ts';

/** Gives new rows the values of default formulas where they say nothing else; they are the same for all rows of a request. */
export async function reckonDefaults(ctx: Context, sobject: SObject, works: Work[]): Promise<void> {
  const fields = sobject.fields.filter(({ defaultFormula }) => defaultFormula !== null);
  if (fields.length === 0 || works.length === 0) return;
  const columns = fields.map((field) => `${defaultSql(ctx, field)} as ${quote(field.name)}`);
  const { rows } = await ctx.db.query(`select to_jsonb(d) as row from (select ${columns.join(', ')}) d`);
  const [{ row } = { row: {} }] = rows as { row: Row }[];
  for (const work of works) work.row = { ...row, ...work.row };
}
