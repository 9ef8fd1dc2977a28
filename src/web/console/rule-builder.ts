import { type Locale } from '../../platform/locale.ts';
import { type Translate, translator } from '../../platform/words.ts';
import { choiceTold, nameOf } from '../../rules/describe.ts';
import type { Catalog, Entity, Field, Parameter } from '../../rules/fields.ts';
import { fieldTypes, operators } from '../../rules/rules.ts';

/** What the component `rule-builder` shows: the catalog of a rule in words. */
export interface Builder {
  entity: Entity;
  fields: object[];
  operators: Record<string, { op: string; label: string; operand: string }[]>;
  /** What the script says. */
  words: Record<string, string>;
}

const words = [
  'everybody', 'counting', 'failed', 'condition', 'group', 'ofWhole', 'added', 'removed', 'duplicated', 'moved', 'blank', 'value', 'values',
  'from', 'to', 'and', 'days', 'yes', 'no', 'typeValue', 'removeValue', 'valueAdded', 'valueRemoved', 'found', 'noneFound', 'only', 'addOnly',
  'dropOnly', 'invalidJson',
]; // prettier-ignore

/** The catalog as the component `rule-builder` needs it, for rules about accounts or people. */
export function builderOf(catalog: Catalog, entity: Entity, locale: Locale = 'en'): Builder {
  const t = translator(locale, 'console');
  return {
    entity,
    words: Object.fromEntries(words.map((name) => [name, t(`rules.builder.words.${name}`)])),
    fields: [...catalog.values()].map((field) => fieldInWords(field, t)),
    operators: Object.fromEntries(
      fieldTypes.map((type) => [
        type,
        Object.entries(operators[type]).map(([op, operand]) => ({
          op,
          operand,
          label: t(`rules.operators.${families[type]}.${op}`),
        })),
      ]),
    ),
  };
}

const families = { text: 'text', choice: 'text', number: 'number', money: 'number', date: 'date', boolean: 'boolean', tags: 'tags' } as const; // prettier-ignore

function fieldInWords(field: Field, t: Translate): object {
  const { name, entity, type, group, isKnown, parameters = [] } = field;
  return {
    name,
    entity,
    type,
    isKnown,
    group: t(`fields.groups.${group}`, { defaultValue: group }),
    label: capitalized(nameOf(field, t)),
    choices: choicesInWords(field, t),
    offers: field.offers !== undefined,
    parameters: parameters.map((parameter) => parameterInWords(parameter, t)),
  };
}

function parameterInWords(parameter: Parameter, t: Translate): object {
  const { name, type, entity, isOptional, preset } = parameter;
  return {
    name,
    type,
    entity,
    isOptional,
    preset,
    label: t(`rules.parameters.${name}.label`, { defaultValue: capitalized(name) }),
    anything: isOptional ? t(`rules.parameters.${name}.anything`, { defaultValue: '' }) : undefined,
    choices: choicesInWords(parameter, t),
    offers: parameter.offers !== undefined,
  };
}

const choicesInWords = (one: Pick<Field, 'choices'>, t: Translate) =>
  one.choices?.map((value) => ({ value, label: capitalized(choiceTold(value, one, t)) }));

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
