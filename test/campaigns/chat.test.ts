import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { startChat } from '../support/chat.ts';

/* The settings are read when the product is first imported: the provider has to be there before. */
const chat = await startChat();

const { givenOwner, givenRun } = await import('../support/campaigns.ts');
const { createApp } = await import('../../src/app.ts');
const { sql, db, pool } = await import('../../src/platform/db.ts');
const { moveClock } = await import('../../src/platform/clock.ts');
const { drainJobs } = await import('../../src/platform/job-runner.ts');
const { reactions } = await import('../../src/reactions.ts');
const { jobs } = await import('../../src/worker.ts');
const { watchMailing } = await import('../../src/campaigns/mailing/mailing.ts');
const { proofOf } = await import('../../src/campaigns/runs/proof.ts');

let owner: Awaited<ReturnType<typeof givenOwner>>;

beforeAll(async () => {
  owner = await givenOwner();
});
beforeEach(async () => {
  await sql`update channel_states set closed_until = null, troubles = 0, next_at = null`.execute(db);
});
afterAll(async () => {
  await pool.end();
  await chat.sandbox.close();
});

async function drain(): Promise<void> {
  await drainJobs({ reactions, jobs });
  await watchMailing();
  await drainJobs({ reactions, jobs });
}

const address = (runId: number, n: number) => `p${String(n)}.${String(runId)}@harbour.example`;

test('a chat campaign opens a conversation for each person and says its message there, once, with buttons for its links', async () => {
  const { runId, begin } = await givenRun(owner, {
    people: 5, channel: 'chat',
    html: '<h1>News</h1><p>Dear {{ person.name }}, three is out.</p><p><a href="https://tidewater.example/news">Read more</a></p>',
  }); // prettier-ignore
  await begin();
  await drain();
  const messages = await chat.messagesTo(address(runId, 2));
  expect(messages).toHaveLength(1);
  expect(messages[0]?.content.text).toBe('News\n\nDear Person 2, three is out.');
  expect(messages[0]?.content.actions).toMatchObject([{ type: 'link', text: 'Read more' }]);
  expect(messages[0]?.content.actions?.[0]?.uri).toMatch(/\/c\/[\w-]+$/);
  const proof = await proofOf(owner.viewer, runId);
  expect(proof).toMatchObject({ state: 'completed', people: 5, sent: 5, isHashRight: true });
});

test('whoever has a conversation is written to in it, and a later campaign asks for it no more', async () => {
  const { runId, begin } = await givenRun(owner, { people: 1, channel: 'chat' });
  const person = address(runId, 1);
  await chat.api('POST', '/users', { externalId: person });
  const { body } = await chat.api('POST', '/conversations', {
    type: 'personal',
    participants: [{ userExternalId: person }],
  });
  const { id } = (body as unknown as { conversation: { id: string } }).conversation;
  await begin();
  await drain();
  const { body: listed } = await chat.api('GET', `/conversations/${id}/messages`);
  expect((listed as unknown as { messages: { metadata: object }[] }).messages).toMatchObject([
    { metadata: { rapportRun: String(runId), rapportN: '1' } },
  ]);
  const { rows } = await sql`
    select from chat_conversations where conversation_id = ${id} and address_hash = erasure_hash(${person})`.execute(
    db,
  );
  expect(rows).toHaveLength(1);
});

test('a conversation that is full or gone is followed by another one', async () => {
  await chat.settings({ messagesPerConversation: 1 });
  const { runId, begin } = await givenRun(owner, { people: 2, channel: 'chat' });
  for (const n of [1, 2]) {
    const person = address(runId, n);
    await chat.api('POST', '/users', { externalId: person });
    const { body } = await chat.api('POST', '/conversations', {
      type: 'personal',
      participants: [{ userExternalId: person }],
    });
    const { id } = (body as unknown as { conversation: { id: string } }).conversation;
    await sql`insert into chat_conversations values (erasure_hash(${person}), ${id}, now())`.execute(db);
    if (n === 1) await chat.api('DELETE', `/conversations/${id}`);
    else
      await chat.api('POST', `/conversations/${id}/messages`, {
        author: { type: 'business' },
        content: { type: 'text', text: 'Full' },
      });
  }
  await begin();
  await drain();
  await chat.settings({ messagesPerConversation: 30_000 });
  for (const n of [1, 2]) {
    const own = (await chat.messagesTo(address(runId, n))).filter(
      ({ metadata }) => metadata?.rapportRun === String(runId),
    );
    expect(own, `messages of ${String(n)}`).toHaveLength(1);
  }
  expect(await proofOf(owner.viewer, runId)).toMatchObject({ state: 'completed', sent: 2 });
});

