import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startMailbox } from '../../support/mailbox.ts';

const { mailsTo, sandbox } = await startMailbox();
const { createApp } = await import('../../../src/app.ts');
const { recomputeAllHealth } = await import('../../../src/health/health.ts');
const { DAY, now } = await import('../../../src/platform/clock.ts');
const { db, pool, sql } = await import('../../../src/platform/db.ts');
const { drainJobs } = await import('../../../src/platform/job-runner.ts');
const { reactions } = await import('../../../src/reactions.ts');
const { reports } = await import('../../../src/reports/catalog.ts');
const { writePages } = await import('../../../src/reports/visits.ts');
const { jobs } = await import('../../../src/worker.ts');
const { expectAccessible, looks, screenshot, useBrowser } = await import('../../support/browser.ts');
const { day, givenUsage } = await import('../../support/days-of-use.ts');
const { givenAccount, givenContact, givenLicense, givenOpportunity } =
  await import('../../support/mirror.ts');
const { givenStaff, signedIn } = await import('../../support/people.ts');

const app = createApp();
const browser = useBrowser(() => app);
const work = () => drainJobs({ reactions, jobs });

let csm: Awaited<ReturnType<typeof givenStaff>>;
let admin: Awaited<ReturnType<typeof givenStaff>>;
let agent: Awaited<ReturnType<typeof signedIn>>;

async function givenCustomer(name: string, { due, kept }: { due: number; kept: boolean }): Promise<void> {
  const account = await givenAccount({
    name,
    owner_id: csm.userId,
    industry: 'Shipping',
    created_at: new Date(now().getTime() - 800 * DAY),
  });
  await givenContact({ account });
  await givenLicense({
    account,
    purchased_on: day(due - 365),
    support_until: day(kept ? due + 365 : due),
    seats: 2,
  });
  await givenOpportunity({
    account,
    type: 'New Customer',
    is_closed: true,
    is_won: true,
    amount_minor: 120_050,
    close_on: day(due - 365),
  });
  await givenOpportunity({
    account,
    type: 'Renewal',
    is_closed: true,
    is_won: kept,
    amount_minor: 70_000,
    close_on: day(due),
  });
  await givenUsage({ account, days: [-1, -2, -3, -4, -5, -6, due - 40, due - 41, due - 42, due - 60] });
}

beforeAll(async () => {
  csm = await givenStaff({ roles: ['csm'], name: 'Clara Mendes' });
  admin = await givenStaff({ roles: ['admin'], name: 'Priya Raman', email: 'priya@tidewater.example' });
  agent = await signedIn(app, csm);
  await givenCustomer('=cmd|calc!A1', { due: -60, kept: true });
  await givenCustomer('Halden Freight', { due: -90, kept: true });
  await givenCustomer('Blue Quay', { due: -70, kept: false });
  await recomputeAllHealth();
  /* What past days were like is of no matter here, and takes a while. */
  await sql`delete from graphile_worker._private_jobs`.execute(db);
});
afterAll(async () => {
  await sandbox.close();
  await pool.end();
});

