import express from 'express';

import { authorizeRoutes } from './authorize.ts';
import { isSecretOf, maybeClient } from './clients.ts';
import { grant, OAuthError } from './grants.ts';
import { identityRoutes } from './identity.ts';
import { maybeSession, originOf, SESSION_SECONDS } from './sessions.ts';
import { maybeRefresh, revoke } from './tokens.ts';
import { maybeUser } from './users.ts';

import type { NextFunction, Request, Response, Router } from 'express';
import type { Org } from '../context.ts';

/** `/services/oauth2/…`, `/id/…` and discovery. */
export function oauthRoutes(org: Org): Router {
  const router = express.Router();
  const form = express.urlencoded({ extended: false, limit: '1mb' });
  router.use(authorizeRoutes(org));
  router.use(identityRoutes(org));
  router.post('/services/oauth2/token', form, async (req, res) => {
    res.set('cache-control', 'no-store').json(await grant({ org, origin: originOf(req), form: formOf(req) }));
  });
  router.all('/services/oauth2/token', () => {
    throw new OAuthError('invalid_request', 'must use HTTP POST');
  });
  router.all('/services/oauth2/revoke', form, async (req, res) => {
    const { token = '' } = { ...textsOf(req.query), ...formOf(req) };
    if (await revoke(org.pool, token)) res.status(200).end();
    else sendForm(res, { error: 'invalid_token', error_description: `invalid token: ${token}` });
  });
  router.post('/services/oauth2/introspect', form, async (req, res) => {
    res.json(await introspect(org, formOf(req)));
  });
  router.use('/services/oauth2', refuse);
  return router;
}

/** The fields of a form, with the client's id and secret from a Basic header where they came that way. */
function formOf(req: Request): Record<string, string | undefined> {
  const form: Record<string, string | undefined> = textsOf(req.body);
  const [, encoded] = /^Basic (.+)$/i.exec(req.headers.authorization ?? '') ?? [];
  if (encoded === undefined) return form;
  const [id = '', ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { ...form, client_id: form.client_id ?? id, client_secret: form.client_secret ?? secret.join(':') };
}

function textsOf(source: unknown): Record<string, string> {
  const entries = Object.entries((source ?? {}) as Record<string, unknown>);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

async function introspect(
  org: Org,
  form: Record<string, string | undefined>,
): Promise<Record<string, unknown>> {
  const client = await maybeClient(org.pool, form.client_id);
  if (!client || !isSecretOf(client, form.client_secret))
    throw new OAuthError('invalid_client', 'invalid client credentials');
  const session = await maybeSession(org.pool, form.token);
  if (session) {
    const issued = Math.floor(Date.parse(session.createdAt) / 1000);
    return {
      active: true, scope: session.scope, client_id: session.clientId, username: session.user.username,
      sub: session.user.id, token_type: 'access_token', exp: Math.floor(Date.now() / 1000) + SESSION_SECONDS,
      iat: issued, nbf: issued,
    }; // prettier-ignore
  }
  const refresh = await maybeRefresh(org.pool, form.token);
  const user = refresh && (await maybeUser(org.pool, refresh.userId));
  if (!user) return { active: false };
  const { clientId, scope } = refresh;
  return {
    active: true,
    scope,
    client_id: clientId,
    username: user.username,
    sub: user.id,
    token_type: 'refresh_token',
  };
}

function sendForm(res: Response, fields: Record<string, string>): void {
  res.status(400).type('application/x-www-form-urlencoded').send(new URLSearchParams(fields).toString());
}

/** Express knows an error handler by its four parameters. */
function refuse(error: unknown, _req: Request, res: Response, next: NextFunction): void {
  if (!(error instanceof OAuthError)) {
    next(error);
    return;
  }
  res.status(400).json({ error: error.error, error_description: error.message });
}
