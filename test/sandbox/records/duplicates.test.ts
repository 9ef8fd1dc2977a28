import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { packageZip } from '../metadata/package.ts';
import { restClient } from '../rest/client.ts';
import { soapClient } from '../soap/client.ts';
import { startSandbox } from '../../support/sandbox.ts';
import { alternativesOf } from '../../../sandbox/salesforce/records/matching.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let salesforce: Connection;
let rest: ReturnType<typeof restClient>;

const control = async (body?: unknown) => {
  const answer = await fetch(`${sandbox.url}/__sandbox__/duplicate-rules`, body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return (await answer.json()) as { name: string; active: boolean }[];
}; // prettier-ignore

beforeAll(async () => {
  sandbox = await startSandbox();
  salesforce = await sandbox.connect();
  rest = restClient(salesforce);
});
afterAll(() => sandbox.close());
beforeEach(() => control({ active: false }));

const allow = { 'Sforce-Duplicate-Rule-Header': 'allowSave=true' };
let at = 0;
/** Somebody with a name of their own. */
const person = () => ({
  FirstName: 'Ida',
  LastName: `Nyberg${String(at++)}`,
  Email: `ida${String(at)}@n.example`,
});
const create = async (object: string, record: Record<string, unknown>) =>
  (await rest<{ id: string }>('POST', `/sobjects/${object}`, { body: record, headers: allow })).body.id;

// prettier-ignore
test('the standard rules of contacts, leads and accounts are there and rest', async () => {
  expect((await control()).map(({ name, active }) => [name, active])).toEqual(expect.arrayContaining([
    ['Standard_Account_Duplicate_Rule', false], ['Standard_Contact_Duplicate_Rule', false], ['Standard_Lead_Duplicate_Rule', false],
  ]));
  const someone = person();
  await create('Contact', someone);
  expect((await rest('POST', '/sobjects/Contact', { body: someone })).status).toBe(201);
});

// prettier-ignore
test('a rule that warns refuses a save through the API in the words of a real org, until the client allows it', async () => {
  await control({ object: 'Contact', active: true });
  const someone = person();
  const id = await create('Contact', someone);
  const refused = await rest('POST', '/sobjects/Contact', { body: { ...someone, FirstName: ' ida ', Phone: '1' } });
  expect(refused.status).toBe(400);
  expect(refused.body).toEqual([{
    duplicateResult: {
      allowSave: true,
      duplicateRule: 'Standard_Contact_Duplicate_Rule',
      duplicateRuleEntityType: 'Contact',
      errorMessage: 'Use one of these records?',
      matchResults: [{
        entityType: 'Contact',
        errors: [],
        matchEngine: 'FuzzyMatchEngine',
        matchRecords: [{ additionalInformation: [], fieldDiffs: [], matchConfidence: 100, record: { attributes: { type: 'Contact', url: `/services/data/v60.0/sobjects/Contact/${id}` }, Id: id } }],
        rule: 'Standard_Contact_Match_Rule_v1_1',
        size: 1,
        success: true,
      }],
    },
    errorCode: 'DUPLICATES_DETECTED',
    message: 'Use one of these records?',
  }]);
  const detailed = await rest<{ duplicateResult: { matchResults: { matchRecords: { record: unknown }[] }[] } }[]>('POST', '/sobjects/Contact', { body: someone, headers: { 'Sforce-Duplicate-Rule-Header': 'allowSave=false, includeRecordDetails=true; runAsCurrentUser=true' } });
  expect(detailed.body[0]?.duplicateResult.matchResults[0]?.matchRecords[0]?.record).toMatchObject({ Id: id, Email: someone.Email, LastName: someone.LastName });
  expect((await rest('POST', '/sobjects/Contact', { body: someone, headers: allow })).status).toBe(201);
  expect((await rest('PATCH', `/sobjects/Contact/${id}`, { body: { Department: 'x' } })).status).toBe(204);
  expect((await rest('PATCH', `/sobjects/Contact/${id}`, { body: { Email: someone.Email.toUpperCase() } })).status).toBe(400);
  expect((await rest('POST', '/sobjects/Contact', { body: { ...someone, FirstName: 'Bo' } })).status).toBe(201);
});

// prettier-ignore
test('collections, composites, Bulk and SOAP tell of it in their own way', async () => {
  await control({ active: true });
  const someone = { LastName: 'Dahl', FirstName: 'Kai', Company: 'Dahl Ltd.', Phone: '+49 (431) 555-1234' };
  await create('Lead', someone);
  const again = { ...someone, Company: 'DAHL', Phone: '0431 5551234' };
  const records = [again, { ...again, FirstName: 'Other' }].map((record) => ({ attributes: { type: 'Lead' }, ...record }));
  expect((await rest('POST', '/composite/sobjects', { body: { records } })).body).toMatchObject([
    { success: false, errors: [{ statusCode: 'DUPLICATES_DETECTED', message: 'Use one of these records?', fields: [], duplicateResult: { duplicateRule: 'Standard_Lead_Duplicate_Rule' } }] },
    { success: true },
  ]);
  expect((await rest('POST', '/composite/sobjects', { body: { records: records.slice(0, 1) }, headers: allow })).body).toMatchObject([{ success: true }]);
  const compositeRequest = [{ method: 'POST', url: '/services/data/v60.0/sobjects/Lead', referenceId: 'a', body: again }];
  expect((await rest('POST', '/composite', { body: { compositeRequest } })).body).toMatchObject({ compositeResponse: [{ httpStatusCode: 400, body: [{ errorCode: 'DUPLICATES_DETECTED', duplicateResult: { allowSave: true } }] }] });
  salesforce.bulk2.pollInterval = 50;
  const { failedResults } = await salesforce.bulk2.loadAndWaitForResults({ object: 'Lead', operation: 'insert', input: `FirstName,LastName,Company,Phone\nKai,Dahl,Dahl,${again.Phone}\n` });
  expect(failedResults).toMatchObject([{ sf__Error: 'DUPLICATES_DETECTED:Use one of these records?: --' }]);
  const soap = soapClient(salesforce);
  const sObjects = '<n:sObjects><o:type>Lead</o:type><o:FirstName>Kai</o:FirstName><o:LastName>Dahl</o:LastName><o:Company>Dahl</o:Company><o:Phone>4315551234</o:Phone></n:sObjects>';
  const refused = await soap('create', sObjects);
  expect(refused.text).toContain('<errors xsi:type="DuplicateError"><message>Use one of these records?</message><statusCode>DUPLICATES_DETECTED</statusCode><duplicateResult><allowSave>true</allowSave><duplicateRule>Standard_Lead_Duplicate_Rule</duplicateRule>');
  expect((await soap('create', sObjects, '<n:DuplicateRuleHeader><n:allowSave>true</n:allowSave></n:DuplicateRuleHeader>')).result).toMatchObject({ success: 'true' });
});

// prettier-ignore
test('a rule that blocks cannot be overridden', async () => {
  await control({ rule: 'Standard_Account_Duplicate_Rule', active: true, action: 'block', message: 'We know them.' });
  const first = { Name: 'Blocked Holding GmbH', BillingCity: 'Kiel', BillingState: 'SH' };
  await create('Account', first);
  expect(await rest('POST', '/sobjects/Account', { body: { ...first, Name: 'blocked-holding' }, headers: allow })).toMatchObject({ status: 400, body: [{ duplicateResult: { allowSave: false }, message: 'We know them.' }] });
  expect((await rest('POST', '/sobjects/Account', { body: { ...first, BillingState: 'HH' }, headers: allow })).status).toBe(201);
  await control({ rule: 'Standard_Account_Duplicate_Rule', active: false, action: 'alert', message: 'Use one of these records?' });
});

// prettier-ignore
test('rules of one\'s own are deployed, across objects too, and find their match among many at once', async () => {
  const matching = '<MatchingRules><matchingRules><fullName>Same_Mail</fullName><label>Same mail</label><matchingRuleItems><blankValueBehavior>NullNotAllowed</blankValueBehavior><fieldName>Email</fieldName><matchingMethod>Exact</matchingMethod></matchingRuleItems><ruleStatus>Active</ruleStatus></matchingRules></MatchingRules>';
  const duplicate = '<DuplicateRule><actionOnInsert>Block</actionOnInsert><actionOnUpdate>Allow</actionOnUpdate><alertText>Already a contact.</alertText><duplicateRuleMatchRules><matchRuleSObjectType>Contact</matchRuleSObjectType><matchingRule>Same_Mail</matchingRule><objectMapping><inputObject>Lead</inputObject><mappingFields><inputField>Email</inputField><outputField>Email</outputField></mappingFields><outputObject>Contact</outputObject></objectMapping></duplicateRuleMatchRules><isActive>true</isActive><masterLabel>Known</masterLabel><operationsOnUpdate>Report</operationsOnUpdate><securityOption>BypassSharingRules</securityOption><sortOrder>1</sortOrder></DuplicateRule>';
  salesforce.metadata.pollInterval = 20;
  const result = await salesforce.metadata.deploy(packageZip({ MatchingRules: ['Contact'], DuplicateRule: ['Lead.Known_Contact'] }, { 'matchingRules/Contact.matchingRule': matching, 'duplicateRules/Lead.Known_Contact.duplicateRule': duplicate }), { rollbackOnError: true }).complete(true);
  expect(result.success).toBe(true);
  const someone = person();
  await create('Contact', someone);
  const rows = Array.from({ length: 3000 }, (_, row) => `Many${String(row)},Co,${row % 1000 === 0 ? someone.Email : `m${String(row)}@x.example`}`);
  salesforce.bulk2.pollInterval = 50;
  const { failedResults, successfulResults } = await salesforce.bulk2.loadAndWaitForResults({ object: 'Lead', operation: 'insert', input: `LastName,Company,Email\n${rows.join('\n')}\n` });
  expect([failedResults.length, successfulResults.length]).toEqual([3, 2997]);
  expect(failedResults[0]?.sf__Error).toBe('DUPLICATES_DETECTED:Already a contact.: --');
  await salesforce.metadata.delete('DuplicateRule', 'Lead.Known_Contact');
  await expect(create('Lead', { LastName: 'Free', Company: 'Co', Email: someone.Email })).resolves.toMatch(/^00Q/);
});

test('the logic of a matching rule is taken apart into what must hold together', () => {
  expect(alternativesOf('1 AND (2 OR (3 AND 4)) OR 5', 5)).toEqual([[1, 2], [1, 3, 4], [5]]);
  expect(alternativesOf('', 2)).toEqual([[1, 2]]);
});
