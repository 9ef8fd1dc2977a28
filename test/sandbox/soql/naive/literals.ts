/** Random literals, written as SOQL writes them. */
import { texts } from './corpus.ts';

import type { Random } from '../../../../sandbox/demo/random.ts';
import type { Kind } from './model.ts';
import type { Literal, Operand, Operator } from './query.ts';
import type { World } from './terms.ts';

/** Where randomness and records come from. */
export interface Make {
  random: Random;
  world: World;
}

/** What a literal is to be compared with. */
export interface Wanted {
  kind: Kind;
  operator: Operator;
  left: Operand;
}

/** A literal that fits the field, quite often one that some record has. */
export function literalOf(make: Make, wanted: Wanted): Literal {
  const { random } = make;
  const mayBeNull = ['=', '!=', 'IN', 'NOT IN'].includes(wanted.operator) && wanted.kind !== 'boolean';
  return mayBeNull && random.chance(0.12)
    ? { text: random.pick(['null', 'NULL']), value: null }
    : valueOf(make, wanted);
}

function valueOf(make: Make, { kind, operator, left }: Wanted): Literal {
  const { random, world } = make;
  if (kind === 'number') return number(left.part === undefined ? random.pick(numbers) : random.int(1, 12));
  if (kind === 'boolean')
    return random.chance(0.5) ? { text: 'TRUE', value: true } : { text: 'false', value: false };
  if (kind === 'date' || kind === 'datetime') return dateOrPeriod(make, kind, left);
  if (kind === 'id') return idLiteral(random, world);
  return kind === 'multi' ? quoted(random.pick(multis)) : textLiteral(make, operator, left);
}

const numbers = [0, 1, 5, 1000, 2500, -20.25, 20.5, 100];
const multis = ['Red', 'red;green', 'Blue', 'Red;Blue', 'Green;Red', 'Red;Green;Blue;Black'];

const dateOrPeriod = ({ random, world }: Make, kind: 'date' | 'datetime', left: Operand): Literal =>
  left.part === undefined && random.chance(0.6) ? period(random) : dateLiteral(random, world, kind);

function textLiteral({ random }: Make, operator: Operator, left: Operand): Literal {
  if (left.path.length > 1 && left.path.at(-1) === 'Type') return quoted(random.pick(['Account', 'case', 'User', 'Group', 'Contact'])); // prettier-ignore
  if (operator === 'LIKE')
    return like(random.pick(['%a%', 'a%', '_lpha', '%\\%%', '%\\_%', 'B%0\\%', '%é%', '%', '%a_c', "%'%", 'nothing%', '%break', '"%"'])); // prettier-ignore
  const pools = [texts, ['Banking', 'customer', 'High', 'low', 'New', 'Web', 'Closed Won', 'odd one', 'ann@x.example', '']]; // prettier-ignore
  return quoted(random.pick(random.pick(pools)));
}

const quoted = (value: string): Literal => ({
  text: `'${value.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n').replaceAll('"', '\\"')}'`,
  value,
});

/** In a pattern a backslash before `%` or `_` stays as it is. */
const like = (value: string): Literal => ({ text: `'${value.replaceAll("'", "\\'")}'`, value });

export const number = (value: number): Literal => ({
  text: value === 1000 ? '1e3' : String(value),
  value,
});

function idLiteral(random: Random, world: World): Literal {
  const object = random.pick(['Account', 'Contact', 'Case', 'User', 'Group']);
  const id = String(random.pick(world.rows[object] ?? []).Id);
  return { text: `'${random.chance(0.5) ? id : id.slice(0, 15)}'`, value: id };
}

const plainPeriods = [
  'YESTERDAY', 'TODAY', 'TOMORROW', 'LAST_WEEK', 'THIS_WEEK', 'NEXT_WEEK', 'LAST_MONTH', 'THIS_MONTH', 'NEXT_MONTH', 'LAST_90_DAYS',
  'NEXT_90_DAYS', 'THIS_QUARTER', 'LAST_QUARTER', 'NEXT_QUARTER', 'THIS_YEAR', 'LAST_YEAR', 'NEXT_YEAR', 'THIS_FISCAL_QUARTER',
  'LAST_FISCAL_QUARTER', 'NEXT_FISCAL_QUARTER', 'THIS_FISCAL_YEAR', 'LAST_FISCAL_YEAR', 'NEXT_FISCAL_YEAR',
]; // prettier-ignore
const countedPeriods = ['DAYS', 'WEEKS', 'MONTHS', 'QUARTERS', 'YEARS', 'FISCAL_QUARTERS', 'FISCAL_YEARS'].flatMap((unit) => [
  `LAST_N_${unit}`, `NEXT_N_${unit}`, `N_${unit}_AGO`,
]); // prettier-ignore

function period(random: Random): Literal {
  if (random.chance(0.5)) {
    const name = random.pick(plainPeriods);
    return { text: name, value: { period: name, count: undefined } };
  }
  const [name, count] = [random.pick(countedPeriods), random.int(1, 6)];
  return { text: `${name}:${String(count)}`, value: { period: name, count } };
}

function dateLiteral(random: Random, world: World, kind: 'date' | 'datetime'): Literal {
  const rows = world.rows.Opportunity ?? [];
  if (kind === 'date') {
    const day = String(random.pick(rows).CloseDate);
    return { text: day, value: day };
  }
  const moment = Date.parse(String(random.pick(rows).CreatedDate).replace('+0000', 'Z'));
  const iso = new Date(moment).toISOString().slice(0, 19);
  const eastern = new Date(moment - 5 * 3_600_000).toISOString().slice(0, 19);
  const text = random.pick([`${iso}Z`, `${iso}.000Z`, `${eastern}-05:00`, `${iso}.000+00:00`]);
  return { text, value: `${iso}.000+0000` };
}
