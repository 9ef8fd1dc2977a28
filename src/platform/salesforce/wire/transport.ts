import { PassThrough } from 'node:stream';

import { Agent, request } from 'undici';

/**
 * The wire under jsforce. Its own transport never gives up in under half an hour, repeats GETs by itself, and lets a connection
 * that breaks in mid-answer bring the process down; here each call has a time-out and fails by rejecting.
 */
const agent = new Agent({ connect: { timeout: 5_000 }, keepAliveTimeout: 10_000, connections: 16 });

export interface WireRequest {
  method: string;
  url: string;
  headers?: Record<string, string>;
  body?: string | Buffer | AsyncIterable<Uint8Array>;
  /** Ends the request before its answer came. */
  signal?: AbortSignal;
}

export interface WireAnswer {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

/** Sends one request and reads its whole answer. */
export async function exchange(one: WireRequest, timeoutMilliseconds: number): Promise<WireAnswer> {
  const answer = await open(one, timeoutMilliseconds);
  return { statusCode: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
}

/** The same, its answer's body left to be streamed; the time-out counts silence, not length. */
export async function open(one: WireRequest, timeoutMilliseconds: number) {
  const { statusCode, headers, body } = await request(one.url, {
    method: one.method as 'GET',
    headers: one.headers ?? {},
    body: (one.body ?? null) as Buffer | null,
    dispatcher: agent,
    signal: one.signal ?? null,
    headersTimeout: timeoutMilliseconds,
    bodyTimeout: timeoutMilliseconds,
  });
  const flat = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
  return { statusCode, headers: flat, body };
}

/** What jsforce asks of a transport; `seen` gets each answer before jsforce reads it, or nothing where none came. */
export function transportFor(timeoutMilliseconds: number, seen: (answer?: WireAnswer) => void) {
  return {
    httpRequest(one: WireRequest) {
      const answered = exchange(one, timeoutMilliseconds).then(
        (answer) => {
          seen(answer);
          return answer;
        },
        (error: unknown) => {
          seen();
          throw error;
        },
      );
      return Object.assign(answered, { stream: () => new PassThrough() });
    },
  };
}
