import { afterAll, beforeEach, expect, test } from 'vitest';

import { accepts, startSink, type Behaviour } from '../support/mail-sink.ts';

/* The settings are read when the product is first imported: the provider has to be there before. */
const sink = await startSink();
process.env.SENDGRID_BASE_URL = sink.url;
process.env.SENDGRID_API_KEY = 'SG.test';
process.env.BRAND_NAME = 'Harbour\r\nBcc: everybody@harbour.example';

const { email } = await import('../../src/channels/email.ts');
const { pool } = await import('../../src/platform/db.ts');

beforeEach(() => {
  sink.posts.length = 0;
  behaveAs(accepts);
});
afterAll(async () => {
  await pool.end();
  await sink.close();
});

const behaveAs = (behaviour: Behaviour) => {
  sink.behave = () => behaviour;
};
const message = { subject: 'For %s1%', html: '<p>Dear %s1%, %s2%</p>', text: 'Dear %s1%, %s2%' };
const recipient = (n: number, values: Record<string, string> = {}) => ({
  n, address: `p${String(n)}@harbour.example`, values: { '%s1%': 'Ada', '%s2%': 'hello', ...values }, optOutUrl: `https://rapport.example/unsubscribe/${String(n)}`,
}); // prettier-ignore
const batchOf = (recipients: ReturnType<typeof recipient>[]) => ({ runId: 7, batch: 3, categories: ['News', 'success'], message, recipients }); // prettier-ignore
const post = async (recipients = [recipient(1)]) =>
  await email.post(batchOf(recipients), AbortSignal.timeout(2_000));
const posted = () =>
  sink.posts[0]?.posted as unknown as Record<string, unknown> & (typeof sink.posts)[0]['posted'];

