import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startSandbox } from '../../support/sandbox.ts';
import { restClient } from '../rest/client.ts';

import { packageZip } from './package.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let connection: Connection;
let call: ReturnType<typeof restClient>;

beforeAll(async () => {
  sandbox = await startSandbox();
  connection = await sandbox.connect();
  connection.metadata.pollInterval = 50;
  call = restClient(connection);
});
afterAll(() => sandbox.close());

const deploy = (zip: Buffer, options = {}) =>
  connection.metadata.deploy(zip, { rollbackOnError: true, ...options }).complete(true);
const field = (name: string, inner = '<type>Text</type><length>10</length>') =>
  `<fields><fullName>${name}</fullName><label>${name}</label>${inner}</fields>`;
const onAccount = (names: string[], inner?: string) =>
  packageZip(
    { CustomField: names.map((name) => `Account.${name}`) },
    {
      'objects/Account.object': `<CustomObject>${names.map((name) => field(name, inner)).join('')}</CustomObject>`,
    },
  );
const known = (object: string, name: string) => sandbox.org.catalog.find(object)?.field(name);

/** A package that takes components out of the org. */
function destroying(members: Record<string, string[]>, when = ''): Buffer {
  const manifest = (inner: string) =>
    strToU8(
      `<Package xmlns="http://soap.sforce.com/2006/04/metadata">${inner}<version>62.0</version></Package>`,
    );
  const types = Object.entries(members).map(
    ([name, names]) =>
      `<types>${names.map((each) => `<members>${each}</members>`).join('')}<name>${name}</name></types>`,
  );
  return Buffer.from(
    zipSync({ 'package.xml': manifest(''), [`destructiveChanges${when}.xml`]: manifest(types.join('')) }),
  );
}

test('a failure after others were applied leaves nothing of them, in the schema and in the catalog', async () => {
  const zip = packageZip(
    { CustomObject: ['Half__c'], CustomField: ['Account.Half__c'], PermissionSetGroup: ['Broken'] },
    {
      'objects/Half__c.object':
        '<CustomObject><deploymentStatus>Deployed</deploymentStatus><label>Half</label><pluralLabel>Halves</pluralLabel><sharingModel>ReadWrite</sharingModel><nameField><label>Name</label><type>Text</type></nameField></CustomObject>',
      'objects/Account.object': `<CustomObject>${field('Half__c')}</CustomObject>`,
      'permissionsetgroups/Broken.permissionsetgroup':
        '<PermissionSetGroup><label>Broken</label><permissionSets>Nowhere</permissionSets></PermissionSetGroup>',
    },
  );
  const result = await deploy(zip);
  expect(result).toMatchObject({ status: 'Failed', success: false, numberComponentErrors: 1 });
  expect(result.details.componentFailures[0]?.problem).toBe(
    'In field: permissionSets - no PermissionSet named Nowhere found',
  );
  expect([known('Account', 'Half__c'), sandbox.org.catalog.find('Half__c')]).toEqual([undefined, undefined]);
  expect((await call('GET', '/sobjects/Half__c/describe')).status).toBe(404);
  expect((await deploy(zip, { rollbackOnError: false })).status).toBe('SucceededPartial');
  expect((await call('GET', '/sobjects/Half__c/describe')).status).toBe(200);
});

test('a check finds what only doing it finds, and changes nothing', async () => {
  const group = packageZip(
    { PermissionSetGroup: ['G'] },
    { 'permissionsetgroups/G.permissionsetgroup': '<PermissionSetGroup><label>G</label><permissionSets>Nope</permissionSets></PermissionSetGroup>' },
  ); // prettier-ignore
  expect(await deploy(group, { checkOnly: true })).toMatchObject({ success: false, checkOnly: true });
  const changed = sandbox.org.catalog.changedAt();
  const checked = await deploy(onAccount(['Checked__c']), { checkOnly: true });
  expect(checked.details.componentSuccesses[0]).toMatchObject({ created: true });
  expect(sandbox.org.catalog.changedAt()).toEqual(changed);
  const { rows } = await sandbox.org.pool.query(
    `select 1 from _component where full_name = 'Account.Checked__c'`,
  );
  expect(rows).toEqual([]);
});

