import { z } from 'zod';

import { now } from '../../clock.ts';
import { config } from '../../config.ts';

import type { Finding } from './checks.ts';
import { basePath, send } from '../wire/connection.ts';
import { toFailure } from '../wire/errors.ts';
import { client, signInAfresh } from '../wire/session.ts';
import { exchange, type WireAnswer } from '../wire/transport.ts';

const TIMEOUT = 10_000;
const SKEW_WARNING_SECONDS = 30;
/** A JWT of ours is good for three minutes. */
const SKEW_FAILURE_SECONDS = 150;

const Versions = z.array(z.object({ version: z.string() }));

/** Whether the address answers as Salesforce does, in a version that we speak, and what its clock says. */
export async function wayArea(): Promise<Finding[]> {
  const host = new URL(client.loginUrl).host;
  const sentAt = now().getTime();
  const answer = await answerOf(`${client.loginUrl}/services/data`);
  if ('code' in answer)
    return [{ level: 'failure', key: 'unreachable', values: { host, reason: answer.code } }];
  const versions = Versions.safeParse(parsed(answer.body));
  if (answer.statusCode !== 200 || !versions.success)
    return [{ level: 'failure', key: 'notSalesforce', values: { host, status: answer.statusCode } }];
  return [
    { level: 'ok', key: 'reached', values: { host } },
    domain(host),
    version(versions.data.map((each) => each.version)),
    clock(answer, sentAt),
  ];
}

async function answerOf(url: string): Promise<WireAnswer | { code: string }> {
  try {
    return await exchange({ method: 'GET', url }, TIMEOUT);
  } catch (error) {
    return { code: toFailure(error).message };
  }
}

/** Client credentials are taken at the org's own address only. */
function domain(host: string): Finding {
  const isShared = ['login.salesforce.com', 'test.salesforce.com'].includes(host);
  if (!isShared) return { level: 'ok', key: 'myDomain', values: { host } };
  const level = client.privateKey === undefined ? 'failure' : 'warning';
  return { level, key: 'sharedDomain', values: { host } };
}

function version(known: string[]): Finding {
  const ours = config.SALESFORCE_API_VERSION;
  const newest = known.at(-1) ?? '';
  return known.includes(ours)
    ? { level: 'ok', key: 'version', values: { ours, newest } }
    : { level: 'failure', key: 'versionUnknown', values: { ours, newest } };
}

function clock({ headers }: WireAnswer, sentAt: number): Finding {
  const theirs = Date.parse(headers.date ?? '');
  const elapsed = (now().getTime() - sentAt) / 2;
  const seconds = Math.round((theirs - sentAt - elapsed) / 1000);
  if (Number.isNaN(seconds)) return { level: 'warning', key: 'clockUnknown', values: {} };
  const away = Math.abs(seconds);
  if (away <= SKEW_WARNING_SECONDS) return { level: 'ok', key: 'clock', values: { seconds: away } };
  const isTooFar = away > SKEW_FAILURE_SECONDS && client.privateKey !== undefined;
  return { level: isTooFar ? 'failure' : 'warning', key: 'clockAway', values: { seconds: away } };
}

/** Whether the credentials let us in now, through which flow, and what the app's scopes and policies allow. */
export async function signInArea(): Promise<Finding[]> {
  const flow = client.privateKey === undefined ? 'clientCredentials' : 'jwt';
  try {
    const { instanceUrl } = await signInAfresh();
    return [
      {
        level: 'ok',
        key: `flow.${flow}`,
        values: { id: client.id.slice(0, 12), host: new URL(instanceUrl).host },
      },
      ...(await scopes()),
      await api(),
    ];
  } catch (error) {
    const { code, message } = toFailure(error);
    return [
      {
        level: 'failure',
        key: refusalKey(code, message, flow),
        values: { code, message, id: client.id.slice(0, 12), username: client.username ?? '' },
      },
    ];
  }
}

/** Which of the app's settings stands behind a refusal. */
function refusalKey(code: string, message: string, flow: string): string {
  const text = `${code} ${message}`;
  const known: [RegExp, string][] = [
    [/invalid_client_id|client identifier/i, 'refused.unknownApp'],
    [/invalid_client|client credentials$|invalid client/i, 'refused.secret'],
    [/no client credentials user|client credentials flow/i, 'refused.runAs'],
    [/not admin approved|invalid_app_access/i, 'refused.notAdmitted'],
    [/hasn't approved/i, 'refused.notApproved'],
    [/invalid assertion|audience|expired/i, 'refused.assertion'],
    [/inactive/i, 'refused.inactive'],
    [/unsupported_grant_type/i, 'refused.flowOff'],
    [/ip restricted|ip address/i, 'refused.network'],
  ];
  return (
    known.find(([pattern]) => pattern.test(text))?.[1] ??
    (flow === 'jwt' ? 'refused.assertion' : 'refused.other')
  );
}

const Introspection = z.object({ active: z.boolean(), scope: z.string().default('') });

/** The scopes of the app, where introspection tells them: it needs the app's secret. */
async function scopes(): Promise<Finding[]> {
  if (client.secret === undefined) return [];
  const { token } = await signInAfresh();
  const { body } = await exchange(
    {
      method: 'POST',
      url: `${client.loginUrl}/services/oauth2/introspect`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        token,
        client_id: client.id,
        client_secret: client.secret,
        token_type_hint: 'access_token',
      }).toString(),
    },
    TIMEOUT,
  );
  const told = Introspection.safeParse(parsed(body));
  if (!told.success || !told.data.active) return [{ level: 'warning', key: 'scopesUnknown', values: {} }];
  const given = told.data.scope.split(/[\s,]+/);
  if (!given.includes('api') && !given.includes('full'))
    return [{ level: 'failure', key: 'scopeMissing', values: { given: given.join(', ') } }];
  const broad = given.filter((each) => ['full', 'web'].includes(each));
  return broad.length > 0
    ? [{ level: 'warning', key: 'scopesBroad', values: { broad: broad.join(', ') } }]
    : [{ level: 'ok', key: 'scopes', values: { given: given.join(', ') } }];
}

/** Whether the REST API is open to this user at all. */
async function api(): Promise<Finding> {
  try {
    await send({ path: '/' });
    return { level: 'ok', key: 'api', values: { path: basePath } };
  } catch (error) {
    const { code, message, kind } = toFailure(error);
    if (kind === 'quota') return { level: 'failure', key: 'quota', values: { message } };
    return { level: 'failure', key: 'apiClosed', values: { code, message } };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
