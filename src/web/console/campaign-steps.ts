import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';

import { type CampaignChange, changeCampaign, NewCampaign } from '../../campaigns/definition/campaigns.ts';
import { messageClasses } from '../../campaigns/definition/policy.ts';
import { campaignKeys, createCampaignKey, revokeCampaignKey } from '../../campaigns/definition/keys.ts';
import { campaignSettings } from '../../campaigns/definition/settings.ts';
import { answerable, triggerKinds } from '../../campaigns/definition/triggers.ts';
import { channelNames as channels } from '../../channels/channel.ts';
import { topics } from '../../consent/topics.ts';
import { config } from '../../platform/config.ts';
import { NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { parse, uuidOf } from '../../platform/http/parse.ts';
import { segmentsSeenBy } from '../../segments/segments.ts';
import { only, type Route, route, staffViewerOf } from '../guards.ts';

import { type CampaignStep, campaignPage, campaignSteps, unlessConflict } from './campaign-page.ts';
import { policyOf } from './campaign-policy-form.ts';
import { triggerOf } from './campaign-trigger-form.ts';
import { goalFieldsOf, goalFrom } from './goal-form.ts';
import { topicName } from './topic-names.ts';

const page = '/console/campaigns';
const editors = only('csm', 'admin');
const aCampaign = { id: 'staff-thing' } as const;

/** The steps of a campaign that are a form each: what it is, what starts it, whom it spares, what it is for. */
export const campaignStepRoutes: Route[] = [
  ...step('basics', showBasics, basicsOf),
  ...step('when', showWhen, triggerOf),
  ...step('policy', showPolicy, policyOf),
  ...step('goal', showGoal, goalOf),
  route('post', `${page}/:id/keys`, editors(aCampaign), makeKey),
  route(
    'post',
    `${page}/:id/keys/:key/revocations`,
    editors({ ...aCampaign, key: 'staff-thing' }),
    revokeKey,
  ),
  route('post', `${page}/:id/goal/removals`, editors(aCampaign), unlessConflict(removeGoal)),
];

type Show = (req: Request, res: Response) => Promise<void>;

/** A step: its form, and what it changes of the campaign. What cannot be taken is shown again as it was typed. */
function step(name: CampaignStep, show: Show, changeOf: (req: Request) => Promise<CampaignChange>): Route[] {
  const save: RequestHandler = submitting(async (req, res) => {
    await changeCampaign(staffViewerOf(req), uuidOf(req.params.id), await changeOf(req));
    onward(req, res, name);
  }, show);
  return [
    route('get', `${page}/:id/${name}`, editors(aCampaign), show),
    route('post', `${page}/:id/${name}`, editors(aCampaign), unlessConflict(async (req, res) => { await save(req, res, () => undefined); })),
  ]; // prettier-ignore
}

/** After a step: to the next one, or back to it. */
export function onward(req: Request, res: Response, name: CampaignStep | 'rollout'): void {
  const { then } = z.object({ then: z.enum(['next', 'stay']).catch('stay') }).parse(req.body ?? {});
  const next = then === 'next' ? stepAfter(name) : name;
  flash(res, 'campaigns.saved');
  res.redirect(303, `${page}/${uuidOf(req.params.id)}/${next}`);
}

/** Few campaigns go out in cohorts: that page is a part of the policy, and nobody is led through it who does not choose it. */
const stepAfter = (name: CampaignStep | 'rollout'): CampaignStep =>
  campaignSteps[campaignSteps.indexOf(name === 'rollout' ? 'policy' : name) + 1] ?? 'review';

async function showBasics(req: Request, res: Response): Promise<void> {
  const shown = await campaignPage(staffViewerOf(req), uuidOf(req.params.id));
  res.render('console/campaigns/basics', { ...shown, classes: messageClasses, channels });
}

/** Another class takes its topic away: topics are of one class. */
async function basicsOf(req: Request): Promise<CampaignChange> {
  const basics = parse(
    NewCampaign.pick({ name: true, description: true, messageClass: true, channel: true }).strip(),
    req.body,
  );
  const { campaign } = await campaignPage(staffViewerOf(req), uuidOf(req.params.id));
  return basics.messageClass === campaign.messageClass ? basics : { ...basics, topic: null };
}

async function showWhen(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const id = uuidOf(req.params.id);
  const [shown, segments] = await Promise.all([campaignPage(viewer, id), segmentsSeenBy(viewer)]);
  res.render('console/campaigns/when', {
    ...shown, kinds: triggerKinds, signals: answerable, segments: segments.filter(({ isShared }) => isShared),
    zones: Intl.supportedValuesOf('timeZone'), apiExample: exampleCall(id), typed: typedOf(req), keys: await campaignKeys(viewer, id),
    newKey: res.locals.newKey as string | undefined,
  }); // prettier-ignore
}

/** A new key is shown on the page that comes back, and never again. */
async function makeKey(req: Request, res: Response): Promise<void> {
  res.locals.newKey = await createCampaignKey(req.viewer, uuidOf(req.params.id));
  await showWhen(req, res);
}

async function revokeKey(req: Request, res: Response): Promise<void> {
  const id = uuidOf(req.params.id);
  const key = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).safeParse(req.params.key);
  if (!key.success) throw new NotFound();
  await revokeCampaignKey(req.viewer, id, key.data);
  flash(res, 'campaigns.when.revoked');
  res.redirect(303, `${page}/${id}/when`);
}

/** How another system starts a campaign. */
const exampleCall = (id: string): string =>
  [
    `curl -X POST ${config.publicUrl}/v1/campaigns/${id}/runs \\`,
    `  -H 'Authorization: Bearer YOUR_KEY' \\`,
    `  -H 'Idempotency-Key: order-4711' \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '{"people": ["ada@example.com"]}'`,
  ].join('\n');

/** The boxes that were ticked, which a form that is shown again has to tick again. */
function typedOf(req: Request): { weekdays: string[] } | undefined {
  if (req.method !== 'POST' || !req.path.endsWith('/when')) return undefined;
  const { weekdays } = (req.body ?? {}) as { weekdays?: unknown };
  return { weekdays: weekdays === undefined ? [] : [weekdays].flat().map(String) };
}

async function showPolicy(req: Request, res: Response): Promise<void> {
  const [shown, settings, all] = await Promise.all([
    campaignPage(staffViewerOf(req), uuidOf(req.params.id)),
    campaignSettings(),
    topics(),
  ]);
  const { messageClass, channel, topic } = shown.campaign;
  const offered = all.filter(
    (each) => each.messageClass === messageClass && (each.isOffered || each.code === topic),
  );
  res.render('console/campaigns/policy', {
    ...shown, topics: offered.map((each) => ({ ...each, name: topicName(each) })), houseQuiet: settings.limits[messageClass][channel].quietHours,
  }); // prettier-ignore
}

async function showGoal(req: Request, res: Response): Promise<void> {
  const shown = await campaignPage(staffViewerOf(req), uuidOf(req.params.id));
  res.render('console/campaigns/goal', { ...shown, ...(await goalFieldsOf(req, shown.campaign.goal)) });
}

async function goalOf(req: Request): Promise<CampaignChange> {
  return { goal: await goalFrom(req) };
}

async function removeGoal(req: Request, res: Response): Promise<void> {
  const id = uuidOf(req.params.id);
  await changeCampaign(staffViewerOf(req), id, { goal: null });
  flash(res, 'campaigns.goal.removed');
  res.redirect(303, `${page}/${id}/goal`);
}
