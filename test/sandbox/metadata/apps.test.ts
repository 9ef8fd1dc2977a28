import { createHash } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { startSandbox } from '../../support/sandbox.ts';

import { packageZip } from './package.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';

/* An External Client App as deployed metadata: what its settings and policies say is what its key can do. */
let sandbox: RunningSandbox;
let connection: Connection;

beforeAll(async () => {
  sandbox = await startSandbox();
  connection = await sandbox.connect();
  connection.metadata.pollInterval = 50;
});
afterAll(() => sandbox.close());

const CALLBACK = 'https://portal.example/callback';

interface Wishes {
  global?: string;
  scopes?: string;
  policies?: string;
  general?: string;
}

/** Deploys the app; the answer says what was refused. */
async function deployApp({
  global = '',
  scopes = 'Api,RefreshToken,OpenID',
  policies,
  general,
}: Wishes = {}) {
  const app = '<externalClientApplication>Desk</externalClientApplication><label>Desk</label>';
  const files: Record<string, string> = {
    'externalClientApps/Desk.eca':
      '<ExternalClientApplication><contactEmail>it@desk.example</contactEmail><distributionState>Local</distributionState><label>Desk</label></ExternalClientApplication>',
    'extlClntAppGlobalOauthSets/Desk_g.ecaGlblOauth': `<ExtlClntAppGlobalOauthSettings><callbackUrl>${CALLBACK}</callbackUrl>${app}${global}</ExtlClntAppGlobalOauthSettings>`,
    'extlClntAppOauthSettings/Desk_o.ecaOauth': `<ExtlClntAppOauthSettings><commaSeparatedOauthScopes>${scopes}</commaSeparatedOauthScopes>${app}</ExtlClntAppOauthSettings>`,
  };
  const members: Record<string, string[]> = {
    ExternalClientApplication: ['Desk'],
    ExtlClntAppGlobalOauthSettings: ['Desk_g'],
    ExtlClntAppOauthSettings: ['Desk_o'],
  };
  if (policies !== undefined) {
    files['extlClntAppOauthPolicies/Desk_oauthPlcy.ecaOauthPlcy'] =
      `<ExtlClntAppOauthConfigurablePolicies>${app}${policies}</ExtlClntAppOauthConfigurablePolicies>`;
    members.ExtlClntAppOauthConfigurablePolicies = ['Desk_oauthPlcy'];
  }
  if (general !== undefined) {
    files['extlClntAppPolicies/Desk_p.ecaPlcy'] =
      `<ExtlClntAppConfigurablePolicies>${app}${general}</ExtlClntAppConfigurablePolicies>`;
    members.ExtlClntAppConfigurablePolicies = ['Desk_p'];
  }
  const { details } = await connection.metadata
    .deploy(packageZip(members, files), { rollbackOnError: true })
    .complete(true);
  return details.componentFailures.map(({ fullName, problem }) => `${fullName}: ${problem ?? ''}`);
}

async function credentials(): Promise<{ client_id: string; client_secret: string }> {
  const read = (await connection.metadata.read(
    'ExtlClntAppGlobalOauthSettings' as never,
    'Desk_g',
  )) as unknown;
  const { consumerKey, consumerSecret } = read as { consumerKey: string; consumerSecret: string };
  return { client_id: consumerKey, client_secret: consumerSecret };
}

