import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { created, startSalesforce } from '../../support/salesforce.ts';

/* The product reads its settings when it is first imported: the sandbox has to be there before. */
const { sandbox, org, sync } = await startSalesforce();
const { createApp } = await import('../../../src/app.ts');
const { db, sql } = await import('../../../src/platform/db.ts');
const { expectAccessible, looks, screenshot, useBrowser } = await import('../../support/browser.ts');
const { givenStaff, signedIn } = await import('../../support/people.ts');

const app = createApp();
const browser = useBrowser(() => app);

beforeAll(async () => {
  await created(org, 'Account', { Name: 'Halden Freight', Industry: 'Shipping', Site: 'Oslo' });
  await created(org, 'Account', { Name: 'Northgate Logistics', Site: 'Turku' });
  await sync.loadAll();
});

afterAll(async () => {
  await sandbox.close();
});

const admin = async () => signedIn(app, await givenStaff({ roles: ['admin'], name: 'Clara Mendes' }));

describe('the mapping', () => {
  test('shows where each field goes, on real records, there and here', async () => {
    const agent = await admin();
    const index = await agent.get('/console/mapping').expect(200);
    expect(index.text).toContain('salesforce_campaign_members');
    const fields = await agent.get('/console/mapping/Account?q=industry').expect(200);
    expect(fields.text).toContain('accounts.industry');
    expect(fields.text).not.toContain('accounts.website');
    const field = await agent.get('/console/mapping/Account/fields/Site').expect(200);
    expect(field.text).toContain('Halden Freight');
    expect(field.text.match(/Oslo/g)).toHaveLength(2);
    await agent.get('/console/mapping/Account/fields/Nonsense').expect(404);
    await agent.get('/console/mapping/Nonsense').expect(404);
  });

  test('a field is chosen for a column, owned by somebody, and the change is taken back', async () => {
    const agent = await admin();
    await agent
      .post('/console/mapping/Account/fields/Site')
      .type('form')
      .send({ mirror: 'yes', column: 'industry', owner: 'salesforce' })
      .expect(303);
    await sync.loadAll();
    expect(await db.selectFrom('accounts').select(['name', 'industry']).orderBy('name').execute()).toEqual([
      { name: 'Halden Freight', industry: 'Oslo' },
      { name: 'Northgate Logistics', industry: 'Turku' },
    ]);
    expect(
      await sql`select owner from field_owners where sobject = 'Account' and field = 'Site'`.execute(db),
    ).toMatchObject({ rows: [{ owner: 'salesforce' }] });
    const page = await agent.get('/console/mapping').expect(200);
    expect(page.text).toContain('column industry filled by Site');
    expect(page.text).toContain('Clara Mendes');
    const id = /mapping\/changes\/(\d+)\/undos/.exec(page.text)?.[1];
    await agent.post(`/console/mapping/changes/${id ?? ''}/undos`).expect(303);
    await sync.loadAll();
    expect(await db.selectFrom('accounts').select('industry').orderBy('name').execute()).toEqual([
      { industry: 'Shipping' },
      { industry: null },
    ]);
  });

  test('takes no column whose values do not fit, and leaves out no field that fills one', async () => {
    const agent = await admin();
    const wrong = { mirror: 'yes', column: 'employees', owner: 'shared' };
    await agent.post('/console/mapping/Account/fields/Site').type('form').send(wrong).expect(422);
    const needed = { mirror: 'no', column: '', owner: 'shared' };
    await agent.post('/console/mapping/Account/fields/Industry').type('form').send(needed).expect(422);
  });

  test('finds further objects, adds one, and stops mirroring it', async () => {
    const agent = await admin();
    const search = await agent.get('/console/mapping/objects?q=pricebook').expect(200);
    expect(search.text).toContain('Pricebook2');
    expect(search.text).not.toContain('value="Account"');
    await agent.post('/console/mapping/objects').type('form').send({ sobject: 'Pricebook2' }).expect(303);
    await sync.loadAll();
    const { rows } = await sql<{
      count: number;
    }>`select count(*) as count from salesforce_records where sobject = 'Pricebook2'`.execute(db);
    expect(rows[0]?.count).toBeGreaterThan(0);
    await agent.get('/console/mapping/Pricebook2').expect(200);
    await agent.post('/console/mapping/Pricebook2/removals').expect(303);
    expect((await sql`select from salesforce_records`.execute(db)).rows).toEqual([]);
    await agent.post('/console/mapping/Account/removals').expect(404);
    await agent.post('/console/mapping/objects').type('form').send({ sobject: 'Nonsense__c' }).expect(422);
  });

  test('is for administrators alone', async () => {
    const agent = await signedIn(app, await givenStaff({ roles: ['support'] }));
    await agent.get('/console/mapping').expect(403);
    await agent.post('/console/mapping/objects').type('form').send({ sobject: 'Pricebook2' }).expect(403);
  });
});

describe('the comparison', () => {
  test('is asked for, done, and shown with what differed', async () => {
    const agent = await admin();
    await sandbox.org.pool.query(
      `update "Account" set "Site" = 'Bergen', "SystemModstamp" = '2026-01-01' where "Name" like 'Halden%'`,
    );
    await sql`update accounts set modified_at = '2026-01-01' where name like 'Halden%'`.execute(db);
    await agent.post('/console/drift/comparisons').type('form').send({ object: 'Account' }).expect(303);
    expect((await agent.get('/console/drift').expect(200)).text).toContain('Waiting');
    await sync.compareOnce();
    await sync.proveOnce();
    /* The comparison has found out that Salesforce does not know our people of the tests. */
    const again = await admin();
    const page = await again.get('/console/drift?object=Account').expect(200);
    expect(page.text).toContain('Bergen');
    expect(page.text).toContain('Changed without its time being touched');
    expect(page.text).toMatch(/\d+ differed, \d+ were mended/);
    await again.post('/console/drift/comparisons').type('form').send({ object: 'Nonsense' }).expect(404);
    await again.post('/console/drift/comparisons').expect(303);
  });
});

describe.each(looks)('at $width pixels, $scheme', (look) => {
  test('mapping and comparison are accessible', async () => {
    await sql`
        insert into field_notices (sobject, field, notice, detail, noticed_at) values
          ('Account', 'Site', 'readable', 'string', now()), ('Case', 'Reason__c', 'gone', '', now())`.execute(
      db,
    );
    await sql`
        insert into drift_days (sobject, day, compared, differing, mended)
        select 'Contact', current_date - n, 800 + 100 * (n % 7), case when n % 9 = 0 then 4 else 0 end, case when n % 9 = 0 then 4 else 0 end
        from generate_series(1, 25) n on conflict do nothing`.execute(db);
    const context = await browser.signedIn(
      await givenStaff({ roles: ['admin'], name: 'Clara Mendes' }),
      look,
    );
    const page = await context.newPage();
    const pages = ['', '/Account?q=rapport', '/Account/fields/Site', '/objects?q=price'].map(
      (path) => `/console/mapping${path}`,
    );
    for (const path of [...pages, '/console/drift']) {
      await page.goto(browser.url + path);
      await screenshot(page, `${path.slice(1)}-${String(look.width)}-${look.scheme}`);
      await expectAccessible(page);
    }
    await context.close();
  });
});
