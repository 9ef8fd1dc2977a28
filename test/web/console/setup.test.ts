import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startSalesforce } from '../../support/salesforce.ts';

import { packageZip } from '../../sandbox/metadata/package.ts';

import type { Express } from 'express';
import type { Needs } from '../../../src/platform/salesforce/checks.ts';

/* The checker looks at a whole org: the sandbox with our package in it, on the test's own database. */
let salesforce: Awaited<ReturnType<typeof startSalesforce>>;
let app: Express;
let needs: Needs;

beforeAll(async () => {
  salesforce = await startSalesforce();
  app = (await import('../../../src/app.ts')).createApp();
  needs = (await import('../../../src/setup.ts')).needs;
  await assign('Rapport_Integration', 'admin@rapport.sandbox');
});

afterAll(async () => {
  await salesforce.sandbox.close();
});

/** Gives somebody a permission set, as an administrator does in Setup. */
async function assign(permissionSet: string, username: string): Promise<string> {
  const { org } = salesforce;
  const one = async (soql: string) => String((await org.query<{ Id: string }>(soql)).records[0]?.Id);
  const { id } = await org.sobject('PermissionSetAssignment').create({
    PermissionSetId: await one(`SELECT Id FROM PermissionSet WHERE Name = '${permissionSet}'`),
    AssigneeId: await one(`SELECT Id FROM User WHERE Username = '${username}'`),
  });
  return String(id);
}

/** Everything that is found, as `key` or `key Object`. */
async function findings(level?: 'ok' | 'warning' | 'failure'): Promise<string[]> {
  const { checkSetup } = await import('../../../src/platform/salesforce/checks.ts');
  const all: string[] = [];
  for await (const { findings: some } of checkSetup(needs))
    for (const finding of some)
      if (level === undefined || finding.level === level)
        all.push([finding.key, finding.values.object].filter(Boolean).join(' '));
  return all;
}

async function deploy(members: Record<string, string[]>, files: Record<string, string>): Promise<void> {
  const { success, details } = await salesforce.org.metadata
    .deploy(packageZip(members, files), { rollbackOnError: true })
    .complete(true);
  expect(success, JSON.stringify(details.componentFailures)).toBe(true);
}

describe('the check of the set-up', () => {
  test('finds nothing wrong with an org that has the package and its assignment', async () => {
    expect(await findings('failure')).toEqual([]);
    expect(await findings('ok')).toEqual(
      expect.arrayContaining(['reached', 'flow.clientCredentials', 'assigned', 'objectWritten Case', 'events', 'bulk']),
    );
    expect(await findings('warning')).toContain('userIsAdmin');
  });

  test('says which assignment, field right and demand of the org stands in the way', async () => {
    const { org } = salesforce;
    const { records } = await org.query<{ Id: string }>(
      "SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.Name = 'Rapport_Integration'",
    );
    await org.sobject('PermissionSetAssignment').destroy(records.map(({ Id }) => Id));
    await deploy(
      { CustomField: ['Lead.Region__c'] },
      {
        'objects/Lead.object':
          '<CustomObject><fields><fullName>Region__c</fullName><label>Region</label><type>Text</type><length>20</length><required>true</required></fields></CustomObject>',
      },
    );
    await deploy(
      { CustomField: ['Case.Rapport_Id__c'] },
      {
        'objects/Case.object':
          '<CustomObject><fields><fullName>Rapport_Id__c</fullName><label>Rapport Id</label><type>Text</type><length>64</length><externalId>true</externalId></fields></CustomObject>',
      },
    );
    expect(await findings('failure')).toEqual(['notAssigned', 'fieldsDemanded Lead', 'externalIdLoose Case']);
    await org.metadata.delete('CustomField', ['Lead.Region__c']);
    await assign('Rapport_Integration', 'admin@rapport.sandbox');
    const { deployPackage } = await import('../../../scripts/salesforce-deploy.ts');
    await deployPackage();
    expect(await findings('failure')).toEqual([]);
  });

  test('says which validation rule names what Rapport writes, and which does not', async () => {
    const rule = (name: string, formula: string) =>
      `<validationRules><fullName>${name}</fullName><active>true</active><errorConditionFormula>${formula}</errorConditionFormula><errorMessage>No ${name}</errorMessage></validationRules>`;
    await deploy(
      { ValidationRule: ['Case.Subject_Length', 'Account.Site_Set'] },
      {
        'objects/Case.object': `<CustomObject>${rule('Subject_Length', 'LEN(Subject) &gt; 200')}</CustomObject>`,
        'objects/Account.object': `<CustomObject>${rule('Site_Set', "Site = 'x'")}</CustomObject>`,
      },
    );
    expect((await findings('warning')).filter((each) => each.startsWith('validationRule'))).toEqual([
      'validationRule Case',
    ]);
    await salesforce.org.metadata.delete('ValidationRule', ['Case.Subject_Length', 'Account.Site_Set']);
  });

  test('says that the calls of the day are spent, that the clocks differ, and what else the org lacks', async () => {
    await salesforce.control('/limits/set', { max: 100, used: 90 });
    await salesforce.control('/clock', { offsetMs: 600_000 });
    expect(await findings('warning')).toEqual(expect.arrayContaining(['callsScarce', 'callsFew']));
    await salesforce.control('/clock', { offsetMs: 0 });
    await salesforce.control('/limits/set', { max: 150_000, used: 0 });
  });

  test('tells a closed door from a wrong key', async () => {
    await salesforce.control('/faults', {
      match: { path: '/services/oauth2/token' },
      effect: { status: 400, errorCode: 'invalid_client', message: 'invalid client credentials' },
    });
    const { signInFailure } = { signInFailure: await findings('failure') };
    expect(signInFailure).toHaveLength(1);
    expect(signInFailure[0]).toMatch(/^refused\./);
  });
});
