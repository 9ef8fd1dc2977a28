import { generateKeyPairSync } from 'node:crypto';

import jsforce from 'jsforce';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { oauthClient, SANDBOX_PASSWORD, staff } from '../../../sandbox/cast.ts';
import { clientAt, startSandbox } from '../../support/sandbox.ts';

import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

const post = (path: string, fields: Record<string, string>) =>
  fetch(sandbox.url + path, { method: 'POST', body: new URLSearchParams(fields) });

const token = async (fields: Record<string, string>) => {
  const answer = await post('/services/oauth2/token', fields);
  const { error, error_description, access_token } = (await answer.json()) as Record<string, string>;
  return { status: answer.status, error, error_description, access_token };
};

/** Signs a person's browser in and allows the client; returns where the browser is sent. */
async function consent(address: string, decision = 'allow'): Promise<URL> {
  const signIn = await fetch(`${sandbox.url}/login`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ un: staff.admin.username, pw: SANDBOX_PASSWORD, startURL: '/' }),
  });
  const cookie = signIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const fields = new URL(address).searchParams;
  fields.set('decision', decision);
  const answer = await fetch(`${sandbox.url}/services/oauth2/authorize`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie },
    body: fields,
  });
  expect(answer.status).toBe(302);
  return new URL(answer.headers.get('location') ?? '');
}

test('jsforce signs in by username and password, and knows who it is', async () => {
  const connection = await sandbox.connect();
  const identity = await connection.identity();
  expect(identity.username).toBe(staff.admin.username);
  expect(identity.organization_id).toBe(sandbox.org.id);
  expect(connection.accessToken).toMatch(/^00D\w{12}!/);
  expect(connection.instanceUrl).toBe(sandbox.url);
});

test('a wrong password is refused in Salesforce’s words', async () => {
  const connection = new jsforce.Connection({ oauth2: clientAt(sandbox.url) });
  await expect(connection.login(staff.admin.username, 'wrong')).rejects.toThrow('authentication failure');
  const { error, status } = await token({
    grant_type: 'password',
    client_id: 'nobody',
    username: 'a',
    password: 'b',
  });
  expect([status, error]).toEqual([400, 'invalid_client_id']);
});

test('jsforce signs in and out by SOAP', async () => {
  const connection = new jsforce.Connection({ loginUrl: sandbox.url, version: '60.0' });
  const user = await connection.login(staff.admin.username, SANDBOX_PASSWORD);
  expect(user.organizationId).toBe(sandbox.org.id);
  expect((await connection.soap.getUserInfo()).userName).toBe(staff.admin.username);
  const { accessToken } = connection;
  await connection.logout();
  const late = new jsforce.Connection({
    instanceUrl: sandbox.url,
    sessionId: accessToken ?? '',
    version: '60.0',
  });
  await expect(late.soap.getUserInfo()).rejects.toThrow('INVALID_SESSION_ID');
});

test('SOAP refuses a wrong password with INVALID_LOGIN', async () => {
  const connection = new jsforce.Connection({ loginUrl: sandbox.url, version: '60.0' });
  await expect(connection.login(staff.admin.username, 'wrong')).rejects.toThrow(
    /^INVALID_LOGIN: Invalid username/,
  );
});

test('client credentials act for the integration user', async () => {
  const connection = new jsforce.Connection({ oauth2: { ...clientAt(sandbox.url), redirectUri: '' } });
  await connection.authorize({ grant_type: 'client_credentials' });
  expect((await connection.identity()).username).toBe(staff.admin.username);
  const refused = await token({
    grant_type: 'client_credentials',
    client_id: oauthClient.id,
    client_secret: 'wrong',
  });
  expect(refused.error).toBe('invalid_client');
});

test('a JWT of a registered key signs in, of another key not, whichever unit exp is in', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const assertion = (
    key: typeof privateKey,
    { exp, aud = `${sandbox.url}/` }: { exp: number; aud?: string },
  ) =>
    new SignJWT({ iss: oauthClient.id, sub: staff.admin.username, aud, exp })
      .setProtectedHeader({ alg: 'RS256' })
      .sign(key);
  const redeem = async (jwt: string) =>
    token({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: jwt });
  const soon = Math.floor(Date.now() / 1000) + 120;

  expect((await redeem(await assertion(privateKey, { exp: soon }))).error_description).toBe(
    'invalid assertion',
  );
  await fetch(`${sandbox.url}/__sandbox__/clients`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      id: oauthClient.id,
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
    }),
  });
  expect((await redeem(await assertion(privateKey, { exp: soon }))).access_token).toMatch(/^00D/);
  expect((await redeem(await assertion(privateKey, { exp: soon * 1000 }))).access_token).toMatch(/^00D/);
  expect((await redeem(await assertion(stranger.privateKey, { exp: soon }))).error_description).toBe(
    'invalid assertion',
  );
  expect((await redeem(await assertion(privateKey, { exp: soon - 3600 }))).error).toBe('invalid_grant');
  const elsewhere = await assertion(privateKey, { exp: soon, aud: 'https://evil.example' });
  expect((await redeem(elsewhere)).error_description).toBe('audience is invalid');
});

