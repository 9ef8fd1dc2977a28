import { z } from 'zod';

import { keepState, maybeState } from '../salesforce/auth/state.ts';

import type { Db } from '../database.ts';

const share = z.number().min(0).max(1);

/**
 * How SendGrid's stand-in behaves, as the control plane sets it. Shares are of mails that carry custom arguments, for those are the ones whose sender
 * follows them; of the ones delivered, for what their readers do.
 */
const Settings = z.object({
  deferred: share.default(0),
  dropped: share.default(0),
  bounced: share.default(0),
  blocked: share.default(0),
  opened: share.default(0),
  /** Of those opened: by a machine, before anybody looked. */
  machineOpened: share.default(0),
  /** Of those opened by people: a link of the mail is followed. */
  clicked: share.default(0),
  spamReported: share.default(0),
  /** By the header List-Unsubscribe, as mail programs do it. */
  unsubscribed: share.default(0),
  /** How often each post of events comes. */
  copies: z.int().min(1).max(50).default(1),
  /** The share of posts that come late, behind others, their events in another order. */
  reordered: share.default(0),
  /** Until a mail's fate is told, and until its readers do something. */
  delayMs: z.int().min(0).default(0),
  engagementDelayMs: z.int().min(0).default(5_000),
  /** Requests a minute until it answers 429; none for no limit. */
  requestsPerMinute: z.int().min(1).nullable().default(null),
});
export type Settings = z.infer<typeof Settings>;

export const settingsForm = Settings.partial();

const defaults: Settings = Settings.parse({});

export async function settingsOf(db: Db): Promise<Settings> {
  const kept = Settings.safeParse((await maybeState(db, 'sendgrid-settings')) ?? {});
  return kept.success ? kept.data : defaults;
}

/** Changes what is named and leaves the rest. */
export async function changeSettings(db: Db, change: unknown): Promise<Settings> {
  const given = fieldsOf(change);
  const settings = Settings.parse({ ...(await settingsOf(db)), ...given });
  await keepState(db, 'sendgrid-settings', settings);
  return settings;
}

const fieldsOf = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {});
