import { Agent, type Dispatcher, request } from 'undici';
import { z } from 'zod';

import { config } from '../platform/config.ts';

import { type Headers, notHadBecause, textOf } from './http-answers.ts';
import { inTime, TooLate } from './in-time.ts';

/*
 * Sunshine Conversations v2, as far as we use it (https://docs.smooch.io/rest). By our own hand over the wire: the official client opens a
 * connection for each request (decision 036).
 */

/** What Sunshine said, or what it means that it said nothing. */
export type Said =
  | { kind: 'answer'; status: number; body: unknown; headers: Headers }
  /** Nothing was written, or nobody can say. */
  | { kind: 'down'; reason: string }
  | { kind: 'doubt'; reason: string };

const agent = new Agent({
  connections: config.SUNSHINE_IN_FLIGHT,
  pipelining: 1,
  connect: { timeout: 10_000 },
  keepAliveTimeout: 4_000,
  keepAliveMaxTimeout: 30_000,
  headersTimeout: 0,
  bodyTimeout: 5_000,
});

const isSandbox = config.SUNSHINE_KEY_ID === undefined;
const base = new URL(
  config.SUNSHINE_BASE_URL ?? (isSandbox ? `${config.SANDBOX_URL}/sunshine/` : 'https://api.smooch.io/'),
);
const app = `${base.href.replace(/\/$/, '')}/v2/apps/${encodeURIComponent(config.SUNSHINE_APP_ID ?? 'sandbox')}`;
const credentials = `${config.SUNSHINE_KEY_ID ?? 'app_sandbox'}:${config.SUNSHINE_SECRET ?? 'sandbox'}`;
const headers = {
  authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
  'content-type': 'application/json',
};

type Method = Extract<Dispatcher.HttpMethod, 'GET' | 'POST'>;

/** One request, once, begun by `deadline` (`performance.now()`) or not at all. It never throws. */
export async function say(
  method: Method,
  path: string,
  { body, signal, deadline = Infinity }: { body?: object; signal: AbortSignal; deadline?: number },
): Promise<Said> {
  if (signal.aborted) return { kind: 'down', reason: 'no time was left to ask' };
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  try {
    const answer = await request(`${app}${path}`, {
      method,
      headers: bytes === undefined ? headers : { ...headers, 'content-length': String(bytes.length) },
      body: bytes === undefined ? null : inTime(bytes, deadline),
      dispatcher: agent,
      signal,
    });
    const text = await textOf(answer);
    return { kind: 'answer', status: answer.statusCode, body: parsed(text), headers: answer.headers };
  } catch (error) {
    if (error instanceof TooLate) return { kind: 'down', reason: error.message };
    return notHadBecause(error);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const Errors = z.object({
  errors: z.array(z.object({ code: z.string().nullish(), title: z.string().nullish() })).min(1),
});

/** Sunshine's own complaints in an answer; nothing where something else answered. */
export function complaintIn(body: unknown): string | undefined {
  const read = Errors.safeParse(body);
  if (!read.success) return undefined;
  return read.data.errors
    .map(({ code, title }) => `${code ?? ''} ${title ?? ''}`.trim())
    .join(', ')
    .slice(0, 300);
}