test('the web-server flow with PKCE: a person allows, jsforce redeems the code once, then refreshes', async () => {
  const oauth2 = new jsforce.OAuth2({ ...clientAt(sandbox.url), useVerifier: true });
  const back = await consent(oauth2.getAuthorizationUrl({ state: 's 1', scope: 'api refresh_token openid' }));
  expect(back.searchParams.get('state')).toBe('s 1');
  const code = back.searchParams.get('code') ?? '';
  const connection = new jsforce.Connection({ oauth2, version: '60.0' });
  await connection.authorize(code);
  expect(connection.refreshToken).toMatch(/^5Aep861/);
  await expect(oauth2.requestToken(code)).rejects.toThrow('expired authorization code');

  await fetch(`${sandbox.url}/__sandbox__/tokens/expire`, { method: 'POST' });
  const refreshed = await oauth2.refreshToken(connection.refreshToken ?? '');
  expect(refreshed.access_token).toMatch(/^00D/);
  expect(refreshed.refresh_token).toBeUndefined();
});

test('a code is worth nothing without the verifier of the one who asked for it', async () => {
  const asked = new jsforce.OAuth2({ ...clientAt(sandbox.url), useVerifier: true });
  const thief = new jsforce.OAuth2({ ...clientAt(sandbox.url), useVerifier: true });
  const code = (await consent(asked.getAuthorizationUrl({}))).searchParams.get('code') ?? '';
  await expect(thief.requestToken(code)).rejects.toThrow('invalid code verifier');
});

test('a person who denies is sent back with access_denied', async () => {
  const oauth2 = new jsforce.OAuth2(clientAt(sandbox.url));
  const back = await consent(oauth2.getAuthorizationUrl({ state: 'x' }), 'deny');
  expect(Object.fromEntries(back.searchParams)).toMatchObject({ error: 'access_denied', state: 'x' });
});

test('nobody is sent to an address that the client does not own', async () => {
  const address = new jsforce.OAuth2({
    ...clientAt(sandbox.url),
    redirectUri: 'https://evil.example/cb',
  }).getAuthorizationUrl({});
  const answer = await fetch(address, { redirect: 'manual' });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain('redirect_uri_mismatch');
});

test('the sign-in page leads to no other site', async () => {
  for (const startURL of ['//evil.example', 'https://evil.example/', '/\\evil.example', '/.//evil.example']) {
    const answer = await fetch(`${sandbox.url}/login`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ un: staff.admin.username, pw: SANDBOX_PASSWORD, startURL }),
    });
    const landing = new URL(answer.headers.get('location') ?? '', sandbox.url);
    expect(landing.origin).toBe(sandbox.url);
  }
});

test('with rotation on, each refresh gives a new token, and a token used twice ends them all', async () => {
  const oauth2 = new jsforce.OAuth2(clientAt(sandbox.url));
  await fetch(`${sandbox.url}/__sandbox__/rotate/on`, { method: 'POST' });
  const code = (await consent(oauth2.getAuthorizationUrl({}))).searchParams.get('code') ?? '';
  const first = (await oauth2.requestToken(code)).refresh_token ?? '';
  const second = (await oauth2.refreshToken(first)).refresh_token ?? '';
  expect(second).not.toBe(first);
  await expect(oauth2.refreshToken(first)).rejects.toThrow('expired access/refresh token');
  await expect(oauth2.refreshToken(second)).rejects.toThrow('expired access/refresh token');
  await fetch(`${sandbox.url}/__sandbox__/rotate/off`, { method: 'POST' });
});

test('a revoked token is dead, and an unknown one is refused', async () => {
  const connection = await sandbox.connect();
  const { accessToken } = connection;
  await connection.logout();
  const identity = await fetch(`${sandbox.url}/services/oauth2/userinfo`, {
    headers: { authorization: `Bearer ${accessToken ?? ''}` },
  });
  expect([identity.status, await identity.text()]).toEqual([403, 'Bad_OAuth_Token']);
  expect((await post('/services/oauth2/revoke', { token: 'nonsense' })).status).toBe(400);
});

test('introspection and userinfo tell whose token it is', async () => {
  const connection = await sandbox.connect();
  const form = {
    token: connection.accessToken ?? '',
    client_id: oauthClient.id,
    client_secret: oauthClient.secret,
  };
  const active = (await (await post('/services/oauth2/introspect', form)).json()) as Record<string, unknown>;
  expect(active).toMatchObject({ active: true, username: staff.admin.username, client_id: oauthClient.id });
  const unknown = await post('/services/oauth2/introspect', { ...form, token: 'nonsense' });
  expect(await unknown.json()).toEqual({ active: false });
  const info = await fetch(`${sandbox.url}/services/oauth2/userinfo`, {
    headers: { authorization: `Bearer ${connection.accessToken ?? ''}` },
  });
  expect(await info.json()).toMatchObject({ email: staff.admin.email, organization_id: sandbox.org.id });
});
