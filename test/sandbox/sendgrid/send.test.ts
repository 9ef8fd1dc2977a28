import { createRequire } from 'node:module';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { mailLines, maybeMail } from '../../../sandbox/sendgrid/mail.ts';
import { startSandbox } from '../../support/sandbox.ts';

import type { MailService } from '@sendgrid/mail';
import type { Client } from '@sendgrid/client';
import type { RunningSandbox } from '../../support/sandbox.ts';

const require = createRequire(import.meta.url);
const sendGrid = require('@sendgrid/mail') as MailService;
const { Client: SendGridClient } = require('@sendgrid/client') as { Client: new () => Client };

let sandbox: RunningSandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
  const client = new SendGridClient();
  client.setApiKey('SG.sandbox');
  client.setDefaultRequest('baseUrl', `${sandbox.url}/sendgrid`);
  sendGrid.setClient(client);
});
afterAll(() => sandbox.close());

const message = {
  from: { email: 'support@tidewater.example', name: 'Tidewater Support' },
  subject: 'Your case',
  text: 'See https://portal.example/cases/1',
  html: '<p>See <a href="https://portal.example/cases/1">your case</a></p>',
};

/** What SendGrid's client throws, with the answer's body. */
async function refusal(
  mail: Record<string, unknown>,
): Promise<{ code: number; errors: { message: string; field: string }[] }> {
  const error = await sendGrid.send({ ...message, ...mail }).then(
    () => undefined,
    (thrown: unknown) =>
      thrown as { code: number; response: { body: { errors: { message: string; field: string }[] } } },
  );
  if (!error) throw new Error('the mail was accepted');
  return { code: error.code, errors: error.response.body.errors };
}

test('an accepted mail is answered 202 with a message id and lies in its recipient’s mailbox', async () => {
  const [answer] = await sendGrid.send({
    ...message,
    to: 'maya@halden.example',
    customArgs: { delivery: '7' },
  });
  expect(answer.statusCode).toBe(202);
  const messageId = (answer.headers as Record<string, string>)['x-message-id'];
  expect(messageId).toMatch(/^[\w-]{22}$/);
  const [line] = await mailLines(sandbox.org.pool, { to: 'MAYA@halden.example' });
  expect(line).toMatchObject({ subject: 'Your case', messageId });
  const mail = await maybeMail(sandbox.org.pool, line?.id ?? 0);
  expect(mail).toMatchObject({ text: message.text, html: message.html, customArgs: { delivery: '7' } });
});

test('each recipient of a batch reads their own words', async () => {
  const personalizations = ['ana', 'bo'].map((name) => ({
    to: [{ email: `${name}@batch.example` }],
    subject: 'Hello -name-',
    substitutions: { '-name-': name },
    customArgs: { person: name },
  }));
  await sendGrid.send({
    ...message,
    text: 'Dear -name-',
    personalizations,
    substitutionWrappers: ['', ''],
  });
  const [line] = await mailLines(sandbox.org.pool, { to: 'bo@batch.example' });
  expect(line?.subject).toBe('Hello bo');
  expect(await maybeMail(sandbox.org.pool, line?.id ?? 0)).toMatchObject({
    text: 'Dear bo',
    customArgs: { person: 'bo' },
  });
});

test('a thousand personalizations go out in one request, one more does not', async () => {
  const some = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ to: [{ email: `p${String(index)}@many.example` }] }));
  const [answer] = await sendGrid.send({ ...message, personalizations: some(1000) });
  expect(answer.statusCode).toBe(202);
  const { code, errors } = await refusal({ personalizations: some(1001) });
  expect([code, errors[0]?.field]).toEqual([400, 'personalizations']);
  expect(errors[0]?.message).toContain('You have provided 1001 personalizations');
});

test.each([
  ['no sender', { to: 'a@b.example', from: { email: '' } }, 'from.email'],
  ['an address that is none', { to: 'nonsense' }, 'personalizations.0.to.0.email'],
  ['an address given twice', { to: 'a@b.example', cc: 'A@b.example' }, 'personalizations.0'],
  [
    'an address in two personalizations',
    { personalizations: [{ to: [{ email: 'a@b.example' }] }, { to: [{ email: 'A@b.example' }] }] },
    'personalizations',
  ],
  [
    'substitutions of more than 10,000 bytes',
    {
      personalizations: [{ to: [{ email: 'a@b.example' }], substitutions: { '-x-': 'ü'.repeat(5_000) } }],
      substitutionWrappers: ['', ''],
    },
    'personalizations.0.substitutions',
  ],
  [
    'a header that is SendGrid’s own',
    { to: 'a@b.example', headers: { 'DKIM-Signature': 'x' } },
    'headers.DKIM-Signature',
  ],
  ['no subject', { to: 'a@b.example', subject: '' }, 'subject'],
  ['no content', { to: 'a@b.example', text: undefined, html: undefined, content: [] }, 'content'],
  [
    'custom arguments of 10,000 bytes',
    { to: 'a@b.example', customArgs: { big: 'x'.repeat(10_000) } },
    'custom_args',
  ],
  [
    'a date beyond 72 hours',
    { to: 'a@b.example', sendAt: Math.floor(Date.now() / 1000) + 73 * 3600 },
    'send_at',
  ],
])('%s is refused with the field that is wrong', async (_case, mail, field) => {
  const { code, errors } = await refusal(mail);
  expect(code).toBe(400);
  expect(errors.map((error) => error.field)).toContain(field);
});

