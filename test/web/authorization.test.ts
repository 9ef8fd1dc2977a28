import { randomUUID } from 'node:crypto';

import { Agent, request } from 'undici';
import { afterAll, describe, expect, test } from 'vitest';

import { createApp } from '../../src/app.ts';
import { staffRoles } from '../../src/access/viewer.ts';
import { sessionsOf } from '../../src/identity/sessions.ts';
import { db, sql } from '../../src/platform/db.ts';
import { serve } from '../../src/platform/http/serve.ts';
import { routes } from '../../src/routes.ts';
import { type Audience, audiences, type RecordKind, type Route } from '../../src/web/guards.ts';
import { givenFile } from '../support/case-history.ts';
import { givenAccount, givenCase, givenContact } from '../support/mirror.ts';
import { givenCustomer, givenPerson, givenStaff, sessionCookieOf } from '../support/people.ts';

/*
 * Every route of src/routes.ts is attacked as every kind of person, with records of strangers in its parameters. Who may
 * take a route is said here a second time, by itself: a rule that was made too lax does not agree with this table, and a new
 * route that nothing here speaks of fails until somebody has thought about it.
 */
const staff: readonly Audience[] = staffRoles;
const accountPeople: readonly Audience[] = ['customer', 'partner'];
const signedIn: readonly Audience[] = [...accountPeople, ...staff];

