import { many, plain } from './function.ts';
import { FormulaError } from './syntax.ts';
import { asText, common, demand, settled, sqlTypes } from './types.ts';

import type { Call, FormulaFunction, Functions } from './function.ts';
import type { FormulaType, Typed } from './types.ts';

/** Functions of conditions, of what is empty and of what has changed. */
export const logicFunctions: Functions = {
  AND: plain(['boolean'], 'boolean', (conditions) => `(${conditions.join(' and ')})`, [1, many]),
  OR: plain(['boolean'], 'boolean', (conditions) => `(${conditions.join(' or ')})`, [1, many]),
  NOT: plain(['boolean'], 'boolean', ([condition]) => `(not ${condition ?? ''})`),
  IF: { counts: [3, 3], compile: chosen },
  CASE: { counts: [4, many], compile: byCase },
  ISBLANK: asks((part) => emptySql(part)),
  ISNULL: asks((part) => emptySql(part)),
  BLANKVALUE: { counts: [2, 2], compile: substituted },
  NULLVALUE: { counts: [2, 2], compile: substituted },
  ISPICKVAL: {
    counts: [2, 2],
    compile: ({ name, parts: [field, value] }) => {
      if (!field || !value || field.type !== 'picklist')
        throw new FormulaError(`Incorrect parameter type for ${name}. Expected Picklist, received ${field?.type === 'multipicklist' ? 'Multi-Select Picklist' : 'Text'}`);
      demand(name, value, ['text']);
      return { type: 'boolean', sql: `(coalesce(${field.sql}, '') = ${settled(value, 'text')})` };
    },
  },
  ISNEW: { counts: [0, 0], onlyInRules: true, compile: ({ place }) => ({ type: 'boolean', sql: `(${place.before ?? ''}."Id" is null)` }) },
  ISCHANGED: {
    counts: [1, 1],
    onlyInRules: true,
    compile: (call) => {
      const [now, then] = [call.parts[0], prior(call)];
      const changed = `${now?.raw ?? now?.sql ?? ''} is distinct from ${then.raw ?? then.sql}`;
      return { type: 'boolean', sql: `(${call.place.before ?? ''}."Id" is not null and ${changed})` };
    },
  },
  PRIORVALUE: { counts: [1, 1], onlyInRules: true, compile: prior },
}; // prettier-ignore

function chosen({ name, parts: [condition, yes, no] }: Call): Typed {
  if (!condition || !yes || !no) throw new FormulaError('Syntax error');
  demand(name, condition, ['boolean']);
  const type = common(name, [yes, no]);
  const [one, other] = [settled(asText(yes), type), settled(asText(no), type)];
  return { type, sql: `case when ${settled(condition, 'boolean')} then ${one} else ${other} end` };
}

/** CASE(expression, value1, result1, …, otherwise) */
function byCase({ name, parts }: Call): Typed {
  const [subject, ...rest] = parts.map(asText);
  const otherwise = rest.pop();
  if (!subject || !otherwise || rest.length % 2 === 1)
    throw new FormulaError(
      `Incorrect number of parameters for ${name}. Expected ${String(parts.length + 1)}, received ${String(parts.length)}`,
    );
  const values = rest.filter((_, at) => at % 2 === 0);
  const results = rest.filter((_, at) => at % 2 === 1);
  const kind = common(name, [subject, ...values]);
  const type = common(name, [...results, otherwise]);
  const branches = values.map(
    (value, at) =>
      `when ${settled(subject, kind)} is not distinct from ${settled(value, kind)} then ${settled(results[at] ?? otherwise, type)}`,
  );
  return { type, sql: `case ${branches.join(' ')} else ${settled(otherwise, type)} end` };
}

function asks(sql: (part: Typed) => string): FormulaFunction {
  return {
    counts: [1, 1],
    compile: ({ parts: [part] }) => ({ type: 'boolean', sql: part ? sql(part) : 'true' }),
  };
}

function emptySql(part: Typed): string {
  if (part.type === 'null') return 'true';
  return part.type === 'text' ? `(${part.sql} = '')` : `(${part.sql} is null)`;
}

function substituted({ name, parts: [part, instead] }: Call): Typed {
  if (!part || !instead) throw new FormulaError('Syntax error');
  const [value, other] = [asText(part), asText(instead)];
  const type: FormulaType = common(name, [value, other]);
  if (type === 'text') return { type, sql: `coalesce(nullif(${settled(value, type)}, ''), ${settled(other, type)})` };
  return { type, sql: `coalesce(${settled(value, type)}, ${settled(other, type)})` };
} // prettier-ignore

/** A field as it was before the save: empty for a new record. */
function prior({ name, place, args: [field], again }: Call): Typed {
  if (field?.kind !== 'field' || field.path.length !== 1)
    throw new FormulaError(`Incorrect parameter for ${name}. Expected a field of the record itself`);
  const row = place.before ?? '';
  const was = again({ ...place, row, before: undefined, blanks: 'blank' }, field);
  return was.type === 'null' ? { ...was, sql: `null::${sqlTypes.text}` } : was;
}