async function token(form: Record<string, string>) {
  const answer = await fetch(`${sandbox.url}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  return (await answer.json()) as Record<string, string>;
}

const verifier = 'a-verifier-that-nobody-guesses-0123456789';
const challenge = createHash('sha256').update(verifier).digest('base64url');

/** Signs the administrator in and lets them agree; the answer is the address to which they are sent back. */
async function authorize(wish: Record<string, string>): Promise<URL> {
  const signedIn = await fetch(`${sandbox.url}/login`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ un: 'admin@rapport.sandbox', pw: 'sandbox', startURL: '/' }),
  });
  const cookie = String(signedIn.headers.get('set-cookie')).split(';', 1).join('');
  const query = { response_type: 'code', redirect_uri: CALLBACK, ...wish };
  const asked = await fetch(
    `${sandbox.url}/services/oauth2/authorize?${new URLSearchParams(query).toString()}`,
    {
      headers: { cookie },
      redirect: 'manual',
    },
  );
  const agreed =
    asked.status === 302
      ? asked
      : await fetch(`${sandbox.url}/services/oauth2/authorize`, {
          method: 'POST',
          headers: { cookie },
          redirect: 'manual',
          body: new URLSearchParams({ ...query, decision: 'allow' }),
        });
  return new URL(agreed.headers.get('location') ?? 'nowhere:');
}

test('a deployed app gets a key and a secret, which stay through further deployments until they are rotated', async () => {
  expect(await deployApp()).toEqual([]);
  const first = await credentials();
  expect(first.client_id).toMatch(/^3MVG9[\w.]{80}$/);
  expect(first.client_secret).toMatch(/^[0-9A-F]{64}$/);
  await deployApp();
  expect(await credentials()).toEqual(first);
  await deployApp({ global: '<shouldRotateConsumerSecret>true</shouldRotateConsumerSecret>' });
  const { client_id, client_secret } = await credentials();
  expect([client_id === first.client_id, client_secret === first.client_secret]).toEqual([true, false]);
});

test('client credentials need the flow switched on and a user to run as', async () => {
  await deployApp();
  const key = await credentials();
  const grant = { grant_type: 'client_credentials', ...key };
  expect(await token(grant)).toMatchObject({ error: 'invalid_grant' });
  const on = '<isClientCredentialsFlowEnabled>true</isClientCredentialsFlowEnabled>';
  expect(
    await deployApp({
      policies: `${on}<clientCredentialsFlowUser>nobody@desk.example</clientCredentialsFlowUser>`,
    }),
  ).toEqual(['Desk_oauthPlcy: Enter a valid execution user for the OAuth client credentials flow.']);
  await deployApp({
    global: on,
    policies: `${on}<clientCredentialsFlowUser>admin@rapport.sandbox</clientCredentialsFlowUser>`,
  });
  expect(await token(grant)).toMatchObject({ token_type: 'Bearer', scope: 'api refresh_token openid' });
  expect(await token({ ...grant, client_secret: 'wrong' })).toMatchObject({ error: 'invalid_client' });
  expect(
    await token({ ...key, grant_type: 'password', username: 'admin@rapport.sandbox', password: 'sandbox' }),
  ).toMatchObject({ error: 'invalid_grant' });
});

test('PKCE, callback, scopes, the secret for refreshing and rotation are as the settings say', async () => {
  await deployApp({
    global:
      '<isPkceRequired>true</isPkceRequired><isSecretRequiredForRefreshToken>true</isSecretRequiredForRefreshToken><isRefreshTokenRotationEnabled>true</isRefreshTokenRotationEnabled>',
  });
  const { client_id, client_secret } = await credentials();
  expect((await authorize({ client_id })).searchParams.get('error_description')).toBe('missing required code challenge');
  expect((await authorize({ client_id, code_challenge: challenge, scope: 'api full' })).searchParams.get('error')).toBe('invalid_scope');
  expect((await authorize({ client_id, code_challenge: challenge, redirect_uri: 'http://localhost:3000/callback' })).href).toBe('nowhere:');
  const code = String((await authorize({ client_id, code_challenge: challenge })).searchParams.get('code'));
  const redeem = { grant_type: 'authorization_code', code, client_id, redirect_uri: CALLBACK, code_verifier: verifier };
  expect(await token(redeem)).toMatchObject({ error: 'invalid_client' });
  const again = String((await authorize({ client_id, code_challenge: challenge })).searchParams.get('code'));
  const { refresh_token = '' } = await token({ ...redeem, code: again, client_secret });
  const refresh = { grant_type: 'refresh_token', refresh_token, client_id };
  expect(await token(refresh)).toMatchObject({ error: 'invalid_client' });
  const next = await token({ ...refresh, client_secret });
  expect(next.refresh_token).not.toBe(refresh_token);
  expect(await token({ ...refresh, client_secret })).toMatchObject({ error: 'invalid_grant' });
}); // prettier-ignore

test('a policy that ends refresh tokens at once, or lets only those in whom an administrator named, holds', async () => {
  await deployApp({ policies: '<refreshTokenPolicyType>Zero</refreshTokenPolicyType>' });
  const { client_id, client_secret } = await credentials();
  const code = String((await authorize({ client_id })).searchParams.get('code'));
  const { refresh_token = '' } = await token({
    grant_type: 'authorization_code', code, client_id, client_secret, redirect_uri: CALLBACK,
  }); // prettier-ignore
  expect(await token({ grant_type: 'refresh_token', refresh_token, client_id, client_secret })).toMatchObject(
    { error: 'invalid_grant' },
  );
  await deployApp({
    policies:
      '<permittedUsersPolicyType>AdminApprovedPreAuthorized</permittedUsersPolicyType><commaSeparatedProfile>Standard User</commaSeparatedProfile>',
  });
  expect((await authorize({ client_id })).searchParams.get('error')).toBe('OAUTH_APP_ACCESS_DENIED');
  await deployApp({
    policies:
      '<permittedUsersPolicyType>AdminApprovedPreAuthorized</permittedUsersPolicyType><commaSeparatedProfile>System Administrator</commaSeparatedProfile>',
  });
  expect((await authorize({ client_id })).searchParams.get('code')).not.toBeNull();
});

test('what cannot be is refused in Salesforce’s words, and one app has one set of policies', async () => {
  expect(await deployApp({ scopes: 'Api,api' })).toEqual(['Desk_o: Invalid OAuth scope: api']);
  const second = packageZip(
    { ExtlClntAppOauthConfigurablePolicies: ['Other'] },
    {
      'extlClntAppOauthPolicies/Other.ecaOauthPlcy':
        '<ExtlClntAppOauthConfigurablePolicies><externalClientApplication>Desk</externalClientApplication><label>x</label></ExtlClntAppOauthConfigurablePolicies>',
    },
  );
  const { details } = await connection.metadata.deploy(second, { rollbackOnError: true }).complete(true);
  expect(details.componentFailures[0]?.problem).toContain('duplicates value on Desk_oauthPlcy');
});

test('an app that is switched off or deleted lets nobody in', async () => {
  await deployApp({ general: '<isEnabled>false</isEnabled>' });
  const key = await credentials();
  expect(await token({ grant_type: 'client_credentials', ...key })).toMatchObject({ error: 'invalid_client_id' });
  await deployApp({ general: '<isEnabled>true</isEnabled>' });
  expect(await token({ grant_type: 'client_credentials', ...key })).toMatchObject({ error: 'invalid_grant' });
  expect(await connection.metadata.delete('ExternalClientApplication', ['Desk'])).toMatchObject([{ success: true }]);
  expect(await token({ grant_type: 'client_credentials', ...key })).toMatchObject({ error: 'invalid_client_id' });
}); // prettier-ignore
