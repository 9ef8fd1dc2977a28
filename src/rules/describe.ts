import { type Formats, formatsFor } from '../platform/formats.ts';
import { type Translate, translator } from '../platform/words.ts';

import type { Catalog, Field, Parameter } from './fields.ts';
import type { Labels } from './labels.ts';
import {
  type Argument, type Condition, isAll, isAny, isCondition, isNot, isRule, operandOf, partsOf, type Rule, type Value,
} from './rules.ts'; // prettier-ignore

/** With which words a rule is told. */
export interface Telling {
  catalog: Catalog;
  /** What ids and the like are called, from `labelsOf`. */
  labels?: Labels;
  t?: Translate;
  formats?: Pick<Formats, 'number' | 'money' | 'date'>;
}

/** A rule as an English sentence without its full stop: “industry is Retail and open cases at least 2”. */
export function describe(rule: Rule, telling: Telling): string {
  const teller: Teller = {
    labels: new Map(),
    t: translator('en', 'console'),
    formats: formatsFor('en', 'UTC'),
    ...telling,
  };
  return told(rule, teller);
}

type Teller = Required<Telling>;

/** What a condition's field is at present, as people read it. */
export function valueShown(
  value: string | number | boolean | string[] | null,
  { field: name }: Condition,
  { catalog, t, formats, labels }: Teller,
): string {
  const field = catalog.get(name);
  if (value === null || field === undefined) return t('rules.telling.unknown');
  if (typeof value === 'boolean') return t(`rules.telling.${value ? 'yes' : 'no'}`);
  if (field.type === 'money') return formats.money(Number(value));
  const told = [value].flat().map((each) => valueTold(each, field, { catalog, t, formats, labels }));
  return told.length === 0 ? t('rules.telling.nothing') : told.join(', ');
}

function told(rule: Rule, teller: Teller): string {
  if (isAll(rule)) return joined(rule.all, 'and', teller) ?? teller.t('rules.telling.everybody');
  if (isAny(rule)) return joined(rule.any, 'or', teller) ?? teller.t('rules.telling.nobody');
  if (isNot(rule)) return teller.t('rules.telling.not', { rule: inBrackets(rule.not, teller) });
  return conditionTold(rule, teller);
}

const joined = (rules: readonly Rule[], word: 'and' | 'or', teller: Teller): string | undefined => {
  if (rules.length === 0) return undefined;
  const [only, ...others] = rules;
  if (only !== undefined && others.length === 0) return told(only, teller);
  return rules.map((rule) => inBrackets(rule, teller)).join(teller.t(`rules.telling.${word}`));
};

/** A group of one is as good as what it holds. */
const inBrackets = (rule: Rule, teller: Teller): string => {
  const [only, ...others] = isAll(rule) || isAny(rule) ? partsOf(rule) : [];
  return only !== undefined && others.length === 0 ? inBrackets(only, teller) : bracketed(rule, teller);
};

const bracketed = (rule: Rule, teller: Teller): string =>
  isCondition(rule) || isNot(rule)
    ? told(rule, teller)
    : teller.t('rules.telling.group', { rule: told(rule, teller) });

/** One condition as a sentence without its full stop. */
export function conditionTold(condition: Condition, teller: Teller): string {
  const { catalog, t } = teller;
  const field = catalog.get(condition.field);
  const operand = field && operandOf(field.type, condition.op);
  if (field === undefined || operand === undefined)
    return t('rules.telling.gone', { field: condition.field.split('.').at(-1) });
  const values = {
    field: nameOf(field, t),
    comparison: comparison(condition, field, teller),
    ...given(condition, field, teller),
  };
  return t(phraseOf(field, t), values);
}

/** A field with parameters is told in a phrase of its own. */
const phraseOf = ({ name, type }: Field, t: Translate): string => {
  if (t(`fields.phrases.${name}`, { defaultValue: '' }) !== '') return `fields.phrases.${name}`;
  return type === 'boolean' ? 'rules.telling.yesOrNo' : 'rules.telling.condition';
};

/** What a field is called. */
export const nameOf = (field: Pick<Field, 'name' | 'label'>, t: Translate): string =>
  t(`fields.${field.name}`, { defaultValue: field.label ?? field.name });

/** Operators of a text and a choice say the same, and so do those of a number and money. */
const families = { text: 'text', choice: 'text', number: 'number', money: 'number', date: 'date', boolean: 'boolean', tags: 'tags' } as const; // prettier-ignore

function comparison({ op, value }: Condition, field: Field, teller: Teller): string {
  const key = `rules.comparisons.${families[field.type]}.${field.type === 'boolean' && op === 'is' ? String(value) : op}`;
  const values = valuesOf(value).map((each) => valueTold(each, field, teller));
  const [value1, value2] = values;
  return teller.t(key, {
    value: values.join(teller.t('rules.telling.orValue')),
    from: value1,
    to: value2,
    ...(operandOf(field.type, op) === 'days' ? { count: Number(value) } : {}),
  });
}

const valuesOf = (value: Value | undefined): readonly (string | number | boolean)[] =>
  value === undefined ? [] : [value].flat();

function valueTold(value: string | number | boolean, field: Field, { t, formats, labels }: Teller): string {
  if (field.type === 'money') return formats.money(Number(value) * 100);
  if (typeof value === 'number') return formats.number(value);
  if (field.type === 'date') return formats.date(String(value));
  return labels.get(`${field.name} ${String(value)}`) ?? choiceTold(String(value), field, t);
}

/** What a value is called: those that the code knows have words. */
export const choiceTold = (value: string, { choices }: Pick<Field, 'choices'>, t: Translate): string =>
  choices?.includes(value) === true ? t(`fields.choices.${value}`, { defaultValue: value }) : value;

/**
 * What the field's parameters are set to, as parts of its phrase; each begins with a space where something is said. `alsoAction` says
 * nothing where `action` says “anything”.
 */
function given(condition: Condition, { parameters = [] }: Field, teller: Teller): Record<string, string> {
  const parts: Record<string, string> = {};
  for (const parameter of parameters) {
    const { name } = parameter;
    const argument = condition.with?.[name];
    parts[name] = argumentTold({ parameter, field: condition.field }, argument, teller);
    parts[`also${name.charAt(0).toUpperCase()}${name.slice(1)}`] =
      typeof argument === 'string'
        ? teller.t(`rules.parameters.${name}.also`, { value: argument, defaultValue: '' })
        : '';
  }
  return parts;
}

function argumentTold(
  { parameter, field }: { parameter: Parameter; field: string },
  argument: Argument | undefined,
  teller: Teller,
): string {
  const { t, labels } = teller;
  const { name } = parameter;
  if (argument === undefined) return t(`rules.parameters.${name}.absent`, { defaultValue: '' });
  if (isRule(argument)) return t(`rules.parameters.${name}.said`, { rule: inBrackets(argument, teller) });
  const count = typeof argument === 'number' ? argument : undefined;
  const value =
    labels.get(`${field}.${name} ${String(argument)}`) ?? choiceTold(String(argument), parameter, t);
  return t(`rules.parameters.${name}.said`, { value, ...(count === undefined ? {} : { count }) });
}
