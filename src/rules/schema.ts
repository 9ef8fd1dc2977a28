import { z } from 'zod';

import { type Catalog, type Entity, type Field, maybeAsk, type Parameter } from './fields.ts';
import { type Condition, conditionsOf, type Operand, operandOf, type Rule } from './rules.ts';

/** How large a rule may be. */
export const limits = {
  depth: 6,
  conditions: 100,
  values: 200,
  text: 255,
  days: 3650,
  characters: 50_000,
} as const;

/** What is wrong with a rule, and where: `['all', 1, 'value']`. The key has words under `rules.errors`. */
export interface RuleIssue {
  path: (string | number)[];
  key: string;
}

/** Reads a rule about accounts or people. Its errors are locale keys, each with the path into the rule. */
export const ruleSchema = (catalog: Catalog, entity: Entity): z.ZodType<Rule> =>
  z.unknown().transform((input, context) => {
    const issues = issuesOf(input, catalog, entity);
    for (const { path, key } of issues) context.addIssue({ code: 'custom', path, message: key, input });
    return issues.length === 0 ? (input as Rule) : z.NEVER;
  });

/** The same, as a form sends it: JSON in a field. */
export const ruleText = (catalog: Catalog, entity: Entity): z.ZodType<Rule, string> =>
  z
    .string()
    .max(limits.characters, 'rules.errors.tooLarge')
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'rules.errors.notJson', input: text });
        return z.NEVER;
      }
    })
    .pipe(ruleSchema(catalog, entity));

/** All that is wrong with a rule, at most twenty things; nothing when it can be taken. */
export function issuesOf(input: unknown, catalog: Catalog, entity: Entity): RuleIssue[] {
  const place: Place = { catalog, entity, path: [], depth: 1 };
  const issues = ruleIssues(input, place);
  if (issues.length > 0) return issues.slice(0, 20);
  return conditionsOf(input as Rule).length > limits.conditions ? refused(place, 'tooMany') : [];
}

/** Whether a condition can be asked as it stands, its inner rules apart; a field may have gone or changed its type meanwhile. */
export const isAskable = (condition: Condition, catalog: Catalog, entity: Entity): boolean =>
  conditionIssues({ ...condition }, { catalog, entity, path: [], depth: 1 }).length === 0;

interface Place {
  catalog: Catalog;
  entity: Entity;
  path: (string | number)[];
  depth: number;
}

const under = (place: Place, step: string | number): Place => ({ ...place, path: [...place.path, step] });
const deeper = (place: Place): Place => ({ ...place, depth: place.depth + 1 });

const refused = ({ path }: Place, problem: string): RuleIssue[] => [{ path, key: `rules.errors.${problem}` }];

function ruleIssues(input: unknown, place: Place): RuleIssue[] {
  if (!isObject(input)) return refused(place, 'notARule');
  if (place.depth > limits.depth) return refused(place, 'tooDeep');
  if ('field' in input) return [...conditionIssues(input, place), ...innerIssues(input, place)];
  const [kind, ...others] = Object.keys(input);
  if (kind !== 'all' && kind !== 'any' && kind !== 'not') return refused(place, 'notARule');
  const here = under(place, kind);
  return [
    ...others.flatMap((other) => refused(under(place, other), 'unknownKey')),
    ...(kind === 'not' ? notIssues(input.not, here) : groupIssues(input[kind], here, kind)),
  ];
}

/** “None of these” is one level, though it is written as two. */
const notIssues = (rule: unknown, place: Place): RuleIssue[] =>
  ruleIssues(rule, isObject(rule) && ('all' in rule || 'any' in rule) ? place : deeper(place));

function groupIssues(parts: unknown, place: Place, kind: 'all' | 'any'): RuleIssue[] {
  if (!Array.isArray(parts)) return refused(place, 'notAList');
  if (parts.length === 0 && (kind === 'any' || place.path.length > 1)) return refused(place, 'emptyGroup');
  if (parts.length > limits.conditions) return refused(place, 'tooMany');
  return parts.flatMap((part, i) => ruleIssues(part, deeper(under(place, i))));
}

function conditionIssues(input: Record<string, unknown>, place: Place): RuleIssue[] {
  const unknownKeys = Object.keys(input)
    .filter((key) => !['field', 'with', 'op', 'value'].includes(key))
    .flatMap((key) => refused(under(place, key), 'unknownKey'));
  const field = fieldOf(input, place);
  if (field === undefined) return [...unknownKeys, ...refused(under(place, 'field'), 'unknownField')];
  if (!maybeAsk(place.entity, field)) return refused(under(place, 'field'), 'otherEntity');
  return [
    ...unknownKeys,
    ...argumentIssues(input.with === undefined ? {} : input.with, field, under(place, 'with')),
    ...comparisonIssues(input, field, place),
  ];
}

const fieldOf = ({ field }: Record<string, unknown>, { catalog }: Place): Field | undefined =>
  typeof field === 'string' ? catalog.get(field) : undefined;

