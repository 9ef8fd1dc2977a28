import { maybeActiveUser } from '../context.ts';
import { ApiError } from '../errors.ts';
import { isId, toLongId } from '../records/ids.ts';
import { namespaces } from '../soap/call.ts';
import { asList, asText, sendFault, sendResult } from '../soap/envelope.ts';
import { faultOf } from '../soap/faults.ts';
import { closeSession, opaque, openSession, originOf, SESSION_SECONDS } from './sessions.ts';
import { isPasswordOf, maybeUser, maybeUserNamed, organization, setPassword } from './users.ts';

import type { Request, Response } from 'express';
import type { Org } from '../context.ts';
import type { SoapCall, Xml } from '../soap/envelope.ts';
import type { Session } from './sessions.ts';
import type { Person } from './users.ts';

/** One SOAP request of the partner or enterprise API. */
export interface Asked {
  org: Org;
  req: Request;
  res: Response;
  call: SoapCall;
  api: 'u' | 'c';
}

/** What a signed-in client may ask of its session and of who it is: each operation returns its `result`. */
export const sessionOperations: Record<string, (asked: Asked, session: Session) => Promise<Xml>> = {
  logout: async ({ org }, session) => {
    await closeSession(org.pool, session.id);
    return undefined;
  },
  invalidateSessions: async ({ org, call }) => {
    for (const id of asList(call.args.sessionIds)) await closeSession(org.pool, asText(id) ?? '');
    return { success: true };
  },
  getUserInfo: ({ org }, session) => userInfo(org, session.user),
  getServerTimestamp: ({ org }) => Promise.resolve({ timestamp: org.clock.now().toISOString() }),
  setPassword: async ({ org, call }, session) => {
    const password = asText(call.args.password) ?? '';
    if (password === '') throw new ApiError(400, 'INVALID_NEW_PASSWORD', 'Your password cannot be empty');
    await setPassword(org.pool, await changeable(org, call, session), password);
    return {};
  },
  resetPassword: async ({ org, call }, session) => {
    const password = opaque(10);
    await setPassword(org.pool, await changeable(org, call, session), password);
    return { password };
  },
};

/** The user whose password is to be set: one's own, or anybody's for an administrator. @throws ApiError */
async function changeable(org: Org, call: SoapCall, { user }: Session): Promise<string> {
  const given = asText(call.args.userId) ?? '';
  const found = isId(given) ? await maybeUser(org.pool, toLongId(given)) : undefined;
  if (!found) throw new ApiError(400, 'INVALID_ID_FIELD', `invalid user id: ${given}`);
  if (found.id === user.id || (await maybeActiveUser(org, user.id))?.isAdmin) return found.id;
  throw new ApiError(403, 'INSUFFICIENT_ACCESS', 'insufficient access rights on object id');
}

/** Answers `login`: a session and where to go with it. */
export async function login({ org, req, res, call, api }: Asked): Promise<void> {
  const user = await maybeUserNamed(org.pool, asText(call.args.username) ?? '');
  if (!user?.isActive || !(await isPasswordOf(org.pool, user.id, asText(call.args.password) ?? ''))) {
    const { text, detail } = faultOf(wrongLogin, namespaces[api].fault);
    sendFault(res, 'INVALID_LOGIN', text, detail);
    return;
  }
  const sessionId = await openSession(org, { userId: user.id, clientId: null, kind: 'soap', scope: 'full' });
  const version = String(req.params.version);
  const endpoint = (each: string) =>
    `${originOf(req)}/services/Soap/${each}/${version}/${org.id.slice(0, 15)}`;
  sendResult(res, namespaces[api].api, 'login', [
    {
      metadataServerUrl: endpoint('m'),
      passwordExpired: false,
      sandbox: true,
      serverUrl: endpoint(api),
      sessionId,
      userId: user.id,
      userInfo: await userInfo(org, user),
    },
  ]);
}

const wrongLogin = new ApiError(
  400,
  'INVALID_LOGIN',
  'Invalid username, password, security token; or user locked out.',
);

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
