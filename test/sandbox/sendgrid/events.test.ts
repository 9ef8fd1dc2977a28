import { createPublicKey, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { startSandbox } from '../../support/sandbox.ts';

import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunningSandbox } from '../../support/sandbox.ts';

interface Delivery {
  headers: IncomingHttpHeaders;
  body: string;
}

let sandbox: RunningSandbox;
let listener: Server;
let publicKey: string;
const deliveries: Delivery[] = [];
let refusals = 1;

beforeAll(async () => {
  sandbox = await startSandbox();
  listener = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      res.statusCode = refusals > 0 ? 503 : 200;
      if (refusals === 0) deliveries.push({ headers: req.headers, body: Buffer.concat(chunks).toString() });
      refusals = Math.max(0, refusals - 1);
      res.end();
    });
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const url = `http://127.0.0.1:${String((listener.address() as AddressInfo).port)}/hooks/sendgrid`;
  const answer = await fetch(`${sandbox.url}/__sandbox__/sendgrid/webhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url }),
  });
  ({ publicKey } = (await answer.json()) as { publicKey: string });
});
afterAll(async () => {
  listener.close();
  await sandbox.close();
});

test('what became of each mail is posted, signed, until it is taken', async () => {
  const sent = await fetch(`${sandbox.url}/sendgrid/v3/mail/send`, {
    method: 'POST',
    headers: { authorization: 'Bearer SG.test', 'content-type': 'application/json' },
    body: JSON.stringify({
      personalizations: ['maya@halden.example', 'bounce@halden.example'].map((email, index) => ({
        to: [{ email }],
        custom_args: { delivery: String(index) },
      })),
      from: { email: 'support@tidewater.example' },
      subject: 'Hello',
      content: [{ type: 'text/plain', value: 'Hello' }],
    }),
  });
  await expect.poll(() => deliveries.length, { timeout: 20_000 }).toBe(1);
  const [delivery] = deliveries;
  const events = JSON.parse(delivery?.body ?? '[]') as Record<string, string>[];
  expect(events.map(({ email, event, delivery: own }) => [email, event, own])).toEqual([
    ['maya@halden.example', 'processed', '0'],
    ['maya@halden.example', 'delivered', '0'],
    ['bounce@halden.example', 'processed', '1'],
    ['bounce@halden.example', 'bounce', '1'],
  ]);
  expect(events[0]?.sg_message_id?.startsWith(`${sent.headers.get('x-message-id') ?? '?'}.`)).toBe(true);
  const header = (name: string) => String(delivery?.headers[`x-twilio-email-event-webhook-${name}`]);
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  const signed = Buffer.from(header('timestamp') + (delivery?.body ?? ''));
  expect(verify('sha256', signed, key, Buffer.from(header('signature'), 'base64'))).toBe(true);
});

test('shares of mails fare as the control plane says, and their posts come doubled and out of order', async () => {
  const settings = {
    opened: 0.5,
    machineOpened: 0.3,
    bounced: 0.1,
    spamReported: 0.05,
    engagementDelayMs: 0,
    copies: 2,
    reordered: 0.5,
  };
  await fetch(`${sandbox.url}/__sandbox__/sendgrid/settings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(settings),
  });
  deliveries.length = 0;
  await fetch(`${sandbox.url}/sendgrid/v3/mail/send`, {
    method: 'POST',
    headers: { authorization: 'Bearer SG.test', 'content-type': 'application/json' },
    body: JSON.stringify({
      personalizations: Array.from({ length: 1000 }, (_, n) => ({
        to: [{ email: `reader${String(n)}@halden.example` }],
        custom_args: { run: '1', n: String(n) },
      })),
      from: { email: 'support@tidewater.example' },
      subject: 'Hello',
      content: [{ type: 'text/plain', value: 'Hello' }],
    }),
  });
  await expect.poll(() => deliveries.length, { timeout: 20_000 }).toBe(6);
  const posts = deliveries.map(({ body }) => JSON.parse(body) as Record<string, unknown>[]);
  const events = [...new Map(posts.flat().map((event) => [event.sg_event_id, event])).values()];
  expect(posts.flat()).toHaveLength(2 * events.length);
  const count = (name: string) => events.filter(({ event }) => event === name).length;
  expect(count('processed')).toBe(1000);
  expect(count('delivered') + count('bounce')).toBe(1000);
  expect(count('bounce')).toBeGreaterThan(50);
  expect(count('open')).toBeGreaterThan(350);
  expect(events.filter(({ sg_machine_open }) => sg_machine_open === true).length).toBeGreaterThan(60);
});
