import { callSql } from './functions.ts';
import { binarySql } from './operators.ts';
import { parseFormula } from './parse.ts';
import { fieldAt } from './place.ts';
import { FormulaError } from './syntax.ts';
import { asText, demand, nameOf, settled, textSql, typeOfField } from './types.ts';

import type { Field } from '../catalog.ts';
import type { Compile, Place } from './place.ts';
import type { Typed } from './types.ts';

/** A part of a formula as SQL with its type. @throws FormulaError in Salesforce's words */
export const compile: Compile = (place, formula): Typed => {
  switch (formula.kind) {
    case 'text':
      return { type: 'text', sql: textSql(formula.value) };
    case 'number':
      return { type: 'number', sql: `${formula.value}::numeric` };
    case 'boolean':
      return { type: 'boolean', sql: String(formula.value) };
    case 'null':
      return { type: 'null', sql: 'null' };
    case 'field':
      return fieldAt(place, formula.path, compile);
    case 'call':
      return callSql(place, formula, compile);
    case 'binary':
      return binarySql(formula.operator, compile(place, formula.left), compile(place, formula.right));
    case 'not':
    case 'minus':
      return unarySql(formula.kind, compile(place, formula.operand));
  }
};

function unarySql(kind: 'not' | 'minus', operand: Typed): Typed {
  const type = kind === 'not' ? 'boolean' : 'number';
  demand(`operator '${kind === 'not' ? '!' : '-'}'`, operand, [type]);
  return { type, sql: `(${kind === 'not' ? 'not ' : '-'}${settled(operand, type)})` };
}

/** The SQL of a formula field's value, as it is read. @throws FormulaError where the formula doesn't fit its field */
export function formulaSql(place: Place, field: Field): string {
  const value = asText(compile(place, parseFormula(field.formula ?? '')));
  const type = typeOfField(field);
  const wanted = type === 'picklist' || type === 'multipicklist' ? 'text' : type;
  if (value.type !== 'null' && value.type !== wanted)
    throw new FormulaError(
      `Formula result is data type (${nameOf(value.type)}), incompatible with expected data type (${nameOf(wanted)}).`,
    );
  const sql = settled(value, wanted);
  if (wanted === 'text') return `nullif(left(${sql}, ${String(mostCharacters)}), '')`;
  if (wanted !== 'number') return sql;
  return `round(${field.type === 'percent' ? `${sql} * 100` : sql}, ${String(Math.min(field.scale, 15))})`;
}

/** Longer results are cut off. */
const mostCharacters = 3900;

/** The SQL condition of a rule. @throws FormulaError */
export function conditionSql(place: Place, source: string): string {
  const value = compile(place, parseFormula(source));
  if (value.type !== 'boolean' && value.type !== 'null')
    throw new FormulaError(
      `Formula result is data type (${nameOf(value.type)}), incompatible with expected data type (true or false).`,
    );
  return settled(value, 'boolean');
}
