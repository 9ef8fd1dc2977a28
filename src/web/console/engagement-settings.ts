import type { Request, Response } from 'express';
import { z } from 'zod';

import { statuses } from '../../licenses/status.ts';
import { Invalid } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { showErrors, submitting } from '../../platform/http/forms.ts';
import { parse } from '../../platform/http/parse.ts';
import { EngagementRules, metrics, stages } from '../../usage/engagement-rules.ts';
import {
  changeEngagementRules, type Effect, engagementSettings, previewEngagementRules,
} from '../../usage/engagement-settings.ts'; // prettier-ignore
import { only, route, staffViewerOf } from '../guards.ts';

const path = '/console/settings/engagement';
const admins = only('admin');

/** What status, stage and engagement follow from; the effect is shown before anything is kept. */
export const engagementSettingRoutes = [
  route('get', path, admins(), (req, res) => show(req, res)),
  route(
    'post',
    path,
    admins(),
    submitting(change, (req, res) => show(req, res)),
  ),
  route(
    'post',
    `${path}/previews`,
    admins(),
    submitting(preview, (req, res) => show(req, res)),
  ),
];

const Form = z.object({
  statusField: z.string().trim().default(''),
  statusMeanings: z.string().max(8_000).default(''),
  graceDays: days(0, 365),
  overTrials: z.enum(['free', 'cancelled', 'unknown']),
  stageField: z.string().trim().default(''),
  stageMeanings: z.string().max(8_000).default(''),
  onboardingDays: days(0, 730),
  metric: z.enum(metrics),
  contractDays: days(30, 1095),
  daily: days(1, 14),
  weekly: days(1, 14),
  occasionally: days(1, 14),
});

function days(least: number, most: number) {
  return z
    .string()
    .trim()
    .regex(/^\d{1,4}$/, 'engagementSettings.errors.days')
    .transform(Number)
    .pipe(
      z.number().min(least, 'engagementSettings.errors.range').max(most, 'engagementSettings.errors.range'),
    );
}

/** @throws Invalid for the field that is wrong */
function rulesOf(body: unknown): EngagementRules {
  const form = parse(Form, body);
  if (!(form.daily > form.weekly && form.weekly > form.occasionally))
    throw new Invalid({ daily: 'engagementSettings.errors.order' });
  const field = (name: 'statusField' | 'stageField') => {
    if (form[name] !== '' && !/^[A-Za-z]\w{0,79}$/.test(form[name]))
      throw new Invalid({ [name]: 'engagementSettings.errors.field' });
    return form[name] === '' ? null : form[name];
  };
  return EngagementRules.parse({
    status: {
      field: field('statusField'),
      meanings: meaningsOf(form.statusMeanings, statuses, 'statusMeanings'),
      graceDays: form.graceDays,
      overTrials: form.overTrials,
    },
    stage: {
      field: field('stageField'),
      meanings: meaningsOf(form.stageMeanings, stages, 'stageMeanings'),
      onboardingDays: form.onboardingDays,
    },
    metric: form.metric,
    contractDays: form.contractDays,
    frequency: { daily: form.daily, weekly: form.weekly, occasionally: form.occasionally },
  });
}

/** Lines such as `Customer = paying`. */
function meaningsOf(
  text: string,
  means: readonly string[],
  field: string,
): { value: string; means: string }[] {
  const lines = text.split('\n').map((line) => line.trim());
  const read = lines
    .filter((line) => line !== '')
    .map((line) => {
      const [, value = '', meaning = ''] = /^(.{1,255}?)\s*=\s*(\w+)$/u.exec(line) ?? [];
      if (!means.includes(meaning.toLowerCase()))
        throw new Invalid({ [field]: `engagementSettings.errors.${field}` });
      return { value: value.trim(), means: meaning.toLowerCase() };
    });
  if (read.length > 50) throw new Invalid({ [field]: 'engagementSettings.errors.tooMany' });
  return read;
}

async function show(req: Request, res: Response, effect?: Effect): Promise<void> {
  const settings = await engagementSettings(staffViewerOf(req));
  res.render('console/settings/engagement', {
    ...settings,
    effect,
    overTrials: ['free', 'cancelled', 'unknown'],
    metrics,
  });
}

async function preview(req: Request, res: Response): Promise<void> {
  const effect = await previewEngagementRules(staffViewerOf(req), rulesOf(req.body));
  showErrors(res, req.body, {});
  res.status(200);
  await show(req, res, effect);
}

async function change(req: Request, res: Response): Promise<void> {
  await changeEngagementRules(staffViewerOf(req), rulesOf(req.body));
  flash(res, 'engagementSettings.saved');
  res.redirect(303, path);
}
