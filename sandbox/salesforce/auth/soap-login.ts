import express from 'express';

import { asText, maybeEnvelope, sendFault, sendResult, soapBody } from '../soap/envelope.ts';
import { closeSession, maybeSession, openSession, originOf, SESSION_SECONDS } from './sessions.ts';
import { isPasswordOf, maybeUserNamed, organization, setPassword } from './users.ts';

import type { Request, Response, Router } from 'express';
import type { Org } from '../context.ts';
import type { SoapCall, Xml } from '../soap/envelope.ts';
import type { Session } from './sessions.ts';
import type { Person } from './users.ts';

/** One SOAP request of the partner or enterprise API. */
interface Asked {
  org: Org;
  req: Request;
  res: Response;
  call: SoapCall;
  namespace: string;
}

/** What a signed-in client may ask: each operation returns its `result`. */
const operations: Record<string, (asked: Asked, session: Session) => Promise<Xml>> = {
  logout: async ({ org }, session) => {
    await closeSession(org.pool, session.id);
    return undefined;
  },
  getUserInfo: ({ org }, session) => userInfo(org, session.user),
  getServerTimestamp: ({ org }) => Promise.resolve({ timestamp: org.clock.now().toISOString() }),
  setPassword: async ({ org, call }) => {
    await setPassword(org.pool, asText(call.args.userId) ?? '', asText(call.args.password) ?? '');
    return {};
  },
};

/** `/services/Soap/u/<version>` and `/c/<version>`: signing in and out, and who one is. */
export function soapLoginRoutes(org: Org): Router {
  const router = express.Router();
  router.post(
    ['/services/Soap/:api/:version', '/services/Soap/:api/:version/*rest'],
    soapBody,
    async (req, res, next) => {
      const api = String(req.params.api);
      if (api !== 'u' && api !== 'c') {
        next();
        return;
      }
      const namespace = api === 'u' ? 'urn:partner.soap.sforce.com' : 'urn:enterprise.soap.sforce.com';
      const call = maybeEnvelope(String(req.body));
      if (call) await answer({ org, req, res, call, namespace });
      else sendFault(res, 'soapenv:Client', 'Unable to parse the request');
    },
  );
  return router;
}

async function answer(asked: Asked): Promise<void> {
  const { org, res, call, namespace } = asked;
  if (call.operation === 'login') {
    await login(asked);
    return;
  }
  const session = await maybeSession(org.pool, call.sessionId);
  const operation = Object.hasOwn(operations, call.operation) ? operations[call.operation] : undefined;
  if (!session)
    sendFault(
      res,
      'sf:INVALID_SESSION_ID',
      'INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session hash',
    );
  else if (!operation)
    sendFault(res, 'soapenv:Client', `No operation available for request {${namespace}}${call.operation}`);
  else sendResult(res, namespace, call.operation, [await operation(asked, session)]);
}

async function login({ org, req, res, call, namespace }: Asked): Promise<void> {
  const user = await maybeUserNamed(org.pool, asText(call.args.username) ?? '');
  if (!user?.isActive || !(await isPasswordOf(org.pool, user.id, asText(call.args.password) ?? ''))) {
    sendFault(
      res,
      'INVALID_LOGIN',
      'INVALID_LOGIN: Invalid username, password, security token; or user locked out.',
    );
    return;
  }
  const sessionId = await openSession(org, { userId: user.id, clientId: null, kind: 'soap', scope: 'full' });
  const version = String(req.params.version);
  const endpoint = (api: string) => `${originOf(req)}/services/Soap/${api}/${version}/${org.id.slice(0, 15)}`;
  sendResult(res, namespace, 'login', [
    {
      metadataServerUrl: endpoint('m'),
      passwordExpired: false,
      sandbox: true,
      serverUrl: endpoint(String(req.params.api)),
      sessionId,
      userId: user.id,
      userInfo: await userInfo(org, user),
    },
  ]);
}

async function userInfo(org: Org, user: Person): Promise<Xml> {
  return {
    accessibilityMode: false,
    chatterExternal: false,
    currencySymbol: '$',
    orgAttachmentFileSizeLimit: 26214400,
    orgDefaultCurrencyIsoCode: 'USD',
    orgDefaultCurrencyLocale: 'en_US',
    orgDisallowHtmlAttachments: false,
    orgHasPersonAccounts: false,
    organizationId: org.id,
    organizationMultiCurrency: false,
    organizationName: (await organization(org.pool)).name,
    profileId: user.profileId,
    roleId: null,
    sessionSecondsValid: SESSION_SECONDS,
    userDefaultCurrencyIsoCode: null,
    userEmail: user.email,
    userFullName: user.name,
    userId: user.id,
    userLanguage: user.language,
    userLocale: user.locale,
    userName: user.username,
    userTimeZone: user.timeZone,
    userType: user.userType,
    userUiSkin: 'Theme3',
  };
}
