import type { Request, Response } from 'express';
import { z } from 'zod';

import type { StaffViewer } from '../../access/viewer.ts';
import { changeCampaign, type ShownCampaign } from '../../campaigns/definition/campaigns.ts';
import { messageFor, sendTest } from '../../campaigns/mailing/test-sends.ts';
import { contentFor } from '../../channels/text-content.ts';
import { copyMessage, type Message, messagesSeenBy, versionSeenBy } from '../../content/messages.ts';
import { Invalid, NotFound, Unavailable } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { parse, uuidOf } from '../../platform/http/parse.ts';
import { isLocale, localeNames } from '../../platform/locale.ts';
import { membersSeenBy } from '../../segments/members.ts';
import { segmentSeenBy } from '../../segments/segments.ts';
import { peopleOfAccount, peopleSeenBy, personSeenBy } from '../../usage/people.ts';
import { only, type Route, route, staff, staffViewerOf } from '../guards.ts';

import { campaignPage, unlessConflict } from './campaign-page.ts';
import { onward } from './campaign-steps.ts';

const page = '/console/campaigns';
const editors = only('csm', 'admin');
const aCampaign = { id: 'staff-thing' } as const;

/** What is sent: the choice of a message, how it looks with somebody's values, what is wrong with it, and a test. */
export const campaignContentRoutes: Route[] = [
  route('get', `${page}/:id/content`, editors(aCampaign), showContent),
  route('post', `${page}/:id/content`, editors(aCampaign), unlessConflict(save)),
  route('post', `${page}/:id/messages`, editors(aCampaign), unlessConflict(beginWithTemplate)),
  route('get', `${page}/:id/message`, staff(aCampaign), showMessage),
  route('post', `${page}/:id/test-sends`, editors(aCampaign), unlessConflict(test)),
];

const Look = z.object({
  locale: z.string().refine(isLocale).optional().catch(undefined),
  variant: z.coerce.number().int().min(0).max(25).catch(0),
  person: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional().catch(undefined),
});

async function showContent(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const [shown, messages, templates] = await Promise.all([
    campaignPage(viewer, uuidOf(req.params.id)),
    messagesSeenBy(viewer, { kind: 'message' }),
    messagesSeenBy(viewer, { kind: 'template' }),
  ]);
  const { campaign } = shown;
  res.render('console/campaigns/content', {
    ...shown, messages: messages.filter((message) => isFor(campaign, message)), templates: templates.filter((template) => isFor(campaign, template)), localeNames,
    look: campaign.messageId === null ? undefined : await lookAt(viewer, campaign, Look.parse(req.query)),
  }); // prettier-ignore
}

/** E-mails are written in MJML or HTML; the other channels show the text of any message. */
const isFor = ({ channel, messageId }: ShownCampaign, { id, format }: Message): boolean =>
  id === messageId || channel !== 'email' || format !== 'text';

/** The chosen message with the values of one person, and what is to be known of it. */
async function lookAt(viewer: StaffViewer, campaign: ShownCampaign, asked: z.infer<typeof Look>) {
  const messageId = campaign.messageId ?? '';
  const { content, problems, version } = await versionSeenBy(viewer, messageId);
  const locale = asked.locale ?? content.defaultLocale;
  const person = await examplePerson(viewer, campaign, asked.person);
  const locales = [...new Set(content.variants.map((each) => each.locale))];
  const variants = content.weights.map((weight, number) => ({
    number,
    weight,
    letter: String.fromCodePoint(65 + number),
  }));
  const common = { locale, locales, variants, variant: asked.variant, person, problems, version };
  if (person === undefined) return common;
  try {
    const made = await messageFor(viewer, { messageId, personId: person.id, locale, variant: asked.variant });
    const query = new URLSearchParams({ locale, variant: String(asked.variant), person: String(person.id) });
    return { ...common, made, frame: `${page}/${campaign.id}/message?${query.toString()}` };
  } catch (error) {
    if (error instanceof Invalid) return { ...common, trouble: error.fields.person };
    throw error;
  }
}

