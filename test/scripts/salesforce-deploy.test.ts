import { afterAll, beforeAll, expect, test } from 'vitest';

import { packageZip } from '../sandbox/metadata/package.ts';
import { startSalesforce } from '../support/salesforce.ts';

let salesforce: Awaited<ReturnType<typeof startSalesforce>>;

beforeAll(async () => {
  salesforce = await startSalesforce();
});

afterAll(async () => {
  await salesforce.sandbox.close();
});

test('the package gives the org what the sync and the write-back rely on', async () => {
  const { mappings } = salesforce.exchange;
  for (const { sobject, columns } of mappings) {
    const { fields } = await salesforce.org.describe(sobject);
    const names = fields.map(({ name }) => name);
    const wanted = Object.values(columns).map(({ field }) => field);
    expect(names, sobject).toEqual(expect.arrayContaining(wanted.filter((field) => !field.includes('.'))));
  }
  const { fields } = await salesforce.org.describe('Rapport_Insight__c');
  expect(fields.map(({ name }) => name)).toContain('Rapport_Headline__c');
});

test('deploying again changes nothing', async () => {
  const { deployPackage } = await import('../../scripts/salesforce-deploy.ts');
  const before = await salesforce.org.describe('Account');
  expect(await deployPackage()).toBe(salesforce.components);
  expect((await salesforce.org.describe('Account')).fields).toEqual(before.fields);
});

test('a component that Salesforce refuses is named with its reason', async () => {
  const { deployZip } = await import('../../src/platform/salesforce/metadata.ts');
  const field =
    '<fields><fullName>Broken__c</fullName><label>Broken</label><type>Lookup</type><referenceTo>Nowhere__c</referenceTo></fields>';
  const deployed = await deployZip(
    packageZip(
      { CustomField: ['Account.Broken__c'] },
      { 'objects/Account.object': `<CustomObject>${field}</CustomObject>` },
    ),
  );
  expect(deployed.isSuccess).toBe(false);
  expect(deployed.problems[0]).toMatchObject({ type: 'CustomField', name: 'Account.Broken__c' });
  expect(deployed.problems[0]?.reason).not.toBe('');
});
