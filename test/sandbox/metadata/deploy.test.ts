import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startSandbox } from '../../support/sandbox.ts';

import { accountFields, badgeObject, packageZip, permissionSet, wholePackage } from './package.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let connection: Connection;

beforeAll(async () => {
  sandbox = await startSandbox();
  connection = await sandbox.connect();
  connection.metadata.pollInterval = 50;
});
afterAll(() => sandbox.close());

const deploy = (zip: Buffer, options = {}) => connection.metadata.deploy(zip, options).complete(true);
const catalog = (object: string, field: string) => sandbox.org.catalog.find(object)?.field(field);

/** The problems of a failed deployment by file. */
async function problems(zip: Buffer, options = { rollbackOnError: true }): Promise<string[]> {
  const result = await deploy(zip, options);
  expect(result.success).toBe(false);
  return result.details.componentFailures.map((each) => `${each.fileName}: ${each.problem ?? ''}`);
}

test('a check changes nothing, and can be deployed afterwards', async () => {
  const checked = await deploy(wholePackage, { checkOnly: true });
  expect(checked).toMatchObject({ success: true, checkOnly: true, status: 'Succeeded' });
  expect(sandbox.org.catalog.find('Badge__c')).toBeUndefined();
  const id = await connection.metadata.deployRecentValidation({ id: checked.id });
  const status = () => connection.metadata.checkDeployStatus(id, true);
  while (!(await status()).done);
  expect(await status()).toMatchObject({ success: true, checkOnly: false });
  expect(sandbox.org.catalog.find('Badge__c')?.keyPrefix).toMatch(/^a0/);
});

test('a package of objects, fields and permission sets is part of the org as soon as it is deployed', async () => {
  const result = await deploy(wholePackage, { rollbackOnError: true });
  expect(result).toMatchObject({
    done: true,
    status: 'Succeeded',
    numberComponentErrors: 0,
    numberComponentsTotal: 8,
  });
  expect(result.details.componentSuccesses.map((each) => each.fullName)).toContain('Badge__c.Code__c');
  expect(catalog('Badge__c', 'Account__c')).toMatchObject({
    type: 'reference',
    relationshipName: 'Account__r',
    childRelationshipName: 'Badges__r',
  });
  expect(catalog('Badge__c', 'Code__c')).toMatchObject({
    unique: true,
    externalId: true,
    caseSensitive: true,
    length: 64,
  });
  expect(catalog('Badge__c', 'Color__c')).toMatchObject({ restrictedPicklist: true, defaultValue: 'Red' });
  expect(catalog('Badge__c', 'Score__c')).toMatchObject({ type: 'double', precision: 3, scale: 0 });
  expect(catalog('Account', 'Tier__c')).toMatchObject({ type: 'string', length: 10, custom: true });
});

test('a deployed permission set gives its holder the fields that it grants, and nobody else', async () => {
  const { org } = sandbox;
  const { rows } = await org.pool.query(
    'select "Id" as id, "PermissionsApiEnabled" as api from "PermissionSet" where "Name" = $1',
    ['Badge_Keeper'],
  );
  const [{ id, api }] = rows as [{ id: string; api: boolean }];
  expect(api).toBe(true);
  const person = {
    id: '',
    username: '',
    name: '',
    email: '',
    profileId: '',
    isAdmin: false,
    timeZone: 'GMT',
  };
  const [keeper, stranger] = [
    { ...person, permissionSetIds: [id] },
    { ...person, permissionSetIds: [] },
  ];
  const [badge, account] = [org.catalog.find('Badge__c'), org.catalog.find('Account')];
  const [code, tier] = [badge?.field('Code__c'), account?.field('Tier__c')];
  if (!badge || !account || !code || !tier) throw new Error('the package is not deployed');
  expect([org.security.mayEdit(keeper, badge, code), org.security.mayRead(stranger, badge, code)]).toEqual([
    true,
    false,
  ]);
  expect([org.security.mayRead(keeper, account, tier), org.security.mayEdit(keeper, account, tier)]).toEqual([
    true,
    false,
  ]);
});

test('a package deployed twice changes nothing the second time', async () => {
  const result = await deploy(wholePackage);
  expect(result.success).toBe(true);
  expect(result.details.componentSuccesses.every((each) => !each.created)).toBe(true);
});

