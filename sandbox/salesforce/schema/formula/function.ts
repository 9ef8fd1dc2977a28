import { demand, settled } from './types.ts';

import type { Compile, Place } from './place.ts';
import type { Formula } from './syntax.ts';
import type { FormulaType, Typed } from './types.ts';

/** One call of a function. */
export interface Call {
  /** As errors name it: `function 'LEN()'`. */
  name: string;
  place: Place;
  args: Formula[];
  /** The arguments, compiled. */
  parts: Typed[];
  again: Compile;
}

export interface FormulaFunction {
  /** How many arguments it takes, at least and at most. */
  counts: [least: number, most: number];
  /** ISCHANGED and its like know a record's past, which fields don't have. */
  onlyInRules?: boolean;
  compile: (call: Call) => Typed;
}

export type Functions = Record<string, FormulaFunction>;

export const many = 250;

/** A function of arguments of fixed types; a type after `…` repeats. */
export function plain(
  params: FormulaType[],
  type: FormulaType,
  sql: (args: string[], call: Call) => string,
  counts: [number, number] = [params.length, params.length],
): FormulaFunction {
  return {
    counts,
    compile: (call) => {
      const args = call.parts.map((part, at) => {
        const wanted = params[Math.min(at, params.length - 1)] ?? 'text';
        demand(call.name, part, [wanted]);
        return settled(part, wanted);
      });
      return { type, sql: sql(args, call) };
    },
  };
}
