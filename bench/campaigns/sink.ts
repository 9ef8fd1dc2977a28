import { createPrivateKey, sign } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';

import { Pool } from 'undici';

/*
 * A mail provider for benchmarks: takes requests as fast as it can, counts each message by the ids in its arguments, and tells of it in signed
 * posts of a thousand events: processed, then delivered. `POST /target {url}` says where to, `GET /counts` what it saw, `POST /forget` begins anew.
 * Environment: SINK_PORT, SINK_KEY (PEM).
 */
const key = createPrivateKey(process.env.SINK_KEY ?? '');
const A_POST = 1_000;
const POSTERS = 3;
/** Ids of a request's recipients, found without reading the rest as JSON: the sink is not what is measured. */
const ids = /"custom_args":\{"run":"(\d+)","n":"(\d+)","batch":"(\d+)"\}/g;

let seen = new Map<string, Uint8Array>();
let counts = { requests: 0, bytes: 0, messages: 0, duplicates: 0, tooMany: 0, told: 0 };
let waiting: string[] = [];
let queue: string[] = [];
let target: { pool: Pool; path: string } | undefined;
let events = 0;

createServer((req, res) => {
  void answer(req).then(
    ([status, text]) => res.writeHead(status, { 'x-message-id': `m${String(counts.requests)}` }).end(text),
    (error: unknown) => res.writeHead(500).end(String(error)),
  );
}).listen(Number(process.env.SINK_PORT), '127.0.0.1', () => process.send?.('ready'));

async function answer(req: IncomingMessage): Promise<[number, string]> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('latin1');
  if (req.url === '/counts')
    return [200, JSON.stringify({ ...counts, waiting: waiting.length, queued: queue.length })];
  if (req.url === '/forget') forget();
  else if (req.url === '/target') aim((JSON.parse(text) as { url: string }).url);
  else take(text);
  return [202, ''];
}

function forget(): void {
  seen = new Map();
  counts = { requests: 0, bytes: 0, messages: 0, duplicates: 0, tooMany: 0, told: 0 };
  [waiting, queue] = [[], []];
}

function aim(url: string): void {
  const { origin, pathname } = new URL(url);
  const isFirst = target === undefined;
  target = { pool: new Pool(origin, { connections: POSTERS }), path: pathname };
  if (isFirst) for (let poster = 0; poster < POSTERS; poster++) void postForever();
}

function take(text: string): void {
  counts.requests += 1;
  counts.bytes += text.length;
  let messages = 0;
  for (const [, run = '', n = '', batch = ''] of text.matchAll(ids)) {
    messages += 1;
    if (isSeen(run, Number(n))) counts.duplicates += 1;
    waiting.push(eventOf('processed', run, n, batch), eventOf('delivered', run, n, batch));
  }
  counts.messages += messages;
  if (messages > 1_000) counts.tooMany += 1;
  while (waiting.length >= A_POST) queue.push(`[${waiting.splice(0, A_POST).join(',')}]`);
}

function isSeen(run: string, n: number): boolean {
  let flags = seen.get(run);
  if (flags === undefined || flags.length <= n) {
    const wider = new Uint8Array(Math.max(65_536, 2 * n));
    wider.set(flags ?? []);
    flags = wider;
    seen.set(run, flags);
  }
  const was = flags[n] === 1;
  flags[n] = 1;
  return was;
}

const eventOf = (event: string, run: string, n: string, batch: string): string =>
  `{"email":"p${n}@harbour.example","event":"${event}","timestamp":${String(Math.floor(Date.now() / 1000))},"sg_event_id":"e${String(++events)}-${run}-${n}","sg_message_id":"14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0","smtp-id":"<14c5d75ce93.dfd.64b469@ismtpd-555>","category":"bench","run":"${run}","n":"${n}","batch":"${batch}"}`;

/* What is not a thousand yet goes when nothing more came for a moment. */
async function postForever(): Promise<void> {
  for (;;) {
    let body = queue.shift();
    if (body === undefined) {
      await new Promise((wait) => setTimeout(wait, 20));
      if (queue.length === 0 && waiting.length > 0) body = `[${waiting.splice(0, A_POST).join(',')}]`;
    }
    if (body !== undefined && target !== undefined) await post(target, body);
  }
}

async function post({ pool, path }: NonNullable<typeof target>, body: string): Promise<void> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    'content-type': 'application/json',
    'x-twilio-email-event-webhook-timestamp': timestamp,
    'x-twilio-email-event-webhook-signature': sign('sha256', Buffer.from(timestamp + body), key).toString(
      'base64',
    ),
  };
  try {
    const answer = await pool.request({ path, method: 'POST', headers, body });
    await answer.body.dump();
    if (answer.statusCode < 300) counts.told += 1;
    else queue.push(body);
  } catch {
    queue.push(body);
  }
}
