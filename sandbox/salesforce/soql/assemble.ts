import type { Context } from '../context.ts';
import { otherwise } from './plan.ts';
import type { Entry, Plan } from './plan.ts';

/** A row as PostgreSQL returned it, by column. */
export type Values = unknown[];

/** What a row's sub-queries found, by their place in the SELECT list and the record's id. */
export type Children = Map<string, unknown>[];

/** Turns rows into the records of an answer. */
export function assemble(
  ctx: Context,
  plan: Plan,
  rows: Values[],
  children: Children = [],
): Record<string, unknown>[] {
  const entries = [...plan.entries];
  return rows.map((row) => recordOf({ ctx, children }, plan, row, entries));
}

interface Surroundings {
  ctx: Context;
  children: Children;
}

function recordOf(
  around: Surroundings,
  plan: Plan,
  row: Values,
  entries = [...plan.entries],
): Record<string, unknown> {
  const record: Record<string, unknown> = { attributes: attributesOf(around.ctx, plan, row) };
  for (const [name, entry] of entries) record[name] = valueOf(around, entry, row);
  return record;
}

function attributesOf(ctx: Context, plan: Plan, row: Values): { type: string; url?: string } {
  if (plan.type === undefined) return { type: 'AggregateResult' };
  const id = String(row[plan.id]);
  const type = plan.type === 'Name' ? (ctx.org.catalog.ofId(id)?.name ?? 'Name') : plan.type;
  return { type: plan.type, url: recordUrl(ctx, type, id) };
}

/** A record's own place in the API. */
export const recordUrl = (ctx: Context, type: string, id: string): string =>
  `/services/data/v${ctx.apiVersion.toFixed(1)}/sobjects/${type}/${id}`;

function valueOf(around: Surroundings, entry: Entry, row: Values): unknown {
  switch (entry.kind) {
    case 'value':
      return entry.convert(row[entry.index] ?? null);
    case 'body':
      return `${recordUrl(around.ctx, entry.type, String(row[entry.id]))}/${entry.field}`;
    case 'parent':
      return row[entry.plan.id] === null ? null : recordOf(around, entry.plan, row);
    case 'typeof':
      return typeofValue(around, entry, row);
    case 'children':
      return around.children[entry.at]?.get(String(row[0])) ?? null;
  }
}

function typeofValue(
  around: Surroundings,
  { id, plans }: Extract<Entry, { kind: 'typeof' }>,
  row: Values,
): unknown {
  const reference = row[id];
  if (typeof reference !== 'string') return null;
  const type = around.ctx.org.catalog.ofId(reference)?.name ?? '';
  const plan = plans.get(type) ?? plans.get(otherwise);
  return plan ? recordOf(around, { ...plan, type }, row) : null;
}