test('a failure names file, line and column; a file that is no XML, or of another type, fails by itself', async () => {
  const zip = packageZip(
    { CustomField: ['Account.A__c', 'Account.B__c'], PermissionSet: ['Bad', 'Odd'] },
    {
      'objects/Account.object': `<CustomObject>\n    ${field('A__c')}\n    <!-- <fields> -->\n    ${field('B__c', '<type>Text</type>')}\n</CustomObject>`,
      'permissionsets/Bad.permissionset': '<PermissionSet><label>Bad</PermissionSet>',
      'permissionsets/Odd.permissionset': '<Profile><label>Odd</label></Profile>',
    },
  );
  const { details } = await deploy(zip);
  expect(details.componentFailures).toMatchObject([
    { fullName: 'Account.B__c', fileName: 'objects/Account.object', lineNumber: 5, columnNumber: 13, problemType: 'Error' },
    { fullName: 'Bad', componentType: 'PermissionSet', problem: expect.stringContaining('Error parsing file') as string },
    { fullName: 'Odd', problem: "Unexpected root element 'Profile': expected 'PermissionSet'" },
  ]);
}); // prettier-ignore

test('deployed fields are deleted with their values and rights; what is not there is a warning', async () => {
  await deploy(onAccount(['Gone__c']));
  const { id } = await connection.sobject('Account').create({ Name: 'Holder', Gone__c: 'x' });
  const warned = await deploy(destroying({ CustomField: ['Account.Never__c'] }));
  expect(warned.details.componentFailures).toMatchObject([
    { problemType: 'Warning', problem: 'No CustomField named: Account.Never__c found', fileName: 'destructiveChanges.xml' },
  ]);
  expect((await deploy(destroying({ CustomField: ['Account.Never__c'] }), { ignoreWarnings: true })).success).toBe(true);
  const result = await deploy(destroying({ CustomField: ['Account.Gone__c'] }, 'Post'));
  expect(result.details.componentSuccesses[0]).toMatchObject({ deleted: true, fullName: 'Account.Gone__c' });
  expect(await connection.sobject('Account').retrieve(String(id))).not.toHaveProperty('Gone__c');
  await expect(connection.query('SELECT Gone__c FROM Account')).rejects.toMatchObject({ errorCode: 'INVALID_FIELD' });
  await deploy(onAccount(['Gone__c']));
  expect((await connection.sobject('Account').retrieve(String(id))).Gone__c).toBeNull();
}); // prettier-ignore

test('an object is deleted with its records, but not while a lookup points at it', async () => {
  const object = (fields: string) =>
    `<CustomObject><deploymentStatus>Deployed</deploymentStatus><label>Part</label><pluralLabel>Parts</pluralLabel><sharingModel>ReadWrite</sharingModel><nameField><label>Name</label><type>Text</type></nameField>${fields}</CustomObject>`;
  const lookup = field('Part__c', '<type>Lookup</type><referenceTo>Part__c</referenceTo><relationshipName>Users</relationshipName>');
  await deploy(
    packageZip(
      { CustomObject: ['Part__c'], CustomField: ['Account.Part__c'] },
      { 'objects/Part__c.object': object(''), 'objects/Account.object': `<CustomObject>${lookup}</CustomObject>` },
    ),
  );
  await connection.sobject('Part__c').create({ Name: 'p' });
  const refused = await deploy(destroying({ CustomObject: ['Part__c'] }));
  expect(refused.details.componentFailures[0]?.problem).toContain('referenced elsewhere in salesforce.com. : Custom Field - Account.Part__c');
  expect((await deploy(destroying({ CustomField: ['Account.Part__c'] }))).success).toBe(true);
  expect((await deploy(destroying({ CustomObject: ['Part__c'] }))).success).toBe(true);
  expect((await call('GET', '/sobjects/Part__c/describe')).status).toBe(404);
}); // prettier-ignore

test('a field keeps the kind of value that it holds', async () => {
  await deploy(onAccount(['Kind__c']));
  const { details } = await deploy(
    onAccount(['Kind__c'], '<type>Checkbox</type><defaultValue>false</defaultValue>'),
  );
  expect(details.componentFailures[0]?.problem).toBe(
    'Cannot change type due to existing data: Account.Kind__c',
  );
  expect((await deploy(onAccount(['Kind__c'], '<type>Text</type><length>40</length>'))).success).toBe(true);
  expect(known('Account', 'Kind__c')?.length).toBe(40);
});

test('deployments wait for one another, and one that waits or works can be cancelled', async () => {
  const slow = await connection.metadata.deploy(onAccount(Array.from({ length: 20 }, (_, at) => `Slow${String(at)}__c`)), {});
  const waiting = await connection.metadata.deploy(onAccount(['Waiting__c']), {});
  const canceled = await call('PATCH', `/metadata/deployRequest/${waiting.id}`, { body: { deployResult: { status: 'Canceling' } } });
  expect(canceled).toMatchObject({ status: 202, body: { deployResult: { canceledByName: expect.any(String) as string } } });
  expect((await call('PATCH', `/metadata/deployRequest/${waiting.id}`, { body: { deployResult: { status: 'Done' } } })).status).toBe(400);
  const done = async (id: unknown) => {
    for (;;) {
      const status = await connection.metadata.checkDeployStatus(String(id), true);
      if (status.done) return status;
    }
  };
  expect((await done(waiting.id)).status).toBe('Canceled');
  expect((await done(slow.id)).status).toBe('Succeeded');
  expect([known('Account', 'Waiting__c'), known('Account', 'Slow19__c')?.type]).toEqual([undefined, 'string']);
}); // prettier-ignore

