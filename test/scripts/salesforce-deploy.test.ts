import { readdirSync, readFileSync } from 'node:fs';

import { strFromU8, unzipSync } from 'fflate';
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
  const { deployZip } = await import('../../src/platform/salesforce/wire/metadata.ts');
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

test('the permission set of the integration user covers what Rapport writes, and what it reads of its own fields', async () => {
  const { written } = await import('../../src/setup.ts');
  const xml = readFileSync(
    'salesforce/force-app/main/default/permissionsets/Rapport_Integration.permissionset-meta.xml',
    'utf8',
  );
  const granted = (right: string) =>
    [...xml.matchAll(/<fieldPermissions>([\s\S]*?)<\/fieldPermissions>/g)]
      .map(([, inner = '']) => inner)
      .filter((inner) => inner.includes(`<${right}>true</${right}>`))
      .map((inner) => /<field>([^<]+)/.exec(inner)?.[1]);
  const own = (names: string[]) => names.filter((name) => /\.Rapport_\w+__c$/.test(name));
  const reads = salesforce.exchange.mappings.flatMap(({ sobject, columns }) =>
    Object.values(columns).map(({ field }) => `${sobject}.${field}`),
  );
  const writes = Object.entries(written).flatMap(([sobject, { fields }]) =>
    fields.map((field) => `${sobject}.${field}`),
  );
  expect(granted('readable')).toEqual(expect.arrayContaining(own(reads)));
  expect(granted('editable')).toEqual(expect.arrayContaining(own(writes)));
  const objects = [...xml.matchAll(/<object>([^<]+)/g)].map(([, name]) => name);
  expect(objects).toEqual(
    expect.arrayContaining(['Account', 'Asset', 'Campaign', 'Case', 'Contract', 'Lead']),
  );
});

test('the files of the package have the values of this deployment, and a file without its value stays out', async () => {
  const { unzipSync, strFromU8 } = await import('fflate');
  const { packageOf } = await import('../../scripts/salesforce/package.ts');
  const filesOf = (values: Record<string, string>) =>
    unzipSync(packageOf({ values, without: ['PlatformEventChannelMember'] }));
  const files = filesOf({ PUBLIC_URL: 'https://portal.example', BRAND_SUPPORT_EMAIL: 'a&b@portal.example' });
  const text = (path: string) => strFromU8(files[path] ?? new Uint8Array());
  expect(text('extlClntAppGlobalOauthSets/Rapport_glbloauth.ecaGlblOauth')).toContain(
    '<callbackUrl>https://portal.example/sign-in/salesforce/callback</callbackUrl>',
  );
  expect(text('externalClientApps/Rapport.eca')).toContain(
    '<contactEmail>a&amp;b@portal.example</contactEmail>',
  );
  expect(Object.keys(files).filter((path) => /Policies|ChannelMember/i.test(path))).toEqual([]);
});

test('the deployment tells what it would change, and of a refusal where it is and what to do', async () => {
  const { execFile } = await import('node:child_process');
  const { promisify } = await import('node:util');
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['scripts/salesforce-deploy.ts', ...args]).catch(
      (error: unknown) => error as { stdout: string; stderr: string; code: number },
    );
  const dry = await run('--dry-run');
  expect(dry.stdout).toMatch(
    /Would deploy \d+ components: 0 new, 0 changed, \d+ as they were .* Nothing was changed\./,
  );
  const { org } = salesforce;
  org.metadata.pollInterval = 50;
  await org.metadata.delete('CustomField', ['Lead.Rapport_Id__c']);
  await org.metadata.create('CustomField', {
    fullName: 'Lead.Rapport_Id__c', label: 'Other', type: 'Checkbox', defaultValue: 'false',
  } as never); // prettier-ignore
  const refused = await run();
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).toContain('CustomField Lead.Rapport_Id__c: Cannot change type due to existing data');
  expect(refused.stderr).toMatch(/in objects\/Lead\.object:\d+:\d+/);
  expect(refused.stderr).toContain('Rename or delete it in Setup › Object Manager');
});

test('components of a folder go and come back with all their files but their tests, and the page that shows them', async () => {
  const { org } = salesforce;
  const { zipFile } = (await org.metadata
    .retrieve({
      apiVersion: 66,
      unpackaged: {
        types: [
          { name: 'LightningComponentBundle', members: ['rapportHealth'] },
          { name: 'AuraDefinitionBundle', members: ['rapportPanel'] },
          { name: 'FlexiPage', members: ['Rapport_Account'] },
          { name: 'ExtlClntAppCanvasSettings', members: ['*'] },
        ],
        version: '66.0',
      } as never,
    })
    .complete()) as { zipFile: string };
  const files = unzipSync(Buffer.from(zipFile, 'base64'));
  const paths = Object.keys(files).map((path) => path.replace('unpackaged/', ''));
  const folder = 'salesforce/force-app/main/default';
  const own = (name: string) =>
    readdirSync(`${folder}/${name}`, { withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => `${name}/${each.name}`);
  expect(paths).toEqual(expect.arrayContaining([...own('lwc/rapportHealth'), ...own('aura/rapportPanel')]));
  expect(paths.filter((path) => path.includes('__tests__'))).toEqual([]);
  expect(strFromU8(files['unpackaged/lwc/rapportHealth/rapportHealth.js'] ?? new Uint8Array())).toBe(
    readFileSync(`${folder}/lwc/rapportHealth/rapportHealth.js`, 'utf8'),
  );
  const canvas = Object.entries(files).find(([path]) => path.endsWith('.ecaCanvas'));
  expect(strFromU8(canvas?.[1] ?? new Uint8Array())).toContain('/panel/account</canvasUrl>');
});
