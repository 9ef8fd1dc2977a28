import { z } from 'zod';

import { hasRole, type Viewer } from '../../access/viewer.ts';
import type { ChannelName } from '../../channels/channel.ts';
import { now } from '../../platform/clock.ts';
import { db } from '../../platform/db.ts';
import { Forbidden } from '../../platform/errors.ts';

import { taken } from './input.ts';
import { Cap, QuietHours } from './policy.ts';
import * as queries from './settings.queries.ts';
import { isZone } from './triggers.ts';

/** What counts for every campaign of a message class on a channel. Null is none. */
export const Limits = z.strictObject({
  personCap: Cap.nullable(),
  accountCap: Cap.nullable(),
  quietHours: QuietHours.nullable(),
});
export type Limits = z.infer<typeof Limits>;

const byChannel = z.strictObject({ email: Limits, chat: Limits, in_app: Limits, push: Limits });

export const CampaignSettings = z.strictObject({
  limits: z.strictObject({ marketing: byChannel, success: byChannel, transactional: byChannel }),
  /** The zone of people of whom nothing says where they are. */
  zone: z.string().max(64).refine(isZone, 'campaigns.errors.zone'),
});
export type CampaignSettings = z.infer<typeof CampaignSettings>;

const none: Limits = { personCap: null, accountCap: null, quietHours: null };
const nights = { from: 21, until: 8 };
const everyChannel = (limits: Limits): Record<ChannelName, Limits> => ({
  email: limits,
  chat: limits,
  /* Shown when somebody is there by themselves. */
  in_app: { ...limits, quietHours: null },
  push: limits,
});

export const deliveredSettings: CampaignSettings = {
  limits: {
    marketing: everyChannel({ personCap: { messages: 3, days: 7 }, accountCap: null, quietHours: nights }),
    success: everyChannel({ personCap: { messages: 5, days: 7 }, accountCap: null, quietHours: nights }),
    transactional: everyChannel(none),
  },
  zone: 'UTC',
};

/** What administrators chose for all campaigns, or what is delivered. */
export async function campaignSettings(): Promise<CampaignSettings> {
  const chosen = CampaignSettings.safeParse(await queries.selectSettings(db));
  return chosen.success ? chosen.data : deliveredSettings;
}

/** @throws Forbidden for whoever is no administrator */
export async function changeCampaignSettings(viewer: Viewer, settings: CampaignSettings): Promise<void> {
  if (viewer.kind !== 'staff' || !hasRole(viewer, 'admin')) throw new Forbidden();
  await queries.saveSettings(taken(CampaignSettings, settings), { by: viewer.personId, at: now() });
}
