import type { Locale } from '../platform/locale.ts';

import { passwordHashOf, saveProfile } from './queries.ts';

/** What people decide of themselves. */
export interface Profile {
  name: string;
  locale: Locale;
  /** IANA name. */
  timeZone: string;
}

export async function changeProfile({ personId }: { personId: string }, profile: Profile): Promise<void> {
  await saveProfile(personId, profile);
}

/** Whether they have a password here; staff who come through Salesforce may have none. */
export async function hasPassword({ personId }: { personId: string }): Promise<boolean> {
  return (await passwordHashOf(personId)) !== undefined;
}
