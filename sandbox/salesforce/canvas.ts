import { createHmac } from 'node:crypto';

import { oauthClient } from '../cast.ts';
import { isAdmitted } from './auth/admission.ts';
import { maybeClient, type Client } from './auth/clients.ts';
import { openSession } from './auth/sessions.ts';
import { maybeUser } from './auth/users.ts';
import { placesOf } from './metadata/canvas-settings.ts';
import { keptComponents } from './metadata/store.ts';
import { asText } from './soap/envelope.ts';

import type { Context } from './context.ts';

/** An External Client App with its Canvas plugin on: a page of another server, shown inside the org. */
export interface CanvasApp {
  /** The app's API name. */
  name: string;
  label: string;
  url: string;
}

/** The app that Rapport signs in with is there from the start, with the secret that it knows; deployed under this name. */
const BUILT_IN = 'Rapport';

/** The apps that this user sees on record pages: posted to, and open to them by the app's policies. */
export async function canvasAppsOn(ctx: Context, place: 'Aura' | 'PageLayout'): Promise<CanvasApp[]> {
  const settings = await keptComponents(ctx.db, 'ExtlClntAppCanvasSettings');
  const found: CanvasApp[] = [];
  for (const { metadata } of settings) {
    const name = asText(metadata?.externalClientApplication) ?? '';
    if (metadata === null || asText(metadata.accessMethod) !== 'Post' || !placesOf(metadata).includes(place)) continue;
    if (!(await isOpenTo(ctx, name))) continue;
    found.push({ name, label: asText(metadata.label) ?? name, url: asText(metadata.canvasUrl) ?? '' });
  }
  return found;
} // prettier-ignore

async function isOpenTo(ctx: Context, app: string): Promise<boolean> {
  const general = (await keptComponents(ctx.db, 'ExtlClntAppConfigurablePolicies')).find(
    ({ metadata }) => asText(metadata?.externalClientApplication) === app,
  );
  const isOff = ['isEnabled', 'isCanvasPluginEnabled'].some(
    (name) => asText(general?.metadata?.[name]) === 'false',
  );
  const client = await maybeDeployed(ctx, app);
  return !isOff && client !== undefined && (await isAdmitted(ctx.org, ctx.user, client));
}

async function maybeDeployed({ db }: Context, app: string): Promise<Client | undefined> {
  const { rows } = await db.query('select id from _client where app = $1', [app]);
  return await maybeClient(db, (rows as { id: string }[])[0]?.id);
}

/**
 * What Salesforce posts to an app as `signed_request`: who looks at which record, signed with the app's consumer secret. `issuedAt` is
 * cut to 32 bits as it is there, and negative half of the time.
 */
export async function signedRequest(ctx: Context, app: CanvasApp, recordId: string): Promise<string> {
  const client =
    app.name === BUILT_IN ? await maybeClient(ctx.db, oauthClient.id) : await maybeDeployed(ctx, app.name);
  const token = await openSession(ctx.org, { userId: ctx.user.id, clientId: client?.id ?? null, kind: 'oauth', scope: 'api id' });
  const body = {
    algorithm: 'HMACSHA256',
    issuedAt: ctx.org.clock.now().getTime() | 0,
    userId: ctx.user.id,
    client: {
      refreshToken: null, instanceId: `_:${app.name}:1:0:canvasapp`, targetOrigin: ctx.origin, instanceUrl: ctx.origin, oauthToken: token,
    },
    context: {
      user: await userIn(ctx),
      links: { loginUrl: ctx.origin, restUrl: '/services/data/v66.0/', userUrl: `/${ctx.user.id}` },
      application: {
        name: app.label, canvasUrl: app.url, applicationId: '06P000000000001', version: '1.0', authType: 'SIGNED_REQUEST',
        referenceId: '09H000000000001', options: [], samlInitiationMethod: 'None', namespace: '', isInstalledPersonalApp: false,
        developerName: app.name,
      },
      environment: {
        referer: null, locationUrl: `${ctx.origin}/lightning/r/Account/${recordId}/view`, displayLocation: 'Aura', sublocation: null,
        uiTheme: 'Theme3', dimensions: { width: '100%', height: '480px', maxWidth: 'infinite', maxHeight: 'infinite' },
        parameters: { recordId }, record: {}, version: { season: 'SPRING', api: '66.0' },
      },
      organization: {
        organizationId: ctx.org.id, name: 'Tidewater Software', multicurrencyEnabled: false, namespacePrefix: null, currencyIsoCode: 'USD',
      },
    },
  }; // prettier-ignore
  const envelope = Buffer.from(JSON.stringify(body)).toString('base64');
  const signature = createHmac('sha256', client?.secret ?? '').update(envelope).digest('base64');
  return `${signature}.${envelope}`;
} // prettier-ignore

async function userIn(ctx: Context): Promise<Record<string, unknown>> {
  const user = await maybeUser(ctx.db, ctx.user.id);
  return {
    userId: ctx.user.id,
    userName: ctx.user.username,
    firstName: user?.firstName ?? null,
    lastName: user?.lastName ?? '',
    email: ctx.user.email,
    fullName: ctx.user.name,
    locale: user?.locale ?? 'en_US',
    language: user?.language ?? 'en_US',
    timeZone: ctx.user.timeZone,
    profileId: ctx.user.profileId,
    roleId: null,
    userType: 'STANDARD',
    accessibilityModeEnabled: false,
  };
}
