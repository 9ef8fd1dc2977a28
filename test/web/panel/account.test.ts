import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import type { Browser, Page } from 'playwright-core';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { oauthClient, staff } from '../../../sandbox/cast.ts';
import type * as database from '../../../src/platform/db.ts';
import type * as browsing from '../../support/browser.ts';
import { created, startSalesforce } from '../../support/salesforce.ts';

let salesforce: Awaited<ReturnType<typeof startSalesforce>>;
let db: typeof database.db;
let sql: typeof database.sql;
let exchange: () => Promise<void>;
let close: () => Promise<void>;
let browser: Browser;
let windows: typeof browsing;
let url: string;
let accountId: string;
let repId: string;

const day = (fromToday: number) => new Date(Date.now() + fromToday * 86_400_000).toISOString().slice(0, 10);

/** A port that was free a moment ago: the package names the portal's address before the portal listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A user of the org with a permission set, as an administrator makes them. */
async function givenColleague(person: typeof staff.rep | typeof staff.support, permissionSet?: string) {
  const { org } = salesforce;
  const only = async (soql: string) => (await org.query<{ Id: string }>(soql)).records[0]?.Id ?? '';
  const id = await created(org, 'User', {
    Username: person.username, FirstName: person.firstName, LastName: person.lastName, Email: person.email, Alias: person.alias,
    TimeZoneSidKey: 'America/Chicago', LocaleSidKey: 'en_US', EmailEncodingKey: 'UTF-8', LanguageLocaleKey: 'en_US',
    ProfileId: await only("SELECT Id FROM Profile WHERE Name = 'Standard User'"),
  }); // prettier-ignore
  if (permissionSet === undefined) return id;
  const PermissionSetId = await only(`SELECT Id FROM PermissionSet WHERE Name = '${permissionSet}'`);
  await created(org, 'PermissionSetAssignment', { AssigneeId: id, PermissionSetId });
  return id;
}

beforeAll(async () => {
  const port = await freePort();
  url = `http://localhost:${String(port)}`;
  process.env.PUBLIC_URL = url;
  salesforce = await startSalesforce();
  ({ db, sql } = await import('../../../src/platform/db.ts'));
  const [{ reactions }, { jobs }, { drainJobs }, { createApp }, { serve }] = await Promise.all([
    import('../../../src/reactions.ts'),
    import('../../../src/worker.ts'),
    import('../../../src/platform/job-runner.ts'),
    import('../../../src/app.ts'),
    import('../../../src/platform/http/serve.ts'),
  ]);
  const { org, sync } = salesforce;
  exchange = async () => {
    for (let round = 0; round < 2; round += 1) {
      await sync.pollOnce();
      await drainJobs({ reactions, jobs });
      await sync.drainOnce();
      await drainJobs({ reactions, jobs });
    }
  };
  repId = await givenColleague(staff.rep, 'Rapport_Rep');
  await givenColleague(staff.support);
  accountId = await created(org, 'Account', { Name: 'Halden Freight' });
  await created(org, 'Contact', { AccountId: accountId, LastName: 'Okafor', Email: 'maya@halden.example' });
  await created(org, 'Rapport_License__c', {
    Rapport_Account__c: accountId,
    Rapport_Kind__c: 'License',
    Rapport_Status__c: 'Active',
    Rapport_Support_Until__c: day(200),
  });
  await sync.loadAll();
  await exchange();
  for (const Subject of ['Backup stops', 'Restore fails', 'Console is down'])
    await created(org, 'Case', { AccountId: accountId, Subject, Priority: 'High', Status: 'New' });
  await exchange();
  ({ close } = await serve(createApp(), port));
  windows = await import('../../support/browser.ts');
  browser = await windows.launch();
}, 120_000);

afterAll(async () => {
  await browser.close();
  await close();
  await salesforce.sandbox.close();
});

/** Somebody who is signed in to the sandbox's pages, at an account's record. */
async function atRecord(username: string, look: Partial<browsing.Look> = {}): Promise<Page> {
  const page = await (await browser.newContext(windows.windowOf(look))).newPage();
  await page.goto(`${salesforce.sandbox.url}/login`);
  await page.fill('[name=un], [name=username]', username);
  await page.fill('[name=pw], [name=password]', 'sandbox');
  await Promise.all([page.waitForURL((to) => !to.pathname.endsWith('/login')), page.keyboard.press('Enter')]);
  await page.goto(`${salesforce.sandbox.url}/lightning/r/Account/${accountId}/view`);
  return page;
}