test('a thousand recipients are one request, each with their own values and the ledger’s ids', async () => {
  expect(await post(Array.from({ length: 1_000 }, (_, n) => recipient(n + 1)))).toMatchObject({
    kind: 'accepted',
  });
  expect(sink.posts.length).toBe(1);
  expect(posted().personalizations.length).toBe(1_000);
  expect(posted().personalizations[999]).toMatchObject({
    to: [{ email: 'p1000@harbour.example' }], custom_args: { run: '7', n: '1000', batch: '3' }, substitutions: { '%s1%': 'Ada' },
    headers: { 'List-Unsubscribe': '<https://rapport.example/unsubscribe/1000>', 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
  }); // prettier-ignore
  expect(posted().content.map(({ type }) => type)).toEqual(['text/plain', 'text/html']);
  expect(posted().tracking_settings).toMatchObject({ click_tracking: { enable: false } });
});

test('what people typed begins no header of its own', async () => {
  const nasty = 'Ada\r\nBcc: everybody@harbour.example\u0000\u2028X';
  await post([{ ...recipient(1, { '%s1%': nasty, '%s2%': 'two\nlines' }), name: nasty } as never]);
  const [first] = posted().personalizations;
  expect(first?.substitutions?.['%s1%']).toBe('Ada Bcc: everybody@harbour.example X');
  expect(first?.substitutions?.['%s2%'], 'a line may end within the message').toBe('two\nlines');
  expect(first?.to[0]?.name).toBe('Ada Bcc: everybody@harbour.example X');
  expect((posted().from as { name: string }).name).toBe('Harbour Bcc: everybody@harbour.example');
  await expect(
    post([{ ...recipient(1), optOutUrl: 'https://x.example/\r\nBcc: a@b.example' }]),
  ).rejects.toThrow('header');
});

test('halves of characters become whole ones', async () => {
  await post([recipient(1, { '%s2%': 'half \ud83d of one' })]);
  expect(posted().personalizations[0]?.substitutions?.['%s2%']).toBe('half \ufffd of one');
});

test('who has more values than the provider takes beside others gets a request of their own, with the values in it', async () => {
  const long = recipient(1, { '%s2%': 'ü'.repeat(6_000) });
  expect(email.needsOwnRequest(long)).toBe(true);
  expect(email.needsOwnRequest(recipient(2, { '%s2%': 'u'.repeat(9_000) }))).toBe(false);
  expect(email.needsOwnRequest(recipient(2, { '%s2%': '"'.repeat(5_000) }))).toBe(true);
  await post([recipient(1, { '%s1%': '%s2%', '%s2%': 'ü'.repeat(6_000) })]);
  expect(posted().personalizations[0]?.substitutions).toBeUndefined();
  expect(posted().content[0]?.value).toBe(`Dear %s2%, ${'ü'.repeat(6_000)}`);
  expect(posted().subject).toBe('For %s2%');
});

test('a request that the provider would find too large is not made', async () => {
  const large = { subject: 'x', html: 'y'.repeat(31_000_000), text: 'z' };
  const answer = await email.post({ ...batchOf([recipient(1)]), message: large }, AbortSignal.timeout(2_000));
  expect(answer).toMatchObject({ kind: 'refused', rows: 'some', reason: 'too_large' });
  expect(sink.posts.length).toBe(0);
});

const error = (field: string | null, message = 'no') => ({ errors: [{ field, message }] });
test.for<[string, Behaviour, object]>([
  [
    'a named address',
    { takes: false, status: 400, body: error('personalizations.1.to.0.email') },
    { kind: 'refused', rows: [12], reason: 'address_refused' },
  ],
  [
    'something about the message',
    { takes: false, status: 400, body: error('content.0.value') },
    { kind: 'refused', rows: 'all' },
  ],
  [
    'nothing in particular',
    { takes: false, status: 400, body: error(null) },
    { kind: 'refused', rows: 'some' },
  ],
  [
    'a place that there is not',
    { takes: false, status: 400, body: error('personalizations.999.to') },
    { kind: 'refused', rows: 'some' },
  ],
  ['its size', { takes: false, status: 413 }, { kind: 'refused', rows: 'some', reason: 'too_large' }],
  ['a wrong key', { takes: false, status: 401 }, { kind: 'unauthorized' }],
  ['a sender that is not ours', { takes: false, status: 403 }, { kind: 'unauthorized' }],
  ['a moment of trouble', { takes: false, status: 503 }, { kind: 'down' }],
  ['its own error', { takes: false, status: 500, body: error(null) }, { kind: 'down' }],
  [
    'a gateway’s error, which may have passed the request on',
    { takes: true, status: 502 },
    { kind: 'doubt' },
  ],
  ['no answer', { takes: true, breaks: 'before' }, { kind: 'doubt' }],
  ['half an answer', { takes: true, breaks: 'within' }, { kind: 'doubt' }],
  ['an answer that takes too long', { takes: true, milliseconds: 60_000 }, { kind: 'doubt' }],
])('the provider complains of %s', async ([, behaviour, answer]) => {
  behaveAs(behaviour);
  const signal = AbortSignal.timeout(behaviour.milliseconds === undefined ? 2_000 : 150);
  expect(await email.post(batchOf([recipient(11), recipient(12)]), signal)).toMatchObject(answer);
});

test.for<[string, Record<string, string>, number, number]>([
  ['seconds', { 'retry-after': '90' }, 89, 91],
  ['a date', { 'retry-after': new Date(Date.now() + 120_000).toUTCString() }, 60, 121],
  ['the moment of its reset', { 'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 45) }, 15, 46],
  ['nothing', {}, 0.5, 2],
  ['nonsense', { 'retry-after': 'soon', 'x-ratelimit-reset': 'later' }, 0.5, 2],
  ['a year', { 'retry-after': '31536000' }, 3_590, 3_601],
])('too many requests: it says %s', async ([, headers, from, until]) => {
  behaveAs({ takes: false, status: 429, headers });
  const answer = await post();
  const seconds = answer.kind === 'limited' ? (answer.until.getTime() - Date.now()) / 1000 : NaN;
  expect(seconds).toBeGreaterThan(from);
  expect(seconds).toBeLessThan(until);
});

test('a provider that is not there has not taken anything', async () => {
  const other = await startSink();
  await other.close();
  const { notHadBecause } = await import('../../src/channels/http-answers.ts');
  const { request } = await import('undici');
  const failure = await request(other.url, { method: 'POST', body: '{}' }).catch((cause: unknown) => cause);
  expect(notHadBecause(failure)).toMatchObject({ kind: 'down' });
});