test('a key that is none, a body that is no JSON and one above 30 MB are turned away', async () => {
  const send = (headers: Record<string, string>, body: string) =>
    fetch(`${sandbox.url}/sendgrid/v3/mail/send`, { method: 'POST', headers, body });
  const json = { authorization: 'Bearer SG.x', 'content-type': 'application/json' };
  expect((await send({ ...json, authorization: 'Bearer nonsense' }, '{}')).status).toBe(401);
  expect((await send({ 'content-type': 'application/json' }, '{}')).status).toBe(401);
  expect((await send(json, '{')).status).toBe(400);
  expect((await send({ ...json, 'content-type': 'text/plain' }, '{}')).status).toBe(415);
  expect((await send(json, JSON.stringify({ fill: 'x'.repeat(31 * 1024 * 1024) }))).status).toBe(413);
});

test('SendGrid’s sandbox mode checks a mail and sends nothing', async () => {
  const [answer] = await sendGrid.send({
    ...message,
    to: 'quiet@b.example',
    mailSettings: { sandboxMode: { enable: true } },
  });
  expect(answer.statusCode).toBe(200);
  expect(await mailLines(sandbox.org.pool, { to: 'quiet@b.example' })).toEqual([]);
});

test('the mailbox shows a mail as its recipient sees it and runs none of its scripts', async () => {
  const hostile = { subject: '<script>alert(1)</script>', html: '<p>hi</p><script>alert(1)</script>' };
  await sendGrid.send({
    ...message,
    ...hostile,
    to: 'x@y.example',
    attachments: [{ filename: 'a.txt', content: 'aGVsbG8=' }],
  });
  const [line] = await mailLines(sandbox.org.pool, { to: 'x@y.example' });
  const page = async (path: string) => fetch(`${sandbox.url}/mailbox${path}`);
  expect(await (await page('?search=x@y')).text()).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  const id = String(line?.id);
  expect(await (await page(`/${id}`)).text()).toContain('href="https://portal.example/cases/1"');
  expect((await page(`/${id}/html`)).headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(await (await page(`/${id}/attachments/0`)).text()).toBe('hello');
  expect((await page('/999999')).status).toBe(404);
});

test('a limit of requests is told with every answer, and kept', async () => {
  const settings = (requestsPerMinute: number | null) =>
    fetch(`${sandbox.url}/__sandbox__/sendgrid/settings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ requestsPerMinute }),
    });
  await settings(2);
  const send = () =>
    fetch(`${sandbox.url}/sendgrid/v3/mail/send`, {
      method: 'POST',
      headers: { authorization: 'Bearer SG.x', 'content-type': 'application/json' },
      body: '{}',
    });
  const answers = [await send(), await send(), await send()];
  await settings(null);
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 429]);
  expect(answers.map(({ headers }) => headers.get('x-ratelimit-remaining'))).toEqual(['1', '0', '0']);
  expect(Number(answers[2]?.headers.get('x-ratelimit-reset'))).toBeGreaterThan(Date.now() / 1000 - 1);
});

test('a mail’s source has its headers and its recipient’s own values', async () => {
  const personalizations = [
    {
      to: [{ email: 'ida@source.example' }],
      substitutions: { '%s1%': 'Ida' },
      headers: { 'List-Unsubscribe': '<https://p.example/u>' },
    },
  ];
  await sendGrid.send({
    ...message,
    html: '<p>Dear %s1%</p>',
    personalizations,
    substitutionWrappers: ['', ''],
  });
  const [line] = await mailLines(sandbox.org.pool, { to: 'ida@source.example' });
  const source = await (await fetch(`${sandbox.url}/mailbox/${String(line?.id)}/source`)).text();
  expect(source).toContain('List-Unsubscribe: <https://p.example/u>');
  expect(source).toContain('<p>Dear Ida</p>');
});
