import { afterAll, afterEach, beforeAll, expect } from 'vitest';

import { startChat } from '../../support/chat.ts';
import { eachSeed } from '../../support/seeds.ts';

/* F1 by chat: a message a request, so that a worker dies between the messages of a batch; what is in doubt is asked about, person by person. */
const chat = await startChat();
const { areDone, closeWorld, end, endAll, finish, isAlive, startVictim, watch } = await import('./world.ts');
const { givenOwner, givenRun } = await import('../../support/campaigns.ts');
const { proveRun } = await import('../../../src/campaigns/runs/proof.ts');

const PEOPLE = 24;
const points = ['claimed', 'loaded', 'assembled', 'sending', 'posting', 'answered', 'settling', 'settled'];
let owner: Awaited<ReturnType<typeof givenOwner>>;

beforeAll(async () => {
  owner = await givenOwner();
});
afterEach(endAll);
afterAll(async () => {
  await closeWorld();
  await chat.sandbox.close();
});

eachSeed('F1 chat', 'a worker that dies between messages leaves nobody out and says nothing twice', async (random, seed) => {
  const { runId, campaignId, begin } = await givenRun(owner, { people: PEOPLE, batchSize: 6, channel: 'chat' });
  await begin();
  const point = points[seed % points.length] ?? '';
  const victim = await startVictim(`seed:${String(seed)},${point}:${String(random.pick([1, 0.5]))}`);
  const until = async () => !isAlive(victim) || (await areDone([campaignId]));
  await watch(random, { listeners: [victim], until, seconds: 8 });
  await end(victim);
  await finish({ owner }, [campaignId], random);
  const said = await Promise.all(
    Array.from({ length: PEOPLE }, async (_, place) => {
      const messages = await chat.messagesTo(`p${String(place + 1)}.${String(runId)}@harbour.example`);
      return messages.filter(({ metadata }) => metadata?.rapportRun === String(runId)).length;
    }),
  );
  expect(said, 'messages to each').toEqual(Array.from({ length: PEOPLE }, () => 1));
  expect(await proveRun(runId)).toMatchObject({ state: 'completed', sent: PEOPLE, doubt: 0, isHashRight: true, problems: [] });
}); // prettier-ignore