async function panelOf(page: Page) {
  const frame = page.frameLocator('iframe[title=Rapport]');
  await frame.locator('.panel').waitFor();
  return frame;
}

/** What Salesforce would post for the rep, or something near to it. */
function signed(changes: Record<string, unknown> = {}, secret: string = oauthClient.secret): string {
  const body = {
    algorithm: 'HMACSHA256',
    issuedAt: Date.now() | 0,
    userId: repId,
    client: { oauthToken: `00D!${Math.random().toString(36)}`, instanceUrl: 'http://169.254.169.254' },
    context: {
      user: { userId: repId, language: 'en_US', timeZone: 'America/Chicago' },
      organization: { organizationId: salesforce.sandbox.org.id },
      environment: { parameters: { recordId: accountId }, record: {} },
    },
    ...changes,
  };
  const envelope = Buffer.from(JSON.stringify(body)).toString('base64');
  return `${createHmac('sha256', secret).update(envelope).digest('base64')}.${envelope}`;
}

const post = (fields: Record<string, string>, path = '/panel/account') =>
  request(url).post(path).set('Sec-Fetch-Site', 'cross-site').type('form').send(fields);

const open = (signedRequest: string) => post({ signed_request: signedRequest });

test('a rep sees on the record in Salesforce the rank, the reasons and the insights that the console shows', async () => {
  const page = await atRecord(staff.rep.username);
  const panel = await panelOf(page);
  const { rows } = await sql<{ rank: string; score: number }>`
    select rank, score from health where account_id = ${accountId}`.execute(db);
  const [health] = rows;
  expect(health?.rank).toBe('poor');
  expect(await panel.locator('.health').first().textContent()).toContain('Poor');
  expect(await panel.locator('.panel-score').textContent()).toContain(String(health?.score));
  const reasons = await panel.locator('.panel-reasons li').allTextContents();
  const insights = await panel.locator('.panel-insight strong').allTextContents();
  expect(reasons.length).toBeGreaterThan(0);
  expect(insights.length).toBeGreaterThan(0);

  const console_ = await (await browser.newContext(windows.windowOf({}))).newPage();
  await console_.goto(`${url}/sign-in`);
  await console_.fill('input[name=email]', staff.rep.email);
  await console_.fill('input[name=password]', 'rapport-demo');
  await Promise.all([
    console_.waitForURL((to) => !to.pathname.endsWith('/sign-in')),
    console_.click('main form button:not([type=button])'),
  ]);
  await console_.goto(`${url}/console/accounts/${accountId}`);
  let text = (await console_.locator('main').textContent()) ?? '';
  for (const tab of ['health', 'insights']) {
    await console_.goto(`${url}/console/accounts/${accountId}/${tab}`);
    text += (await console_.locator('main').textContent()) ?? '';
  }
  /* The panel says the very sentences that are on the record; the console's page words the same facts with links around them. */
  const { records } = await salesforce.org.query<{ Rapport_Health_Reasons__c: string }>(
    `SELECT Rapport_Health_Reasons__c FROM Account WHERE Id = '${accountId}'`,
  );
  const plain = reasons.map((each) => each.replace(/^\s*\w+: /, '').trim());
  expect(records[0]?.Rapport_Health_Reasons__c.split('\n')).toEqual(expect.arrayContaining(plain));
  const facts = plain.map((each) => each.replace(/^Red flag: /, '').replace(/ \(.*$/, ''));
  for (const said of [...facts, ...insights]) expect(text).toContain(said);
  expect(text).toContain('Poor');
  expect(await page.context().cookies(url), 'the frame was shown without a cookie of ours').toEqual([]);
  await page.context().close();
  await console_.context().close();
});

test('what they answer there is a receipt at once, and on the record in Salesforce a moment later', async () => {
  const page = await atRecord(staff.rep.username);
  const panel = await panelOf(page);
  await panel.getByRole('button', { name: 'Done' }).first().click();
  await panel.getByText('Thank you for acting on it').waitFor();
  const { rows } = await sql<{ kind: string; actor: string; standing: string }>`
    select x.kind, u.email as actor from insight_acts x join users u on u.id = x.actor_id where x.kind = 'done'`.execute(
    db,
  );
  expect(rows).toMatchObject([{ kind: 'done', actor: staff.rep.email }]);
  await page.context().close();

  await exchange();
  const { records } = await salesforce.org.query<{ Rapport_Handled__c: string }>(
    `SELECT Rapport_Handled__c FROM Rapport_Insight__c WHERE Rapport_Handled__c = 'Done'`,
  );
  expect(records).toHaveLength(1);
  const { rows: acts } = await sql`select from insight_acts where kind = 'done'`.execute(db);
  expect(acts, 'the echo is no second act').toHaveLength(1);
});

test('the frame may stand on the org’s pages alone, and is read at 300 pixels in the dark and at 800 in the light', async () => {
  const answer = await open(signed());
  expect(answer.status).toBe(200);
  const policy = String(answer.headers['content-security-policy']);
  const { port } = new URL(salesforce.sandbox.url);
  expect(policy).toContain(`frame-ancestors http://localhost:${port} http://127.0.0.1:${port}`);
  expect(answer.headers['x-frame-options']).toBeUndefined();
  expect(answer.headers['set-cookie']).toBeUndefined();
  for (const [width, scheme] of [[300, 'dark'], [800, 'light']] as const) {
    const page = await (await browser.newContext(windows.windowOf({ width, scheme }))).newPage();
    await page.setContent(
      `<form method="post" action="${url}/panel/account"><input name="signed_request" value="${signed()}"><button>Open</button></form>`,
    );
    await Promise.all([page.waitForURL(`${url}/panel/account`), page.click('button')]);
    await windows.expectAccessible(page);
    await windows.screenshot(page, `panel-${String(width)}-${scheme}`);
    await page.context().close();
  }
}, 60_000); // prettier-ignore

test('of a real org, its pages in Lightning, in Visualforce and by its My Domain may show it', async () => {
  const { framesOf } = await import('../../../src/web/panel/frames.ts');
  expect(framesOf('https://acme.my.salesforce.com/')).toEqual([
    'https://acme.my.salesforce.com',
    'https://acme.lightning.force.com',
    'https://acme--c.vf.force.com',
    'https://acme--c.visualforce.com',
  ]);
  expect(framesOf('https://acme--dev.sandbox.my.salesforce.com')).toContain(
    'https://acme--dev.sandbox.lightning.force.com',
  );
  expect(
    framesOf('https://login.salesforce.com').every((each) =>
      /^https:\/\/\*\.(my\.salesforce|lightning\.force)\.com$/.test(each),
    ),
  ).toBe(true);
});

test('it speaks the language that the user chose in Salesforce', async () => {
  const context = (language: string) => ({
    user: { userId: repId, language, timeZone: 'Europe/Berlin' },
    organization: { organizationId: salesforce.sandbox.org.id.slice(0, 15) },
    environment: { record: { Id: accountId } },
  });
  for (const [language, lang, word] of [['de', 'de', 'Erkenntnisse'], ['ja', 'ja', 'インサイト'], ['pt_BR', 'pt', 'Constatações'], ['es_MX', 'es-419', 'Hallazgos'], ['nl_NL', 'en', 'Insights']] as const) {
    const { text } = await open(signed({ context: context(language) })).expect(200);
    expect(text).toContain(`<html lang="${lang}"`);
    expect(text).toContain(word);
  }
}); // prettier-ignore

test('it gives the reasons, what would help and new ranks in that language, too', async () => {
  const context = (language: string) => ({
    user: { userId: repId, language, timeZone: 'Europe/Berlin' },
    organization: { organizationId: salesforce.sandbox.org.id },
    environment: { record: { Id: accountId } },
  });
  for (const [language, ...words] of [
    ['de', 'Warnzeichen: Dringende offene Fälle: 3', 'Gut wäre dieser Account mit:', 'Zustand'],
    ['fr', 'Signal d’alerte', 'Pour que tout aille bien'],
    ['ja', '警告: ', '良好になるには'],
    ['es_MX', 'Señal de alerta', 'Para que esté bien'],
    ['it', 'Segnale d’allarme', 'Per tornare in salute'],
    ['pt_BR', 'Sinal de alerta', 'Para ficar bem'],
    ['en_GB', 'Red flag', 'To become good'],
  ] as const) {
    const { text } = await open(signed({ context: context(language) })).expect(200);
    for (const word of words) expect(text, language).toContain(word);
    if (!language.startsWith('en')) expect(text, language).not.toMatch(/Red flag|To become good|urgent case|Health went/);
  }
}); // prettier-ignore

describe('a request is refused', () => {
  const refused = async (signedRequest: string, words: string) => {
    const answer = await open(signedRequest);
    expect([answer.status, answer.text.includes(words)]).toEqual([401, true]);
    expect(answer.text).not.toContain('Halden Freight');
    expect(String(answer.headers['content-security-policy'])).toContain('frame-ancestors http');
  };

  test('that is not signed with the app’s secret, in whatever shape', async () => {
    const [signature = '', envelope = ''] = signed().split('.');
    const other = Buffer.from(envelope, 'base64').toString().replace(repId, staff.admin.username);
    for (const wrong of [
      signed({}, 'another secret'),
      `${signature}.${Buffer.from(other).toString('base64')}`,
      `.${envelope}`,
      envelope,
      `${signature}.${envelope}.more`,
      `${signature.slice(0, 10)}.${envelope}`,
      '',
      'x'.repeat(100_000),
    ])
      await refused(wrong, 'only opens inside Salesforce');
  });

  test('that is signed but says something else than a Canvas request', async () => {
    for (const wrong of [{ algorithm: 'none' }, { userId: null }, { userId: salesforce.sandbox.org.id }, { context: null }, { client: {} }])
      await refused(signed(wrong), 'only opens inside Salesforce');
  }); // prettier-ignore

  test('that was used before, whoever has it now', async () => {
    const once = signed();
    await open(once).expect(200);
    await refused(once, 'was shown before');
    const both = signed();
    const answers = await Promise.all([open(both), open(both), open(both)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
  });

  test('that is old, unless the session in it is still good', async () => {
    const old = (Date.now() - 6 * 60_000) | 0;
    await refused(signed({ issuedAt: old }), 'open for too long');
    await refused(signed({ issuedAt: null }), 'open for too long');
    await refused(signed({ issuedAt: (Date.now() + 120_000) | 0 }), 'open for too long');
    const connection = await salesforce.sandbox.connect(staff.rep.username);
    const client = { oauthToken: connection.accessToken };
    await open(signed({ issuedAt: old, client })).expect(200);
    const admin = await salesforce.sandbox.connect();
    await refused(signed({ issuedAt: old, client: { oauthToken: admin.accessToken } }), 'open for too long');
  });

  test('that comes from another org, or from a user without a role here', async () => {
    const context = (userId: string, organizationId: string) => ({
      user: { userId, language: 'en_US' },
      organization: { organizationId },
      environment: { parameters: { recordId: accountId } },
    });
    await refused(signed({ context: context(repId, '00D000000000009AAA') }), 'another Salesforce org');
    const { records } = await salesforce.org.query<{ Id: string }>(
      `SELECT Id FROM User WHERE Username = '${staff.support.username}'`,
    );
    const nobody = records[0]?.Id ?? '';
    await refused(
      signed({ userId: nobody, context: context(nobody, salesforce.sandbox.org.id) }),
      'no permission set',
    );
  });

  test('for an account that is not known, and for a form without a pass or with a mended one', async () => {
    const environment = { parameters: { recordId: `001${'0'.repeat(15)}` } };
    const context = {
      user: { userId: repId },
      organization: { organizationId: salesforce.sandbox.org.id },
      environment,
    };
    expect((await open(signed({ context }))).status).toBe(404);
    const { text } = await open(signed()).expect(200);
    const insight = '11111111-1111-4111-8111-111111111111';
    const pass = /name="pass" value="([^"]+)"/.exec(text)?.[1];
    const said = { insight, answer: 'seen' };
    expect((await post(said, '/panel/answers')).status).toBe(401);
    expect((await post({ ...said, pass: `${pass ?? ''}A` }, '/panel/answers')).status).toBe(401);
    if (pass !== undefined) expect((await post({ ...said, pass }, '/panel/answers')).status).toBe(404);
    expect((await request(url).get('/panel/account')).status).toBe(401);
  });
});

test('a user whom the app does not admit has no panel on the record at all', async () => {
  const page = await atRecord(staff.support.username);
  expect(await page.locator('iframe').count()).toBe(0);
  await page.context().close();
});
