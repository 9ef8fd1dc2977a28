import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startSandbox } from '../../support/sandbox.ts';
import { packageZip } from '../metadata/package.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';

/*
 * What clients of other makers were seen to send, unmodified, and what they need to find in the answers. `npm run conformance` runs the
 * clients themselves. Seen to work: @salesforce/cli 2.146.3 (@salesforce/core 8.32.6, source-deploy-retrieve 12.37.2), simple-salesforce
 * 1.12.10 (with zeep 4.3.3), force-wsc and force-partner-api 65.0.0 and force-metadata-api 62.0.0, tap-salesforce 2.8.1,
 * SalesforcePy 2.2.1, aiosfstream-ng 0.7.5, jsforce 3.10.
 */
let sandbox: RunningSandbox;
let connection: Connection;

beforeAll(async () => {
  sandbox = await startSandbox();
  connection = await sandbox.connect();
});
afterAll(() => sandbox.close());

interface Sent {
  headers?: Record<string, string>;
  body?: string | FormData | URLSearchParams;
}

async function send(method: string, path: string, { headers = {}, body }: Sent = {}) {
  const answer = await fetch(sandbox.url + path, {
    method,
    headers: { authorization: `Bearer ${String(connection.accessToken)}`, ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  return { status: answer.status, text, type: answer.headers.get('content-type') ?? '', json: () => JSON.parse(text) as unknown };
} // prettier-ignore

const METADATA = 'http://soap.sforce.com/2006/04/metadata';

/** The envelope that jsforce's and Salesforce's own Node clients write: namespaces by default, an empty action. */
const nodeSoap = (operation: string, version = '65.0') =>
  send('POST', `//services/Soap/m/${version}`, {
    headers: { 'content-type': 'text/xml', soapaction: '""' },
    body: `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Header xmlns="${METADATA}"><SessionHeader><sessionId>${String(connection.accessToken)}</sessionId></SessionHeader><CallOptions><client>sfdx toolbelt:</client></CallOptions></soapenv:Header><soapenv:Body xmlns="${METADATA}">${operation}</soapenv:Body></soapenv:Envelope>`,
  });

/** The names of an element's children, in their order. */
function childrenOf(xml: string, name: string): string[] {
  const [, inner = ''] = new RegExp(`<${name}(?: [^>]*)?>([\\s\\S]*?)</${name}>`).exec(xml) ?? [];
  const names: string[] = [];
  let depth = 0;
  for (const [, end, tag = '', closed] of inner.matchAll(/<(\/?)([\w:]+)[^>]*?(\/?)>/g)) {
    if (end === '/') depth -= 1;
    else {
      if (depth === 0) names.push(tag);
      if (closed !== '/') depth += 1;
    }
  }
  return names;
}

const isSorted = (names: string[]) => names.every((name, at) => at === 0 || String(names[at - 1]) <= name);

const zip = packageZip(
  { CustomField: ['Account.Depth__c'] },
  {
    'objects/Account.object':
      '<CustomObject>\n    <fields>\n        <fullName>Depth__c</fullName><label>Depth</label><type>Text</type><length>9</length>\n    </fields>\n</CustomObject>',
  },
);

/** Waits until a deployment is done. */
async function finished(id: string): Promise<string> {
  for (;;) {
    const { text } = await nodeSoap(
      `<checkDeployStatus><asyncProcessId>${id}</asyncProcessId><includeDetails>true</includeDetails></checkDeployStatus>`,
    );
    if (text.includes('<done>true</done>')) return text;
  }
}

describe('@salesforce/cli 2.146.3 with @salesforce/core 8.32.6', () => {
  test('asks below two slashes who is signed in, what org it is, and whether it may make scratch orgs', async () => {
    const json = { 'content-type': 'application/json', 'user-agent': 'sfdx toolbelt:', accept: '*/*' };
    const me = await send('GET', '/services/oauth2/userinfo', { headers: json });
    expect(me.json()).toMatchObject({
      preferred_username: 'admin@rapport.sandbox',
      organization_id: sandbox.org.id,
    });
    const org = await send(
      'GET',
      '//services/data/v68.0/query?q=SELECT%20Name%2C%20InstanceName%2C%20IsSandbox%2C%20TrialExpirationDate%2C%20NamespacePrefix%2C%20OrganizationType%20FROM%20Organization',
      { headers: json },
    );
    expect(org.json()).toMatchObject({
      totalSize: 1,
      records: [{ TrialExpirationDate: null, NamespacePrefix: null }],
    });
    const hub = await send(
      'GET',
      '/services/data/v51.0/query?q=SELECT%20Id%20FROM%20ScratchOrgInfo%20limit%201',
    );
    expect([hub.status, hub.json()]).toMatchObject([400, [{ errorCode: 'INVALID_TYPE' }]]);
  });

  test('learns from a missing SourceMember that the org does not track sources', async () => {
    const answer = await send('GET', '//services/data/v68.0/tooling/sobjects/SourceMember/describe');
    expect([answer.status, answer.json()]).toEqual([
      404,
      [{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }],
    ]);
  });

  test('draws its tables by what columns=true tells, sub-queries and functions among it', async () => {
    const soql = 'SELECT Id, Owner.Name, (SELECT LastName FROM Contacts) FROM Account LIMIT 2';
    const answer = await send('GET', `/services/data/v65.0/query?q=${encodeURIComponent(soql)}&columns=true`);
    expect(answer.json()).toMatchObject({
      entityName: 'Account',
      keyPrefix: '001',
      idSelected: true,
      columnMetadata: [
        { columnName: 'Id', apexType: 'Id', aggregate: false, joinColumns: [] },
        { columnName: 'Owner', aggregate: false, joinColumns: [{ columnName: 'Name', textType: true }] },
        { columnName: 'Contacts', aggregate: true, joinColumns: [{ columnName: 'LastName' }] },
      ],
    });
    const counted = await send(
      'GET',
      `/services/data/v65.0/query?q=${encodeURIComponent('SELECT Industry, COUNT(Id) total FROM Account GROUP BY Industry')}&columns=true`,
    );
    expect(counted.json()).toMatchObject({
      groupBy: true,
      columnMetadata: [{ columnName: 'Industry' }, { columnName: 'total', aggregate: true }],
    });
  });

  test('queries the Tooling API for definitions, code and value sets', async () => {
    const ask = (soql: string) =>
      send('GET', `/services/data/v65.0/tooling/query?q=${encodeURIComponent(soql)}`);
    const fields = await ask(
      "SELECT QualifiedApiName, DataType, EntityDefinition.QualifiedApiName FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Case' AND QualifiedApiName = 'AccountId'",
    );
    expect(fields.json()).toMatchObject({
      records: [{ DataType: 'Lookup(Account)', EntityDefinition: { QualifiedApiName: 'Case' } }],
    });
    for (const name of ['ApexClass', 'ApexTrigger', 'StandardValueSet', 'MetadataComponentDependency'])
      expect((await ask(`SELECT Id FROM ${name}`)).json(), name).toEqual({
        totalSize: 0,
        done: true,
        records: [],
      });
    expect((await ask('SELECT Id FROM SourceMember')).json()).toMatchObject([{ errorCode: 'INVALID_TYPE' }]);
  });
});

describe('@salesforce/source-deploy-retrieve 12.37.2', () => {
  test('deploys over REST with a zip part and a JSON part, and reads the messages of each component', async () => {
    const form = new FormData();
    const options = {
      deployOptions: { rollbackOnError: true, singlePackage: true, testLevel: 'NoTestRun', checkOnly: true },
    };
    form.append('json', new Blob([JSON.stringify(options)], { type: 'application/json' }));
    form.append('file', new Blob([new Uint8Array(zip)], { type: 'application/zip' }), 'package.zip');
    const started = await send('POST', '//services/data/v65.0/metadata/deployRequest', { body: form });
    expect(started.status).toBe(201);
    const { id } = started.json() as { id: string };
    await finished(id);
    const done = await send('GET', `//services/data/v65.0/metadata/deployRequest/${id}?includeDetails=true`);
    expect(done.json()).toMatchObject({
      id,
      validatedDeployRequestId: null,
      deployOptions: { checkOnly: true, testLevel: 'NoTestRun', runTests: null },
      deployResult: {
        status: 'Succeeded', success: true, done: true, checkOnly: true, numberComponentsTotal: 1, errorMessage: null,
        details: {
          componentFailures: [],
          componentSuccesses: [
            { componentType: 'CustomField', fullName: 'Account.Depth__c', created: true, changed: true, fileName: 'objects/Account.object' },
            { componentType: '', fullName: 'package.xml' },
          ],
          runTestResult: { numTestsRun: 0, numFailures: 0 },
        },
      },
    }); // prettier-ignore
    expect(sandbox.org.catalog.find('Account')?.field('Depth__c')).toBeUndefined();
  });

  test('polls over SOAP, lists, and retrieves a zip whose paths start with unpackaged/', async () => {
    const listed = await nodeSoap(
      '<listMetadata><queries><type>CustomObject</type></queries><asOfVersion>65.0</asOfVersion></listMetadata>',
    );
    expect(listed.type).toMatch(/^text\/xml/);
    expect(listed.text).toContain('<fullName>Account</fullName>');
    const started = await nodeSoap(
      `<retrieve><retrieveRequest><apiVersion>65.0</apiVersion><unpackaged><types><members>Account</members><name>CustomObject</name></types><version>65.0</version></unpackaged></retrieveRequest></retrieve>`,
    );
    const [, id = ''] = /<id>(09S\w{15})<\/id>/.exec(started.text) ?? [];
    const answer = await nodeSoap(
      `<checkRetrieveStatus><asyncProcessId>${id}</asyncProcessId><includeZip>true</includeZip></checkRetrieveStatus>`,
    );
    const [, base64 = ''] = /<zipFile>([^<]+)<\/zipFile>/.exec(answer.text) ?? [];
    const files = unzipSync(Buffer.from(base64, 'base64'));
    expect(Object.keys(files).sort()).toEqual([
      'unpackaged/objects/Account.object',
      'unpackaged/package.xml',
    ]);
    expect(strFromU8(files['unpackaged/package.xml'] ?? new Uint8Array())).toContain(
      '<members>Account</members>',
    );
  });
});

describe('simple-salesforce 1.12.10', () => {
  test('signs in by SOAP with a named action and prefixes, and asks below a query with a slash behind it', async () => {
    const login = await send('POST', '/services/Soap/u/59.0', {
      headers: { 'content-type': 'text/xml', charset: 'UTF-8', soapaction: 'login' },
      body: `<?xml version="1.0" encoding="utf-8" ?><env:Envelope xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:env="http://schemas.xmlsoap.org/soap/envelope/" xmlns:urn="urn:partner.soap.sforce.com"><env:Header><urn:CallOptions><urn:client>simple-salesforce</urn:client><urn:defaultNamespace>sf</urn:defaultNamespace></urn:CallOptions></env:Header><env:Body><n1:login xmlns:n1="urn:partner.soap.sforce.com"><n1:username>admin@rapport.sandbox</n1:username><n1:password>sandbox</n1:password></n1:login></env:Body></env:Envelope>`,
    });
    expect(login.text).toMatch(/<sessionId>00D\w{12}![^<]+<\/sessionId>/);
    expect(login.text).toMatch(/<serverUrl>http[^<]+\/services\/Soap\/u\/59.0\/00D\w{12}<\/serverUrl>/);
    const rows = await send('GET', '/services/data/v62.0/query/?q=SELECT+Id%2C+Name+FROM+Organization');
    expect(rows.json()).toMatchObject({ totalSize: 1, done: true });
  });

  test('takes 204 for an update, 201 and 200 for an upsert, and closes a Bulk job that it filled', async () => {
    const json = { headers: { 'content-type': 'application/json' } };
    const path = '/services/data/v62.0/sobjects/Account/';
    const made = await send('POST', path, { ...json, body: '{"Name": "py"}' });
    const { id } = made.json() as { id: string };
    expect([
      made.status,
      (await send('PATCH', path + id, { ...json, body: '{"Phone": "1"}' })).status,
    ]).toEqual([201, 204]);
    const job = await send('POST', '/services/data/v62.0/jobs/ingest', {
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: '{"operation": "insert", "columnDelimiter": "COMMA", "lineEnding": "LF", "object": "Account", "contentType": "CSV"}',
    });
    const { id: jobId, contentUrl } = job.json() as { id: string; contentUrl: string };
    expect(contentUrl).toBe(`services/data/v62.0/jobs/ingest/${jobId}/batches`);
    const put = await send('PUT', `/${contentUrl}`, {
      headers: { 'content-type': 'text/csv; charset=UTF-8' },
      body: 'Name\npy bulk\n',
    });
    expect([put.status, put.text]).toEqual([201, '']);
    const closed = await send('PATCH', `/services/data/v62.0/jobs/ingest/${jobId}`, {
      ...json,
      body: '{"state": "UploadComplete"}',
    });
    expect(closed.json()).toMatchObject({ id: jobId, state: 'UploadComplete' });
  });

  test('deploys to an address with deployRequest behind the version, and through zeep with typed elements', async () => {
    const soap = (path: string, action: string, operation: string) =>
      send('POST', `/services/Soap/m/62.0/${path}`, {
        headers: { 'content-type': 'text/xml', soapaction: action },
        body: `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:met="${METADATA}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Header><met:SessionHeader><met:sessionId>${String(connection.accessToken)}</met:sessionId></met:SessionHeader></soapenv:Header><soapenv:Body>${operation}</soapenv:Body></soapenv:Envelope>`,
      });
    const deployed = await soap(
      'deployRequest',
      'deploy',
      `<met:deploy><met:ZipFile>${zip.toString('base64')}</met:ZipFile><met:DeployOptions><met:checkOnly>true</met:checkOnly><met:rollbackOnError>true</met:rollbackOnError><met:singlePackage>true</met:singlePackage></met:DeployOptions></met:deploy>`,
    );
    const [, id = ''] = /<id>(0Af\w{15})<\/id>/.exec(deployed.text) ?? [];
    expect(await finished(id)).toContain('<status>Succeeded</status>');
    const created = await soap(
      '',
      '""',
      `<met:createMetadata><met:metadata xsi:type="met:CustomField"><met:fullName>Account.PyTwo__c</met:fullName><met:externalId>false</met:externalId><met:label>Two</met:label><met:length>12</met:length><met:type>Text</met:type></met:metadata></met:createMetadata>`,
    );
    expect(created.text).toContain(
      '<result><fullName>Account.PyTwo__c</fullName><success>true</success></result>',
    );
    expect(sandbox.org.catalog.find('Account')?.field('PyTwo__c')?.length).toBe(12);
  });
});

describe('force-wsc and force-partner-api 65.0.0, force-metadata-api 62.0.0', () => {
  test('reads elements by the alphabet, and none that its version does not know', async () => {
    const { text } = await nodeSoap(
      `<deploy><ZipFile>${zip.toString('base64')}</ZipFile><DeployOptions><checkOnly>true</checkOnly><runTests xsi:nil="true"/><testLevel xsi:nil="true"/></DeployOptions></deploy>`,
      '62.0',
    );
    expect(childrenOf(text, 'result')).toEqual(['done', 'id', 'state']);
    const [, id = ''] = /<id>(0Af\w{15})<\/id>/.exec(text) ?? [];
    await finished(id);
    const status = async (version: string) =>
      (
        await nodeSoap(
          `<checkDeployStatus><asyncProcessId>${id}</asyncProcessId><includeDetails>true</includeDetails></checkDeployStatus>`,
          version,
        )
      ).text;
    const older = childrenOf(await status('62.0'), 'result');
    expect(older).not.toContain('numberFiles');
    expect(childrenOf(await status('66.0'), 'result')).toContain('numberFiles');
    expect(isSorted(older)).toBe(true);
    expect(isSorted(childrenOf(await status('62.0'), 'componentSuccesses'))).toBe(true);
  });

  test('reads metadata by its full name first and then by the alphabet, as retrieved files have it', async () => {
    const set = `<PermissionSet><label>Reader</label><description>Reads</description><objectPermissions><object>Account</object><allowRead>true</allowRead><allowCreate>false</allowCreate><allowDelete>false</allowDelete><allowEdit>false</allowEdit><modifyAllRecords>false</modifyAllRecords><viewAllRecords>false</viewAllRecords></objectPermissions></PermissionSet>`;
    const { id } = await connection.metadata.deploy(
      packageZip({ PermissionSet: ['Reader'] }, { 'permissionsets/Reader.permissionset': set }),
      {},
    );
    await finished(id);
    const read = await nodeSoap(
      '<readMetadata><type>PermissionSet</type><fullNames>Reader</fullNames></readMetadata>',
      '62.0',
    );
    expect(childrenOf(read.text, 'records')).toEqual([
      'fullName',
      'description',
      'label',
      'objectPermissions',
    ]);
    expect(isSorted(childrenOf(read.text, 'objectPermissions'))).toBe(true);
    expect(read.text).toContain('xsi:type="PermissionSet"');
  });
});

describe('tap-salesforce 2.8.1 and SalesforcePy 2.2.1', () => {
  test('learn that the first Bulk API is off, in JSON and in XML', async () => {
    const answer = await send('POST', '/services/async/61.0/job', {
      headers: { 'content-type': 'application/json', 'x-sfdc-session': String(connection.accessToken) },
      body: '{"operation": "queryAll", "object": "Account", "contentType": "CSV"}',
    });
    expect([answer.status, answer.json()]).toEqual([
      400,
      { exceptionCode: 'FeatureNotEnabled', exceptionMessage: 'Async API not enabled' },
    ]);
  });

  test('find the day’s quota in a header, and query deleted rows in the order of a replication key', async () => {
    const soql =
      'SELECT Id,SystemModstamp FROM Account WHERE SystemModstamp >= 2020-01-01T00:00:00.000000Z ORDER BY SystemModstamp ASC';
    const answer = await fetch(`${sandbox.url}/services/data/v61.0/queryAll?q=${encodeURIComponent(soql)}`, {
      headers: { authorization: `Bearer ${String(connection.accessToken)}` },
    });
    expect(answer.headers.get('sforce-limit-info')).toMatch(/^api-usage=\d+\/\d+$/);
    expect(await answer.json()).toMatchObject({ done: true });
  });

  test('end their session with a GET', async () => {
    const other = await sandbox.connect();
    const revoked = await fetch(
      `${sandbox.url}/services/oauth2/revoke?token=${encodeURIComponent(String(other.accessToken))}`,
    );
    expect(revoked.status).toBe(200);
    const after = await fetch(`${sandbox.url}/services/data/v62.0/limits`, {
      headers: { authorization: `Bearer ${String(other.accessToken)}` },
    });
    expect(after.status).toBe(401);
  });
});
