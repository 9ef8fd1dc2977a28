import { quote } from '../../database.ts';
import type { Context } from '../context.ts';
import { saveError } from '../errors.ts';
import { viewerOf } from '../schema/calculated.ts';
import type { Field, SObject } from '../schema/catalog.ts';
import { conditionSql } from '../schema/formula/compile.ts';
import type { ValidationRule } from '../schema/rules.ts';
import { columnType, isStored } from '../schema/tables.ts';
import type { Row } from './hooks.ts';
import { sound } from './work.ts';
import type { Work } from './work.ts';

/** Rejects rows that a validation rule is true of: all rows and rules of a save in one statement. */
export async function checkValidation(ctx: Context, sobject: SObject, works: Work[]): Promise<void> {
  const rules = ctx.org.rules.of('validation', sobject.name).filter(({ active }) => active);
  const rows = sound(works);
  if (rules.length === 0 || rows.length === 0) return;
  const { rows: answers } = await ctx.db.query({
    text: validationSql(ctx, sobject, rules),
    values: [
      JSON.stringify(rows.map(({ id, before, row }, at) => ({ ...before, ...row, Id: id ?? null, '#': at }))),
      JSON.stringify(rows.flatMap(({ before }, at): Row[] => (before ? [{ ...before, '#': at }] : []))),
    ],
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
  const sources = [sourceSql(sobject, '$1', used), sourceSql(sobject, '$2', used)];
  return `select n."#", ${conditions.join(', ')} from ${sources[0] ?? ''} n left join ${sources[1] ?? ''} o on o."#" = n."#"
    where ${conditions.join(' or ')}`;
}

/** Rows as they will be, those columns reckoned that PostgreSQL reckons once they are stored; no more than is asked for. */
function sourceSql(sobject: SObject, parameter: string, used: string): string {
  const isUsed = (field: Field, text: string) => text.includes(quote(field.name));
  const reckoned = sobject.fields.filter((field) => field.computed !== null && isUsed(field, used));
  const all = [used, ...reckoned.map(({ computed }) => computed)].join(' ');
  const plain = sobject.fields.filter(
    (field) => isStored(field) && field.computed === null && (field.name === 'Id' || isUsed(field, all)),
  );
  const columns = plain.map(
    (field) => `, ${quote(field.name)} ${columnType(field.type).replace(' collate "C"', '')}`,
  );
  const extra = reckoned.map((field) => `, (${field.computed ?? ''}) as ${quote(field.name)}`);
  return `(select r.*${extra.join('')} from json_to_recordset(${parameter}::json) as r("#" integer${columns.join('')}))`;
}
