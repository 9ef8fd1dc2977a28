import { randomInt } from 'node:crypto';

import { scopeOf } from '../auth/policies.ts';
import { asText } from '../soap/envelope.ts';
import { registerApp } from './client-app-effect.ts';
import { forgetComponent, keepComponent, keptComponents } from './store.ts';

import type { Context } from '../context.ts';
import type { Component } from './archive.ts';
import type { Applied, Kept } from './store.ts';

/** The files of an External Client App beside its header. */
const parts = [
  'ExtlClntAppGlobalOauthSettings',
  'ExtlClntAppOauthSettings',
  'ExtlClntAppOauthConfigurablePolicies',
  'ExtlClntAppConfigurablePolicies',
  'ExtlClntAppCanvasSettings',
];

/** What Salesforce would say against the header of an External Client App. */
export function appProblem({ metadata = {} }: Component): string | undefined {
  if (asText(metadata.label) === undefined) return 'Required field is missing: label';
  if (asText(metadata.contactEmail) === undefined) return 'Required field is missing: contactEmail';
  const state = asText(metadata.distributionState);
  return state === undefined || ['Local', 'Packageable', 'Packaged', 'Managed'].includes(state)
    ? undefined
    : `'${state}' is not a valid value for the enum 'ExtlClntAppDistState'`;
}

/** What Salesforce would say against one of its parts. */
export function partProblem({ metadata = {}, type }: Component): string | undefined {
  const app = asText(metadata.externalClientApplication);
  if (app === undefined) return 'Required field is missing: externalClientApplication';
  if (asText(metadata.label) === undefined) return 'Required field is missing: label';
  if (type === 'ExtlClntAppGlobalOauthSettings') return callbackProblem(asText(metadata.callbackUrl));
  if (type === 'ExtlClntAppOauthSettings') return scopeProblem(asText(metadata.commaSeparatedOauthScopes));
  const policy = asText(metadata.refreshTokenPolicyType);
  const policies = ['Infinite', 'Zero', 'SpecificLifetime', 'SpecificInactivity'];
  return policy === undefined || policies.includes(policy)
    ? undefined
    : `'${policy}' is not a valid value for the enum 'RefreshTokenPolicyType'`;
}

function callbackProblem(callbacks: string | undefined): string | undefined {
  if (callbacks === undefined) return 'Required field is missing: callbackUrl';
  const isBad = (url: string) =>
    !URL.canParse(url) ||
    (url.startsWith('http:') && !/^http:\/\/(localhost|127\.0\.0\.1|\[::1\])([:/]|$)/.test(url));
  const bad = callbacks.split(/\s+/).find(isBad);
  return bad === undefined
    ? undefined
    : `Your callback URL ${bad} must be a valid URL that uses https, a custom scheme, or http with localhost.`;
}

function scopeProblem(scopes: string | undefined): string | undefined {
  if (scopes === undefined) return undefined;
  const bad = scopes.split(',').find((each) => scopeOf(each.trim()) === undefined);
  return bad === undefined ? undefined : `Invalid OAuth scope: ${bad.trim()}`;
}

/** Keeps the header of an app. */
export async function applyApp(ctx: Context, component: Component): Promise<Applied> {
  const metadata = {
    ...component.metadata,
    orgScopedExternalApp: `${ctx.org.id.slice(0, 15)}:${component.fullName}`,
  };
  const applied = await keepComponent(ctx, { ...component, metadata, files: {} });
  await registerApp(ctx, component.fullName);
  return applied;
}

