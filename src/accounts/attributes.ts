import { MINUTE } from '../platform/clock.ts';
import { keeping } from '../platform/kept.ts';
import { describedFields, fieldTypesOf } from '../platform/salesforce/mirror/described.ts';

import { accountObjects } from './salesforce.ts';

/** An attribute that accounts can be told apart by. */
export interface Attribute {
  name: string;
  label: string;
}

/* Texts of any length, addresses, moments and amounts tell every account from every other: nothing to group by. */
const telling = new Set(['picklist', 'multipicklist', 'combobox', 'boolean', 'string', 'reference', 'int']);

/** Salesforce's own bookkeeping. */
const bookkeeping =
  /^(Id|IsDeleted|MasterRecordId|SystemModstamp|JigsawCompanyId|PhotoUrl|CreatedById|LastModifiedById|Name|.*Street|.*PostalCode)$/;

const mapped = new Set(
  accountObjects
    .filter(({ sobject }) => sobject === 'Account')
    .flatMap(({ columns }) => Object.values(columns).map(({ field }) => field)),
);

/** What accounts can be broken down by beside the columns that Rapport knows: any further attribute, by its label. */
export const tellingAttributes = (): Promise<Attribute[]> =>
  kept({ key: 'Account', version: '' }, findAttributes);

/* Fields come and go with an administrator's work; a minute later is soon enough. */
const kept = keeping<Attribute[]>({ milliseconds: MINUTE, most: 1 });

async function findAttributes(): Promise<Attribute[]> {
  const [types, described] = await Promise.all([fieldTypesOf('Account'), describedFields('Account')]);
  const labels = new Map(described.map(({ name, label }) => [name, label]));
  return Object.entries(types)
    .filter(
      ([name, type]) =>
        telling.has(type) && !mapped.has(name) && !bookkeeping.test(name) && !name.startsWith('Rapport_'),
    )
    .map(([name]) => ({ name, label: labels.get(name) ?? spoken(name) }))
    .sort((one, other) => one.label.localeCompare(other.label));
}

/** `AccountSource` as `Account Source`, `Contract_Tier__c` as `Contract Tier`. */
export const spoken = (name: string): string =>
  name
    .replace(/__c$/, '')
    .replaceAll('_', ' ')
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ');