/** The first that fits a route's path says who may take it. */
const whoMay: [RegExp, readonly Audience[]][] = [
  [/^\/panel\//, audiences],
  [/^\/(v1\/|pixel\.gif$|sourceConfig$)/, audiences],
  [/^\/(hooks|c|o|preferences|unsubscribe)\//, audiences],
  [/^\/(healthz|readyz|metrics|robots\.txt|\.well-known\/.*)$/, audiences],
  [/^\/$|^\/(help|home|no-account|sign-in|sign-out|sign-up)(\/|$)/, audiences],
  [/^\/(password|email)\//, audiences],
  [/^\/account\/current$/, accountPeople],
  [/^\/account(\/|$)/, signedIn],
  [/^\/portal(\/|$)/, accountPeople],
  [/^\/partner(\/|$)/, ['partner']],
  [/^\/console\/sync$/, staff],
  [/^\/console\/outbox(\/:id)?$/, staff],
  [/^\/console\/insights\/milestones$/, staff],
  [/^\/console\/insights\/milestones\//, ['csm', 'admin']],
  [/^\/console\/outbox\//, ['admin']],
  [/^\/console\/conflicts(\/|$)/, ['csm', 'support', 'admin']],
  [/^\/console\/(dead-letters|erasures|sync|webhooks|webhook-deliveries)(\/|$)/, ['admin']],
  [/^\/console\/(mapping|setup)(\/|$)/, ['admin']],
  [/^\/console\/stray-events$/, ['csm', 'support', 'admin']],
  [/^\/console\/drift$/, ['support', 'admin']],
  [/^\/console\/drift\//, ['admin']],
  [/^\/console\/budget$/, ['support', 'admin']],
  [/^\/console\/budget\//, ['admin']],
  [/^\/console\/accounts\/:id\/attributes\/edit$/, ['csm', 'rep', 'admin']],
  [/^\/console\/(removed-accounts|accounts\/:id\/(removal|restoration))$/, ['csm', 'admin']],
  [/^\/console\/usage\/accounts(\/|$)/, ['csm', 'admin']],
  [/^\/console\/usage(\/|$)/, ['admin']],
  [/^\/console\/settings\/engagement(\/|$)/, ['admin']],
  [/^\/console\/health-profiles(\/:id)?$/, staff],
  [/^\/console\/health-profiles\//, ['admin']],
  [/^\/console\/sign-ups(\/|$)/, ['support', 'admin']],
  [/^\/console\/reports\/requests\/:id\//, ['admin']],
  [/^\/console\/backtest\/(runs$|:id\/resumptions)/, ['csm', 'admin']],
  [
    /^\/console\/segments(\/:id(\/(changes|members\.csv|members\/:member|favorites|favorites\/removals))?)?$/,
    staff,
  ],
  [/^\/console\/segments\//, ['csm', 'admin']],
  [/^\/console\/(tags(\/history)?|risk|accounts\/:id\/marks)$/, staff],
  [/^\/console\/(tags|risk|accounts\/:id\/marks)\//, ['csm', 'admin']],
  [/^\/console\/messages\/:id\/goal$/, ['csm', 'admin']],
  [/^\/console\/campaigns(\/results|\/:id(\/(approval|people|results|message|audience\/preview))?)?$/, staff],
  [
    /^\/console\/tracks(\/templates(\/matches|\/:code)?|\/:id(\/(figures|approval(\/(forecast|counting))?|people(\.csv|\/:person)?))?)?$/,
    staff,
  ],
  [/^\/console\/tracks\//, ['csm', 'admin']],
  [/^\/console\/runs(\/:id(\/(ledger|ledger\.csv|proof))?)?$/, staff],
  [/^\/console\/(campaigns|runs|topics|suppressions)\//, ['csm', 'admin']],
  [/^\/console\/(messages(\/:id(\/(frame|versions(\/:version)?))?)?|templates)$/, staff],
  [
    /^\/console\/(messages|images)(\/|\.|$)|^\/console\/message-people$|^\/console\/settings\/brand$/,
    ['csm', 'admin'],
  ],
  [/^\/console\/settings\/brand\/messages(\/|$)/, ['csm', 'admin']],
  [/^\/console\/settings\/brand\//, ['admin']],
  [/^\/media\//, audiences],
  [/^\/console\/settings\/campaigns\//, ['admin']],
  [/^\/console(\/|$|\.)/, staff],
];

/**
 * Taken by programs with a write key, which names a source and nobody, and by Salesforce with its signature: a cookie is not even
 * looked at.
 */
const byOwnProof =
  /^\/(v1\/(?!openapi)|pixel\.gif$|sourceConfig$|panel\/|hooks\/|c\/|o\/|media\/|unsubscribe\/)/;

const app = createApp();
const server = await serve(app, 0);
/* Each request on a connection of its own: a kept one may end at the very moment that it is used again. */
const dispatcher = new Agent({ pipelining: 0 });

afterAll(async () => {
  await dispatcher.close();
  await server.close();
});

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

async function http(method: Route['method'], path: string, headers: Record<string, string>, form = '') {
  const answer = await request(`http://127.0.0.1:${String(server.port)}${path}`, {
    dispatcher,
    method: method === 'get' ? 'GET' : 'POST',
    headers: method === 'get' ? headers : { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: method === 'get' ? null : form,
  });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

/** Everyone who attacks: a customer and a partner of one account, one of staff for each role, and nobody. */
const own = await givenAccount({ name: 'Own account' });
const attackers = {
  customer: await givenCustomer({ account: own }),
  partner: await givenCustomer({ type: 'Reseller' }),
  rep: await givenStaff({ roles: ['rep'] }),
  csm: await givenStaff({ roles: ['csm'] }),
  support: await givenStaff({ roles: ['support'] }),
  admin: await givenStaff({ roles: ['admin'] }),
};

/** What they must not reach. */
const strangersAccount = await givenAccount({ name: 'Strangers’ account' });
const stranger = await givenCustomer({ account: strangersAccount });
const strangersCase = await givenCase({
  account: strangersAccount,
  contact: stranger.contact,
  subject: 'Strangers’ secret',
});
const strangersFile = await givenFile(strangersCase);
await sessionCookieOf(app, stranger);
const [strangersSession] = await sessionsOf(stranger.id, '');

/** A stranger's record of each kind: a kind that is missing here does not compile. */
const strangers: Record<RecordKind, string> = {
  account: strangersAccount.id,
  case: strangersCase.id,
  'case-file': strangersFile.documentId,
  session: strangersSession?.id ?? '',
  token: 'no-such-token',
  locale: 'en',
  'own-thing': randomUUID(),
  'staff-thing': randomUUID(),
};

const cookies = new Map<Audience, string>();

async function cookieOf(as: Audience): Promise<string> {
  if (as === 'visitor') return '';
  const cookie = cookies.get(as) ?? (await sessionCookieOf(app, attackers[as]));
  cookies.set(as, cookie);
  return cookie;
}

async function ask(route: Route, as: Audience, headers: Record<string, string> = {}) {
  const path = route.path.replaceAll(
    /:(\w+)/g,
    (_, param: string) => strangers[route.rule.records[param] ?? 'own-thing'],
  );
  const cookie = await cookieOf(as);
  const answer = await send(route, path, cookie, headers);
  /* An act that was done may have ended the session. */
  if (route.method === 'post' && answer.status < 400) cookies.delete(as);
  return answer;
}

/** Asks; where a route about a record only leads on, what counts is how the page there answers. */
async function send(
  route: Route,
  path: string,
  cookie: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await http(route.method, path, { cookie, ...headers });
  const onward = answer.headers.location;
  const leadsOn =
    route.method === 'get' &&
    withStrangers(route).length > 0 &&
    typeof onward === 'string' &&
    !onward.startsWith('/sign-in');
  return leadsOn ? await http('get', onward, { cookie }) : answer;
}

/** How a route answers somebody about that case. */
async function statusFor(route: Route, person: { email: string }, caseId: string): Promise<number> {
  const path = route.path.replaceAll(/:(\w+)/g, (_, param: string) =>
    route.rule.records[param] === 'case' ? caseId : strangersFile.documentId,
  );
  return (await send(route, path, await sessionCookieOf(app, person))).status;
}

const withStrangers = (route: Route) => Object.values(route.rule.records);
const name = ({ method, path }: Route) => `${method.toUpperCase()} ${path}`;
const all = routes.map((route) => [name(route), route] as const);
const byCookie = all.filter(([, { path }]) => !byOwnProof.test(path));

test.each(all)('v5.0.0-8.1.1 %s is for those whom the table names, and no others', (_, route) => {
  const expected = whoMay.find(([pattern]) => pattern.test(route.path))?.[1];
  expect(expected, `${route.path}: say in whoMay who may take it`).toBeDefined();
  expect([...route.rule.audience].sort()).toEqual([...(expected ?? [])].sort());
});

test('no address is answered by two routes, of which one might be laxer', () => {
  const shapes = routes.map(({ method, path }) => `${method} ${path.replaceAll(/:\w+/g, ':')}`);
  expect(shapes.filter((shape, index) => shapes.indexOf(shape) !== index)).toEqual([]);
});

describe.each(audiences)('as %s', (as) => {
  const refused = all.filter(([, route]) => !route.rule.audience.includes(as));
  const allowed = byCookie.filter(([, route]) => route.rule.audience.includes(as));

  if (refused.length > 0)
    test.each(refused)('v5.0.0-8.2.1 %s turns away', async (_, route) => {
      const answer = await ask(route, as);
      if (as === 'visitor' && route.method === 'get') {
        expect(answer.status).toBe(303);
        expect(answer.headers.location).toMatch(/^\/sign-in\?next=/);
      } else expect(answer.status).toBe(403);
      expect(answer.text).not.toContain('Strangers’');
    });

  test.each(allowed)('v5.0.0-8.2.2 %s gives nothing of a stranger’s', async (_, route) => {
    const answer = await ask(route, as);
    const kinds = withStrangers(route);
    if (kinds.length === 0 || (staff.includes(as) && kinds.includes('account')))
      expect([200, 302, 303, 422]).toContain(answer.status);
    else
      expect(answer.status, `${name(route)} answered ${String(answer.status)}`).toBeOneOf(
        kinds.includes('token') ? [410] : [404, 409],
      );
    if (!staff.includes(as)) expect(answer.text).not.toContain('Strangers’');
  });

  test('v5.0.0-8.2.1 what takes a key or a signature asks for one, whoever’s cookie comes with it', async () => {
    for (const [, route] of all.filter(([, { path }]) => byOwnProof.test(path)))
      expect((await ask(route, as)).status, name(route)).toBeOneOf([400, 401, 403, 404, 410]);
  });

  const posts = byCookie.filter(([, route]) => route.method === 'post');
  test.each(posts)('v5.0.0-3.5.1 %s is refused when another site sends it', async (_, route) => {
    expect((await ask(route, as, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
  });
});

describe('v5.0.0-8.4.1 within one account', () => {
  const cases = routes.filter(({ rule }) => Object.values(rule.records).includes('case'));

  test('the attack is real: one’s own case is shown', async () => {
    const { id } = await givenCase({
      account: own,
      contact: attackers.customer.contact,
      subject: 'My own question',
    });
    const cookie = await sessionCookieOf(app, attackers.customer);
    const answer = await http('get', `/portal/cases/${id}`, { cookie });
    expect([answer.status, answer.text.includes('My own question')]).toEqual([200, true]);
  });

  test.each(cases.map((route) => [name(route), route] as const))(
    '%s keeps colleagues’ cases from those who see their own alone',
    async (_, route) => {
      const contact = await givenContact({ account: own, roles: ['Evaluator'] });
      const limited = await givenPerson({ contacts: [contact] });
      const colleagues = await givenCase({ account: own, contact: attackers.customer.contact });
      expect(await statusFor(route, limited, colleagues.id)).toBe(404);
    },
  );

  test('a file of another account is not reached through a case of one’s own', async () => {
    const { id } = await givenCase({ account: own, contact: attackers.customer.contact });
    const cookie = await sessionCookieOf(app, attackers.customer);
    for (const file of [strangersFile.documentId, strangersFile.versionId])
      expect((await http('get', `/portal/cases/${id}/files/${file}`, { cookie })).status).toBe(404);
  });

  test.each(cases.map((route) => [name(route), route] as const))(
    '%s keeps to the account that was chosen',
    async (_, route) => {
      const [first, second] = [await givenAccount(), await givenAccount()];
      const contact = await givenContact({
        account: first,
        related: [{ account: second, roles: ['Decision Maker'] }],
      });
      const person = await givenPerson({ contacts: [contact] });
      await sql`update people set chosen_account_id = ${first.id} where id = ${person.id}`.execute(db);
      const { id } = await givenCase({ account: second });
      expect(await statusFor(route, person, id)).toBe(404);
    },
  );
});

test('v5.0.0-8.2.2 nobody acts for an account that is not theirs', async () => {
  for (const as of ['customer', 'partner'] as const) {
    const cookie = await sessionCookieOf(app, attackers[as]);
    const answer = await http('post', '/account/current', { cookie }, `accountId=${strangersAccount.id}`);
    expect(answer.status).toBe(404);
  }
});

test('an address that no route has is told apart from a refusal by nobody', async () => {
  for (const path of [
    '/console/no-such-page',
    '/portal/no-such-page',
    '/.env',
    '/portal/cases/%2e%2e%2fadmin',
  ])
    expect((await http('get', path, {})).status).toBeOneOf([404, 303]);
});
