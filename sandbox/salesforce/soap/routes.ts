import express from 'express';

import { contextFor } from '../auth/middleware.ts';
import { bearerOf, maybeSession } from '../auth/sessions.ts';
import { login, sessionOperations } from '../auth/soap-login.ts';
import { maybeWebSession } from '../auth/web.ts';
import { ApiError } from '../errors.ts';
import { namespaces } from './call.ts';
import { isDataOperation, runDataOperation, spendCall } from './data.ts';
import { maybeEnvelope, sendData, sendFault, soapBody } from './envelope.ts';
import { faultOf } from './faults.ts';
import { wsdlOf } from './wsdl.ts';

import type { Request, Response, Router } from 'express';
import type { Asked } from '../auth/soap-login.ts';
import type { Session } from '../auth/sessions.ts';
import type { Org } from '../context.ts';
import type { Xml } from './envelope.ts';

/** `/services/Soap/u/<version>` and `/c/<version>`: the partner and the enterprise API. */
export function soapRoutes(org: Org): Router {
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
      const call = maybeEnvelope(String(req.body));
      if (call) await answer({ org, req, res, call, api });
      else sendFault(res, 'soapenv:Client', 'Unable to parse the request');
    },
  );
  router.get(['/soap/wsdl.jsp', '/services/wsdl/enterprise', '/services/wsdl/partner'], (req, res) => sendWsdl(org, req, res)); // prettier-ignore
  return router;
}

/** `/soap/wsdl.jsp` is the enterprise WSDL, with `?type=*` the partner one; who is signed in in a browser or by a token gets it. */
async function sendWsdl(org: Org, req: Request, res: Response): Promise<void> {
  const session = (await maybeWebSession(org, req)) ?? (await maybeSession(org.pool, bearerOf(req)));
  if (!session) {
    res.redirect(303, `/sign-in?startURL=${encodeURIComponent(req.originalUrl)}`);
    return;
  }
  const isPartner = req.query.type === '*' || req.path.endsWith('partner');
  res.type('text/xml').send(wsdlOf(contextFor(org, req, session), isPartner ? 'u' : 'c'));
}

async function answer(asked: Asked): Promise<void> {
  const { org, res, call, api } = asked;
  if (call.operation === 'login') {
    await login(asked);
    return;
  }
  try {
    const session = await maybeSession(org.pool, call.sessionId);
    if (!session) throw new ApiError(401, 'INVALID_SESSION_ID', noSession);
    res.locals.username = session.user.username;
    await answerSession(asked, session);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { code, text, detail } = faultOf(error, namespaces[api].fault);
    sendFault(res, code, text, detail);
  }
}

const noSession =
  'Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session hash';

async function answerSession(asked: Asked, session: Session): Promise<void> {
  const { org, req, res, call, api } = asked;
  const { operation } = call;
  const namespace = namespaces[api].api;
  const own = Object.hasOwn(sessionOperations, operation) ? sessionOperations[operation] : undefined;
  if (!own && !isDataOperation(operation)) {
    sendFault(res, 'soapenv:Client', `No operation available for request {${namespace}}${operation}, please check the WSDL for the service.`); // prettier-ignore
    return;
  }
  const ctx = contextFor(org, req, session);
  const limitInfo = spendCall(ctx);
  const results: Xml[] = own
    ? [await own(asked, session)]
    : await runDataOperation(operation, { ctx, api, args: call.args, headers: call.headers });
  sendData(res, { namespace, sobjectNamespace: namespaces[api].sobject, operation, results, limitInfo });
}
