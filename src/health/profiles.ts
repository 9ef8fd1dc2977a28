import type { Rule } from '../rules/rules.ts';
import { db } from '../platform/db.ts';

import * as queries from './profiles.queries.ts';
import type { Settings } from './settings.ts';

/** How the accounts that a rule selects are judged (HE12, HE21). */
export interface Profile {
  id: number;
  /** The first profile by position whose rule holds for an account judges it. */
  position: number;
  name: string;
  /** Null: the default, for all that no other profile takes. It is always the last, and always enabled. */
  appliesTo: Rule | null;
  isEnabled: boolean;
  version: number;
  settings: Settings;
}

/** Every profile, in order, the default last. */
export const profiles = (): Promise<Profile[]> => queries.selectProfiles(db);
