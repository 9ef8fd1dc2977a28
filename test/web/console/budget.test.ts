import { afterAll, beforeEach, describe, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { HOUR, MINUTE, now } from '../../../src/platform/clock.ts';
import { db, pool, sql } from '../../../src/platform/db.ts';
import '../../../src/platform/salesforce/budget/budget-tables.ts';
import { forgetBudget, maySpend } from '../../../src/platform/salesforce/budget/budget.ts';
import { startOfHour } from '../../../src/platform/salesforce/budget/forecast.ts';
import { expectAccessible, looks, screenshot, useBrowser } from '../../support/browser.ts';
import { givenStaff, signedIn } from '../../support/people.ts';

const app = createApp();
const browser = useBrowser(() => app);

/** Two weeks of calls, and readings of an org whose other users have used the day nearly up. */
async function givenBudget(used: number): Promise<void> {
  const current = startOfHour(now());
  await sql`
    insert into api_calls (hour, feature, calls)
    select ${new Date(current)}::timestamptz - n * interval '1 hour', feature, calls
    from generate_series(0, 335) n,
         (values ('cases', 900), ('accounts', 400), ('insights', 150), ('comparison', 60), ('files', 30), ('setup', 12), ('probe', 6))
           as given (feature, calls)`.execute(db);
  await sql`
    insert into api_readings (hour, used, max, read_at)
    select at, (${used}::int * (30 - n) / 30)::bigint, 100000, at + interval '59 minutes'
    from generate_series(0, 29) n, lateral (select ${new Date(current)}::timestamptz - n * interval '1 hour' as at) hours`.execute(
    db,
  );
  await sql`update api_budget set used = ${used}, max = 100000, read_at = ${now()}, app_used = 900, app_max = 50000`.execute(
    db,
  );
  await sql`
    insert into org_limits (name, max, remaining, read_at) values
      ('DailyBulkV2QueryJobs', 10000, 9400, ${now()}), ('FileStorageMB', 20480, 1100, ${now()})`.execute(db);
  forgetBudget();
  await maySpend('cases');
}

beforeEach(async () => {
  await sql`truncate api_calls, api_readings, org_limits, budget_changes`.execute(db);
  await sql`update budget_features set shed_since = null, shed_reason = null`.execute(db);
  await sql`update api_budget set used = null, max = null, app_used = null, app_max = null, read_at = null,
              exhausted_since = null, probe_at = null`.execute(db);
  forgetBudget();
});

afterAll(() => pool.end());

const admin = async () => signedIn(app, await givenStaff({ roles: ['admin'], name: 'Clara Mendes' }));

describe('the page of the API budget', () => {
  test('says what there is to say before the org first answered', async () => {
    const page = await (await admin()).get('/console/budget').expect(200);
    expect(page.text).toContain('Salesforce has not told yet');
    expect(page.text).toContain('No calls yet');
  });

  test('tells ours from others’ calls, what each feature costs, what waits and why', async () => {
    await givenBudget(80_000);
    const { text } = await (await admin()).get('/console/budget').expect(200);
    expect(text).toContain('80,000 of 100,000 calls in the last 24 hours');
    expect(text).toContain(
      '37,392 of them are Rapport’s, 42,608 those of the org’s other programs and people',
    );
    expect(text).toContain('75% of the calls are used; goes on below 68%');
    expect(text).toMatch(/Cases<\/span><\/th>\s*<td[^>]*>900<\/td>/);
    expect(text).toContain('Bulk query jobs a day');
    const fortnight = await (await admin()).get('/console/budget?span=fortnight').expect(200);
    expect(fortnight.text).toContain('each of the last 14 days');
  });

  test('shows that the org takes no more calls, since when, and when it is asked again', async () => {
    await givenBudget(100_000);
    await sql`update api_budget set exhausted_since = ${new Date(now().getTime() - HOUR)}, probe_at = ${new Date(now().getTime() + MINUTE)}`.execute(
      db,
    );
    const { text } = await (await admin()).get('/console/budget').expect(200);
    expect(text).toContain('The org takes no more API calls');
  });

  test('an administrator changes a ceiling, and it is kept who did', async () => {
    const agent = await admin();
    await agent
      .post('/console/budget/ceilings')
      .type('form')
      .send({ cases: '12,000', comparison: '' })
      .expect(303);
    const { text } = await agent.get('/console/budget').expect(200);
    expect(text).toContain('The ceilings are saved');
    expect(text).toMatch(/Clara Mendes \(.*@.*\)/);
    const rows = await db
      .selectFrom('budget_features')
      .select(['feature', 'hourly_ceiling'])
      .where('feature', 'in', ['cases', 'comparison', 'files'])
      .orderBy('position')
      .execute();
    expect(rows).toEqual([
      { feature: 'cases', hourly_ceiling: 12_000 },
      { feature: 'files', hourly_ceiling: 5_000 },
      { feature: 'comparison', hourly_ceiling: null },
    ]);
    const wrong = await agent
      .post('/console/budget/ceilings')
      .type('form')
      .send({ cases: 'many' })
      .expect(422);
    expect(wrong.text).toContain('Enter a whole number');
    expect(wrong.text).toContain('value="many"');
  });

  test('support looks, and does not change', async () => {
    const agent = await signedIn(app, await givenStaff({ roles: ['support'] }));
    const { text } = await agent.get('/console/budget').expect(200);
    expect(text).not.toContain('action="/console/budget/ceilings"');
    await agent.post('/console/budget/ceilings').type('form').send({ cases: '1' }).expect(403);
  });
});

describe.each(looks)('at $width pixels, $scheme', (look) => {
  test('the page is accessible with everything on it', async () => {
    await givenBudget(88_000);
    const context = await browser.signedIn(await givenStaff({ roles: ['admin'] }), look);
    const page = await context.newPage();
    await page.goto(`${browser.url}/console/budget`);
    await screenshot(page, `console-budget-${String(look.width)}-${look.scheme}`);
    for (const folded of await page.locator('details.raw > summary').all()) await folded.click();
    await expectAccessible(page);
    await context.close();
  });
});

test('the page of the sync says what waits while calls are scarce', async () => {
  const agent = await signedIn(app, await givenStaff({ roles: ['rep'] }));
  expect((await agent.get('/console/sync').expect(200)).text).not.toContain('API calls are scarce');
  await givenBudget(76_000);
  const { text } = await agent.get('/console/sync').expect(200);
  expect(text).toContain('API calls are scarce');
  expect(text).toContain('Health and insights and Comparison wait');
});
