import type { Request } from 'express';
import { z } from 'zod';

import { type CampaignChange, campaignSeenBy } from '../../campaigns/definition/campaigns.ts';
import { type Cap, Policy, type Trial } from '../../campaigns/definition/policy.ts';
import { winnerMeasures } from '../../campaigns/results/variants.ts';
import { Invalid } from '../../platform/errors.ts';
import { parse, uuidOf } from '../../platform/http/parse.ts';
import { staffViewerOf } from '../guards.ts';

const blank = z.literal('').transform(() => undefined);

/** A whole number of a field that may be empty. */
const maybe = (least: number, most: number, error: string) =>
  blank.or(z.string().trim().regex(/^\d{1,6}$/, error).transform(Number).pipe(z.number().min(least, error).max(most, error))).optional(); // prettier-ignore

/** One that must be filled in. */
const whole = (least: number, most: number) =>
  z.string().trim().regex(/^\d{1,3}$/, 'campaigns.errors.percent').transform(Number)
    .pipe(z.number().min(least, 'campaigns.errors.percent').max(most, 'campaigns.errors.percent')); // prettier-ignore

const hour = z.coerce.number().int().min(0).max(23).catch(0);

const Form = z.object({
  topic: z.string().max(100).default(''),
  again: z.enum(['never', 'days', 'always']),
  againDays: maybe(1, 730, 'campaigns.errors.days'),
  waitDays: maybe(0, 30, 'campaigns.errors.waitDays'),
  personMessages: maybe(1, 1000, 'campaigns.errors.cap'),
  personDays: maybe(1, 365, 'campaigns.errors.days'),
  accountMessages: maybe(1, 1000, 'campaigns.errors.cap'),
  accountDays: maybe(1, 365, 'campaigns.errors.days'),
  quiet: z.enum(['house', 'own', 'none']),
  quietFrom: hour,
  quietUntil: hour,
  holdoutPercent: z
    .string()
    .trim()
    .regex(/^\d{1,2}([.,]\d{1,2})?$/, 'campaigns.errors.holdout')
    .transform((text) => Number(text.replace(',', '.')))
    .pipe(z.number().max(50, 'campaigns.errors.holdout')),
  trial: z.enum(['all', 'share']).default('all'),
  trialPercent: maybe(5, 90, 'campaigns.errors.trialPercent'),
  trialHours: maybe(1, 168, 'campaigns.errors.trialHours'),
  trialBy: z.enum(winnerMeasures).catch('clicked'),
  tolerancePercent: whole(0, 100),
  failurePercent: whole(1, 100),
});

/** What the step about consent, caps and quiet hours changes. @throws Invalid by field */
export async function policyOf(req: Request): Promise<CampaignChange> {
  const form = parse(Form, req.body);
  const rollout = await rolloutOf(req);
  const { topic, waitDays, holdoutPercent, tolerancePercent, failurePercent } = form;
  if (form.again === 'days' && form.againDays === undefined)
    throw new Invalid({ againDays: 'campaigns.errors.days' });
  if (form.quiet === 'own' && form.quietFrom === form.quietUntil)
    throw new Invalid({ quietUntil: 'campaigns.errors.quietHours' });
  const policy = Policy.parse({
    again: form.again === 'days' ? form.againDays : form.again,
    personCap: capOf('person', form.personMessages, form.personDays),
    accountCap: capOf('account', form.accountMessages, form.accountDays),
    waitDays: waitDays ?? 0,
    quietHours: form.quiet === 'own' ? { from: form.quietFrom, until: form.quietUntil } : form.quiet,
    trial: trialOf(form, rollout), holdoutPercent, tolerancePercent, failurePercent, rollout,
  }); // prettier-ignore
  return { topic: topic === '' ? null : topic, policy };
}

/** Its rollout is a step of its own, and stays as it is. */
const rolloutOf = async (req: Request): Promise<Policy['rollout']> =>
  (await campaignSeenBy(staffViewerOf(req), uuidOf(req.params.id))).policy.rollout ?? null;

/** @throws Invalid where a trial is wanted and a number of it is missing, or the run goes out in cohorts */
function trialOf(
  { trial, trialPercent, trialHours, trialBy }: z.infer<typeof Form>,
  rollout: Policy['rollout'],
): Trial | null {
  if (trial === 'all') return null;
  if (rollout !== null) throw new Invalid({ trial: 'campaigns.errors.trialAndRollout' });
  if (trialPercent === undefined) throw new Invalid({ trialPercent: 'campaigns.errors.trialPercent' });
  if (trialHours === undefined) throw new Invalid({ trialHours: 'campaigns.errors.trialHours' });
  return { percent: trialPercent, hours: trialHours, by: trialBy };
}

/** Both of a cap's numbers, or none: half a cap is a slip. @throws Invalid */
export function capOf(prefix: string, messages: number | undefined, days: number | undefined): Cap | null {
  if (messages === undefined && days === undefined) return null;
  if (messages === undefined) throw new Invalid({ [`${prefix}Messages`]: 'campaigns.errors.halfCap' });
  if (days === undefined) throw new Invalid({ [`${prefix}Days`]: 'campaigns.errors.halfCap' });
  return { messages, days };
}
