import express from 'express';

import { icon } from '../../pages/icons.ts';
import { isAdmitted } from './admission.ts';
import { maybeClient, mayRedirectTo } from './clients.ts';
import { opaque, originOf } from './sessions.ts';
import { DEFAULT_SCOPE, issueToken } from './tokens.ts';
import { isCrossSite, maybeWebSession, webRoutes } from './web.ts';

import type { Request, Response, Router } from 'express';
import type { Org } from '../context.ts';
import type { Client } from './clients.ts';
import type { Session } from './sessions.ts';

/** An application's wish to act for a person, once it is known to be well-formed. */
interface Wish {
  client: Client;
  redirectUri: string;
  responseType: 'code' | 'token';
  scope: string;
  state: string | undefined;
  nonce: string | undefined;
  challenge: string | undefined;
  prompt: string[];
}

/** The pages of the web-server flow: sign-in, consent, and the way back to the application. */
export function authorizeRoutes(org: Org): Router {
  const router = express.Router();
  const form = express.urlencoded({ extended: false });
  router.use(webRoutes(org));
  router.get('/services/oauth2/authorize', async (req, res) => {
    const wish = await wishOf(org, fieldsOf(req.query), res);
    if (!wish) return;
    const session = await maybeWebSession(org, req);
    if (!session || wish.prompt.includes('login')) askToSignIn(req, res);
    else if (!(await isAdmitted(org, session.user, wish.client)))
      sendBack(res, wish, {
        error: 'OAUTH_APP_ACCESS_DENIED',
        error_description: 'user is not admin approved to access this app',
      });
    else if (
      wish.client.policies?.admitted ||
      (!wish.prompt.includes('consent') && (await hasAgreed(org, session, wish)))
    )
      await goBack(org, req, res, { wish, session });
    else askToAgree(res, wish, { session, fields: fieldsOf(req.query) });
  });
  router.post('/services/oauth2/authorize', form, async (req, res) => {
    const fields = fieldsOf(req.body);
    const wish = await wishOf(org, fields, res);
    if (!wish) return;
    const session = await maybeWebSession(org, req);
    if (!session || isCrossSite(req)) askToSignIn(req, res);
    else if (fields.decision !== 'allow')
      sendBack(res, wish, { error: 'access_denied', error_description: 'end-user denied authorization' });
    else {
      await rememberConsent(org, session, wish);
      await goBack(org, req, res, { wish, session });
    }
  });
  return router;
}

