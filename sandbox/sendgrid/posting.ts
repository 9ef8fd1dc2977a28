import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

/** SendGrid waits longer between its tries, and gives up after a day. */
const WAITS_MS = [0, 500, 1000, 2000, 4000, 8000, 15_000, 30_000, 60_000];
const AT_ONCE = 3;
const LATE_MS = 1_500;

interface Post {
  url: string;
  key: string;
  body: string;
  copies: number;
  isLate: boolean;
  done: (isTaken: boolean) => void;
}

/** Posts signed bodies, a few at a time, each until it is taken. */
export function createPosting() {
  const waiting: Post[] = [];
  const closing = new AbortController();
  let busy = 0;

  function next(): void {
    while (busy < AT_ONCE && !closing.signal.aborted) {
      const post = waiting.shift();
      if (post === undefined) return;
      busy += 1;
      void deliver(post, closing.signal)
        .then(post.done)
        .finally(() => {
          busy -= 1;
          next();
        });
    }
  }

  return {
    /** @returns whether the body was taken */
    post: (post: Omit<Post, 'done'>) =>
      new Promise<boolean>((done) => {
        const push = () => {
          waiting.push({ ...post, done });
          next();
        };
        if (post.isLate) setTimeout(push, LATE_MS * Math.random()).unref();
        else push();
      }),
    close(): void {
      closing.abort();
    },
  };
}

async function deliver({ url, key, body, copies }: Post, closing: AbortSignal): Promise<boolean> {
  for (const wait of WAITS_MS) {
    await pause(wait, undefined, { ref: false, signal: closing }).catch(() => undefined);
    if (closing.aborted) return false;
    if (!(await isTaken(url, key, body))) continue;
    for (let copy = 1; copy < copies; copy++) await isTaken(url, key, body);
    return true;
  }
  process.stderr.write(`${url} did not take ${String(body.length)} bytes of SendGrid's events\n`);
  return false;
}

async function isTaken(url: string, key: string, body: string): Promise<boolean> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const bytes = Buffer.from(body);
  const signature = sign('sha256', Buffer.concat([Buffer.from(timestamp), bytes]), keyOf(key));
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json;charset=utf-8',
      'user-agent': 'SendGrid Event API',
      'x-twilio-email-event-webhook-signature': signature.toString('base64'),
      'x-twilio-email-event-webhook-timestamp': timestamp,
    },
    body: bytes,
    signal: AbortSignal.timeout(10_000),
  }).catch(() => undefined);
  await answer?.arrayBuffer().catch(() => undefined);
  return answer?.ok ?? false;
}

const keys = new Map<string, KeyObject>();

/* Reading a key takes longer than signing with it. */
function keyOf(pem: string): KeyObject {
  const key = keys.get(pem) ?? createPrivateKey(pem);
  keys.set(pem, key);
  return key;
}
