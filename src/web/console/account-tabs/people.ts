import { contactsOf } from '../../../accounts/accounts.ts';

import type { AccountTab } from './tab.ts';

/** Who the account's people are. */
export const peopleTab: AccountTab = {
  name: 'people',
  load: async ({ viewer, account }) => ({ contacts: await contactsOf(viewer, account.id) }),
};
