import { z } from 'zod';

import { config } from '../platform/config.ts';
import { now } from '../platform/clock.ts';
import { transaction } from '../platform/db.ts';
import { Expected, Unavailable } from '../platform/errors.ts';

import { findOrAddPerson } from './queries.ts';
import { linkUser, staffUser, personOfUser } from './staff.queries.ts';

/** Salesforce vouches for somebody who has no role here. */
export class NotStaff extends Expected {}

/** What Salesforce says of whoever signed in there, in the words of OpenID Connect. */
const UserInfo = z.object({ user_id: z.string().length(18), email_verified: z.boolean().optional() });

const TIMEOUT_MILLISECONDS = 10_000;

/** Where people of the company sign in: their org, or its stand-in. */
export const salesforceUrl = (config.SALESFORCE_LOGIN_URL ?? config.SANDBOX_URL).replace(/\/$/, '');

/** The client that Salesforce knows us as; the sandbox's own in sandbox mode. */
export const salesforceClient = {
  id: config.SALESFORCE_CLIENT_ID ?? 'rapport',
  secret: config.SALESFORCE_CLIENT_SECRET ?? (config.isSandbox ? 'rapport-secret' : ''),
};

/**
 * The member of staff whom an access token of the web-server flow belongs to. They must be an active user of the mirror
 * with one of our permission sets: a user of some other org that the same log-in page serves is not.
 * @throws NotStaff; Unavailable when Salesforce does not answer.
 */
export async function staffByAccessToken(accessToken: string): Promise<{ personId: string }> {
  const info = await userInfo(accessToken);
  return await staffByUser(info.user_id, { isVerified: info.email_verified !== false });
}

/**
 * The member of staff who is that Salesforce user; whoever comes for the first time gets a person of their own if their mailbox is verified.
 * @throws NotStaff
 */
export async function staffByUser(
  userId: string,
  { isVerified }: { isVerified: boolean },
): Promise<{ personId: string }> {
  const user = await staffUser(userId);
  if (!user?.email) throw new NotStaff();
  const { id, email, name, timeZone } = { ...user, email: user.email };
  const known = await personOfUser(id);
  if (known !== undefined) return { personId: known };
  if (!isVerified) throw new NotStaff();
  return await transaction(async (tx) => {
    const personId = await findOrAddPerson(tx, {
      email,
      name,
      locale: 'en',
      timeZone: timeZone ?? 'UTC',
      at: now(),
    });
    if (!(await linkUser(tx, personId, id))) throw new NotStaff();
    return { personId };
  });
}

/** Whether an access token is good at this moment, and that user's. @throws Unavailable when Salesforce does not answer */
export async function isSessionOf(userId: string, accessToken: string): Promise<boolean> {
  const answer = await askUserInfo(accessToken);
  if (!answer.ok) return false;
  return UserInfo.safeParse(await answer.json()).data?.user_id === userId;
}

async function userInfo(accessToken: string): Promise<z.infer<typeof UserInfo>> {
  const answer = await askUserInfo(accessToken);
  if (!answer.ok) throw new Unavailable(`Salesforce does not say who that is: ${String(answer.status)}`);
  return UserInfo.parse(await answer.json());
}

async function askUserInfo(accessToken: string): Promise<Response> {
  return await fetch(`${salesforceUrl}/services/oauth2/userinfo`, {
    headers: { authorization: `Bearer ${accessToken}`, accept: 'application/json' },
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  }).catch((error: unknown) => {
    throw new Unavailable('Salesforce does not answer', { cause: error });
  });
}
