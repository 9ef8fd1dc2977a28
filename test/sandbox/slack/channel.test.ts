import { afterAll, beforeAll, expect, test } from 'vitest';

import { startSandbox } from '../../support/sandbox.ts';

import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
});

afterAll(() => sandbox.close());

const post = async (body: string) => {
  const answer = await fetch(`${sandbox.url}/slack/services/T0/B0/secret`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-rapport-signature': 'v0=abc' },
    body,
  });
  return [answer.status, await answer.text()];
};

test('a message is taken as Slack takes it, and shown with its links and without anything else', async () => {
  const said =
    '*Health changed*\n• <https://support.example/a|Bergen &amp; Co>: &lt;script&gt;alert(1)&lt;/script&gt;';
  expect(
    await post(
      JSON.stringify({ text: 'short', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: said } }] }),
    ),
  ).toEqual([200, 'ok']);
  expect(await post(JSON.stringify({ text: 'A plain one' }))).toEqual([200, 'ok']);
  const page = await (await fetch(`${sandbox.url}/slack`)).text();
  expect(page).toContain('<strong>Health changed</strong>');
  expect(page).toContain('<a href="https://support.example/a">Bergen &amp; Co</a>');
  expect(page).toContain('&lt;script&gt;alert(1)');
  expect(page).not.toContain('short');
  expect(page.indexOf('A plain one')).toBeLessThan(page.indexOf('Health changed'));
});

test('what Slack would refuse is refused in its words', async () => {
  expect(await post('{')).toEqual([400, 'invalid_payload']);
  expect(await post('7')).toEqual([400, 'invalid_payload']);
  expect(await post('{}')).toEqual([400, 'no_text']);
  expect(await post('{"blocks":[{"type":"divider"}],"text":""}')).toEqual([400, 'no_text']);
});
