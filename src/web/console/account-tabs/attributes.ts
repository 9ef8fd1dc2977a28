import type { AccountTab } from './tab.ts';

/** What Salesforce holds of the account beside what has a place of its own. */
export const attributesTab: AccountTab = {
  name: 'attributes',
  load: ({ account: { attributes } }) => {
    const fields = Object.entries(attributes)
      .filter(([name, value]) => value !== null && value !== '' && !name.startsWith('Rapport_'))
      .map(([name, value]) => ({ name, value: typeof value === 'string' ? value : JSON.stringify(value) }))
      .sort((one, other) => one.name.localeCompare(other.name));
    return Promise.resolve({ fields });
  },
};
