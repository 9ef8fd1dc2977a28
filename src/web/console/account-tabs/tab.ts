import type { StaffViewer } from '../../../access/viewer.ts';
import type { Account } from '../../../accounts/accounts.ts';
import type { Standing } from '../../../portfolio/standing.ts';

/** What a tab of an account's profile is asked for. */
export interface TabAsked {
  viewer: StaffViewer;
  account: Account;
  standing: Standing;
  query: Readonly<Record<string, unknown>>;
}

/** A tab of the profile: `views/console/accounts/NAME.ejs` shows what `load` returns. The words of its link are `accounts.tabs.NAME`. */
export interface AccountTab {
  name: string;
  load: (asked: TabAsked) => Promise<object>;
}
