import { randomUUID } from 'node:crypto';

import { request } from 'undici';

/* A process that sends usage as fast as it can, to be ended by tests with a message: it answers with how often it was answered what. */
const [origin = '', senders = '60', events = '1000'] = process.argv.slice(2);

const headers = { 'content-type': 'application/json', authorization: `Basic ${btoa('demo-write-key:')}` };
const body = JSON.stringify({
  batch: Array.from({ length: Number(events) }, (_, index) => ({
    type: 'track', messageId: randomUUID(), userId: `user ${index % 40}`, event: 'Restored a file', context: { groupId: `account ${index % 9}` },
    properties: { module: 'Restore', note: 'x'.repeat(100) },
  })),
}); // prettier-ignore

const statuses: Record<string, number> = {};
let isOver = false;

async function sendOn(): Promise<void> {
  while (!isOver) {
    const answer = await request(`${origin}/v1/batch`, { method: 'POST', headers, body }).catch(
      () => undefined,
    );
    await answer?.body.dump().catch(() => undefined);
    const status = String(answer?.statusCode ?? 'none');
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status !== '200') await new Promise((wait) => setTimeout(wait, 20));
  }
}

const sending = Array.from({ length: Number(senders) }, sendOn);
process.on('message', () => {
  isOver = true;
  void Promise.all(sending).then(() => {
    process.send?.(statuses);
    process.disconnect();
  });
});
process.send?.('ready');