test('a group of permission sets grants what its members grant together', async () => {
  const set = (name: string, right: string) =>
    `<PermissionSet><label>${name}</label><objectPermissions><allowCreate>false</allowCreate><allowDelete>false</allowDelete><allowEdit>${right}</allowEdit><allowRead>true</allowRead><modifyAllRecords>false</modifyAllRecords><object>Lead</object><viewAllRecords>false</viewAllRecords></objectPermissions></PermissionSet>`;
  await deploy(
    packageZip(
      { PermissionSet: ['One', 'Two'], PermissionSetGroup: ['Both'] },
      {
        'permissionsets/One.permissionset': set('One', 'false'),
        'permissionsets/Two.permissionset': set('Two', 'true'),
        'permissionsetgroups/Both.permissionsetgroup':
          '<PermissionSetGroup><label>Both</label><permissionSets>One</permissionSets><permissionSets>Two</permissionSets></PermissionSetGroup>',
      },
    ),
  );
  const { records } = await connection.query(
    `SELECT PermissionsRead, PermissionsEdit FROM ObjectPermissions WHERE Parent.Name = 'Both'`,
  );
  expect(records).toMatchObject([{ PermissionsRead: true, PermissionsEdit: true }]);
});

test('members of an event channel are chosen through deployments and through the Tooling API', async () => {
  const member = (entity: string) =>
    packageZip(
      { PlatformEventChannelMember: ['M'] },
      { 'platformEventChannelMembers/M.platformEventChannelMember': `<PlatformEventChannelMember><eventChannel>ChangeEvents</eventChannel><selectedEntity>${entity}</selectedEntity></PlatformEventChannelMember>` },
    ); // prettier-ignore
  const { details } = await deploy(member('CaseCommentChangeEvent'));
  expect(details.componentFailures[0]?.problem).toContain('isn’t available'.replace('’', "'"));
  expect((await deploy(member('AccountChangeEvent'))).success).toBe(true);
  const made = await call<{ id: string }>('POST', '/tooling/sobjects/PlatformEventChannelMember', {
    body: { FullName: 'ChangeEvents_ContactChangeEvent', Metadata: { eventChannel: 'ChangeEvents', selectedEntity: 'ContactChangeEvent' } },
  }); // prettier-ignore
  expect(made).toMatchObject({ status: 201, body: { success: true } });
  const chosen = await connection.tooling.query<{ SelectedEntity: string }>(
    'SELECT SelectedEntity FROM PlatformEventChannelMember ORDER BY SelectedEntity',
  );
  expect(chosen.records.map((each) => each.SelectedEntity)).toEqual([
    'AccountChangeEvent',
    'ContactChangeEvent',
  ]);
  expect((await call('DELETE', `/tooling/sobjects/PlatformEventChannelMember/${made.body.id}`)).status).toBe(
    204,
  );
  expect((await call('GET', `/tooling/sobjects/PlatformEventChannelMember/${made.body.id}`)).status).toBe(
    404,
  );
});

test('the Tooling API tells of fields and rules, and that there is no Apex', async () => {
  const described = await call<{ fields: { name: string }[] }>('GET', '/tooling/sobjects/CustomField/describe');
  expect(described.body.fields.map(({ name }) => name)).toContain('TableEnumOrId');
  const { records } = await connection.tooling.query(
    "SELECT DeveloperName, EntityDefinition.QualifiedApiName, Metadata FROM CustomField WHERE DeveloperName = 'Kind'",
  );
  expect(records).toMatchObject([
    { DeveloperName: 'Kind', EntityDefinition: { QualifiedApiName: 'Account' }, Metadata: { type: 'Text', length: '40' } },
  ]);
  expect(await call('GET', '/tooling/executeAnonymous?anonymousBody=x')).toMatchObject({
    status: 403,
    body: [{ errorCode: 'FUNCTIONALITY_NOT_ENABLED' }],
  });
}); // prettier-ignore

test('a field is renamed with its values', async () => {
  const { id } = await connection.sobject('Account').create({ Name: 'Named', Kind__c: 'kept' });
  const renamed = await connection.metadata.rename('CustomField', 'Account.Kind__c', 'Account.Sort__c');
  expect(renamed).toMatchObject({ success: true });
  expect((await connection.sobject('Account').retrieve(String(id))).Sort__c).toBe('kept');
  expect(known('Account', 'Kind__c')).toBeUndefined();
});
