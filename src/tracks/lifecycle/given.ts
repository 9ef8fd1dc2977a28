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

function problemOf(
  { kind, least = 1, most = 1e6, isOptional }: LifecycleParameter,
  value: string,
): string | undefined {
  if (value === '') return isOptional === true ? undefined : 'errors.required';
  if (value.length > 255) return 'errors.tooLong';
  if (kind === 'number') return isWhole(value, least, most) ? undefined : 'errors.invalid';
  if (kind === 'link') return isLink(value) ? undefined : 'errors.invalid';
  /* What stands in a message as it is must be no template. */
  return /\{[{%]|\[\[|\0/.test(value) ? 'errors.invalid' : undefined;
}

const isWhole = (value: string, least: number, most: number): boolean =>
  /^\d{1,6}$/.test(value) && Number(value) >= least && Number(value) <= most;

/** An address of the web; `{{ portal.url }}` and the language may stand in it. */
const isLink = (value: string): boolean =>
  /^https?:$/.test(
    URL.parse(value.replaceAll('{{ portal.url }}', 'https://portal.example').replaceAll('[[locale]]', 'en'))
      ?.protocol ?? '',
  ) && !/\{[{%]/.test(value.replaceAll('{{ portal.url }}', ''));
