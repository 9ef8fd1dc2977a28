import type { RawBuilder } from 'kysely';

import { sql } from '../platform/db.ts';

import type { Condition, FieldType, Value } from './rules.ts';

type Test = (value: RawBuilder<unknown>, operand: Operands) => RawBuilder<boolean>;

/** What a condition is compared with, as SQL. */
interface Operands {
  value: Value | undefined;
  today: RawBuilder<unknown>;
}

/**
 * What an operator says of a value: true, false, or null when the value is not known. The condition must have been found
 * askable.
 */
export function test(
  { type, value }: { type: FieldType; value: RawBuilder<unknown> },
  { op, value: operand }: Condition,
  today: string,
): RawBuilder<boolean> {
  const tests: Readonly<Record<string, Test>> = ofType[type];
  return tests[op]?.(value, { value: operand, today: sql`${today}::date` }) ?? sql`null::boolean`;
}

const texts = (value: Value | undefined): string[] => [value].flat().map(String);

/** Upper and lower case are one; PostgreSQL alone decides what the lower case is. */
const lowered = (value: Value | undefined) =>
  sql`array(select lower(each) from unnest(${texts(value)}::text[]) each)`;

/** `%` and `_` are letters, not wildcards. */
const literally = (value: Value | undefined) => String(value).replace(/[\\%_]/g, '\\$&');
const like = (x: RawBuilder<unknown>, pattern: string) =>
  sql<boolean>`(lower(${x}) like lower(${pattern}::text))`;

const whether = {
  known: (x) => sql`(${x} is not null)`,
  unknown: (x) => sql`(${x} is null)`,
} satisfies Record<string, Test>;

const isOneOf: Test = (x, { value }) => sql`(lower(${x}) = any(${lowered(value)}))`;

const text = {
  is: isOneOf,
  isNot: (x, operand) => sql`(not ${isOneOf(x, operand)})`,
  contains: (x, { value }) => like(x, `%${literally(value)}%`),
  containsNot: (x, { value }) => sql`(not ${like(x, `%${literally(value)}%`)})`,
  startsWith: (x, { value }) => like(x, `${literally(value)}%`),
  ...whether,
} satisfies Record<string, Test>;

const choice = {
  is: (x, { value }) => sql`(${x} = any(${texts(value)}::text[]))`,
  isNot: (x, { value }) => sql`(${x} <> all(${texts(value)}::text[]))`,
  ...whether,
} satisfies Record<string, Test>;

/** Comparisons of a number with what is typed; `typed` is SQL of it, in the value's unit. */
const numbers = (typed: (value: unknown) => RawBuilder<unknown>) =>
  ({
    atLeast: (x, { value }) => sql`(${x} >= ${typed(value)})`,
    atMost: (x, { value }) => sql`(${x} <= ${typed(value)})`,
    moreThan: (x, { value }) => sql`(${x} > ${typed(value)})`,
    lessThan: (x, { value }) => sql`(${x} < ${typed(value)})`,
    is: (x, { value }) => sql`(${x} = ${typed(value)})`,
    isNot: (x, { value }) => sql`(${x} <> ${typed(value)})`,
    between: (x, { value }) => {
      const [from, to] = [value].flat();
      return sql`(${x} between ${typed(from)} and ${typed(to)})`;
    },
    ...whether,
  }) satisfies Record<string, Test>;

const day = (value: unknown) => sql`${value}::date`;
const days = (value: unknown) => sql`${value}::int`;

const date = {
  withinPast: (x, { value, today }) => sql`(${x} between ${today} - ${days(value)} and ${today})`,
  withinNext: (x, { value, today }) => sql`(${x} between ${today} and ${today} + ${days(value)})`,
  moreThanAgo: (x, { value, today }) => sql`(${x} < ${today} - ${days(value)})`,
  moreThanAhead: (x, { value, today }) => sql`(${x} > ${today} + ${days(value)})`,
  on: (x, { value }) => sql`(${x} = ${day(value)})`,
  before: (x, { value }) => sql`(${x} < ${day(value)})`,
  after: (x, { value }) => sql`(${x} > ${day(value)})`,
  between: (x, { value }) => {
    const [from, to] = [value].flat();
    return sql`(${x} between ${day(from)} and ${day(to)})`;
  },
  ...whether,
} satisfies Record<string, Test>;

const tags = {
  hasAny: (x, { value }) => sql`(${x} && ${texts(value)}::text[])`,
  hasAll: (x, { value }) => sql`(${x} @> ${texts(value)}::text[])`,
  hasNone: (x, { value }) => sql`(not ${x} && ${texts(value)}::text[])`,
  known: (x) => sql`(cardinality(${x}) > 0)`,
  unknown: (x) => sql`(cardinality(${x}) = 0)`,
} satisfies Record<string, Test>;

const ofType: Record<FieldType, Readonly<Record<string, Test>>> = {
  text,
  choice,
  number: numbers((value) => sql`${value}::numeric`),
  money: numbers((value) => sql`${value}::numeric * 100`),
  date,
  boolean: { is: (x, { value }) => sql`(${x} = ${value}::boolean)`, ...whether },
  tags,
};
