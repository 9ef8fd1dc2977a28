import { Invalid } from '../../platform/errors.ts';

import type { Facts } from './facts.ts';
import type { Given, LifecycleParameter, LifecycleTemplate } from './template.ts';

/** What a parameter begins with: itself, or what the data say, which may be nothing. */
export const presetOf = ({ value }: LifecycleParameter, facts: Facts): string =>
  typeof value === 'object' ? (facts[value.from] ?? '') : String(value);

/** What somebody set, and for the rest what each parameter begins with. @throws Invalid, by parameter */
export function givenFor(
  { parameters }: Pick<LifecycleTemplate, 'parameters'>,
  set: Readonly<Record<string, string>>,
  facts: Facts,
): { given: Given; values: Record<string, string> } {
  const values = Object.fromEntries(
    parameters.map((each) => [each.name, (set[each.name] ?? presetOf(each, facts)).trim()]),
  );
  const problems = parameters.flatMap((each) => {
    const key = problemOf(each, values[each.name] ?? '');
    return key === undefined ? [] : [[each.name, key] as const];
  });
  if (problems.length > 0) throw new Invalid(Object.fromEntries(problems));
  return { values, given: givenOf(values) };
}

export const givenOf = (values: Readonly<Record<string, string>>): Given => ({
  text: (name) => values[name] ?? '',
  number: (name) => Number(values[name]),
});

function problemOf(parameter: LifecycleParameter, value: string): string | undefined {
  if (value === '') return parameter.isOptional === true ? undefined : 'errors.required';
  if (value.length > 255) return 'errors.tooLong';
  return isRight[parameter.kind](value, parameter) ? undefined : 'errors.invalid';
}

const isRight: Record<LifecycleParameter['kind'], (value: string, parameter: LifecycleParameter) => boolean> =
  {
    number: (value, { least = 1, most = 999_999 }) => isWhole(value, least, most),
    link: isLink,
    /* What stands in a message as it is must be no template. */
    text: (value) => !/\{[{%]|\[\[|\0/.test(value),
  };

const isWhole = (value: string, least: number, most: number): boolean =>
  /^\d{1,6}$/.test(value) && Number(value) >= least && Number(value) <= most;

/** An address of the web; our own, and the language, may stand in it. */
function isLink(value: string): boolean {
  const told = value
    .replaceAll(/\{\{ (portal\.url|links\.preferences) \}\}/g, 'https://portal.example')
    .replaceAll('[[locale]]', 'en');
  return !/\{[{%]|\[\[/.test(told) && /^https?:$/.test(URL.parse(told)?.protocol ?? '');
}