/** Keeps a part of an app; what it allows counts from then on. The first OAuth settings give it a key, a secret and policies. */
export async function applyOfApp(ctx: Context, component: Component): Promise<Applied> {
  const app = asText(component.metadata?.externalClientApplication) ?? '';
  const known = await partsOf(ctx, app);
  if (known.every((each) => each.type !== 'ExternalClientApplication'))
    throw new Error(`In field: externalClientApplication - no ExternalClientApplication named ${app} found`);
  const own = known.find((each) => each.type === component.type);
  if (own && own.fullName !== component.fullName)
    throw new Error(`duplicate value found: ExternalClientApplicationId duplicates value on ${own.fullName}`);
  await requireRunAs(ctx, component);
  const applied = await keepComponent(ctx, {
    ...component,
    metadata: component.type === parts[0] ? withKey(component.metadata ?? {}, own) : component.metadata,
    files: {},
  });
  if (component.type === 'ExtlClntAppOauthSettings' && !known.some((each) => each.type === parts[2]))
    await keepComponent(ctx, defaultPolicies(app));
  await registerApp(ctx, app);
  return applied;
}

async function partsOf(ctx: Context, app: string): Promise<Kept[]> {
  const all: Kept[] = [];
  for (const type of ['ExternalClientApplication', ...parts])
    all.push(...(await keptComponents(ctx.db, type)));
  return all.filter(
    (each) => each.fullName === app || asText(each.metadata?.externalClientApplication) === app,
  );
}

async function requireRunAs({ db }: Context, { metadata = {} }: Component): Promise<void> {
  const username = asText(metadata.clientCredentialsFlowUser);
  const isOn = asText(metadata.isClientCredentialsFlowEnabled) === 'true';
  if (username === undefined && !(isOn && metadata.refreshTokenPolicyType !== undefined)) return;
  const { rowCount } = await db.query(
    'select 1 from "User" where lower("Username") = lower($1) and "IsActive"',
    [username ?? ''],
  );
  if (rowCount !== 1) throw new Error('Enter a valid execution user for the OAuth client credentials flow.');
}

/** Key and secret stay what they are until the metadata says that they are to be made anew. */
function withKey(metadata: Record<string, unknown>, known: Kept | undefined): Record<string, unknown> {
  const { shouldRotateConsumerKey, shouldRotateConsumerSecret, ...rest } = metadata;
  const before = (name: string) => asText(known?.metadata?.[name]);
  const key =
    shouldRotateConsumerKey === 'true' ? undefined : (asText(metadata.consumerKey) ?? before('consumerKey'));
  const secret =
    shouldRotateConsumerSecret === 'true'
      ? undefined
      : (asText(metadata.consumerSecret) ?? before('consumerSecret'));
  return {
    ...rest,
    consumerKey: key ?? `3MVG9${random(80)}`,
    consumerSecret: secret ?? random(64, '0123456789ABCDEF'),
    shouldRotateConsumerKey: 'false',
    shouldRotateConsumerSecret: 'false',
  }; // prettier-ignore
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._';

const random = (length: number, letters = LETTERS): string =>
  Array.from({ length }, () => letters.charAt(randomInt(letters.length))).join('');

/** What an org gives an app whose administrator has not set policies yet. */
const defaultPolicies = (app: string): Component => ({
  type: 'ExtlClntAppOauthConfigurablePolicies',
  fullName: `${app}_oauthPlcy`,
  fileName: `extlClntAppOauthPolicies/${app}_oauthPlcy.ecaOauthPlcy`,
  metadata: {
    externalClientApplication: app,
    ipRelaxationPolicyType: 'Enforce',
    isClientCredentialsFlowEnabled: 'false',
    isGuestCodeCredFlowEnabled: 'false',
    isTokenExchangeFlowEnabled: 'false',
    label: `${app}_oauthPlcy`,
    permittedUsersPolicyType: 'AllSelfAuthorized',
    refreshTokenPolicyType: 'Infinite',
    requiredSessionLevel: 'STANDARD',
  },
  files: {},
});

/** Deletes an app with all of its parts: its key works no longer. */
export async function removeApp(ctx: Context, fullName: string): Promise<undefined> {
  for (const part of await partsOf(ctx, fullName)) await forgetComponent(ctx.db, part.type, part.fullName);
  await ctx.db.query('delete from _client where app = $1', [fullName]);
  return undefined;
}
