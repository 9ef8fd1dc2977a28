import express from 'express';

import { publicKeys } from './keys.ts';
import { bearerOf, maybeSession, originOf } from './sessions.ts';
import { maybeUser } from './users.ts';

import type { Request, Response, Router } from 'express';
import type { Org } from '../context.ts';
import type { Session } from './sessions.ts';
import type { Person } from './users.ts';

/** Who is signed in: `/id/<org>/<user>`, userinfo, discovery, the keys and a way into the web pages. */
export function identityRoutes(org: Org): Router {
  const router = express.Router();
  router.get('/id/keys', async (_req, res) => {
    res.json(await publicKeys(org.pool));
  });
  router.get('/id/:organization/:user', async (req, res) => {
    const session = await sessionOf(org, req);
    const user = await maybeUser(org.pool, req.params.user);
    if (!session) refuseToken(res);
    else if (!user || req.params.organization.slice(0, 15) !== org.id.slice(0, 15))
      res.status(404).send('Bad_Id');
    else res.json(identity(org, originOf(req), user));
  });
  router.all('/services/oauth2/userinfo', async (req, res) => {
    const session = await sessionOf(org, req);
    if (!session) refuseToken(res);
    else res.json(userInfo(org, originOf(req), session.user));
  });
  router.all('/services/oauth2/singleaccess', async (req, res) => {
    const session = await sessionOf(org, req);
    if (!session) refuseToken(res);
    else
      res.json({
        frontdoor_uri: `${originOf(req)}/secur/frontdoor.jsp?sid=${encodeURIComponent(session.id)}`,
      });
  });
  router.get('/.well-known/openid-configuration', (req, res) => {
    res.json(discovery(originOf(req)));
  });
  return router;
}

function sessionOf(org: Org, req: Request): Promise<Session | undefined> {
  const { oauth_token, access_token } = req.query;
  const given = bearerOf(req) ?? oauth_token ?? access_token;
  return maybeSession(org.pool, typeof given === 'string' ? given : undefined);
}

function refuseToken(res: Response): void {
  res.status(403).type('text/plain').send('Bad_OAuth_Token');
}

function identity(org: Org, origin: string, user: Person): Record<string, unknown> {
  const id = `${origin}/id/${org.id}/${user.id}`;
  return {
    id,
    asserted_user: true,
    user_id: user.id,
    organization_id: org.id,
    username: user.username,
    nick_name: user.nickname,
    display_name: user.name,
    email: user.email,
    email_verified: true,
    first_name: user.firstName,
    last_name: user.lastName,
    timezone: user.timeZone,
    photos: photos(origin),
    addr_street: null, addr_city: null, addr_state: null, addr_country: null, addr_zip: null,
    mobile_phone: null,
    mobile_phone_verified: false,
    is_lightning_login_user: false,
    status: { created_date: null, body: null },
    urls: urls(org, origin, user),
    active: user.isActive,
    user_type: user.userType.toUpperCase(),
    language: user.language,
    locale: user.locale,
    utcOffset: offsetOf(user.timeZone),
    last_modified_date: moment(user),
    is_app_installed: true,
  }; // prettier-ignore
}

function userInfo(org: Org, origin: string, user: Person): Record<string, unknown> {
  return {
    sub: `${origin}/id/${org.id}/${user.id}`,
    user_id: user.id,
    organization_id: org.id,
    preferred_username: user.username,
    nickname: user.nickname,
    name: user.name,
    email: user.email,
    email_verified: true,
    given_name: user.firstName,
    family_name: user.lastName,
    zoneinfo: user.timeZone,
    photos: photos(origin),
    profile: `${origin}/${user.id}`,
    picture: photos(origin).picture,
    address: {},
    urls: urls(org, origin, user),
    active: user.isActive,
    user_type: user.userType.toUpperCase(),
    language: user.language,
    locale: user.locale,
    utcOffset: offsetOf(user.timeZone),
    updated_at: moment(user),
  };
}

const photos = (origin: string) => ({
  picture: `${origin}/profilephoto/005/F`,
  thumbnail: `${origin}/profilephoto/005/T`,
});

function urls(org: Org, origin: string, user: Person): Record<string, string> {
  const rest = `${origin}/services/data/v{version}/`;
  return {
    enterprise: `${origin}/services/Soap/c/{version}/${org.id}`,
    metadata: `${origin}/services/Soap/m/{version}/${org.id}`,
    partner: `${origin}/services/Soap/u/{version}/${org.id}`,
    rest,
    sobjects: `${rest}sobjects/`,
    search: `${rest}search/`,
    query: `${rest}query/`,
    recent: `${rest}recent/`,
    tooling_soap: `${origin}/services/Soap/T/{version}/${org.id}`,
    tooling_rest: `${rest}tooling/`,
    profile: `${origin}/${user.id}`,
    feeds: `${rest}chatter/feeds`,
    custom_domain: origin,
  };
}

/** The zone's standard difference from UTC in milliseconds, which Salesforce gives whatever the season. */
function offsetOf(timeZone: string): number {
  const winter = new Date(Date.UTC(2026, 0, 15, 12));
  const local = new Date(`${winter.toLocaleString('sv-SE', { timeZone }).replace(' ', 'T')}Z`);
  return local.getTime() - winter.getTime();
}

const moment = (user: Person) => new Date(user.modifiedAt).toISOString().replace('Z', '+0000');

function discovery(origin: string): Record<string, unknown> {
  const oauth = `${origin}/services/oauth2`;
  return {
    issuer: origin,
    authorization_endpoint: `${oauth}/authorize`,
    token_endpoint: `${oauth}/token`,
    revocation_endpoint: `${oauth}/revoke`,
    userinfo_endpoint: `${oauth}/userinfo`,
    introspection_endpoint: `${oauth}/introspect`,
    jwks_uri: `${origin}/id/keys`,
    scopes_supported: [
      'api',
      'web',
      'full',
      'id',
      'openid',
      'profile',
      'email',
      'refresh_token',
      'offline_access',
    ],
    response_types_supported: ['code', 'token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic', 'private_key_jwt'],
  };
}