test('what became of messages is told by the webhook, once, whatever comes twice', async () => {
  const portal = await startPortal();
  await chat.settings({ copies: 2, failed: 0 });
  await chat.hookTo(`${portal.url}/hooks/sunshine`);
  const { runId, begin } = await givenRun(owner, { people: 3, channel: 'chat' });
  await begin();
  await drain();
  await chat.messagesTo(address(runId, 2));
  const outcomes = async () => {
    moveClock(4_000);
    await drain();
    const { events } = await proofOf(owner.viewer, runId);
    return events;
  };
  await expect.poll(outcomes, { timeout: 10_000 }).toMatchObject({ processed: 3, delivered: 3, opened: 1 });
  const { rows } = await sql<{
    outcome: number;
  }>`select outcome from deliveries where run_id = ${runId} order by n`.execute(db);
  expect(rows.map(({ outcome }) => outcome)).toEqual([3, 7, 3]);
  await chat.settings({ copies: 1 });
  await portal.close();
});

test('a webhook without the secret is refused, and one that is no list of events is not kept', async () => {
  const portal = await startPortal();
  const post = (body: string, key?: string) =>
    fetch(`${portal.url}/hooks/sunshine`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...(key !== undefined && { 'x-api-key': key }) },
    }).then(({ status }) => status);
  const secret = process.env.SUNSHINE_WEBHOOK_SECRET;
  expect(await post('{"events":[]}')).toBe(403);
  expect(await post('{"events":[]}', `${secret ?? ''}!`)).toBe(403);
  expect(await post('{"events":[]}', secret)).toBe(200);
  expect(await post('{"events":', secret)).toBe(400);
  expect(await post('{"events":5}', secret)).toBe(400);
  expect(
    await post(
      '{"events":[5,{"id":"x"},{"id":"y","type":"conversation:message","createdAt":"no","payload":null}]}',
      secret,
    ),
  ).toBe(200);
  await portal.close();
});

test('a batch whose answers were lost is looked up: what Sunshine has stays, the others go out, and nobody gets it twice', async () => {
  const { runId } = await givenRun(owner, { people: 4, channel: 'chat' });
  for (const n of [1, 3]) {
    const person = address(runId, n);
    await chat.api('POST', '/users', { externalId: person });
    const { body } = await chat.api('POST', '/conversations', {
      type: 'personal',
      participants: [{ userExternalId: person }],
    });
    const { id } = (body as unknown as { conversation: { id: string } }).conversation;
    await chat.api('POST', `/conversations/${id}/messages`, {
      author: { type: 'business' }, content: { type: 'text', text: 'Hello' }, metadata: { rapportRun: String(runId), rapportN: String(n) },
    }); // prettier-ignore
  }
  await sql`update runs set state = 'sending', started_at = now() where id = ${runId}`.execute(db);
  await sql`
    update batches set state = 'sending', posted_at = now(), leased_until = now() - interval '1 second', leased_by = 'somebody who died', fence = 1
    where run_id = ${runId}`.execute(db);
  await watchMailing();
  expect(await proofOf(owner.viewer, runId)).toMatchObject({ doubt: 4 });
  moveClock(20_000);
  await drain();
  for (const n of [1, 2, 3, 4]) {
    const own = (await chat.messagesTo(address(runId, n))).filter(
      ({ metadata }) => metadata?.rapportRun === String(runId),
    );
    expect(own, `messages of ${String(n)}`).toHaveLength(1);
  }
  expect(await proofOf(owner.viewer, runId)).toMatchObject({
    state: 'completed',
    sent: 4,
    doubt: 0,
    isBalanced: true,
  });
});

test('wrong keys hold the run and write to nobody; a service that is down is asked again later', async () => {
  await chat.fault({ match: { path: '/sunshine' }, effect: { status: 401, errorCode: 'unauthorized' } });
  const refused = await givenRun(owner, { people: 2, channel: 'chat' });
  await refused.begin();
  await drain();
  const { rows } = await sql<{
    reason: string;
  }>`select pause_reason as reason from runs where id = ${refused.runId}`.execute(db);
  expect(rows[0]?.reason).toMatch(/unauthorized|settings|401/);
  await chat.noFaults();
  await sql`update channel_states set closed_until = null, troubles = 0`.execute(db);
  await chat.fault({
    match: { path: '/sunshine' },
    effect: { status: 503, errorCode: 'service_unavailable' },
  });
  const late = await givenRun(owner, { people: 2, channel: 'chat' });
  await late.begin();
  await drain();
  expect(await proofOf(owner.viewer, late.runId)).toMatchObject({ sent: 0, doubt: 0, planned: 2 });
  await chat.noFaults();
  moveClock(120_000);
  await drain();
  expect(await proofOf(owner.viewer, late.runId)).toMatchObject({ state: 'completed', sent: 2 });
});

test('too many requests at once slow it down and lose nobody', async () => {
  await chat.settings({ requestsPerSecond: 60 });
  const { runId, begin } = await givenRun(owner, { people: 40, channel: 'chat' });
  await begin();
  await drain();
  await chat.settings({ requestsPerSecond: null });
  expect(await proofOf(owner.viewer, runId)).toMatchObject({ state: 'completed', sent: 40, failed: 0 });
});

async function startPortal() {
  const server = createServer(createApp()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
