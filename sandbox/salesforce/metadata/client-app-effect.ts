import { policiesOf } from '../auth/policies.ts';
import { asText } from '../soap/envelope.ts';
import { keptComponents } from './store.ts';

import type { Context } from '../context.ts';

/** Lets an External Client App sign in as its settings and policies say; without OAuth settings it cannot. */
export async function registerApp(ctx: Context, app: string): Promise<void> {
  const of = async (type: string) =>
    (await keptComponents(ctx.db, type)).find(
      ({ metadata }) => asText(metadata?.externalClientApplication) === app,
    )?.metadata ?? undefined;
  const [global, settings, oauthPolicies, general] = [
    await of('ExtlClntAppGlobalOauthSettings'),
    await of('ExtlClntAppOauthSettings'),
    await of('ExtlClntAppOauthConfigurablePolicies'),
    await of('ExtlClntAppConfigurablePolicies'),
  ];
  await ctx.db.query('delete from _client where app = $1', [app]);
  if (!global) return;
  const certificate = asText(global.certificate);
  const policies = policiesOf({ global, settings, oauthPolicies, general });
  await ctx.db.query(
    `insert into _client (id, secret, name, redirect_uris, public_keys, run_as, app, policies) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      asText(global.consumerKey), asText(global.consumerSecret), app, (asText(global.callbackUrl) ?? '').split(/\s+/),
      certificate === undefined ? [] : [pemOf(certificate)], asText(oauthPolicies?.clientCredentialsFlowUser) ?? null,
      app, JSON.stringify(policies),
    ],
  ); // prettier-ignore
}

/** A certificate comes as PEM, or as the bare base64 between its lines. */
function pemOf(certificate: string): string {
  if (certificate.includes('-----BEGIN')) return certificate;
  const lines = certificate.replaceAll(/\s+/g, '').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
