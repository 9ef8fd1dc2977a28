import { z } from 'zod';

import { keepState, maybeState } from '../salesforce/auth/state.ts';

import type { Db } from '../database.ts';

const share = z.number().min(0).max(1);

/** How Sunshine's stand-in behaves, as the control plane sets it. Shares are of messages of a business. */
const Settings = z.object({
  /** Could not be delivered. */
  failed: share.default(0),
  /** Of those delivered: read by their recipient, a while later. People who look at `/chat` read whatever this says. */
  read: share.default(0),
  /** How often each post of events comes. */
  copies: z.int().min(1).max(50).default(1),
  delayMs: z.int().min(0).default(0),
  readDelayMs: z.int().min(0).default(5_000),
  /** Requests a second until it answers 429; none for no limit. */
  requestsPerSecond: z.int().min(1).nullable().default(null),
  /** How many messages a conversation holds until it is locked. */
  messagesPerConversation: z.int().min(1).default(30_000),
});
export type Settings = z.infer<typeof Settings>;

export const settingsForm = Settings.partial();

const defaults: Settings = Settings.parse({});

export async function settingsOf(db: Db): Promise<Settings> {
  const kept = Settings.safeParse((await maybeState(db, 'sunshine-settings')) ?? {});
  return kept.success ? kept.data : defaults;
}

/** Changes what is named and leaves the rest. */
export async function changeSettings(db: Db, change: Partial<Settings>): Promise<Settings> {
  const settings = Settings.parse({ ...(await settingsOf(db)), ...change });
  await keepState(db, 'sunshine-settings', settings);
  return settings;
}
