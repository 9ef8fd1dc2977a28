import { isOfRule } from '../campaigns/definition/goals.ts';
import { taken } from '../campaigns/definition/input.ts';
import { Invalid } from '../platform/errors.ts';
import type { Subject } from '../rules/fields.ts';
import type { Rule } from '../rules/rules.ts';
import { issuesOf } from '../rules/schema.ts';
import { wholeCatalog } from '../segments/catalog.ts';

import { everyStep, limits, type Step, TrackDefinition } from './definition.ts';

/** Takes what somebody wrote; a draft may lack things, but a rule in it is one that can be asked. @throws Invalid, by the place in the definition (`steps.2.then.0.span`), with a locale key */
export async function takenDefinition(input: unknown): Promise<TrackDefinition> {
  if (isTooDeep(input) || JSON.stringify(input).length > limits.characters)
    throw new Invalid({ steps: 'tracks.errors.tooMany' });
  const definition = taken(TrackDefinition, input);
  const catalog = await wholeCatalog();
  const broken = rulesIn(definition).filter(
    ({ rule, entity = 'person' }) => rule !== null && issuesOf(rule, catalog, entity).length > 0,
  );
  if (broken.length > 0)
    throw new Invalid(Object.fromEntries(broken.map(({ path }) => [path, 'tracks.errors.rule'])));
  return definition;
}

/** Every rule of a definition, with where it stands and what it is about, if not people. */
export function rulesIn({ entry, who, exits, goal, steps }: TrackDefinition): AskedRule[] {
  return [
    { path: 'entry.rule', rule: entry.kind === 'rule' ? entry.rule : null },
    { path: 'who', rule: who },
    { path: 'exits.while', rule: exits.while },
    { path: 'goal.rule', ...(goal !== null && isOfRule(goal) ? goal : { rule: null }) },
    ...everyStep(steps).map(({ step, path }) => ({
      path: ['steps', ...path, 'rule'].join('.'),
      rule: ruleOf(step),
    })),
  ];
}

interface AskedRule {
  path: string;
  rule: unknown;
  entity?: Subject;
}

/** What is asked at a step; null where nothing is, or nothing yet. */
export function ruleOf(step: Step): Rule | null {
  if (step.kind === 'branch') return step.rule;
  return step.kind === 'waitFor' && step.awaited.kind === 'rule' ? step.awaited.rule : null;
}

/* Rules nest in steps; both have depths of their own, which are told apart once it is known that none of it is bottomless. */
const DEEPEST = 60;

const isTooDeep = (input: unknown, depth = 0): boolean =>
  typeof input === 'object' &&
  input !== null &&
  (depth > DEEPEST || Object.values(input).some((part) => isTooDeep(part, depth + 1)));
