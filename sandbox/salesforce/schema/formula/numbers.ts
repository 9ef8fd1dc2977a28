import { many, plain } from './function.ts';

import { powerSql } from './operators.ts';

import type { Functions } from './function.ts';

/** Functions of numbers. FLOOR goes towards zero and CEILING away from it, as Salesforce has them; MFLOOR and MCEILING don't. */
export const numberFunctions: Functions = {
  ABS: plain(['number'], 'number', ([number]) => `abs(${number ?? ''})`),
  CEILING: plain(['number'], 'number', ([number]) => `(sign(${number ?? ''}) * ceil(abs(${number ?? ''})))`),
  EXP: plain(['number'], 'number', ([number]) => `exp(least(${number ?? ''}, 700))`),
  FLOOR: plain(['number'], 'number', ([number]) => `trunc(${number ?? ''})`),
  LN: plain(['number'], 'number', ([number]) => `case when ${number ?? ''} > 0 then ln(${number ?? ''}) end`),
  LOG: plain(['number'], 'number', ([number]) => `case when ${number ?? ''} > 0 then log(${number ?? ''}) end`),
  MAX: plain(['number'], 'number', (numbers) => `greatest(${numbers.join(', ')})`, [1, many]),
  MCEILING: plain(['number'], 'number', ([number]) => `ceil(${number ?? ''})`),
  MFLOOR: plain(['number'], 'number', ([number]) => `floor(${number ?? ''})`),
  MIN: plain(['number'], 'number', (numbers) => `least(${numbers.join(', ')})`, [1, many]),
  MOD: plain(['number', 'number'], 'number', ([number, by]) => `mod(${number ?? ''}, nullif(${by ?? ''}, 0))`),
  POWER: plain(['number', 'number'], 'number', ([base, exponent]) => powerSql(base ?? '', exponent ?? '')),
  ROUND: plain(['number', 'number'], 'number', ([number, digits]) => `round(${number ?? ''}, ${whole(digits)})`),
  SQRT: plain(['number'], 'number', ([number]) => `case when ${number ?? ''} >= 0 then sqrt(${number ?? ''}) end`),
  TRUNC: plain(['number', 'number'], 'number', ([number, digits]) => `trunc(${number ?? ''}, ${whole(digits)})`, [1, 2]),
}; // prettier-ignore

const whole = (sql: string | undefined) =>
  sql === undefined ? '0' : `greatest(least(coalesce(${sql}, 0), 18), -18)::integer`;