function comparisonIssues(input: Record<string, unknown>, field: Field, place: Place): RuleIssue[] {
  const operand = typeof input.op === 'string' ? operandOf(field.type, input.op) : undefined;
  if (operand === undefined) return refused(under(place, 'op'), 'unknownOperator');
  const here = under(place, 'value');
  const issues = valueIssues(input.value, operand, here);
  return issues.length > 0 || operand === 'none' ? issues : choiceIssues(input.value, field.choices, here);
}

function choiceIssues(value: unknown, choices: readonly string[] | undefined, place: Place): RuleIssue[] {
  const chosen: readonly unknown[] = Array.isArray(value) ? value : [value];
  const isStrange = (each: unknown) => !(choices ?? chosen).includes(each);
  return chosen.some(isStrange) ? refused(place, 'notAChoice') : [];
}

function argumentIssues(input: unknown, { parameters = [] }: Field, place: Place): RuleIssue[] {
  if (!isObject(input)) return refused(place, 'notARule');
  const isParameter = (name: string) => parameters.some((parameter) => parameter.name === name);
  return [
    ...Object.keys(input)
      .filter((name) => !isParameter(name))
      .flatMap((name) => refused(under(place, name), 'unknownKey')),
    ...parameters.flatMap((parameter) =>
      argumentIssue(argumentOf(input, parameter), parameter, under(place, parameter.name)),
    ),
  ];
}

const argumentOf = (input: Record<string, unknown>, { name }: Parameter): unknown =>
  Object.hasOwn(input, name) ? input[name] : undefined;

function argumentIssue(argument: unknown, parameter: Parameter, place: Place): RuleIssue[] {
  const { type, choices, isOptional = false } = parameter;
  if (argument === undefined) return isOptional ? [] : refused(place, 'missing');
  if (type === 'rule') return isObject(argument) ? [] : refused(place, 'notARule');
  const issues = valueIssues(argument, type === 'days' ? 'days' : 'text', place);
  return issues.length > 0 ? issues : choiceIssues(argument, choices, place);
}

/** What is wrong within the rules that a condition is given: which licenses, which people. */
function innerIssues(input: Record<string, unknown>, place: Place): RuleIssue[] {
  const given = input.with;
  if (!isObject(given)) return [];
  const here = under(place, 'with');
  return (fieldOf(input, place)?.parameters ?? [])
    .filter(({ type, name }) => type === 'rule' && isObject(given[name]))
    .flatMap(({ name, entity = 'account' }) =>
      ruleIssues(given[name], { ...deeper(under(here, name)), entity }),
    );
}

function valueIssues(value: unknown, operand: Operand, place: Place): RuleIssue[] {
  const problem = problemWith[operand](value);
  return problem === undefined ? [] : refused(place, value === undefined ? 'missing' : problem);
}

type Problem = (value: unknown) => string | undefined;

const text: Problem = (value) => {
  if (typeof value !== 'string') return 'notText';
  if (value === '') return 'missing';
  if (value.length > limits.text) return 'tooLong';
  return value.includes('\0') || !value.isWellFormed() ? 'notText' : undefined;
};

/* Beyond this, a double no longer holds every whole number, nor money its cents. */
const GREATEST = 1e13;
const number: Problem = (value) =>
  typeof value === 'number' && Math.abs(value) <= GREATEST ? undefined : 'notANumber';

const days: Problem = (value) =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= limits.days ? undefined : 'notDays';

const date: Problem = (value) =>
  typeof value === 'string' && /^(19|20|21)\d\d-\d\d-\d\d$/.test(value) && isOfCalendar(value)
    ? undefined
    : 'notADate';

function isOfCalendar(day: string): boolean {
  const at = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
}

const listOf =
  (problem: Problem): Problem =>
  (value) => {
    if (!Array.isArray(value)) return problem(value);
    if (value.length === 0) return 'missing';
    if (value.length > limits.values) return 'tooManyValues';
    return firstProblem(value, problem);
  };

const pairOf =
  (problem: Problem): Problem =>
  (value) => {
    if (!Array.isArray(value) || value.length !== 2) return 'notAPair';
    const [from, to] = value as [string, string] | [number, number];
    return firstProblem(value, problem) ?? (from > to ? 'wrongOrder' : undefined);
  };

const firstProblem = (values: readonly unknown[], problem: Problem): string | undefined =>
  values.map((each) => problem(each ?? null)).find((found) => found !== undefined);

const problemWith: Record<Operand, Problem> = {
  none: (value) => (value === undefined ? undefined : 'noValue'),
  text,
  texts: listOf(text),
  number,
  numbers: pairOf(number),
  date,
  dates: pairOf(date),
  days,
  boolean: (value) => (typeof value === 'boolean' ? undefined : 'notYesOrNo'),
};

const isObject = (input: unknown): input is Record<string, unknown> =>
  typeof input === 'object' && input !== null && !Array.isArray(input);