/** Whose values are shown: the person asked for, else somebody of the list, else anybody. */
async function examplePerson(viewer: StaffViewer, { segment }: ShownCampaign, asked: number | undefined) {
  if (asked !== undefined) return await personSeenBy(viewer, asked);
  const member = segment === null ? undefined : await someMember(viewer, segment.id);
  if (member !== undefined) return member;
  const { people } = await peopleSeenBy(viewer, {}, { sort: 'engagement', direction: 'desc', page: 1 });
  return people[0];
}

async function someMember(viewer: StaffViewer, segmentId: string) {
  const list = await segmentSeenBy(viewer, segmentId);
  const order = { sort: list.entity === 'person' ? 'person' : 'name', direction: 'asc' } as const;
  const filter = { search: '', managerId: undefined };
  const { members } = await membersSeenBy(viewer, list, { filter, order, page: 1 });
  const [first] = members;
  if (first === undefined) return undefined;
  if (list.entity === 'person') return await personSeenBy(viewer, Number(first.entityId));
  return (await peopleOfAccount(viewer, first.accountId))[0];
}

const Choice = z.object({
  messageId: z.string().min(1, 'campaigns.content.chooseFirst').pipe(z.guid('campaigns.content.chooseFirst')),
});

const choose = submitting(async (req, res) => {
  await changeCampaign(staffViewerOf(req), uuidOf(req.params.id), parse(Choice, req.body));
  onward(req, res, 'content');
}, showContent);

async function save(req: Request, res: Response): Promise<void> {
  await choose(req, res, () => undefined);
}

/** A message of the campaign's own, which begins as a template. */
async function beginWithTemplate(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const { campaign } = await campaignPage(viewer, uuidOf(req.params.id));
  const { templateId } = parse(z.object({ templateId: z.guid() }), req.body);
  const messageId = await copyMessage(viewer, templateId, campaign.name);
  await changeCampaign(viewer, campaign.id, { messageId });
  flash(res, 'campaigns.content.begun');
  res.redirect(303, `${page}/${campaign.id}/content`);
}

/**
 * A message by itself, as its reader sees it, for the frame of a preview. It is other people's HTML, so the browser is told to run nothing of it
 * and to load nothing but pictures.
 */
async function showMessage(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const { campaign } = await campaignPage(viewer, uuidOf(req.params.id));
  const { locale, variant, person } = Look.parse(req.query);
  if (campaign.messageId === null || person === undefined || locale === undefined) throw new NotFound();
  const made = await messageFor(viewer, {
    messageId: campaign.messageId,
    personId: person,
    locale,
    variant,
  });
  res.setHeader(
    'Content-Security-Policy',
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data: https:; frame-ancestors 'self'; sandbox",
  );
  res.setHeader('X-Frame-Options', 'SAMEORIGIN');
  if (campaign.channel !== 'email') res.type('text/plain; charset=utf-8').send(asText(made));
  else if (made.html === '') res.type('text/plain; charset=utf-8').send(made.text);
  else res.type('html').send(made.html);
}

/** As channels of text show it, its buttons below. */
function asText(made: { subject: string; html: string; text: string }): string {
  const shown = contentFor(made, {});
  if (shown === undefined) return made.text;
  return [shown.text, ...shown.actions.map(({ text, uri }) => `[ ${text} ]  ${uri}`)].join('\n\n');
}

const Test = Look.extend({ to: z.string().trim().max(320).min(1) });

const send = submitting(async (req, res) => {
  const viewer = staffViewerOf(req);
  const { campaign } = await campaignPage(viewer, uuidOf(req.params.id));
  const { to, locale = 'en', variant, person } = parse(Test, req.body);
  const messageId = campaign.messageId ?? '';
  if (messageId === '' || person === undefined) throw new Invalid({ to: 'campaigns.content.chooseFirst' });
  await sendTest(viewer, { messageId, personId: person, locale, variant, to });
  flash(res, 'campaigns.content.tested', { values: { to } });
  res.redirect(303, `${page}/${campaign.id}/content`);
}, showContent);

async function test(req: Request, res: Response): Promise<void> {
  try {
    await send(req, res, () => undefined);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    flash(res, 'campaigns.content.notTested', { kind: 'warning' });
    res.redirect(303, `${page}/${uuidOf(req.params.id)}/content`);
  }
}
