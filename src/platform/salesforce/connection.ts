import { Connection } from 'jsforce';

import { config } from '../config.ts';

import { admit, noteCall, type Spender, spender, stopSpending } from './budget.ts';
import { SalesforceFailure, toFailure } from './errors.ts';
import { sessionBeside } from './session.ts';
import { open, transportFor, type WireAnswer } from './transport.ts';

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

let connection: Connection | undefined;
let userId = '';
let refreshesInARow = 0;

/** The user that Rapport works as in Salesforce; known after the first call. */
export const integrationUserId = (): string => userId;

/**
 * Sends one request, signing in first and again where needed.
 * @throws SalesforceFailure, classed by what can be done about it.
 */
export async function send<T>({
  method = 'GET',
  path,
  body,
  headers = {},
  timeout = TIMEOUT,
}: Call): Promise<Answer<T>> {
  let last: WireAnswer | undefined;
  const feature = spender();
  try {
    await admit(feature);
    const connected = await connect();
    const sentAt = performance.now();
    const answer = await connected.request<T>(
      {
        method,
        url: `${basePath}${path}`,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      {
        transport: transportFor(timeout, (seen) => {
          last = seen;
          count(feature, seen);
        }),
      },
    );
    refreshesInARow = 0;
    return { body: answer, at: dateOf(last, performance.now() - sentAt), headers: last?.headers ?? {} };
  } catch (error) {
    throw await heeded(toFailure(error));
  }
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

/** Opens a request whose body or answer is streamed, a page of Bulk results or a file, and signs in again once. */
export async function stream(call: Omit<Call, 'body'> & { body?: () => AsyncIterable<Uint8Array> }) {
  try {
    await admit(spender());
    const connected = await connect();
    const first = await opened(connected, call);
    if (first.statusCode !== 401) return await checked(first);
    await first.body.dump();
    await renew(connected);
    return await checked(await opened(connected, call));
  } catch (error) {
    throw await heeded(toFailure(error));
  }
}

async function opened(
  connected: Connection,
  call: Omit<Call, 'body'> & { body?: () => AsyncIterable<Uint8Array> },
) {
  const answer = await open(
    {
      method: call.method ?? 'GET',
      url: `${connected.instanceUrl}${basePath}${call.path}`,
      headers: {
        ...call.headers,
        authorization: `Bearer ${connected.accessToken ?? ''}`,
        'sforce-call-options': `client=${CLIENT_NAME}`,
      },
      ...(call.body ? { body: call.body() } : {}),
    },
    call.timeout ?? TIMEOUT,
  ).catch((error: unknown) => {
    count(spender(), undefined);
    throw error;
  });
  count(spender(), answer);
  return answer;
}

async function checked(answer: Awaited<ReturnType<typeof open>>) {
  if (answer.statusCode < 400) return answer;
  const text = await answer.body.text();
  const [error] = refusals(text);
  throw new SalesforceFailure(
    error?.errorCode ?? `ERROR_HTTP_${String(answer.statusCode)}`,
    error?.message ?? text.slice(0, 500),
    {
      isAmbiguous: answer.statusCode >= 500,
    },
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

export async function connect(): Promise<Connection> {
  if (connection) return connection;
  const session = await sessionBeside();
  userId = session.userId;
  connection = new Connection({
    version: config.SALESFORCE_API_VERSION,
    instanceUrl: session.instanceUrl,
    accessToken: session.token,
    callOptions: { client: CLIENT_NAME },
    refreshFn: (connected, done) => {
      renew(connected).then(
        (token) => {
          done(null, token);
        },
        (error: unknown) => {
          done(error as Error);
        },
      );
    },
  });
  return connection;
}

/** jsforce repeats for ever on a lasting 401, so the number of renewals without a success between them is capped. */
async function renew(connected: Connection): Promise<string> {
  refreshesInARow += 1;
  if (refreshesInARow > 3) {
    refreshesInARow = 0;
    connection = undefined;
    throw new SalesforceFailure('NO_SESSION', 'Salesforce refuses every session that it gives out');
  }
  const session = await sessionBeside(connected.accessToken ?? undefined);
  connected.instanceUrl = session.instanceUrl;
  connected.accessToken = session.token;
  return session.token;
}

function dateOf(answer: WireAnswer | undefined, elapsed: number): Date {
  const date = Date.parse(answer?.headers.date ?? '');
  if (Number.isNaN(date)) throw new SalesforceFailure('UNREACHABLE', 'Salesforce answered without its date');
  return new Date(date - elapsed);
}
