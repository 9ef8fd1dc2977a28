import type { Request } from 'express';
import { z } from 'zod';

import { type Goal, isOfRule } from '../../campaigns/definition/goals.ts';
import { answerable } from '../../campaigns/definition/triggers.ts';
import { Invalid } from '../../platform/errors.ts';
import { parse } from '../../platform/http/parse.ts';
import { everybody, type Rule } from '../../rules/rules.ts';
import { ruleText } from '../../rules/schema.ts';
import { wholeCatalog } from '../../segments/catalog.ts';

import { builderOf } from './rule-builder.ts';

/** What a goal is about: a rule over the person or the account, or something that happens. */
const abouts = ['person', 'account', 'signal'] as const;

const About = z.object({ entity: z.enum(abouts) });

/** What the fields of a goal are shown with: a campaign's or a message's. */
export async function goalFieldsOf(req: Request, goal: Goal | null) {
  const asked = About.safeParse(req.method === 'POST' ? req.body : req.query);
  const about = asked.success ? asked.data.entity : aboutOf(goal);
  const entity = about === 'signal' ? 'person' : about;
  const rule = goal !== null && isOfRule(goal) && goal.entity === entity ? (goal.rule as Rule) : everybody;
  return {
    goal, abouts, about, rule, builder: builderOf(await wholeCatalog(), entity), signals: answerable,
    signal: goal !== null && !isOfRule(goal) ? goal.signal : '',
  }; // prettier-ignore
}

function aboutOf(goal: Goal | null): (typeof abouts)[number] {
  if (goal === null) return 'person';
  return isOfRule(goal) ? goal.entity : 'signal';
}

const Days = z.coerce
  .number('campaigns.errors.days')
  .int('campaigns.errors.days')
  .min(1, 'campaigns.errors.days')
  .max(365, 'campaigns.errors.days');

const GoalForm = z.object({
  name: z.string().trim().max(120),
  days: Days,
  entity: z.enum(abouts).catch('person'),
});
const Named = z.object({ name: z.string().trim().min(1) });

/** The goal that a form asks for; without a name, and without saying what it is, none. @throws Invalid, by field */
export async function goalFrom(req: Request): Promise<Goal | null> {
  const { name, days, entity } = parse(GoalForm, req.body);
  if (entity === 'signal') {
    const { signal } = parse(
      z.object({ signal: z.union([z.literal(''), z.enum(answerable as [string, ...string[]])]) }),
      req.body,
    );
    if (name === '' && signal === '') return null;
    parse(Named.extend({ signal: z.string().min(1, 'errors.required') }), req.body);
    return { name, days, signal };
  }
  const { rule } = parse(z.object({ rule: ruleText(await wholeCatalog(), entity) }), req.body);
  if (name === '' && JSON.stringify(rule) === JSON.stringify(everybody)) return null;
  parse(Named, req.body);
  if (JSON.stringify(rule) === JSON.stringify(everybody))
    throw new Invalid({ rule: 'campaigns.errors.goalOfAll' });
  return { name, days, entity, rule };
}
