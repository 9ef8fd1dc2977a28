import request from 'supertest';
import { beforeEach, expect, test } from 'vitest';

/* Behind one proxy, so that a test can come from several addresses; reached by https, as in production. */
Object.assign(process.env, { TRUSTED_PROXIES: '1', PUBLIC_URL: 'https://support.tidewater.example' });
const { createApp } = await import('../../../src/app.ts');
const { MINUTE } = await import('../../../src/platform/clock.ts');
const { db, sql } = await import('../../../src/platform/db.ts');
const { givenCustomer, givenPerson, PASSWORD } = await import('../../support/people.ts');

const app = createApp();
beforeEach(() => sql`delete from rate_limits`.execute(db));

const attempt = (email: string, password: string, from = '198.51.100.7') =>
  request(app)
    .post('/sign-in')
    .set('X-Forwarded-For', from)
    .set('X-Forwarded-Proto', 'https')
    .type('form')
    .send({ email, password });

test('v5.0.0-6.3.1 ten wrong passwords for one account stop the eleventh, from wherever it comes, with a friendly page', async () => {
  const { email } = await givenPerson();
  for (let times = 0; times < 10; times++)
    expect((await attempt(email, 'wrong', `198.51.100.${String(times)}`)).status).toBe(422);
  const refused = await attempt(email, PASSWORD, '203.0.113.9');
  expect(refused.status).toBe(429);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect(Number(refused.headers['retry-after']) * 1000).toBeLessThanOrEqual(15 * MINUTE);
  expect(refused.text).toContain('That was a little too fast');
});

test('an unknown address is limited just as a known one, so the limit tells nothing', async () => {
  const statuses: number[] = [];
  for (let times = 0; times < 11; times++)
    statuses.push((await attempt('nobody@example.com', 'wrong')).status);
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 422), 429]);
});

test('one network address that tries many accounts is stopped, and others are not', async () => {
  const { email } = await givenCustomer();
  for (let times = 0; times < 50; times++)
    await attempt(`guess-${String(times)}@example.com`, 'wrong', '192.0.2.1');
  expect((await attempt(email, PASSWORD, '192.0.2.1')).status).toBe(429);
  expect((await attempt(email, PASSWORD, '192.0.2.2')).status).toBe(303);
});

test('the many IPv6 addresses of one network count as one', async () => {
  const { email } = await givenCustomer();
  for (let times = 0; times < 50; times++)
    await attempt(`guess-${String(times)}@example.com`, 'wrong', `2001:db8::${String(times)}:1`);
  expect((await attempt(email, PASSWORD, '2001:0db8:0:0:ffff::2')).status).toBe(429);
  expect((await attempt(email, PASSWORD, '2001:db8:0:1::1')).status).toBe(303);
});

test('v5.0.0-2.4.1 one network address has no more than twenty mails sent in an hour', async () => {
  const ask = (times: number) =>
    request(app)
      .post('/password/forgot')
      .set('X-Forwarded-For', '192.0.2.3')
      .type('form')
      .send({ email: `m${String(times)}@example.com` });
  for (let times = 0; times < 20; times++) expect((await ask(times)).status).toBe(303);
  expect((await ask(20)).status).toBe(429);
});

test('of many attempts that come at once, no more are tried than one after another', async () => {
  const { email } = await givenPerson();
  const answers = await Promise.all(Array.from({ length: 30 }, () => attempt(email, 'wrong')));
  expect(answers.filter(({ status }) => status === 422)).toHaveLength(10);
  expect((await attempt(email, PASSWORD)).status).toBe(429);
});

test('v5.0.0-16.3.1 failed and successful sign-ins are written down with their address', async () => {
  const person = await givenCustomer();
  await attempt(person.email, 'wrong', '192.0.2.4');
  await attempt(person.email, PASSWORD, '192.0.2.4');
  const { rows } =
    await sql`select kind, host(address) as address from security_events where person_id = ${person.id} order by id`.execute(
      db,
    );
  expect(rows).toEqual([
    { kind: 'sign-in-failed', address: '192.0.2.4' },
    { kind: 'signed-in', address: '192.0.2.4' },
  ]);
});

test('v5.0.0-6.3.8 a wrong password takes as long as an unknown address', async () => {
  const { email } = await givenPerson();
  const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
  for (let round = 0; round < 15; round++)
    for (const [kind, address] of [
      ['known', email],
      ['unknown', `no-${String(round)}@example.com`],
    ] as const) {
      await sql`delete from rate_limits`.execute(db);
      const started = performance.now();
      await attempt(address, 'wrong');
      times[kind].push(performance.now() - started);
    }
  const median = (list: number[]) => [...list].sort((a, b) => a - b)[7] ?? 0;
  const [known, unknown] = [median(times.known), median(times.unknown)];
  expect(Math.abs(known - unknown)).toBeLessThan(0.4 * Math.max(known, unknown));
});

test('v5.0.0-3.3.1 v5.0.0-3.3.3 over https the session cookie is Secure and bound to this host', async () => {
  const { email } = await givenCustomer();
  const cookie = String((await attempt(email, PASSWORD)).headers['set-cookie']);
  expect(cookie).toMatch(/^__Host-rapport=/);
  expect(cookie).toMatch(/; Secure/);
  expect(cookie).toMatch(/Path=\//);
  expect(cookie).not.toMatch(/Domain=/);
});

test('v5.0.0-3.5.1 a form that another site sends is refused, whatever the cookie', async () => {
  const { email } = await givenCustomer();
  const post = (headers: Record<string, string>) =>
    request(app)
      .post('/sign-in')
      .set('Host', 'support.tidewater.example')
      .set(headers)
      .type('form')
      .send({ email, password: PASSWORD });
  for (const site of ['cross-site', 'same-site'])
    expect((await post({ 'Sec-Fetch-Site': site })).status).toBe(403);
  expect((await post({ Origin: 'https://evil.example' })).status).toBe(403);
  expect((await post({ 'Sec-Fetch-Site': 'same-origin' })).status).toBe(303);
});

test('F22 the same password is hashed differently each time, with Argon2id at no less than 19 MiB', async () => {
  await givenPerson();
  await givenPerson();
  const { rows } = await sql<{ password_hash: string }>`select password_hash from credentials`.execute(db);
  expect(new Set(rows.map((row) => row.password_hash)).size).toBe(rows.length);
  for (const { password_hash } of rows) expect(password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
});
