import { afterAll, describe, expect, test } from 'vitest';

import { packageZip } from '../../sandbox/metadata/package.ts';
import { startSalesforce } from '../../support/salesforce.ts';

/* The checker looks at a whole org: the sandbox with our package in it, on the test's own database. What reads settings comes after it. */
const salesforce = await startSalesforce();
salesforce.org.metadata.pollInterval = 50;
const { createApp } = await import('../../../src/app.ts');
const { checkSetup } = await import('../../../src/platform/salesforce/checks/checks.ts');
const { needs } = await import('../../../src/setup.ts');
const { expectAccessible, looks, screenshot, useBrowser } = await import('../../support/browser.ts');
const { givenStaff, signedIn } = await import('../../support/people.ts');

const app = createApp();
const browser = useBrowser(() => app);
await assign('Rapport_Integration', 'admin@rapport.sandbox');

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
      expect.arrayContaining([
        'reached',
        'flow.clientCredentials',
        'assigned',
        'objectWritten Case',
        'events',
        'bulk',
      ]),
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
    await salesforce.control('/limits/set', { dailyMax: 100, dailyUsed: 90 });
    await salesforce.control('/clock', { offsetMs: 600_000 });
    expect(await findings('warning')).toEqual(
      expect.arrayContaining(['clockAway', 'callsScarce', 'callsFew']),
    );
    await salesforce.control('/clock', { offsetMs: 0 });
    await salesforce.control('/limits/set', { dailyMax: 100, dailyUsed: 100 });
    expect(await findings('failure')).toContain('quota');
    await salesforce.control('/limits/set', { dailyMax: 150_000, dailyUsed: 0 });
  });

  test('tells a closed door from a wrong key', async () => {
    await salesforce.control('/faults', {
      match: { path: '/services/oauth2/token' },
      effect: { status: 400, errorCode: 'invalid_client', message: 'invalid client credentials' },
    });
    expect(await findings('failure')).toEqual(['refused.secret']);
    expect(await findings()).not.toContain('assigned');
    await fetch(`${salesforce.sandbox.url}/__sandbox__/faults`, { method: 'DELETE' });
  });
});

describe('the page of the set-up', () => {
  const check = async () => {
    const agent = await signedIn(app, await givenStaff({ roles: ['admin'] }));
    await agent.post('/console/setup/checks').expect(303);
    return agent;
  };

  test('shows each finding with its sentence and what to click, as it comes', async () => {
    const agent = await check();
    await expect
      .poll(async () => (await agent.get('/console/setup')).text, { timeout: 15_000 })
      .toContain('Nothing is wrong');
    const page = await agent.get('/console/setup').expect(200);
    expect(page.text).toContain('Rapport runs as admin@rapport.sandbox, a System Administrator');
    expect(page.text).toContain('External Client App Manager › Rapport › Policies › Run As');
    expect(page.text).not.toContain('hx-trigger');
  });

  test('is for administrators alone', async () => {
    const rep = await signedIn(app, await givenStaff({ roles: ['rep'] }));
    await rep.get('/console/setup').expect(403);
    await rep.post('/console/setup/checks').expect(403);
  });

  test.each(looks)('begins a check and fills by itself, at $width in $scheme', async (look) => {
    const context = await browser.signedIn(await givenStaff({ roles: ['admin'] }), look);
    const page = await context.newPage();
    await page.goto(`${browser.url}/console/setup`);
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('MB are free for records').waitFor();
    await expectAccessible(page);
    await screenshot(page, `setup-${String(look.width)}-${look.scheme}`);
    await context.close();
  });
});