describe('reports', () => {
  test('are listed by category, each with a line on what it means', async () => {
    const { text } = await agent.get('/console/reports');
    for (const category of [
      'User engagement',
      'Free users',
      'Paying customers',
      'Cancellations',
      'You using Rapport',
    ])
      expect(text).toContain(category);
    for (const { name } of reports) expect(text).toContain(`href="/console/reports/${name}"`);
    expect(text).not.toMatch(/reports\.of\.|backtest\.\w/);
  });

  test('each answers with every choice of time and segment, and hostile ones are passed over', async () => {
    for (const { name, spans, segmentings } of reports)
      for (const query of [
        '',
        ...spans.map((span) => `?span=${span}`),
        ...segmentings.map((by) => `?by=${by}`),
        '?span=%27%3B--&by=[object]&by=x',
      ]) {
        const { status, text } = await agent.get(`/console/reports/${name}${query}`);
        expect([name, query, status]).toEqual([name, query, 200]);
        expect(text, `${name}${query}`).not.toMatch(/>reports\.|\bNaN\b|undefined|\[object/);
      }
    expect((await agent.get('/console/reports/no-such-report')).status).toBe(404);
    expect((await agent.get('/console/reports/__proto__')).status).toBe(404);
  });

  test('show the figures of the accounts, and lead to the accounts behind them', async () => {
    const { text } = await agent.get('/console/reports/risk?by=industry');
    expect(text).toContain('/console/accounts?industry=Shipping');
    expect((await agent.get('/console/reports/churn')).text).toContain('Blue Quay');
  });

  test('are downloaded as CSV that a spreadsheet can reckon with and does not run', async () => {
    const answer = await agent.get('/console/reports/risk/figures?section=worst');
    expect(answer.headers['content-type']).toContain('text/csv');
    expect(answer.headers['content-disposition']).toContain('risk-worst-');
    const value = await agent.get('/console/reports/paying/figures?section=value');
    expect(value.text.split('\r\n')[0]).toBe('\uFEFFMonth,Contract value a year,Average per account');
    expect(value.text.split('\r\n')).toContain(`${day(0).slice(0, 7)},1400,700`);
    const due = await agent.get('/console/reports/renewals/figures?section=due');
    expect(due.text).toContain("'=cmd|calc!A1");
  });

  test('pages that somebody opens are counted for them', async () => {
    await writePages();
    const { rows } = await sql<{
      pages: number;
    }>`select pages from page_days where person_id = ${csm.id} and surface = 'console'`.execute(db);
    expect(rows[0]?.pages).toBeGreaterThan(20);
    expect((await agent.get('/console/reports/people')).text).toContain('Clara Mendes');
  });
});

describe('a report that is missing', () => {
  test('is asked for, told to the administrators by mail, answered, and told to whoever asked', async () => {
    const asked = await agent
      .post('/console/reports/requests')
      .type('form')
      .send({ question: 'Which module do <b>banks</b> use?', report: 'adoption' });
    expect(asked.status).toBe(303);
    await work();
    const [mail] = await mailsTo(admin.email);
    expect(mail?.subject).toBe('A report is asked for by Clara Mendes');
    expect(mail?.text).toContain('Which module do <b>banks</b> use?');
    expect(mail?.text).toContain('/console/reports/requests');
    expect(mail?.text).not.toContain('/en/console');

    const boss = await signedIn(app, admin);
    const list = await boss.get('/console/reports/requests');
    expect(list.text).toContain('Which module do &lt;b&gt;banks&lt;/b&gt; use?');
    const action =
      /action="(\/console\/reports\/requests\/[0-9a-f-]{36}\/answers)"/.exec(list.text)?.[1] ?? '';
    expect((await agent.post(action).type('form').send({ answer: 'Mine' })).status).toBe(403);
    expect((await boss.post(action).type('form').send({ answer: '' })).status).toBe(422);
    expect((await boss.post(action).type('form').send({ answer: 'Restore, above all.' })).status).toBe(303);
    await work();
    expect((await mailsTo(csm.email))[0]?.text).toContain('Restore, above all.');
    expect((await agent.get('/console/reports/requests')).text).toContain('Restore, above all.');
  });

  test('nobody sees what others asked but administrators, and nothing typed is lost', async () => {
    const rep = await signedIn(app, await givenStaff({ roles: ['rep'] }));
    expect((await rep.get('/console/reports/requests')).text).not.toContain('Which module');
    const long = 'x'.repeat(2001);
    const refused = await rep.post('/console/reports/requests').type('form').send({ question: long });
    expect([refused.status, refused.text.includes(long)]).toEqual([422, true]);
  });
});

describe('the backtest', () => {
  const form = { first: 'in-force', second: '', step: 'month', notice: '30', warning: 'poor' };

  test('is started, runs in a worker while its page tells how far it is, and says when there is too little to say', async () => {
    const started = await agent.post('/console/backtest/runs').type('form').send(form);
    expect(started.status).toBe(303);
    const page = started.headers.location ?? '';
    expect((await agent.get(page)).text).toContain('0 of 13 days judged');
    await work();
    const { text } = await agent.get(page);
    expect(text).toContain('Too little churn to say');
    expect(text).toContain('1 of 3 renewals were lost. It takes about 43');
    expect(text).not.toMatch(/>backtest\.|NaN|undefined/);
    const file = await agent.get(`${page}/figures`);
    expect(file.text).toContain("'=cmd|calc!A1");
    expect(file.text.trim().split('\r\n')).toHaveLength(4);
    expect((await agent.get('/console/backtest')).text).toContain('Too little churn to say');
  });

  test('takes no choices that there are not, and is not for reps to start', async () => {
    expect(
      (
        await agent
          .post('/console/backtest/runs')
          .type('form')
          .send({ ...form, step: 'second' })
      ).status,
    ).toBe(422);
    const gone = await agent
      .post('/console/backtest/runs')
      .type('form')
      .send({ ...form, first: '424242' });
    expect([gone.status, gone.text.includes('does not exist any more')]).toEqual([422, true]);
    const rep = await signedIn(app, await givenStaff({ roles: ['rep'] }));
    expect((await rep.post('/console/backtest/runs').type('form').send(form)).status).toBe(403);
    expect((await rep.get('/console/backtest')).text).not.toContain('Run it');
    expect((await agent.get('/console/backtest/not-an-id')).status).toBe(404);
  });
});

/* Each width and each scheme once: what differs is either the one or the other. */
describe.each(looks)('at $width pixels, $scheme', (look) => {
  test('reports, requests and the backtest are accessible', async () => {
    const context = await browser.signedIn(csm, look);
    const page = await context.newPage();
    const run = await sql<{ id: string }>`select id from backtests limit 1`.execute(db);
    const paths = ['', '/activity', '/adoption', '/risk?by=industry', '/renewals', '/churn', '/requests'].map(
      (path) => `/console/reports${path}`,
    );
    for (const path of [...paths, '/console/backtest', `/console/backtest/${run.rows[0]?.id ?? ''}`]) {
      await page.goto(browser.url + path);
      await screenshot(
        page,
        `${path.replace(/[0-9a-f]{8}-[0-9a-f-]+/, 'run')}-${String(look.width)}-${look.scheme}`,
      );
      for (const folded of await page.locator('details.raw > summary').all()) await folded.click();
      await expectAccessible(page);
    }
    await context.close();
  });
});