test('each fault of a package is told with its file, in Salesforce’s words', async () => {
  const field = (inner: string) =>
    `<CustomObject><fields><fullName>X__c</fullName>${inner}</fields></CustomObject>`;
  const account = (inner: string) =>
    packageZip({ CustomField: ['Account.X__c'] }, { 'objects/Account.object': field(inner) });
  expect(await problems(account('<label>X</label><type>Text</type>'))).toEqual([
    "objects/Account.object: Must specify 'length' for a CustomField of type Text",
  ]);
  expect(await problems(account('<type>Date</type>'))).toEqual([
    'objects/Account.object: Required field is missing: label',
  ]);
  expect(
    await problems(account('<label>X</label><type>Lookup</type><referenceTo>Nope__c</referenceTo>')),
  ).toEqual([
    "objects/Account.object: referenceTo value of 'Nope__c' does not resolve to a valid sObject type",
  ]);
  const keeper = (field: string) =>
    packageZip({ PermissionSet: ['K'] }, { 'permissionsets/K.permissionset': permissionSet(field) });
  expect(await problems(keeper('Account.Nope__c'))).toEqual([
    'permissionsets/K.permissionset: In field: field - no CustomField named Account.Nope__c found',
  ]);
  expect(await problems(packageZip({ CustomField: ['Account.Gone__c'] }, {}))).toEqual([
    "package.xml: An object 'Account.Gone__c' of type CustomField was named in package.xml, but was not found in zipped directory",
  ]);
  expect(await problems(packageZip({}, { 'objects/Badge__c.object': badgeObject }))).toEqual([
    'objects/Badge__c.object: Not in package.xml',
  ]);
  expect(await problems(packageZip({ Nonsense: ['X'] }, {}))).toEqual([
    "package.xml: Unknown type name 'Nonsense' specified in package.xml",
  ]);
});

test('with rollbackOnError one fault keeps all out; without it the sound part gets in', async () => {
  const half = packageZip(
    { CustomField: ['Contact.Good__c', 'Contact.Bad__c'] },
    {
      'objects/Contact.object': `<CustomObject><fields><fullName>Good__c</fullName><label>Good</label><type>Date</type></fields>
        <fields><fullName>Bad__c</fullName><label>Bad</label><type>Text</type></fields></CustomObject>`,
    },
  );
  expect((await deploy(half, { rollbackOnError: true })).status).toBe('Failed');
  expect(catalog('Contact', 'Good__c')).toBeUndefined();
  expect((await deploy(half, { rollbackOnError: false })).status).toBe('SucceededPartial');
  expect(catalog('Contact', 'Good__c')?.type).toBe('date');
});

test('what is no zip fails with a message', async () => {
  expect(await deploy(Buffer.from('nonsense'))).toMatchObject({
    status: 'Failed',
    done: true,
    errorMessage: expect.any(String) as string,
  });
});

test('a field of Activity belongs to tasks and events', async () => {
  const zip = packageZip(
    { CustomField: ['Activity.Ref__c'] },
    {
      'objects/Activity.object':
        '<CustomObject><fields><fullName>Ref__c</fullName><label>Ref</label><type>Text</type><length>5</length></fields></CustomObject>',
    },
  );
  expect((await deploy(zip)).success).toBe(true);
  expect([catalog('Task', 'Ref__c')?.length, catalog('Event', 'Ref__c')?.length]).toEqual([5, 5]);
});

test('the REST deployment takes the same zip', async () => {
  const started = await connection.metadata.deployRest(wholePackage, { rollbackOnError: true });
  let status = await connection.metadata.checkDeployStatus(started.id, true, true);
  while (!status.done) status = await connection.metadata.checkDeployStatus(started.id, true, true);
  expect(status).toMatchObject({ success: true, numberComponentsTotal: 8 });
});

test('metadata is listed, described and read as it was deployed', async () => {
  const listed = await connection.metadata.list([{ type: 'CustomField' }, { type: 'ReportType' }]);
  expect(listed.map((each) => each.fullName)).toEqual(expect.arrayContaining(['Account.Tier__c', 'Badges']));
  const described = await connection.metadata.describe();
  expect(described.metadataObjects.find((each) => each.xmlName === 'CustomObject')?.childXmlNames).toContain(
    'CustomField',
  );
  const object = await connection.metadata.read('CustomObject', 'Badge__c');
  expect(object).toMatchObject({ fullName: 'Badge__c', label: 'Badge' });
  expect(object.fields.map((each) => each.fullName)).toEqual([
    'Account__c',
    'Code__c',
    'Color__c',
    'Score__c',
  ]);
  const set = await connection.metadata.read('PermissionSet', ['Badge_Keeper']);
  expect(set[0]?.fieldPermissions.map((each) => each.field)).toEqual(['Badge__c.Code__c', 'Account.Tier__c']);
});

