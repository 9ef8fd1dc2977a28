import { dateFunctions } from './dates.ts';
import { logicFunctions } from './logic.ts';
import { numberFunctions } from './numbers.ts';
import { FormulaError } from './syntax.ts';
import { textFunctions } from './texts.ts';

import type { Compile, Place } from './place.ts';
import type { Formula } from './syntax.ts';
import type { Typed } from './types.ts';

/** Contents: every function of the language. */
const functions = { ...logicFunctions, ...textFunctions, ...numberFunctions, ...dateFunctions };

/** A call as SQL. @throws FormulaError */
export function callSql(place: Place, call: Extract<Formula, { kind: 'call' }>, compile: Compile): Typed {
  const { name, args } = call;
  const known = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!known) throw new FormulaError(`Unknown function ${name}. Check spelling.`);
  const [least, most] = known.counts;
  if (args.length < least || args.length > most) {
    const expected = args.length < least ? least : most;
    throw new FormulaError(
      `Incorrect number of parameters for function '${name}()'. Expected ${String(expected)}, received ${String(args.length)}`,
    );
  }
  if (known.onlyInRules && place.before === undefined)
    throw new FormulaError(`Function ${name} may not be used in this type of formula`);
  return known.compile({ name: `function '${name}()'`, place, args, parts: args.map((arg) => compile(place, arg)), again: compile });
} // prettier-ignore
