import { afterAll, beforeAll, describe, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { recomputeAllHealth } from '../../../src/health/health.ts';
import { DAY, moveClock, now } from '../../../src/platform/clock.ts';
import { db, pool, sql } from '../../../src/platform/db.ts';
import { collect } from '../../../src/usage/collect.ts';
import { takeInUsage } from '../../../src/usage/take-in.ts';
import { sourceOfKey } from '../../../src/usage/write-keys.ts';
import { expectAccessible, looks, screenshot, useBrowser } from '../../support/browser.ts';
import {
  givenAccount,
  givenCase,
  givenContact,
  givenLicense,
  givenOpportunity,
} from '../../support/mirror.ts';
import { givenStaff } from '../../support/people.ts';

const browser = useBrowser(createApp);
const nextYear = new Date(now().getTime() + 200 * DAY).toISOString().slice(0, 10);

/* Fields as Salesforce describes them, one of each kind that a form tells apart. */
const described = (
  [
    ['Name', 'string'], ['Industry', 'picklist'], ['NumberOfEmployees', 'int'], ['Description', 'textarea'], ['OwnerId', 'reference'],
    ['Renews_On__c', 'date'], ['Is_Reference__c', 'boolean'], ['Regions__c', 'multipicklist'],
  ] as const
).map(([name, type]) => ({
  name, type, label: name, isUpdateable: true, isCalculated: false, isRequired: name === 'Name', length: 255, digits: 8, scale: 0,
  choices: [{ value: 'Energy', label: 'Energy' }], isRestricted: false, refersTo: type === 'reference' ? ['User'] : [],
})); // prettier-ignore

let admin: { email: string };
let account: { id: string };

beforeAll(async () => {
  const staff = await givenStaff({ roles: ['admin', 'csm'], name: 'Clara Mendes' });
  admin = staff;
  const parent = await givenAccount({ name: 'Halden Freight Group' });
  account = await givenAccount({
    name: 'Halden Cold Storage',
    parent_id: parent.id,
    owner_id: staff.userId,
    created_at: now(),
  });
  await givenLicense({ account, support_until: nextYear, seats: 40 });
  const contact = await givenContact({
    account,
    name: 'Maya Okafor',
    email: 'maya@halden.example',
    roles: ['Administrator'],
  });
  await givenOpportunity({
    account,
    name: 'Support 2027',
    type: 'Renewal',
    amount_minor: 480_000,
    close_on: nextYear,
  });
  const told = Array.from({ length: 60 }, (_, ago) => ({
    type: 'track', userId: contact.id, groupId: account.id, event: ago % 3 === 0 ? 'Restored a file' : 'Viewed backup status',
    properties: { module: 'Restore', activeSeconds: 300 }, timestamp: new Date(now().getTime() - ago * DAY * 1.4).toISOString(),
  })); // prettier-ignore
  await collect((await sourceOfKey('demo-write-key')) ?? 0, told, { receivedAt: now(), bytes: 0 });
  await takeInUsage();
  await sql`insert into described_fields values ('Account', ${JSON.stringify(described)}, now())`.execute(db);
  moveClock(-20 * DAY);
  await recomputeAllHealth();
  moveClock(20 * DAY);
  for (const subject of ['Backup stops at 40 %', 'Restore asks for a key', 'License is not taken'])
    await givenCase({ account, contact, subject, priority: 'High', number: '00001026', created_at: now() });
  await givenCase({ account, contact, subject: 'Where is the log?', status: 'Closed', is_closed: true });
  await recomputeAllHealth();
  await sql`select graphile_worker.add_job('react', '{"name":"health.changed","reaction":"tellHealth"}'::json)`.execute(
    db,
  );
  await sql`update graphile_worker._private_jobs set attempts = max_attempts, last_error = 'Error: no answer'`.execute(
    db,
  );
});

afterAll(() => pool.end());

/* Each width and each scheme once: what differs is either the one or the other. */
describe.each(looks)('at $width pixels, $scheme', (look) => {
  test('every page of the console that shows accounts and their health is accessible, with all of it unfolded', async () => {
    const context = await browser.signedIn(admin, look);
    const page = await context.newPage();
    const profile = `/console/accounts/${account.id}`;
    const lists = ['/console', '/console/accounts', '/console/health'];
    const others = [
      '/console/accounts?q=nothing',
      '/console/health/rules',
      '/console/removed-accounts',
      '/console/dead-letters',
    ];
    const isWide = look.width > 600;
    const tabs = isWide
      ? ['', '/health', '/attributes', '/timeline']
      : ['', '/people', '/cases', '/deals', '/insights', '/attributes/edit'];
    for (const path of [...lists, ...(isWide ? others : []), ...tabs.map((tab) => profile + tab)]) {
      await page.goto(browser.url + path);
      const name = path.replace(account.id, 'profile');
      await screenshot(page, `${name}-${String(look.width)}-${look.scheme}`);
      for (const folded of await page.locator('details.raw > summary, .page-header summary').all())
        await folded.click();
      await expectAccessible(page);
    }
    await context.close();
  }, 120_000);
});
