import { createHmac } from 'node:crypto';

import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startSandbox } from '../../support/sandbox.ts';
import { packageZip } from '../metadata/package.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';

/* A Canvas app of somebody else's, as any administrator may deploy it. */
let sandbox: RunningSandbox;
let connection: Connection;
let person: ReturnType<typeof request.agent>;
let accountId: string;

const app = '<externalClientApplication>Desk</externalClientApplication><label>Desk</label>';
const canvas = (settings: string) =>
  `<ExtlClntAppCanvasSettings>${app}${settings}</ExtlClntAppCanvasSettings>`;
const shown = '<accessMethod>Post</accessMethod><canvasUrl>https://desk.example/canvas</canvasUrl><canvasLocationOptions>Aura</canvasLocationOptions>'; // prettier-ignore

/** Deploys the app with these Canvas settings; the answer says what was refused. */
async function deploy(settings: string, general?: string): Promise<string[]> {
  const files: Record<string, string> = {
    'externalClientApps/Desk.eca':
      '<ExternalClientApplication><contactEmail>it@desk.example</contactEmail><distributionState>Local</distributionState><label>Desk</label></ExternalClientApplication>',
    'extlClntAppGlobalOauthSets/Desk_g.ecaGlblOauth': `<ExtlClntAppGlobalOauthSettings><callbackUrl>https://desk.example/callback</callbackUrl>${app}</ExtlClntAppGlobalOauthSettings>`,
    'extlClntAppOauthSettings/Desk_o.ecaOauth': `<ExtlClntAppOauthSettings><commaSeparatedOauthScopes>Api,Basic</commaSeparatedOauthScopes>${app}</ExtlClntAppOauthSettings>`,
    'extlClntAppCanvasSettings/Desk_c.ecaCanvas': canvas(settings),
  };
  const members: Record<string, string[]> = {
    ExternalClientApplication: ['Desk'],
    ExtlClntAppGlobalOauthSettings: ['Desk_g'],
    ExtlClntAppOauthSettings: ['Desk_o'],
    ExtlClntAppCanvasSettings: ['Desk_c'],
  };
  if (general !== undefined) {
    files['extlClntAppPolicies/Desk_p.ecaPlcy'] = `<ExtlClntAppConfigurablePolicies>${app}${general}</ExtlClntAppConfigurablePolicies>`;
    members.ExtlClntAppConfigurablePolicies = ['Desk_p'];
  }
  const { details } = await connection.metadata.deploy(packageZip(members, files), { rollbackOnError: true }).complete(true);
  return details.componentFailures.map(({ problem }) => problem ?? '');
} // prettier-ignore

const record = async () => (await person.get(`/lightning/r/Account/${accountId}/view`).expect(200)).text;

beforeAll(async () => {
  sandbox = await startSandbox();
  connection = await sandbox.connect();
  connection.metadata.pollInterval = 50;
  const made = await connection.sobject('Account').create({ Name: 'Halden Freight' });
  accountId = made.id ?? '';
  person = request.agent(sandbox.url);
  await person.post('/login').type('form').send({ un: 'admin@rapport.sandbox', pw: 'sandbox' }).expect(303);
});
afterAll(() => sandbox.close());

test('settings that a real org refuses are refused with its words', async () => {
  expect(await record()).not.toContain('<iframe');
  for (const [settings, problem] of [
    ['<accessMethod>Post</accessMethod>', 'Required field is missing: canvasUrl'],
    [shown.replace('Post', 'Signed'), "'Signed' is not a valid value for the enum 'AccessMethod'"],
    [shown.replace('Aura', 'Everywhere'), "'Everywhere' is not a valid value for the enum 'CanvasLocationOptions'"],
    [shown.replace('https:', 'http:'), 'Canvas App URL'],
  ] as const)
    expect((await deploy(settings)).join(), settings).toContain(problem);
}); // prettier-ignore

test('an app is framed on an account’s page, and the frame posts what the app’s own secret has signed', async () => {
  expect(await deploy(shown)).toEqual([]);
  const answer = await person.get(`/lightning/r/Account/${accountId}/view`);
  expect(answer.text).toContain(`src="/canvas/Desk?record=${accountId}"`);
  expect(answer.headers['content-security-policy']).toContain("frame-src 'self' https://desk.example");
  const frame = await person.get(`/canvas/Desk?record=${accountId}`).expect(200);
  expect(frame.headers['content-security-policy']).toMatch(
    /script-src 'nonce-[^']+'; form-action https:\/\/desk\.example; .*frame-ancestors 'self'/,
  );
  expect(frame.text).toContain('action="https://desk.example/canvas"');
  const [signature = '', envelope = ''] = (
    /name="signed_request" value="([^"]+)"/.exec(frame.text)?.[1] ?? ''
  ).split('.');
  const { consumerSecret } = (await connection.metadata.read(
    'ExtlClntAppGlobalOauthSettings' as never,
    'Desk_g',
  )) as unknown as { consumerSecret: string };
  expect(signature).toBe(createHmac('sha256', consumerSecret).update(envelope).digest('base64'));
  const said = JSON.parse(Buffer.from(envelope, 'base64').toString()) as {
    userId: string;
    issuedAt: number;
    client: { oauthToken: string };
    context: { environment: { parameters: object }; organization: object };
  };
  expect(said.context.environment.parameters).toEqual({ recordId: accountId });
  expect(said.context.organization).toMatchObject({ organizationId: sandbox.org.id });
  expect(Math.abs(said.issuedAt)).toBeLessThan(2 ** 31);
  const info = await fetch(`${sandbox.url}/services/oauth2/userinfo`, {
    headers: { authorization: `Bearer ${said.client.oauthToken}` },
  });
  expect(await info.json()).toMatchObject({ user_id: said.userId });
});

test('it is gone where its plugin is switched off, where it stands elsewhere, and for who is not signed in', async () => {
  await request(sandbox.url).get(`/canvas/Desk?record=${accountId}`).expect(303);
  await person.get('/canvas/Nobody?record=nothing').expect(404);
  expect(await deploy(shown, '<isEnabled>true</isEnabled><isCanvasPluginEnabled>false</isCanvasPluginEnabled>')).toEqual([]);
  expect(await record()).not.toContain('<iframe');
  expect(await deploy(shown.replace('Aura', 'Publisher'), '<isEnabled>true</isEnabled>')).toEqual([]);
  expect(await record()).not.toContain('<iframe');
}); // prettier-ignore
