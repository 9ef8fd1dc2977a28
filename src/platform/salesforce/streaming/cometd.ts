import { z } from 'zod';

import { config } from '../../config.ts';

import { SalesforceFailure } from '../wire/errors.ts';
import type { Session } from '../wire/session.ts';
import { exchange } from '../wire/transport.ts';

/**
 * A client of Salesforce's Streaming API, CometD by long polling: no more of the protocol than it takes to hear of changes. Each
 * request has a time-out, so that a connection which died silently is noticed; what goes wrong is thrown, and whoever listens
 * begins anew.
 */
export interface Stream {
  /** Subscribes from after that replay id, or with -1 from now. @throws SalesforceFailure INVALID_REPLAY_ID */
  subscribe: (channel: string, replayId: number) => Promise<void>;
  /** Waits for messages; none after the server's own time-out. */
  next: () => Promise<StreamMessage[]>;
  /** Says good-bye, if anybody listens. */
  leave: () => Promise<void>;
}

const Header = z.object({
  entityName: z.string(),
  changeType: z.string(),
  changeOrigin: z.string().default(''),
  recordIds: z.array(z.string()),
});
const Message = z.object({
  channel: z.string(),
  data: z.object({
    payload: z.object({ ChangeEventHeader: Header }),
    event: z.object({ replayId: z.number() }),
  }),
});
const Reply = z.looseObject({
  channel: z.string(),
  successful: z.boolean().optional(),
  clientId: z.string().optional(),
  error: z.string().optional(),
  advice: z.looseObject({ timeout: z.number().optional(), reconnect: z.string().optional() }).optional(),
  ext: z.looseObject({ sfdc: z.looseObject({ failureReason: z.string().optional() }).optional() }).optional(),
});
type Reply = z.infer<typeof Reply>;

/** One change event, as far as a hint needs it. */
export interface StreamMessage {
  replayId: number;
  sobject: string;
  changeType: string;
  changeOrigin: string;
  recordIds: string[];
}

const TIMEOUT = 15_000;
/** How much longer than the server says we wait for the end of a long poll. */
const GRACE = 10_000;
/** Salesforce's own time-out of a long poll, until it tells another. */
const USUAL_POLL = 110_000;

/** Shakes hands with a session's org. @throws SalesforceFailure */
export async function openStream(session: Session, stopping: AbortSignal): Promise<Stream> {
  const send = sender(session, stopping);
  const hello = { version: '1.0', minimumVersion: '1.0', supportedConnectionTypes: ['long-polling'] };
  const [greeting] = await send([{ channel: '/meta/handshake', ...hello, ext: { replay: true } }], TIMEOUT);
  const clientId = checked(greeting).clientId;
  if (clientId === undefined) throw new SalesforceFailure('UNREACHABLE', 'Salesforce gave no client id');
  let poll = USUAL_POLL;
  let isFirst = true;
  return {
    async subscribe(subscription, replayId) {
      const ext = { replay: { [subscription]: replayId } };
      const [reply] = await send([{ channel: '/meta/subscribe', clientId, subscription, ext }], TIMEOUT);
      checked(reply);
    },
    async next() {
      const advice = isFirst ? { advice: { timeout: 0 } } : {};
      const connect = { channel: '/meta/connect', clientId, connectionType: 'long-polling', ...advice };
      const answer = await send([connect], (isFirst ? 0 : poll) + GRACE);
      isFirst = false;
      const reply = checked(answer.find(({ channel }) => channel === '/meta/connect'));
      poll = reply.advice?.timeout ?? poll;
      return answer.flatMap(toMessage);
    },
    async leave() {
      const soon = AbortSignal.timeout(1_000);
      await send([{ channel: '/meta/disconnect', clientId }], 1_000, soon).catch(() => undefined);
    },
  };
}

function sender({ instanceUrl, token }: Session, stopping: AbortSignal) {
  const cookies = new Map<string, string>();
  let number = 0;
  return async (messages: object[], timeout: number, signal = stopping): Promise<Reply[]> => {
    const answer = await exchange(
      {
        method: 'POST',
        url: `${instanceUrl}/cometd/${config.SALESFORCE_API_VERSION}/`,
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${token}`,
          cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        },
        body: JSON.stringify(messages.map((message) => ({ ...message, id: String((number += 1)) }))),
        signal,
      },
      timeout,
    );
    for (const [name, value] of cookiesOf(answer.headers['set-cookie'])) cookies.set(name, value);
    if (answer.statusCode >= 400)
      throw new SalesforceFailure(
        answer.statusCode === 401 ? 'INVALID_SESSION_ID' : `ERROR_HTTP_${String(answer.statusCode)}`,
        `Salesforce's event stream answered ${String(answer.statusCode)}`,
      );
    return repliesOf(answer.body);
  };
}

/** Cookies of several Set-Cookie headers in one text: what a load balancer knows us by. */
function cookiesOf(header: string | undefined): [string, string][] {
  return (header ?? '').split(/,(?=\s*[^;,=\s]+=[^;,]*)/).flatMap((cookie) => {
    const [, name, value] = /^\s*([^=;\s]+)=([^;]*)/.exec(cookie) ?? [];
    return name === undefined ? [] : [[name, value ?? ''] as [string, string]];
  });
}

function repliesOf(body: string): Reply[] {
  try {
    return z.array(Reply).parse(JSON.parse(body));
  } catch (error) {
    throw new SalesforceFailure('UNREACHABLE', "Salesforce's event stream gave an answer that is none", {
      cause: error,
    });
  }
}

function toMessage(reply: Reply): StreamMessage[] {
  const message = Message.safeParse(reply);
  if (!message.success) return [];
  const { payload, event } = message.data.data;
  const { entityName, changeType, changeOrigin, recordIds } = payload.ChangeEventHeader;
  return [{ replayId: event.replayId, sobject: entityName, changeType, changeOrigin, recordIds }];
}

/** @throws SalesforceFailure, by what the error says. */
function checked(reply: Reply | undefined): Reply {
  if (reply?.successful === true) return reply;
  const reason = reasonOf(reply);
  const [code] = codes.find(([, pattern]) => pattern.test(reason)) ?? ['STREAM_REFUSED'];
  throw new SalesforceFailure(code, reason.replace(/^\d+::?/, ''), { kind: code === 'INVALID_SESSION_ID' ? 'auth' : 'retry' }); // prettier-ignore
}

const reasonOf = (reply: Reply | undefined): string =>
  reply?.ext?.sfdc?.failureReason ?? reply?.error ?? 'no answer';

const codes: [string, RegExp][] = [
  ['INVALID_SESSION_ID', /^401|Authentication invalid/],
  ['UNKNOWN_CLIENT', /Unknown client/i],
  ['INVALID_REPLAY_ID', /replayId .* was invalid/],
  ['NO_SUCH_CHANNEL', /does not exist/],
];
