import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request of a campaign as SendGrid would read it. */
export interface Posted {
  personalizations: {
    to: { email: string; name?: string }[];
    headers?: Record<string, string>;
    substitutions?: Record<string, string>;
    custom_args: { run: string; n: string; batch: string };
  }[];
  subject: string;
  content: { type: string; value: string }[];
  categories: string[];
}

/** How the sink answers one request. `takes`: whether it has accepted the mails by then, whatever the client hears of it. */
export interface Behaviour {
  takes: boolean;
  /** Waits before it answers. */
  milliseconds?: number;
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** Ends the connection instead of answering, before a head or in the middle of one. */
  breaks?: 'before' | 'within';
}

export const accepts: Behaviour = { takes: true };

/**
 * A mail provider that counts what it takes, by the ids in each recipient's arguments, and does as the test says. It forgets nothing: whoever
 * is written to twice is seen.
 */
export async function startSink(behave: (posted: Posted, request: number) => Behaviour = () => accepts) {
  const taken = new Map<string, number>();
  const posts: { posted: Posted; at: number; took: boolean }[] = [];
  const untold: Posted['personalizations'] = [];
  let requests = 0;
  const sink = {
    url: '',
    /** Requests that came, accepted or not. */
    requests: () => requests,
    posts,
    /** How often each person of a run was written to, by n. */
    takenOf: (runId: number) => takenOf(taken, runId),
    behave,
    /** Events of what was taken since the last time, two for each, as SendGrid tells them. */
    events: () => untold.splice(0).flatMap(eventsOf),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  const server = createServer((req, res) => {
    void (async () => {
      const text = await textOf(req);
      const posted = JSON.parse(text) as Posted;
      requests += 1;
      const behaviour = sink.behave(posted, requests);
      posts.push({ posted, at: Date.now(), took: behaviour.takes });
      if (behaviour.takes)
        for (const personalization of posted.personalizations) {
          const { run, n } = personalization.custom_args;
          taken.set(`${run}/${n}`, (taken.get(`${run}/${n}`) ?? 0) + 1);
          untold.push(personalization);
        }
      await answer(res, behaviour);
    })().catch(() => res.destroy());
  });
  server.keepAliveTimeout = 30_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  sink.url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
  return sink;
}

export type Sink = Awaited<ReturnType<typeof startSink>>;

async function textOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

let messages = 0;

async function answer(res: ServerResponse, behaviour: Behaviour): Promise<void> {
  const { milliseconds = 0, status = behaviour.takes ? 202 : 500, headers = {}, body, breaks } = behaviour;
  if (milliseconds > 0) await new Promise((wait) => setTimeout(wait, milliseconds));
  if (breaks === 'before') res.destroy();
  else if (breaks === 'within') res.socket?.write('HTTP/1.1 202 Acc', () => res.destroy());
  else {
    messages += 1;
    res.writeHead(status, { 'x-message-id': `message-${String(messages)}`, ...headers });
    res.end(body === undefined ? undefined : JSON.stringify(body));
  }
}

function takenOf(taken: ReadonlyMap<string, number>, runId: number): Map<number, number> {
  const prefix = `${String(runId)}/`;
  const ofRun = [...taken].filter(([key]) => key.startsWith(prefix));
  return new Map(ofRun.map(([key, times]) => [Number(key.slice(prefix.length)), times]));
}

function eventsOf({ to, custom_args }: Posted['personalizations'][number]) {
  const common = { ...custom_args, email: to[0]?.email, timestamp: Math.floor(Date.now() / 1000) };
  const id = `${custom_args.run}-${custom_args.n}-${custom_args.batch}-${String((messages += 1))}`;
  return (['processed', 'delivered'] as const).map((event) => ({
    ...common, event, sg_event_id: `${event}-${id}`, sg_message_id: id,
  })); // prettier-ignore
}
