import { contactsOf } from '../../../accounts/accounts.ts';
import { type Person, peopleOfAccount } from '../../../usage/people.ts';

import { hoursOf } from './spoken.ts';
import type { AccountTab } from './tab.ts';

/** Who the account's people are, whoever uses the product most first (AP4, AP12); contacts of other accounts that work with it, too. */
export const peopleTab: AccountTab = {
  name: 'people',
  load: async ({ viewer, account }) => {
    const [people, contacts] = await Promise.all([
      peopleOfAccount(viewer, account.id),
      contactsOf(viewer, account.id),
    ]);
    const known = new Set(people.map(({ contactId }) => contactId));
    return {
      people,
      contacts: contacts.filter(({ id }) => !known.has(id)),
      phones: Object.fromEntries(contacts.map(({ id, phone, roles }) => [id, { phone, roles }])),
      summary: summaryOf(people),
      hoursOf,
    };
  },
};

const summaryOf = (people: readonly Person[]) => ({
  active: people.filter(({ daysActive }) => daysActive > 0).length,
  quiet: people.filter(({ daysActive, lastActiveOn }) => daysActive === 0 && lastActiveOn !== null).length,
  never: people.filter(({ firstActiveOn }) => firstActiveOn === null).length,
  strangers: people.filter(({ contactId }) => contactId === null).length,
});
