import type { z } from 'zod';

import type { Rule } from '../../rules/rules.ts';
import type { Step, TrackDefinition } from '../definition.ts';

import type { Fact } from './facts.ts';
import type { Given, LifecycleParameter } from './template.ts';

/* What the twenty templates are put together from. */

type Definition = z.input<typeof TrackDefinition>;

interface Track extends Pick<Definition, 'messageClass' | 'topic' | 'again' | 'steps'> {
  /** Who enters; asked of people. */
  rule: Rule;
  /** They leave when it no longer holds. */
  while?: Rule;
  /** Asked of the person. */
  goal: { name: string; days: number; rule: Rule };
}

/** A track that people enter by a rule. Whoever reached its goal already enters all the same: their message is about something else. */
export const track = ({ rule, while: holds, goal, ...rest }: Track): Definition => ({
  ...rest,
  entry: { kind: 'rule', rule },
  exits: { atGoal: false, while: holds ?? null },
  goal: { ...goal, entity: 'person' },
});

export const send = (key: string, messageId: string | null): Step => ({
  key,
  kind: 'send',
  channel: 'email',
  messageId,
  sender: 'house',
});

export const wait = (key: string, days: number): Step => ({
  key,
  kind: 'wait',
  span: { amount: days, unit: 'days' },
});

/** `then` for whom a rule holds, nothing for all others. */
export const when = (key: string, rule: Rule, ...then: Step[]): Step => ({
  key,
  kind: 'branch',
  rule,
  then,
  otherwise: [],
});

/** The steps by which somebody comes to the first value, in their order. */
export const activationSteps: readonly LifecycleParameter[] = [1, 2, 3].map((n) => ({
  name: `step${String(n)}`,
  label: `Activation step ${String(n)}`,
  hint: 'As the product calls the action',
  kind: 'text',
  value: { from: `activationStep${String(n)}` as Fact },
  ...(n > 1 && { isOptional: true as const }),
}));

export const stepsOf = (given: Given): string[] =>
  activationSteps.map(({ name }) => given.text(name)).filter((action) => action !== '');

export const moduleOf = (label: string, from: Fact): LifecycleParameter => ({
  name: 'module',
  label,
  hint: 'As the product calls it',
  kind: 'text',
  value: { from },
});

/** Where the button leads: the portal, until somebody says better. */
export const link = (label: string): LifecycleParameter => ({
  name: 'link',
  label,
  hint: 'Where the button of the message leads',
  kind: 'link',
  value: '{{ portal.url }}/[[locale]]/portal',
});

export const daysBefore: LifecycleParameter = {
  name: 'days', label: 'Days before the trial ends', kind: 'number', value: 7, least: 1, most: 30,
}; // prettier-ignore
