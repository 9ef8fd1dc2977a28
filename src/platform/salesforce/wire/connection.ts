import { Connection } from 'jsforce';

import { config } from '../../config.ts';

import { admit, noteCall, type Spender, spender, stopSpending } from '../budget/budget.ts';
import { SalesforceFailure, toFailure } from './errors.ts';
import { currentSession, Expired, noteAccepted, renewed, saysExpired, withSession } from './renewal.ts';
import type { Session } from './session.ts';
import { open, transportFor, type WireAnswer } from './transport.ts';

export { integrationUserId } from './renewal.ts';

/** How Salesforce knows our requests: changes that carry it are our own. */
export const CLIENT_NAME = 'rapport';

/** Milliseconds that an ordinary call may take. */
const TIMEOUT = 30_000;

export const basePath = `/services/data/v${config.SALESFORCE_API_VERSION}`;

/** A request to Salesforce; `path` is below `/services/data/vNN.0`. */
export interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  timeout?: number;
}

export interface Answer<T> {
  body: T;
  /** Salesforce's own clock before it began to answer, or a little earlier. */
  at: Date;
  headers: Record<string, string>;
}

/**
 * Sends one request, signing in first and again where needed.
 * @throws SalesforceFailure, classed by what can be done about it.
 */
export async function send<T>(call: Call): Promise<Answer<T>> {
  try {
    await admit(spender());
    return await withSession((session) => sent(session, call));
  } catch (error) {
    throw await heeded(toFailure(error));
  }
}

/** One attempt of a request. jsforce itself would repeat it under the old address, and for ever. */
async function sent<T>(session: Session, call: Call): Promise<Answer<T>> {
  const feature = spender();
  const seen: { answer?: WireAnswer } = {};
  const transport = transportFor(call.timeout ?? TIMEOUT, (answer) => {
    if (answer) seen.answer = answer;
    count(feature, answer);
  });
  const sentAt = performance.now();
  try {
    const body = await connectionFor(session).request<T>(requestOf(call), { transport });
    noteAccepted();
    return { body, at: dateOf(seen.answer, performance.now() - sentAt), headers: seen.answer?.headers ?? {} };
  } catch (cause) {
    if (saysExpired(seen.answer)) throw new Expired('expired', { cause });
    throw cause;
  }
}

function requestOf({ method = 'GET', path, body, headers = {} }: Call) {
  const url = `${basePath}${path}`;
  if (body === undefined) return { method, url, headers };
  return {
    method,
    url,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

/** A session that was refused costs nothing; a call whose answer was lost may have arrived, and counts. */
function count(feature: Spender, answer: Pick<WireAnswer, 'statusCode' | 'headers'> | undefined): void {
  if (answer?.statusCode !== 401) noteCall(feature, answer?.headers['sforce-limit-info']);
}

/** An org whose calls are spent is left in peace (E3). */
async function heeded(failure: SalesforceFailure): Promise<SalesforceFailure> {
  if (failure.code === 'REQUEST_LIMIT_EXCEEDED' && failure.kind === 'quota') await stopSpending();
  return failure;
}

type StreamedCall = Omit<Call, 'body'> & { body?: () => AsyncIterable<Uint8Array> };

/** Opens a request whose body or answer is streamed, a page of Bulk results or a file, and signs in again once. */
export async function stream(call: StreamedCall) {
  try {
    await admit(spender());
    return await withSession(async (session) => await checked(await opened(session, call)));
  } catch (error) {
    throw await heeded(toFailure(error));
  }
}

async function opened(session: Session, call: StreamedCall) {
  const feature = spender();
  const request = {
    method: call.method ?? 'GET',
    url: `${session.instanceUrl}${basePath}${call.path}`,
    headers: {
      ...call.headers,
      authorization: `Bearer ${session.token}`,
      'sforce-call-options': `client=${CLIENT_NAME}`,
    },
    ...(call.body ? { body: call.body() } : {}),
  };
  const answer = await open(request, call.timeout ?? TIMEOUT).catch((error: unknown) => {
    count(feature, undefined);
    throw error;
  });
  count(feature, answer);
  return answer;
}

async function checked(answer: Awaited<ReturnType<typeof open>>) {
  const { statusCode } = answer;
  if (statusCode < 400) {
    noteAccepted();
    return answer;
  }
  const body = await answer.body.text();
  const cause = failureOf(statusCode, body);
  throw saysExpired({ statusCode, body }) ? new Expired('expired', { cause }) : cause;
}

function failureOf(status: number, text: string): SalesforceFailure {
  const [error] = refusals(text);
  return new SalesforceFailure(
    error?.errorCode ?? `ERROR_HTTP_${String(status)}`,
    error?.message ?? text.slice(0, 500),
    { isAmbiguous: status >= 500 },
  );
}

function refusals(text: string): { errorCode?: string; message?: string }[] {
  try {
    const body: unknown = JSON.parse(text);
    return Array.isArray(body) ? (body as { errorCode?: string; message?: string }[]) : [];
  } catch {
    return [];
  }
}

let connected: { session: Session; connection: Connection } | undefined;

/** jsforce's connection of a session; without a way to renew it, which is done here. */
function connectionFor(session: Session): Connection {
  if (connected?.session.token !== session.token)
    connected = { session, connection: new Connection(optionsFor(session)) };
  return connected.connection;
}

const optionsFor = ({ instanceUrl, token }: Session) => ({
  version: config.SALESFORCE_API_VERSION,
  instanceUrl,
  accessToken: token,
  callOptions: { client: CLIENT_NAME },
});

/** jsforce's connection for what goes past `send`, the Metadata API; it renews its session by itself. */
export async function connect(): Promise<Connection> {
  let session = await currentSession();
  return new Connection({
    ...optionsFor(session),
    refreshFn: (connection, done) => {
      renewed(session).then(
        (next) => {
          session = next;
          connection.instanceUrl = next.instanceUrl;
          done(null, next.token);
        },
        (error: unknown) => {
          done(error as Error);
        },
      );
    },
  });
}

function dateOf(answer: WireAnswer | undefined, elapsed: number): Date {
  const date = Date.parse(answer?.headers.date ?? '');
  if (Number.isNaN(date)) throw new SalesforceFailure('UNREACHABLE', 'Salesforce answered without its date');
  return new Date(date - elapsed);
}
