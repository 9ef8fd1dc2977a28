import { mature } from './mature.ts';
import { onboarding } from './onboarding.ts';
import { signup } from './signup.ts';
import type { LifecycleTemplate } from './template.ts';

const place = ({ code }: LifecycleTemplate): number => Number(code.slice(2));

/** The twenty lifecycle cases, LM1 to LM20. */
export const lifecycleTemplatesByCode: ReadonlyMap<string, LifecycleTemplate> = new Map(
  [...signup, ...onboarding, ...mature]
    .toSorted((a, b) => place(a) - place(b))
    .map((template) => [template.code, template]),
);
