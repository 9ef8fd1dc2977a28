/**
 * The filter language: which accounts or people something is about, as JSON. Health profiles, segments, alerts, tags and insights
 * are written in it (docs/decisions/024).
 */
export type Rule = All | Any | Not | Condition;

/** Holds when every one holds; without any, for everybody. */
export interface All {
  readonly all: readonly Rule[];
}

/** Holds when at least one holds. */
export interface Any {
  readonly any: readonly Rule[];
}

export interface Not {
  readonly not: Rule;
}

/** One question about a field of the catalog: `{ field: 'usage.times', with: { action: 'Restore', days: 14 }, op: 'atLeast', value: 3 }`. */
export interface Condition {
  readonly field: string;
  /** What the field's parameters are set to: the action that is counted, the days looked back, which licenses. */
  readonly with?: Readonly<Record<string, Argument>>;
  readonly op: Operator;
  /** Texts, one or several; numbers; money in major units; calendar dates as YYYY-MM-DD; days. None for `known` and `unknown`. */
  readonly value?: Value;
}

export type Argument = string | number | Rule;
export type Value = string | number | boolean | readonly string[] | readonly number[];

export const fieldTypes = ['text', 'choice', 'number', 'money', 'date', 'boolean', 'tags'] as const;
export type FieldType = (typeof fieldTypes)[number];

/** What a condition is compared with. */
export type Operand =
  'none' | 'text' | 'texts' | 'number' | 'numbers' | 'date' | 'dates' | 'days' | 'boolean';

const numeric = {
  atLeast: 'number', atMost: 'number', moreThan: 'number', lessThan: 'number', is: 'number', isNot: 'number', between: 'numbers',
} as const; // prettier-ignore
const whether = { known: 'none', unknown: 'none' } as const;

/** The operators of each type of field, and what each is given. */
export const operators = {
  text: {
    is: 'texts', isNot: 'texts', contains: 'text', containsNot: 'text', startsWith: 'text', ...whether,
  },
  choice: { is: 'texts', isNot: 'texts', ...whether },
  number: { ...numeric, ...whether },
  money: { ...numeric, ...whether },
  date: {
    withinPast: 'days', withinNext: 'days', moreThanAgo: 'days', moreThanAhead: 'days',
    on: 'date', before: 'date', after: 'date', between: 'dates', ...whether,
  },
  boolean: { is: 'boolean', ...whether },
  tags: { hasAny: 'texts', hasAll: 'texts', hasNone: 'texts', ...whether },
} as const satisfies Record<FieldType, Record<string, Operand>>; // prettier-ignore

type OperatorsOf<T> = T extends unknown ? keyof T : never;
export type Operator = OperatorsOf<(typeof operators)[FieldType]>;

/** What an operator is given; undefined when fields of the type do not have it. */
export function operandOf(type: FieldType, op: string): Operand | undefined {
  const known: Readonly<Record<string, Operand>> = operators[type];
  return Object.hasOwn(known, op) ? known[op] : undefined;
}

export const isAll = (rule: Rule): rule is All => 'all' in rule;
export const isAny = (rule: Rule): rule is Any => 'any' in rule;
export const isNot = (rule: Rule): rule is Not => 'not' in rule;
export const isCondition = (rule: Rule): rule is Condition => 'field' in rule;

/** An argument that is a rule of its own: which of the account's licenses, people, cases. */
export const isRule = (argument: Argument | undefined): argument is Rule => typeof argument === 'object';

/** The rule that everybody meets. */
export const everybody: Rule = { all: [] };

/** The rules directly within one. */
export function partsOf(rule: Rule): readonly Rule[] {
  if (isAll(rule)) return rule.all;
  if (isAny(rule)) return rule.any;
  if (isNot(rule)) return [rule.not];
  return [];
}

/** Every condition of a rule, those about its licenses, people and the like included. */
export function conditionsOf(rule: Rule): Condition[] {
  if (!isCondition(rule)) return partsOf(rule).flatMap(conditionsOf);
  const within = Object.values(rule.with ?? {}).filter(isRule);
  return [rule, ...within.flatMap(conditionsOf)];
}

/** Whether following what each refers to leads from `start` back to it: a segment that asks for itself. */
export function leadsBack(start: string, refersTo: (id: string) => readonly string[]): boolean {
  const seen = new Set<string>();
  const waiting = [...refersTo(start)];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (id === start) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    waiting.push(...refersTo(id));
  }
  return false;
}
