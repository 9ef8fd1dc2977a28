import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { deployFields } from '../records/support.ts';
import { startSandbox } from '../../support/sandbox.ts';
import { without } from '../../../sandbox/without.ts';
import { soapClient } from './client.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let salesforce: Connection;
let soap: ReturnType<typeof soapClient>;

beforeAll(async () => {
  sandbox = await startSandbox();
  salesforce = await sandbox.connect();
  await deployFields(sandbox.org);
  soap = soapClient(salesforce);
});
afterAll(() => sandbox.close());

const create = async (object: string, record: Record<string, unknown>) =>
  String((await salesforce.sobject(object).create(record)).id);
const records = async (soql: string, scanAll = false) => {
  const answer = await salesforce.query<Record<string, unknown>>(soql, { scanAll });
  return answer.records.map((record) => without(record, 'attributes'));
};
interface Made {
  accountId: string;
  contactId: string;
  opportunityId: string;
}
const nothingMade: Made = { accountId: '', contactId: '', opportunityId: '' };

const nextSecond = () => new Promise((resolve) => setTimeout(resolve, 1100 - (Date.now() % 1000)));

// prettier-ignore
describe('the SOAP data API', () => {
  test('saves through the unmodified client, row by row or all or none', async () => {
    const [one, two] = await salesforce.soap.create([{ type: 'Account', Name: 'A', Rapport_Id__c: 's-1' }, { type: 'Account', Phone: '1' }] as never) as never as { id: string; success: boolean; errors: { statusCode: string; fields: string[] }[] }[];
    expect(one).toMatchObject({ success: true, id: expect.stringMatching(/^001\w{15}$/) as string });
    expect(two).toMatchObject({ success: false, errors: [{ statusCode: 'REQUIRED_FIELD_MISSING', fields: ['Name'], message: 'Required fields are missing: [Name]' }] });
    const mixed = await salesforce.soap.upsert('Rapport_Id__c', [{ type: 'Account', Rapport_Id__c: 's-1', Phone: '2', Site: 'x' }, { type: 'Contact', Rapport_Id__c: 'c-1', LastName: 'L', Account: { type: 'Account', Rapport_Id__c: 's-1' } }] as never);
    expect(mixed).toMatchObject([{ created: false, success: true, id: one?.id }, { created: true, success: true }]);
    expect(await records(`SELECT Phone, Site, (SELECT LastName FROM Contacts) FROM Account WHERE Rapport_Id__c = 's-1'`)).toMatchObject([{ Phone: '2', Site: 'x', Contacts: { records: [{ LastName: 'L' }] } }]);
    await salesforce.soap.update({ type: 'Account', Id: one?.id, Phone: null, Site: 'y' } as never);
    expect(await records(`SELECT Phone, Site FROM Account WHERE Rapport_Id__c = 's-1'`)).toEqual([{ Phone: null, Site: 'y' }]);
    const all = await soap('create', '<n:sObjects><o:type>Account</o:type><o:Name>B</o:Name></n:sObjects><n:sObjects><o:type>Account</o:type></n:sObjects>', '<n:AllOrNoneHeader><n:allOrNone>true</n:allOrNone></n:AllOrNoneHeader>');
    expect(all.result).toMatchObject([{ success: 'false', errors: { statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK' } }, { success: 'false', errors: { statusCode: 'REQUIRED_FIELD_MISSING' } }]);
    expect(all.text).toContain('<id xsi:nil="true"/>');
    expect(all.text).toMatch(/<LimitInfoHeader xmlns="urn:partner.soap.sforce.com"><limitInfo><current>\d+<\/current><limit>150000<\/limit><type>API REQUESTS<\/type>/);
  });

  test('writes records as Salesforce does: type, id twice, nulls, parents, children, moments and numbers', async () => {
    const AccountId = await create('Account', { Name: 'R & <D>', NumberOfEmployees: 4, BillingCity: 'Kiel' });
    await create('Contact', { LastName: 'K', AccountId, Email: 'k@r.example' });
    const { text } = await soap('query', `<n:queryString>SELECT Id, Name, Phone, NumberOfEmployees, CreatedDate, BillingAddress, Owner.Name, (SELECT Email FROM Contacts) FROM Account WHERE Id = '${AccountId}'</n:queryString>`);
    expect(text).toContain(`<result xsi:type="QueryResult"><done>true</done><queryLocator xsi:nil="true"/><records xsi:type="sf:sObject"><sf:type>Account</sf:type><sf:Id>${AccountId}</sf:Id><sf:Id>${AccountId}</sf:Id><sf:Name>R &amp; &lt;D&gt;</sf:Name><sf:Phone xsi:nil="true"/><sf:NumberOfEmployees>4</sf:NumberOfEmployees>`);
    expect(text).toMatch(/<sf:CreatedDate>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z<\/sf:CreatedDate>/);
    expect(text).toContain('<sf:BillingAddress xsi:type="address">');
    expect(text).toContain('<sf:Owner xsi:type="sf:sObject"><sf:type>User</sf:type><sf:Id xsi:nil="true"/><sf:Name>Ada Thornton</sf:Name></sf:Owner>');
    expect(text).toContain('<sf:Contacts xsi:type="QueryResult"><done>true</done><queryLocator xsi:nil="true"/><records xsi:type="sf:sObject"><sf:type>Contact</sf:type><sf:Id xsi:nil="true"/><sf:Email>k@r.example</sf:Email></records><size>1</size></sf:Contacts>');
    const counted = await soap('query', `<n:queryString>SELECT COUNT(Id) n, MAX(Name) FROM Account WHERE Id = '${AccountId}'</n:queryString>`);
    expect(counted.text).toContain('<records xsi:type="sf:sObject"><sf:type>AggregateResult</sf:type><sf:Id xsi:nil="true"/><sf:n xsi:type="xsd:int">1</sf:n><sf:expr0 xsi:type="xsd:string">R &amp; &lt;D&gt;</sf:expr0>');
    const enterprise = await soapClient(salesforce, 'c')('retrieve', `<n:fieldList>Id, Name</n:fieldList><n:sObjectType>Account</n:sObjectType><n:ids>${AccountId.slice(0, 15)}</n:ids><n:ids>001000000000000AAA</n:ids>`);
    expect(enterprise.text).toContain(`xmlns="urn:enterprise.soap.sforce.com" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><result xsi:type="sf:Account"><sf:Id>${AccountId}</sf:Id><sf:Name>R &amp; &lt;D&gt;</sf:Name></result><result xsi:nil="true"/>`);
    const typed = await soapClient(salesforce, 'c')('update', `<n:sObjects xsi:type="o:Account"><o:fieldsToNull>BillingCity</o:fieldsToNull><o:Id>${AccountId}</o:Id><o:Name>R&amp;D</o:Name><o:Phone xsi:nil="true"/></n:sObjects>`);
    expect(typed.result).toMatchObject({ id: AccountId, success: 'true' });
    expect(await records(`SELECT Name, BillingCity FROM Account WHERE Id = '${AccountId}'`)).toEqual([{ Name: 'R&D', BillingCity: null }]);
  });

  test('pages through what is found', async () => {
    await salesforce.bulk2.loadAndWaitForResults({ object: 'Lead', operation: 'insert', input: `LastName,Company\n${Array.from({ length: 450 }, (_, at) => `L${at},Paged`).join('\n')}\n`, pollInterval: 50 } as never);
    const options = '<n:QueryOptions><n:batchSize>200</n:batchSize></n:QueryOptions>';
    const first = (await soap('query', `<n:queryString>SELECT LastName FROM Lead WHERE Company = 'Paged'</n:queryString>`, options)).result;
    expect(first).toMatchObject({ done: 'false', size: '450', queryLocator: expect.stringMatching(/^01g\w+-200$/) as string });
    const second = (await soap('queryMore', `<n:queryLocator>${String(first.queryLocator)}</n:queryLocator>`, options)).result;
    const third = (await soap('queryMore', `<n:queryLocator>${String(second.queryLocator)}</n:queryLocator>`, options)).result;
    expect(third).toMatchObject({ done: 'true' });
    expect((third.records as unknown[]).length).toBe(50);
  });

  test('answers mistakes with its faults', async () => {
    const wrong = await soap('query', '<n:queryString>SELECT Foo FROM Account</n:queryString>');
    expect(wrong).toMatchObject({ status: 500, fault: { faultcode: 'sf:INVALID_FIELD', faultstring: expect.stringMatching(/^INVALID_FIELD: \nSELECT Foo FROM Account/) as string, detail: { InvalidFieldFault: { '@type': 'sf:InvalidFieldFault', exceptionCode: 'INVALID_FIELD', row: '1', column: '8' } } } });
    expect((await soap('create', '<n:sObjects><o:type>Nothing</o:type></n:sObjects>')).fault).toMatchObject({ faultcode: 'sf:INVALID_TYPE', detail: { InvalidSObjectFault: { exceptionCode: 'INVALID_TYPE' } } });
    expect((await soap('queryMore', '<n:queryLocator>01gx-1</n:queryLocator>')).fault).toMatchObject({ faultcode: 'sf:INVALID_QUERY_LOCATOR', detail: { InvalidQueryLocatorFault: {} } });
    expect((await soap('delete', '<n:ids>001</n:ids>'.repeat(201))).fault).toMatchObject({ faultcode: 'sf:EXCEEDED_ID_LIMIT' });
    expect((await soap('nothing', '')).fault).toMatchObject({ faultcode: 'soapenv:Client', faultstring: 'No operation available for request {urn:partner.soap.sforce.com}nothing, please check the WSDL for the service.' });
    expect((await soap('query', '<n:queryString>SELECT Id FROM Account</n:queryString>', '', '00D!x')).fault).toMatchObject({ faultcode: 'sf:INVALID_SESSION_ID', detail: { UnexpectedErrorFault: { exceptionCode: 'INVALID_SESSION_ID' } } });
    sandbox.org.limits.dailyMax = 0;
    expect((await soap('getUserInfo', '')).fault).toMatchObject({ faultcode: 'sf:REQUEST_LIMIT_EXCEEDED' });
    sandbox.org.limits.dailyMax = 150_000;
  });

  test('describes, searches, tells the time, and what was changed and deleted', async () => {
    const { fields, ...told } = (await soap('describeSObject', '<n:sObjectType>account</n:sObjectType>')).result as { fields: { name: string }[] };
    expect(told).toMatchObject({ name: 'Account', keyPrefix: '001', mergeable: 'true', urlDetail: expect.stringContaining('{ID}') as string });
    expect(fields.find(({ name }) => name === 'Rapport_Id__c')).toMatchObject({ type: 'string', externalId: 'true', length: '64', soapType: 'xsd:string' });
    const all = (await soap('describeGlobal', '')).result as { maxBatchSize: string; sobjects: { name: string }[] };
    expect(all).toMatchObject({ maxBatchSize: '200' });
    expect(all.sobjects.map(({ name }) => name)).toEqual(expect.arrayContaining(['Account', 'License__c']));
    await create('Account', { Name: 'Findable Ltd' });
    expect((await soap('search', '<n:searchString>FIND {Findable} RETURNING Account(Id, Name)</n:searchString>')).result).toMatchObject({ searchRecords: { record: { type: 'Account', Name: 'Findable Ltd' } } });
    const gone = await create('Task', { Subject: 'gone' });
    const [start, end] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 60_000)].map((each) => each.toISOString());
    expect((await soap('getUpdated', `<n:sObjectType>Task</n:sObjectType><n:startDate>${String(start)}</n:startDate><n:endDate>${String(end)}</n:endDate>`)).result).toMatchObject({ ids: gone });
    await salesforce.soap.delete([gone]);
    expect((await soap('getDeleted', `<n:sObjectType>Task</n:sObjectType><n:startDate>${String(start)}</n:startDate><n:endDate>${String(end)}</n:endDate>`)).result).toMatchObject({ deletedRecords: { id: gone } });
    expect((await salesforce.soap.getUserInfo()).userName).toBe('admin@rapport.sandbox');
    expect(await salesforce.soap.getServerTimestamp()).toMatchObject({ timestamp: expect.stringMatching(/^20/) as string });
  });

  test('takes records out of the recycle bin with their details, and empties it for good', async () => {
    const AccountId = await create('Account', { Name: 'Binned', Rapport_Id__c: 'bin' });
    const contact = await create('Contact', { LastName: 'Along', AccountId });
    expect(await salesforce.soap.delete([AccountId])).toMatchObject([{ id: AccountId, success: true }]);
    expect(await records(`SELECT COUNT(Id) n FROM Contact WHERE Id = '${contact}'`)).toEqual([{ n: 0 }]);
    expect(await salesforce.soap.undelete([AccountId])).toMatchObject([{ id: AccountId, success: true }]);
    expect(await records(`SELECT AccountId FROM Contact WHERE Id = '${contact}'`)).toEqual([{ AccountId }]);
    expect(await salesforce.soap.undelete([AccountId])).toMatchObject([{ success: false, errors: [{ statusCode: 'UNDELETE_FAILED' }] }]);
    await salesforce.soap.delete([AccountId]);
    const taker = await create('Account', { Name: 'Taker', Rapport_Id__c: 'bin' });
    expect(await salesforce.soap.undelete([AccountId])).toMatchObject([{ success: false, errors: [{ statusCode: 'DUPLICATE_VALUE', message: `duplicate value found: Rapport_Id__c duplicates value on record with id: ${taker.slice(0, 15)}` }] }]);
    expect(await salesforce.soap.emptyRecycleBin([AccountId])).toMatchObject([{ id: AccountId, success: true }]);
    expect(await records(`SELECT Id FROM Account WHERE Id = '${AccountId}'`, true)).toEqual([]);
    expect(await records(`SELECT Id FROM Contact WHERE Id = '${contact}'`, true)).toEqual([]);
    expect(await salesforce.soap.emptyRecycleBin([taker])).toMatchObject([{ success: false }]);
  });

  test('merges: losers name their master, children change hands, the winner is touched, and a loser may come back', async () => {
    const account = (Name: string, more = {}) => create('Account', { Name, ...more });
    const [master, loser, other] = [await account('Master'), await account('Loser', { Phone: '9' }), await account('Other')];
    const contact = await create('Contact', { LastName: 'Moved', AccountId: loser });
    const both = await create('Contact', { LastName: 'Both', AccountId: loser });
    await create('AccountContactRelation', { AccountId: master, ContactId: both, Roles: 'Influencer' });
    const [CaseId, opportunity, license] = [
      await create('Case', { Subject: 'S', AccountId: other }),
      await create('Opportunity', { Name: 'O', StageName: 'Prospecting', CloseDate: '2026-12-01', AccountId: loser }),
      await create('License__c', { Account__c: loser }),
    ];
    const child = await account('Child', { ParentId: loser });
    const before = await records(`SELECT SystemModstamp FROM Account WHERE Id = '${master}'`);
    await nextSecond();
    const result = await salesforce.soap.merge([{ masterRecord: { type: 'Account', Id: master, Phone: '9' }, recordToMergeIds: [loser, other] }] as never) as never as { updatedRelatedIds: string[] }[];
    expect(result).toMatchObject([{ id: master, success: true, mergedRecordIds: [loser, other], errors: [] }]);
    expect(result[0]?.updatedRelatedIds).toEqual(expect.arrayContaining([contact, CaseId, opportunity, license, child]));
    expect(await records(`SELECT Id, IsDeleted, MasterRecordId, Phone FROM Account WHERE Id IN ('${master}', '${loser}', '${other}') ORDER BY Id`, true)).toEqual([
      { Id: master, IsDeleted: false, MasterRecordId: null, Phone: '9' },
      { Id: loser, IsDeleted: true, MasterRecordId: master, Phone: '9' },
      { Id: other, IsDeleted: true, MasterRecordId: master, Phone: null },
    ]);
    expect(await records(`SELECT SystemModstamp FROM Account WHERE Id = '${master}'`)).not.toEqual(before);
    expect(await records(`SELECT (SELECT Id FROM Contacts ORDER BY Id), (SELECT Id FROM Cases), (SELECT Id FROM Opportunities), (SELECT Id FROM Licenses__r), (SELECT Id FROM ChildAccounts) FROM Account WHERE Id = '${master}'`)).toMatchObject([
      { Contacts: { totalSize: 2 }, Cases: { totalSize: 1 }, Opportunities: { totalSize: 1 }, Licenses__r: { totalSize: 1 }, ChildAccounts: { totalSize: 1 } },
    ]);
    expect(await records(`SELECT ContactId, IsDirect, Roles FROM AccountContactRelation WHERE AccountId = '${master}' ORDER BY ContactId`)).toEqual([
      { ContactId: contact, IsDirect: true, Roles: null },
      { ContactId: both, IsDirect: true, Roles: 'Influencer' },
    ]);
    expect(await salesforce.soap.undelete([loser])).toMatchObject([{ success: true }]);
    expect(await records(`SELECT MasterRecordId, (SELECT Id FROM Contacts) FROM Account WHERE Id = '${loser}'`)).toEqual([{ MasterRecordId: null, Contacts: null }]);
    const refused = await salesforce.soap.merge([{ masterRecord: { type: 'Account', Id: master }, recordToMergeIds: [master] }, { masterRecord: { type: 'Account', Id: master }, recordToMergeIds: [other] }, { masterRecord: { type: 'Task', Id: master }, recordToMergeIds: [other] }] as never);
    expect(refused).toMatchObject([{ success: false }, { success: false, errors: [{ statusCode: 'ENTITY_IS_DELETED' }] }, { success: false, errors: [{ statusCode: 'INVALID_OPERATION' }] }]);
  });

  test('merges contacts, whose accounts stay related, and whose cases say how to reach the one that stays', async () => {
    const [one, two] = [await create('Account', { Name: 'One' }), await create('Account', { Name: 'Two' })];
    const master = await create('Contact', { LastName: 'M', AccountId: one, Email: 'm@one.example' });
    const loser = await create('Contact', { LastName: 'L', AccountId: two, Email: 'l@two.example' });
    const id = await create('Case', { ContactId: loser });
    expect(await salesforce.soap.merge([{ masterRecord: { type: 'Contact', Id: master }, recordToMergeIds: [loser] }] as never)).toMatchObject([{ success: true }]);
    expect(await records(`SELECT AccountId, IsDirect FROM AccountContactRelation WHERE ContactId = '${master}' ORDER BY AccountId`)).toEqual([{ AccountId: one, IsDirect: true }, { AccountId: two, IsDirect: false }]);
    expect(await records(`SELECT ContactId, ContactEmail FROM Case WHERE Id = '${id}'`)).toEqual([{ ContactId: master, ContactEmail: 'm@one.example' }]);
  });

  test('converts a lead into account, contact and opportunity, and nobody changes it any more', async () => {
    const leadId = await create('Lead', { FirstName: 'Lea', LastName: 'D', Company: 'Leads Ltd', Email: 'lea@leads.example', City: 'Kiel', Industry: 'Energy', LeadSource: 'Web' });
    const task = await create('Task', { Subject: 'Call', WhoId: leadId });
    const refused = await salesforce.soap.convertLead([{ leadId, convertedStatus: 'Nonsense' }] as never);
    expect(refused).toMatchObject([{ success: false, errors: [{ statusCode: 'INVALID_STATUS', message: 'invalid convertedStatus: Nonsense' }] }]);
    const [made = nothingMade] = await salesforce.soap.convertLead([{ leadId, convertedStatus: 'Closed - Converted', opportunityName: 'Deal' }] as never) as never as Made[];
    expect(made).toMatchObject({ success: true, leadId });
    expect(await records(`SELECT IsConverted, Status, ConvertedAccountId, ConvertedContactId, ConvertedOpportunityId FROM Lead WHERE Id = '${leadId}'`)).toEqual([
      { IsConverted: true, Status: 'Closed - Converted', ConvertedAccountId: made.accountId, ConvertedContactId: made.contactId, ConvertedOpportunityId: made.opportunityId },
    ]);
    expect(await records(`SELECT Name, Email, MailingCity, Account.Name, Account.Industry, Account.BillingCity, Account.AccountSource FROM Contact WHERE Id = '${made.contactId}'`)).toMatchObject([{ Name: 'Lea D', Email: 'lea@leads.example', MailingCity: 'Kiel', Account: { Name: 'Leads Ltd', Industry: 'Energy', BillingCity: 'Kiel', AccountSource: 'Web' } }]);
    expect(await records(`SELECT Name, AccountId, StageName, (SELECT ContactId, IsPrimary FROM OpportunityContactRoles) FROM Opportunity WHERE Id = '${made.opportunityId}'`)).toMatchObject([{ Name: 'Deal', AccountId: made.accountId, OpportunityContactRoles: { records: [{ ContactId: made.contactId, IsPrimary: true }] } }]);
    expect(await records(`SELECT WhoId, WhatId FROM Task WHERE Id = '${task}'`)).toEqual([{ WhoId: made.contactId, WhatId: made.opportunityId }]);
    await expect(salesforce.sobject('Lead').update({ Id: leadId, Phone: '1' })).rejects.toMatchObject({ errorCode: 'CANNOT_UPDATE_CONVERTED_LEAD' });
    expect(await salesforce.soap.convertLead([{ leadId, convertedStatus: 'Closed - Converted' }] as never)).toMatchObject([{ success: false, errors: [{ statusCode: 'CANNOT_UPDATE_CONVERTED_LEAD' }] }]);
    const second = await create('Lead', { LastName: 'E', Company: 'Leads Ltd', Phone: '77' });
    const into = await salesforce.soap.convertLead([{ leadId: second, convertedStatus: 'Closed - Converted', accountId: made.accountId, contactId: made.contactId, doNotCreateOpportunity: true }] as never);
    expect(into).toMatchObject([{ success: true, accountId: made.accountId, contactId: made.contactId }]);
    expect(await records(`SELECT LastName, Phone FROM Contact WHERE Id = '${made.contactId}'`)).toEqual([{ LastName: 'D', Phone: '77' }]);
  });

  test('has a WSDL for each API, which knows what was deployed', async () => {
    const wsdl = (query: string, token = String(salesforce.accessToken)) =>
      fetch(`${sandbox.url}/soap/wsdl.jsp${query}`, { redirect: 'manual', headers: { authorization: `Bearer ${token}` } });
    const partner = await (await wsdl('?type=*')).text();
    expect(partner).toContain('<definitions targetNamespace="urn:partner.soap.sforce.com"');
    expect(partner).toContain('<complexType name="sObject"><sequence><element name="type" type="xsd:string"/>');
    expect(partner).toMatch(/<operation name="convertLead"><soap:operation soapAction=""\/>/);
    const enterprise = await (await wsdl('')).text();
    expect(enterprise).toContain('<complexType name="License__c"><complexContent><extension base="ens:sObject">');
    expect(enterprise).toContain('<element name="Account__r" nillable="true" minOccurs="0" type="ens:Account"/>');
    expect(enterprise).toContain('<element name="Licenses__r" nillable="true" minOccurs="0" type="tns:QueryResult"/>');
    expect((await wsdl('', 'nobody')).status).toBe(303);
  });
});
