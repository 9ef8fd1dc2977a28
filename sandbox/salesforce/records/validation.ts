import type { Context } from '../context.ts';
import { saveError } from '../errors.ts';
import { viewerOf } from '../schema/calculated.ts';
import type { SObject } from '../schema/catalog.ts';
import { conditionSql } from '../schema/formula/compile.ts';
import type { ValidationRule } from '../schema/rules.ts';
import { draftsJson, draftsSql, formerJson } from './drafts.ts';
import { sound } from './work.ts';
import type { Work } from './work.ts';

/** Rejects rows that a validation rule is true of: all rows and rules of a save in one statement. */
export async function checkValidation(ctx: Context, sobject: SObject, works: Work[]): Promise<void> {
  const rules = ctx.org.rules.of('validation', sobject.name).filter(({ active }) => active);
  const rows = sound(works);
  if (rules.length === 0 || rows.length === 0) return;
  const { rows: answers } = await ctx.db.query({
    text: validationSql(ctx, sobject, rules),
    values: [draftsJson(rows), formerJson(rows)],
    rowMode: 'array',
  });
  for (const [at, ...broken] of answers as [number, ...boolean[]][])
    for (const [index, rule] of rules.entries()) if (broken[index]) rows[at]?.errors.push(errorOf(rule));
}

const errorOf = ({ message, field }: ValidationRule) =>
  saveError('FIELD_CUSTOM_VALIDATION_EXCEPTION', message, field === null ? [] : [field]);

/** One row for each that breaks a rule: its place, and of each rule whether it is broken. @throws FormulaError */
export function validationSql(ctx: Context, sobject: SObject, rules: ValidationRule[]): string {
  const place = {
    viewer: viewerOf(ctx),
    sobject,
    row: 'n',
    before: 'o',
    blanks: 'blank',
    depth: 0,
  } as const;
  const conditions = rules.map(({ condition }) => conditionSql(place, condition));
  const used = conditions.join(' ');
  const sources = [draftsSql(sobject, '$1', used), draftsSql(sobject, '$2', used)];
  return `select n."#", ${conditions.join(', ')} from ${sources[0] ?? ''} n left join ${sources[1] ?? ''} o on o."#" = n."#"
    where ${conditions.join(' or ')}`;
}