test('single components are created, upserted and refused through the synchronous calls', async () => {
  const field = { fullName: 'Account.Zone__c', label: 'Zone', type: 'Text', length: 20 };
  expect(await connection.metadata.upsert('CustomField', field as never)).toMatchObject({
    success: true,
    created: true,
    fullName: 'Account.Zone__c',
  });
  expect(await connection.metadata.upsert('CustomField', field as never)).toMatchObject({
    success: true,
    created: false,
  });
  const [again] = await connection.metadata.create('CustomField', [field] as never[]);
  expect(again).toMatchObject({ success: false, errors: [{ statusCode: 'DUPLICATE_DEVELOPER_NAME' }] });
  const missing = await connection.metadata.update('CustomField', {
    ...field,
    fullName: 'Account.None__c',
  } as never);
  expect(missing).toMatchObject({ success: false });
  expect(catalog('Account', 'Zone__c')?.length).toBe(20);
  const object = {
    fullName: 'Note2__c',
    label: 'Note2',
    pluralLabel: 'Notes2',
    deploymentStatus: 'Deployed',
    sharingModel: 'ReadWrite',
    nameField: { type: 'Text', label: 'Name' },
  };
  expect(await connection.metadata.create('CustomObject', object as never)).toMatchObject({ success: true });
  expect(sandbox.org.catalog.find('Note2__c')?.custom).toBe(true);
});

test('retrieve gives a package back that deploys again', async () => {
  const retrieved = await connection.metadata
    .retrieve({
      apiVersion: '60.0',
      unpackaged: {
        types: [
          { name: 'CustomObject', members: ['Badge__c'] },
          { name: 'PermissionSet', members: ['*'] },
          { name: 'ReportType', members: ['Badges', 'None'] },
        ],
        version: '60.0',
      },
    } as never)
    .complete();
  const zip = Buffer.from(retrieved.zipFile, 'base64');
  const files = unzipSync(zip);
  expect(Object.keys(files).sort()).toEqual([
    'unpackaged/objects/Badge__c.object',
    'unpackaged/package.xml',
    'unpackaged/permissionsets/Badge_Keeper.permissionset',
    'unpackaged/reportTypes/Badges.reportType',
  ]);
  expect(strFromU8(files['unpackaged/objects/Badge__c.object'] ?? new Uint8Array())).toContain(
    '<fullName>Code__c</fullName>',
  );
  expect(retrieved.messages[0]).toMatchObject({
    problem: expect.stringContaining("named 'None' cannot be found") as string,
  });
  expect((await deploy(zip, { rollbackOnError: true })).success).toBe(true);
});

test('an ended session is told in the form that makes clients sign in anew', async () => {
  const late = await sandbox.connect();
  await fetch(`${sandbox.url}/__sandbox__/tokens/expire`, { method: 'POST' });
  expect((await late.metadata.describe()).partialSaveAllowed).toBe(true);
  const raw = await fetch(`${sandbox.url}/services/Soap/m/60.0`, {
    method: 'POST',
    body: '<e:Envelope xmlns:e="x"><e:Body><describeMetadata/></e:Body></e:Envelope>',
  });
  expect([raw.status, await raw.text()]).toEqual([
    500,
    expect.stringContaining('<faultcode>sf:INVALID_SESSION_ID</faultcode>'),
  ]);
});

test('fields alone can be retrieved', async () => {
  expect(accountFields).toContain('Tier__c');
  connection = await sandbox.connect();
  connection.metadata.pollInterval = 50;
  const retrieved = await connection.metadata
    .retrieve({
      apiVersion: '60.0',
      unpackaged: {
        types: [{ name: 'CustomField', members: ['Account.Tier__c', 'Account.Zone__c'] }],
        version: '60.0',
      },
    } as never)
    .complete();
  const files = unzipSync(Buffer.from(retrieved.zipFile, 'base64'));
  const text = strFromU8(files['unpackaged/objects/Account.object'] ?? new Uint8Array());
  expect(text.match(/<fullName>/g)).toHaveLength(2);
});
