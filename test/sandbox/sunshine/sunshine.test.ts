import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

import express from 'express';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { useBrowser } from '../../support/browser.ts';
import { startSandbox, type RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
const browser = useBrowser(() => express());

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(async () => {
  await sandbox.close();
});

const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;

async function ask(method: string, path: string, body?: unknown, authorization = basic('app_1:secret')) {
  const answer = await fetch(`${sandbox.url}/sunshine/v2/apps/shop${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, Record<string, unknown>> };
}

const codeOf = ({ status, body }: Awaited<ReturnType<typeof ask>>) => [
  status,
  (body.errors as unknown as { code: string }[])[0]?.code,
];

async function givenConversation(person: string): Promise<string> {
  await ask('POST', '/users', { externalId: person });
  const { body } = await ask('POST', '/conversations', {
    type: 'personal',
    participants: [{ userExternalId: person, subscribeSDKClient: true }],
  });
  return String(body.conversation?.id);
}

const say = (conversation: string, text: string, more: object = {}) =>
  ask('POST', `/conversations/${conversation}/messages`, {
    author: { type: 'business' },
    content: { type: 'text', text, ...more },
  });

test('users, conversations and messages are as Sunshine shows them, and found again', async () => {
  const { status, body } = await ask('POST', '/users', {
    externalId: 'ada@x.example',
    profile: { givenName: 'Ada' },
  });
  expect([status, body.user?.externalId]).toEqual([201, 'ada@x.example']);
  expect(codeOf(await ask('POST', '/users', { externalId: 'ada@x.example' }))).toEqual([409, 'conflict']);
  expect(
    (await ask('GET', '/conversations?filter[userExternalId]=ada%40x.example')).body.conversations,
  ).toEqual([]);
  const conversation = await givenConversation('ada@x.example');
  const said = await ask('POST', `/conversations/${conversation}/messages`, {
    author: { type: 'business' }, content: { type: 'text', text: 'Hello' }, metadata: { run: '1' },
  }); // prettier-ignore
  expect(said.status).toBe(201);
  for (let n = 2; n <= 5; n += 1) await say(conversation, `Hello ${String(n)}`);
  const page = await ask('GET', `/conversations/${conversation}/messages?page[size]=2`);
  const texts = (answer: typeof page) =>
    (answer.body.messages as unknown as { content: { text: string } }[]).map(({ content }) => content.text);
  expect(texts(page)).toEqual(['Hello 4', 'Hello 5']);
  expect(page.body.meta?.hasMore).toBe(true);
  expect(
    texts(
      await ask(
        'GET',
        `/conversations/${conversation}/messages?page[before]=${String(page.body.meta?.beforeCursor)}`,
      ),
    ),
  ).toEqual(['Hello', 'Hello 2', 'Hello 3']);
});

test('what Sunshine does not take is refused in its words', async () => {
  const conversation = await givenConversation('ben@x.example');
  expect(codeOf(await ask('GET', '/users/ben@x.example', undefined, basic('nobody:x')))).toEqual([
    401,
    'unauthorized',
  ]);
  expect(codeOf(await ask('GET', '/users/nobody'))).toEqual([404, 'not_found']);
  expect(codeOf(await ask('GET', '/conversations?filter[userExternalId]=nobody'))).toEqual([
    404,
    'not_found',
  ]);
  expect(codeOf(await ask('POST', '/conversations/0/messages', {}))).toEqual([404, 'not_found']);
  expect(codeOf(await say(conversation, ''))).toEqual([400, 'bad_request']);
  expect(codeOf(await say(conversation, 'x'.repeat(4_097)))).toEqual([400, 'bad_request']);
  expect(
    codeOf(
      await say(conversation, 'x', { actions: [{ type: 'link', text: 'y', uri: 'javascript:alert(1)' }] }),
    ),
  ).toEqual([400, 'bad_request']);
  expect(codeOf(await ask('POST', '/users', '{"externalId":'))).toEqual([400, 'bad_request']);
  expect(
    codeOf(await ask('POST', '/users', { externalId: 'x', metadata: { long: 'x'.repeat(110_000) } })),
  ).toEqual([413, 'payload_too_large']);
  expect(codeOf(await ask('GET', '/nothing'))).toEqual([404, 'not_found']);
});

test('a webhook hears of messages, deliveries and reading, with its secret; a person sees and answers in the chat page', async () => {
  const heard: {
    headers: IncomingHttpHeaders;
    events: { type: string; payload: Record<string, unknown> }[];
  }[] = [];
  const listener = createServer((req, res) => {
    let text = '';
    req.on('data', (chunk: Buffer) => (text += chunk.toString()));
    req.on('end', () => {
      heard.push({ headers: req.headers, ...(JSON.parse(text) as { events: [] }) });
      res.end();
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const target = `http://127.0.0.1:${String((listener.address() as AddressInfo).port)}/hook`;
  const { body } = await ask('POST', '/integrations', {
    type: 'custom',
    displayName: 'Us',
    webhooks: [
      {
        target,
        triggers: ['conversation:message', 'conversation:message:delivery:user', 'conversation:read'],
      },
    ],
  });
  const [webhook] = body.integration?.webhooks as { secret: string }[];
  const conversation = await givenConversation('cleo@x.example');
  await say(conversation, 'Shall we call you?', {
    actions: [
      { type: 'reply', text: 'Yes', payload: 'YES' },
      { type: 'link', text: 'Prices', uri: 'https://x.example/prices' },
    ],
  });
  const types = () => heard.flatMap(({ events }) => events.map(({ type }) => type));
  await expect.poll(types).toEqual(['conversation:message', 'conversation:message:delivery:user']);
  expect(heard[0]?.headers['x-api-key']).toBe(webhook?.secret);

  const context = await browser.context();
  const page = await context.newPage();
  await page.goto(`${sandbox.url}/chat`);
  await page.getByRole('link', { name: 'cleo@x.example' }).click();
  await page.getByText('Shall we call you?').waitFor();
  expect(await page.getByRole('link', { name: 'Prices' }).getAttribute('href')).toBe(
    'https://x.example/prices',
  );
  await page.getByRole('button', { name: 'Yes' }).click();
  await page.getByRole('textbox', { name: 'Answer' }).fill('After five, please');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('After five, please').waitFor();
  await context.close();
  await expect
    .poll(types)
    .toEqual([
      'conversation:message',
      'conversation:message:delivery:user',
      'conversation:read',
      'conversation:message',
      'conversation:message',
    ]);
  const { body: all } = await ask('GET', `/conversations/${conversation}/messages`);
  expect(
    (all.messages as unknown as { author: { type: string } }[]).map(({ author }) => author.type),
  ).toEqual(['business', 'user', 'user']);
  listener.closeAllConnections();
  listener.close();
});