function fieldsOf(source: unknown): Record<string, string> {
  const entries = Object.entries((source ?? {}) as Record<string, unknown>);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** Reads the request; answers it with a page and returns nothing where it names no known application or address. */
async function wishOf(org: Org, fields: Record<string, string>, res: Response): Promise<Wish | undefined> {
  const client = await maybeClient(org.pool, fields.client_id);
  const refusal = client ? refusalOf(client, fields) : ['invalid_client_id', 'client identifier invalid'];
  if (!client || refusal) {
    const [error, description] = refusal ?? [];
    res.status(400).render('auth/refused', { error, description, icon });
    return undefined;
  }
  const wish = wellFormed(client, fields);
  const [error, description] = policyRefusal(wish) ?? [];
  if (error === undefined || description === undefined) return wish;
  sendBack(res, wish, { error, error_description: description });
  return undefined;
}

/** What the app's policies have against a wish; the application is told at its own address. */
function policyRefusal({ client, challenge, scope, responseType }: Wish): [string, string] | undefined {
  const { policies } = client;
  if (!policies) return undefined;
  if (policies.isPkceRequired && responseType === 'code' && challenge === undefined)
    return ['invalid_request', 'missing required code challenge'];
  const isAllowed = (each: string) => policies.scopes.includes(each) || policies.scopes.includes('full');
  return scope.split(/[\s,]+/).every((each) => isAllowed(each))
    ? undefined
    : ['invalid_scope', 'the requested scope is not allowed'];
}

function wellFormed(client: Client, fields: Record<string, string>): Wish {
  return {
    client,
    redirectUri: fields.redirect_uri ?? '',
    responseType: fields.response_type === 'token' ? 'token' : 'code',
    scope: fields.scope ?? (client.policies?.scopes.join(' ') || DEFAULT_SCOPE),
    state: fields.state,
    nonce: fields.nonce,
    challenge: fields.code_challenge,
    prompt: (fields.prompt ?? '').split(' '),
  };
}

function refusalOf(
  client: Client,
  fields: Record<string, string>,
): [error: string, description: string] | undefined {
  if (client.policies?.isEnabled === false) return ['invalid_client_id', 'client identifier invalid'];
  if (!mayRedirectTo(client, fields.redirect_uri ?? ''))
    return ['redirect_uri_mismatch', 'redirect_uri must match configuration'];
  if (fields.response_type !== 'code' && fields.response_type !== 'token')
    return ['unsupported_response_type', 'response type not supported'];
  return undefined;
}

/** After signing in the same request is made again, without its wish for a new sign-in. */
function askToSignIn(req: Request, res: Response): void {
  const address = new URL(req.originalUrl, 'http://sandbox');
  const fields = new URLSearchParams({ ...Object.fromEntries(address.searchParams), ...fieldsOf(req.body) });
  const further = (fields.get('prompt') ?? '').split(' ').filter((each) => each !== 'login');
  fields.delete('prompt');
  if (further.join('') !== '') fields.set('prompt', further.join(' '));
  fields.delete('decision');
  const startUrl = `${address.pathname}?${fields.toString()}`;
  const hint = fields.get('login_hint') ?? '';
  res.redirect(302, `/login?${new URLSearchParams({ startURL: startUrl, un: hint }).toString()}`);
}

function askToAgree(
  res: Response,
  wish: Wish,
  { session, fields }: { session: Session; fields: Record<string, string> },
): void {
  const scopes = wish.scope.split(/[\s,]+/).map((name) => scopeWords[name] ?? name);
  res.render('auth/consent', { client: wish.client, user: session.user, scopes, fields, icon });
}

/** What a scope lets an application do, in the words of the consent page. */
const scopeWords: Record<string, string> = {
  api: 'Manage user data via APIs',
  web: 'Manage user data via Web browsers',
  full: 'Full access',
  id: 'Access the identity URL service',
  openid: 'Access unique user identifiers',
  profile: 'Access your basic information',
  email: 'Access your e-mail address',
  refresh_token: 'Perform requests at any time',
  offline_access: 'Perform requests at any time',
};

async function hasAgreed(org: Org, { user }: Session, { client, scope }: Wish): Promise<boolean> {
  const { rows } = await org.pool.query('select scope from _consent where user_id = $1 and client_id = $2', [
    user.id,
    client.id,
  ]);
  const agreed = (rows as { scope: string }[])[0]?.scope.split(' ') ?? [];
  return agreed.length > 0 && scope.split(' ').every((each) => agreed.includes(each));
}

async function rememberConsent(org: Org, { user }: Session, { client, scope }: Wish): Promise<void> {
  await org.pool.query(
    'insert into _consent (user_id, client_id, scope) values ($1, $2, $3) on conflict (user_id, client_id) do update set scope = $3',
    [user.id, client.id, scope],
  );
}

async function goBack(
  org: Org,
  req: Request,
  res: Response,
  { wish, session }: { wish: Wish; session: Session },
): Promise<void> {
  if (wish.responseType === 'token') {
    const reply = await issueToken(org, originOf(req), {
      user: session.user,
      client: wish.client,
      scope: wish.scope,
      nonce: wish.nonce,
    });
    sendBack(res, wish, reply);
    return;
  }
  const code = `aPrx${opaque(60)}==`;
  await org.pool.query(
    `insert into _oauth_code (code, client_id, user_id, redirect_uri, scope, nonce, challenge) values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      code,
      wish.client.id,
      session.user.id,
      wish.redirectUri,
      wish.scope,
      wish.nonce ?? null,
      wish.challenge ?? null,
    ],
  );
  sendBack(res, wish, { code });
}

/** To the application: in the query, or in the fragment for the flow without a server. */
function sendBack(res: Response, wish: Wish, fields: Record<string, string>): void {
  const url = new URL(wish.redirectUri);
  const answer = new URLSearchParams({
    ...fields,
    ...(wish.state === undefined ? {} : { state: wish.state }),
  });
  if (wish.responseType === 'token') url.hash = answer.toString();
  else for (const [name, value] of answer) url.searchParams.set(name, value);
  res.redirect(302, url.href);
}
