import type { Request, Response } from 'express';
import { z } from 'zod';

import { hasRole } from '../../access/viewer.ts';
import { messageClasses } from '../../campaigns/definition/policy.ts';
import {
  campaignSettings,
  CampaignSettings,
  changeCampaignSettings,
  type Limits,
} from '../../campaigns/definition/settings.ts';
import { isZone } from '../../campaigns/definition/triggers.ts';
import { channelNames as channels } from '../../channels/channel.ts';
import { Invalid } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { parse } from '../../platform/http/parse.ts';
import { only, type Route, route, staff, staffViewerOf } from '../guards.ts';

import { hour } from './campaign-told.ts';

const page = '/console/settings/campaigns';

/** What counts for all campaigns: caps and quiet hours by message class and channel, and where people are of whom nothing is known. */
export const campaignSettingRoutes: Route[] = [
  route('get', page, staff(), showSettings),
  route('post', `${page}/changes`, only('admin')(), submitting(change, showSettings)),
];

const numbers = [
  'personMessages',
  'personDays',
  'accountMessages',
  'accountDays',
  'quietFrom',
  'quietUntil',
] as const;
type Name = (typeof numbers)[number];
type Numbers = Partial<Record<Name, number | undefined>>;

/** The greatest that each field takes; the least is 1, for hours 0. */
const most: Record<Name, number> = {
  personMessages: 1000, personDays: 365, accountMessages: 1000, accountDays: 365, quietFrom: 23, quietUntil: 23,
}; // prettier-ignore

async function showSettings(req: Request, res: Response): Promise<void> {
  const settings = await campaignSettings();
  const rows = messageClasses.map((messageClass) => ({
    messageClass,
    channels: channels.map((channel) => ({
      channel,
      fields: fieldsOf(settings.limits[messageClass][channel], `${messageClass}-${channel}`),
    })),
  }));
  res.render('console/settings/campaigns', {
    rows, zone: settings.zone, mayChange: hasRole(staffViewerOf(req), 'admin'), zones: Intl.supportedValuesOf('timeZone'),
    hours: [...Array(24).keys()].map((value) => ({ value, label: hour(value) })),
  }); // prettier-ignore
}

function fieldsOf({ personCap, accountCap, quietHours }: Limits, prefix: string) {
  const values: Numbers = {
    personMessages: personCap?.messages, personDays: personCap?.days, accountMessages: accountCap?.messages, accountDays: accountCap?.days,
    quietFrom: quietHours?.from, quietUntil: quietHours?.until,
  }; // prettier-ignore
  return Object.fromEntries(
    numbers.map((name) => [name, { name: `${prefix}-${name}`, value: values[name] }]),
  );
}

async function change(req: Request, res: Response): Promise<void> {
  const { zone } = parse(
    z.object({ zone: z.string().trim().max(64).refine(isZone, 'campaigns.errors.zone') }),
    req.body,
  );
  const body = (req.body ?? {}) as Record<string, unknown>;
  const wrong: Record<string, string> = {};
  const limits = Object.fromEntries(
    messageClasses.map((messageClass) => [
      messageClass,
      Object.fromEntries(
        channels.map((channel) => [channel, limitsOf(body, `${messageClass}-${channel}`, wrong)]),
      ),
    ]),
  );
  if (Object.keys(wrong).length > 0) throw new Invalid(wrong);
  await changeCampaignSettings(req.viewer, CampaignSettings.parse({ limits, zone }));
  flash(res, 'campaigns.settings.saved');
  res.redirect(303, page);
}

/** What is typed of one class and channel; what is wrong with it is added to `wrong`, by field. */
function limitsOf(body: Record<string, unknown>, prefix: string, wrong: Record<string, string>): Limits {
  const typed: Numbers = {};
  for (const name of numbers) {
    const text = z.string().trim().catch('').parse(body[`${prefix}-${name}`]);
    const least = name.startsWith('quiet') ? 0 : 1;
    if (text === '') continue;
    if (/^\d{1,4}$/.test(text) && Number(text) >= least && Number(text) <= most[name])
      typed[name] = Number(text);
    else wrong[`${prefix}-${name}`] = 'campaigns.errors.number';
  }
  const both = (one: Name, other: Name) => {
    if ((typed[one] === undefined) === (typed[other] === undefined)) return;
    wrong[`${prefix}-${typed[one] === undefined ? one : other}`] ??= 'campaigns.errors.halfCap';
  };
  both('personMessages', 'personDays');
  both('accountMessages', 'accountDays');
  both('quietFrom', 'quietUntil');
  const quietHours = pair(typed.quietFrom, typed.quietUntil, (from, until) => ({ from, until }));
  if (quietHours !== null && quietHours.from === quietHours.until)
    wrong[`${prefix}-quietUntil`] = 'campaigns.errors.quietHours';
  const cap = (messages: number, days: number) => ({ messages, days });
  return {
    personCap: pair(typed.personMessages, typed.personDays, cap),
    accountCap: pair(typed.accountMessages, typed.accountDays, cap),
    quietHours,
  };
}

function pair<Made>(
  one: number | undefined,
  other: number | undefined,
  make: (one: number, other: number) => Made,
): Made | null {
  return one === undefined || other === undefined ? null : make(one, other);
}
