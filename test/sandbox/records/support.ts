import { defineField, defineObject } from '../../../sandbox/salesforce/schema/define.ts';

import type { Org } from '../../../sandbox/salesforce/context.ts';

/** Deploys what the tests of records need: an external id, and an object of our own with a lookup. */
export async function deployFields(org: Org): Promise<void> {
  const external = { name: 'Rapport_Id__c', label: 'Rapport Id', type: 'string', length: 64, externalId: true, unique: true, caseSensitive: true } as const;
  await defineField(org, 'Account', external);
  await defineField(org, 'Contact', external);
  await defineField(org, 'Account', { name: 'Region_Code__c', label: 'Region Code', type: 'string', length: 10, externalId: true });
  await defineField(org, 'Account', { name: 'Health__c', label: 'Health', type: 'picklist', restrictedPicklist: true, picklistValues: [
    { value: 'Good', label: 'In good health', active: true, defaultValue: false },
    { value: 'Poor', label: 'Poor', active: true, defaultValue: false },
  ] });
  await defineField(org, 'Account', { name: 'Score__c', label: 'Score', type: 'double', precision: 3, scale: 0 });
  const nameField = { label: 'License', type: 'autoNumber', displayFormat: 'L-{000000}' } as const;
  await defineObject(org, { name: 'License__c', label: 'License', labelPlural: 'Licenses', nameField });
  await defineField(org, 'License__c', {
    name: 'Account__c', label: 'Account', type: 'reference', referenceTo: ['Account'],
    relationshipName: 'Account__r', childRelationshipName: 'Licenses__r',
  });
} // prettier-ignore
