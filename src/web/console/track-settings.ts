import type { Request, Response } from 'express';
import { z } from 'zod';

import { messageClasses } from '../../campaigns/definition/policy.ts';
import { topics } from '../../consent/topics.ts';
import { Invalid } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { line, parse, uuidOf } from '../../platform/http/parse.ts';
import { TrackPolicy } from '../../tracks/definition.ts';
import { changeTrack } from '../../tracks/tracks.ts';
import { type Route, route, staffViewerOf } from '../guards.ts';

import { capOf } from './campaign-policy-form.ts';
import { goalFieldsOf, goalFrom } from './goal-form.ts';
import { topicName } from './topic-names.ts';
import { aTrack, editors, page, trackPage, unlessConflict } from './track-page.ts';

/** What a track is called, whose consent it needs, whom it spares, and what it is for. */
export const trackSettingsRoutes: Route[] = [
  route('get', `${page}/:id/settings`, editors(aTrack), showSettings),
  route('post', `${page}/:id/settings`, editors(aTrack), unlessConflict(saveSettings)),
  route('get', `${page}/:id/goal`, editors(aTrack), showGoal),
  route('post', `${page}/:id/goal`, editors(aTrack), unlessConflict(saveGoal)),
  route('post', `${page}/:id/goal/removals`, editors(aTrack), unlessConflict(removeGoal)),
];

async function showSettings(req: Request, res: Response): Promise<void> {
  const shown = await trackPage(staffViewerOf(req), uuidOf(req.params.id));
  const { topic } = shown.track.definition;
  const offered = (await topics()).filter((each) => each.isOffered || each.code === topic);
  res.render('console/tracks/settings', {
    ...shown, classes: messageClasses,
    topics: offered.map((each) => ({ value: each.code, label: topicName(each), messageClass: each.messageClass })),
  }); // prettier-ignore
}

const blank = z.literal('').transform(() => undefined);
const maybe = (most: number, error: string) =>
  blank.or(z.string().trim().regex(/^[1-9]\d{0,3}$/, error).transform(Number).pipe(z.number().max(most, error))).optional(); // prettier-ignore
const hour = z.coerce.number().int().min(0).max(23).catch(0);

const Form = z.object({
  name: line(200),
  description: z.string().trim().max(2000).default(''),
  messageClass: z.enum(messageClasses),
  topic: z.string().max(100).default(''),
  personMessages: maybe(1000, 'campaigns.errors.cap'),
  personDays: maybe(365, 'campaigns.errors.days'),
  accountMessages: maybe(1000, 'campaigns.errors.cap'),
  accountDays: maybe(365, 'campaigns.errors.days'),
  waitDays: z.string().trim().regex(/^\d{1,2}$/, 'campaigns.errors.waitDays').transform(Number).pipe(z.number().max(30, 'campaigns.errors.waitDays')),
  quiet: z.enum(['house', 'own', 'none']),
  quietFrom: hour,
  quietUntil: hour,
  holdoutPercent: z.string().trim().regex(/^\d{1,2}([.,]\d{1,2})?$/, 'campaigns.errors.holdout')
    .transform((text) => Number(text.replace(',', '.'))).pipe(z.number().max(50, 'campaigns.errors.holdout')),
  failurePercent: z.string().trim().regex(/^\d{1,3}$/, 'campaigns.errors.percent').transform(Number)
    .pipe(z.number().min(1, 'campaigns.errors.percent').max(100, 'campaigns.errors.percent')),
}); // prettier-ignore

const takeSettings = submitting(async (req, res) => {
  const viewer = staffViewerOf(req);
  const id = uuidOf(req.params.id);
  const { name, description, messageClass, topic, ...form } = parse(Form, req.body);
  if (form.quiet === 'own' && form.quietFrom === form.quietUntil)
    throw new Invalid({ quietUntil: 'campaigns.errors.quietHours' });
  const chosen = (await topics()).find(({ code }) => code === topic);
  if (topic !== '' && chosen?.messageClass !== messageClass)
    throw new Invalid({ topic: 'tracks.errors.topic' });
  const { track } = await trackPage(viewer, id);
  const policy = TrackPolicy.parse({
    personCap: capOf('person', form.personMessages, form.personDays),
    accountCap: capOf('account', form.accountMessages, form.accountDays),
    waitDays: form.waitDays,
    quietHours: form.quiet === 'own' ? { from: form.quietFrom, until: form.quietUntil } : form.quiet,
    holdoutPercent: form.holdoutPercent,
    failurePercent: form.failurePercent,
  });
  const definition = { ...track.definition, messageClass, topic: topic === '' ? null : topic, policy };
  await changeTrack(viewer, id, { name, description, definition });
  flash(res, 'tracks.saved');
  res.redirect(303, `${page}/${id}/settings`);
}, showSettings);

async function saveSettings(req: Request, res: Response): Promise<void> {
  await trackPage(staffViewerOf(req), uuidOf(req.params.id));
  await takeSettings(req, res, () => undefined);
}

async function showGoal(req: Request, res: Response): Promise<void> {
  const shown = await trackPage(staffViewerOf(req), uuidOf(req.params.id));
  res.render('console/tracks/goal', { ...shown, ...(await goalFieldsOf(req, shown.track.definition.goal)) });
}

const takeGoal = submitting(async (req, res) => {
  const viewer = staffViewerOf(req);
  const { track } = await trackPage(viewer, uuidOf(req.params.id));
  await changeTrack(viewer, track.id, { definition: { ...track.definition, goal: await goalFrom(req) } });
  flash(res, 'tracks.saved');
  res.redirect(303, `${page}/${track.id}/goal`);
}, showGoal);

async function saveGoal(req: Request, res: Response): Promise<void> {
  await trackPage(staffViewerOf(req), uuidOf(req.params.id));
  await takeGoal(req, res, () => undefined);
}

async function removeGoal(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const { track } = await trackPage(viewer, uuidOf(req.params.id));
  const { exits } = track.definition;
  const definition = { ...track.definition, goal: null, exits: { ...exits, atGoal: false } };
  await changeTrack(viewer, track.id, { definition });
  flash(res, 'campaigns.goal.removed');
  res.redirect(303, `${page}/${track.id}/goal`);
}
