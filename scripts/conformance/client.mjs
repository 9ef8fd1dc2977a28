/* jsforce and Salesforce's own deployment library against SANDBOX_URL: run by scripts/conformance.ts from where they are installed. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import jsforce from 'jsforce';
import sdr from '@salesforce/source-deploy-retrieve';
import core from '@salesforce/core';

const url = process.env.SANDBOX_URL;
const step = async (name, work) => {
  try {
    console.log(`ok   ${name}: ${String(await work())}`);
  } catch (error) {
    console.log(`FAIL ${name}: ${error.message}`);
  }
};

const oauth2 = { loginUrl: url, clientId: 'rapport', clientSecret: 'rapport-secret', redirectUri: `${url}/cb` };
const conn = new jsforce.Connection({ oauth2, version: '62.0' });
await step('jsforce sign-in', async () => (await conn.login('admin@rapport.sandbox', 'sandbox')).organizationId);
await step('jsforce query', async () => (await conn.query('SELECT Id, Name FROM Account LIMIT 5')).totalSize);
await step('jsforce create, update, delete', async () => {
  const { id } = await conn.sobject('Account').create({ Name: 'Conformance' });
  await conn.sobject('Account').update({ Id: id, Phone: '1' });
  return (await conn.sobject('Account').destroy(id)).success;
});
await step('jsforce Bulk 2.0', async () => {
  conn.bulk2.pollInterval = 200;
  const made = await conn.bulk2.loadAndWaitForResults({ object: 'Account', operation: 'insert', input: [{ Name: 'Bulk conformance' }] });
  await conn.sobject('Account').destroy(made.successfulResults.map((row) => row.sf__Id));
  return `${String(made.successfulResults.length)} row`;
});
await step('jsforce file', async () => {
  const { id } = await conn.sobject('ContentVersion').create({ Title: 'c', PathOnClient: 'c.txt', VersionData: Buffer.from('hello').toString('base64') });
  return conn.request(`/services/data/v62.0/sobjects/ContentVersion/${id}/VersionData`);
});
const authInfo = await core.AuthInfo.create({
  username: conn.accessToken,
  accessTokenOptions: { accessToken: conn.accessToken, instanceUrl: url, loginUrl: url },
});
const connection = await core.Connection.create({ authInfo });
/* The app's files are filled from the environment by sfdx-project.json, which this library alone does not read. */
const folders = ['objects', 'permissionsets', 'platformEventChannelMembers'];
const components = await sdr.ComponentSetBuilder.build({
  sourcepath: folders.map((folder) => join(process.env.PACKAGE, folder)),
});
await step('source-deploy-retrieve check of salesforce/', async () => {
  const deploy = await components.deploy({ usernameOrConnection: connection, apiOptions: { checkOnly: true, rest: true } });
  const { response } = await deploy.pollStatus();
  if (!response.success) throw new Error(JSON.stringify(response.details.componentFailures));
  return `${response.status}, ${String(response.numberComponentsTotal)} components`;
});
await step('source-deploy-retrieve retrieve', async () => {
  const output = mkdtempSync(join(tmpdir(), 'retrieved-'));
  const retrieve = await new sdr.ComponentSet([{ type: 'CustomObject', fullName: 'Rapport_License__c' }]).retrieve({ usernameOrConnection: connection, output });
  return `${String((await retrieve.pollStatus()).getFileResponses().length)} files`;
});
