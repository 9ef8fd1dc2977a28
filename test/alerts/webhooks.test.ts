import { createHmac } from 'node:crypto';
import type { LookupAddress } from 'node:dns';
import { createServer, type Server } from 'node:http';
import { createServer as listenTo, type AddressInfo } from 'node:net';

import { Agent } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

/* The stand-in's address is the one within that may be called: here it is a listener of this test. */
interface Received {
  headers: Record<string, unknown>;
  body: string;
}
const received: Received[] = [];
let answer = { status: 200, headers: {} as Record<string, string> };
const listener: Server = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => {
    received.push({ headers: req.headers, body: Buffer.concat(chunks).toString() });
    res.writeHead(answer.status, answer.headers).end('as you like');
  });
});
await new Promise<void>((listening) => listener.listen(0, '127.0.0.1', listening));
const { port } = listener.address() as AddressInfo;
process.env.SANDBOX_URL = `http://127.0.0.1:${String(port)}`;

const { raiseAlerts } = await import('../../src/alerts/raising.ts');
const { createRule } = await import('../../src/alerts/rules.ts');
const { noteHealth } = await import('../../src/alerts/signals.ts');
const { createWebhook, deliveriesSeenBy, postWebhook, retryDelivery, sendTest, webhooksSeenBy } =
  await import('../../src/alerts/webhooks.ts');
const { now } = await import('../../src/platform/clock.ts');
const { db, pool, sql } = await import('../../src/platform/db.ts');
const { isPublicAddress, NotPublic, postPublicly, publicAgent, publicUrl } =
  await import('../../src/platform/public-web.ts');
const { givenAccount } = await import('../support/mirror.ts');
const { givenStaff, staffViewer } = await import('../support/people.ts');

type Viewer = Awaited<ReturnType<typeof staffViewer>>;
let admin: Viewer;
let secret = '';

beforeAll(async () => {
  admin = await staffViewer(await givenStaff({ roles: ['admin'], name: 'Ada Thornton' }));
  ({ secret } = await createWebhook(admin, {
    name: 'Slack',
    url: `${process.env.SANDBOX_URL ?? ''}/services/T/B/x`,
  }));
});

beforeEach(async () => {
  received.length = 0;
  answer = { status: 200, headers: {} };
  await sql`delete from webhook_deliveries`.execute(db);
});

afterAll(async () => {
  await pool.end();
  listener.close();
});

const post = async () => {
  const { rows } = await sql<{
    id: string;
  }>`select id from webhook_deliveries where state = 'waiting'`.execute(db);
  for (const { id } of rows) await postWebhook({ deliveryId: id });
};
const hook = async () => (await webhooksSeenBy(admin))[0]?.id ?? '';

describe('F19: what somebody typed leads out to the public web alone', () => {
  test.each([
    'https://127.0.0.1/', 'https://127.1/', 'https://2130706433/', 'https://0x7f000001/', 'https://0177.0.0.1/', 'https://0/',
    'https://10.1.2.3/', 'https://172.16.0.1/', 'https://192.168.1.1/', 'https://100.64.1.1/', 'https://169.254.169.254/latest/meta-data',
    'https://[::1]/', 'https://[::]/', 'https://[::ffff:127.0.0.1]/', 'https://[::ffff:a9fe:a9fe]/', 'https://[fe80::1]/', 'https://[fd00:ec2::254]/',
    'https://[64:ff9b::7f00:1]/', 'https://[2002:7f00:1::]/', 'https://[2001:db8::1]/', 'https://224.0.0.1/', 'https://255.255.255.255/',
    'https://localhost/', 'https://LOCALHOST./', 'https://db/', 'https://metadata.google.internal/', 'https://printer.local/',
    'http://hooks.slack.example/', 'ftp://hooks.slack.example/', 'file:///etc/passwd', 'https://user:secret@hooks.slack.example/', 'nonsense', '',
  ])('%s is refused before anything is asked', (address) => { expect(() => publicUrl(address)).toThrow(NotPublic); }); // prettier-ignore

  test('public addresses are public', () => {
    for (const address of ['8.8.8.8', '93.184.216.34', '2606:4700:4700::1111'])
      expect([address, isPublicAddress(address)]).toEqual([address, true]);
    expect(publicUrl('https://hooks.slack.com/services/T/B/x').hostname).toBe('hooks.slack.com');
  });

  /** A listener within that counts who connects, whatever they speak. */
  async function counting() {
    let connections = 0;
    const server = listenTo((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return {
      port: (server.address() as AddressInfo).port,
      connections: () => connections,
      close: () => server.close(),
    };
  }

  type Resolver = Parameters<typeof publicAgent>[0];
  const resolvesTo = (...answers: LookupAddress[][]): { resolver: Resolver; asked: () => number } => {
    let asked = 0;
    return {
      resolver: (_name, _options, callback) => {
        const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
        asked += 1;
        setImmediate(callback, null, addresses);
      },
      asked: () => asked,
    };
  };

  const v4 = (address: string): LookupAddress => ({ address, family: 4 });
  const message = { headers: {}, body: '{}' };

  test.each([
    ['a name of a private address', [[v4('127.0.0.1')]]],
    ['a name of a link-local address', [[v4('169.254.169.254')]]],
    ['a name of several addresses, one of them private', [[v4('93.184.216.34'), v4('127.0.0.1')]]],
    ['a name of an IPv6 loopback', [[{ address: '::1', family: 6 }]]],
    ['a name of an IPv4 address in IPv6 clothes', [[{ address: '::ffff:127.0.0.1', family: 6 }]]],
    ['a name of no address', [[]]],
  ])('%s is not connected to', async (_, answers) => {
    const within = await counting();
    const { resolver, asked } = resolvesTo(...answers);
    const dispatcher = publicAgent(resolver);
    const sent = postPublicly(`https://hooks.attacker.example:${String(within.port)}/`, message, {
      dispatcher,
    });
    await expect(sent).rejects.toThrow();
    expect([asked() > 0, within.connections()]).toEqual([true, 0]);
    await dispatcher.destroy();
    within.close();
  });

  test('the attack is real: without the guard, the listener within is connected to', async () => {
    const within = await counting();
    const unguarded = new Agent({ connect: { lookup: (_name, _options, done) => { done(null, [v4('127.0.0.1')]); } } }); // prettier-ignore
    const sent = postPublicly(`https://hooks.attacker.example:${String(within.port)}/`, message, {
      dispatcher: unguarded,
    });
    await expect(sent).rejects.toThrow();
    expect(within.connections()).toBeGreaterThan(0);
    await unguarded.destroy();
    within.close();
  });

  test('a name that changes its mind after it was looked at is connected to where it was looked at, or not at all', async () => {
    const within = await counting();
    const { resolver } = resolvesTo([v4('192.0.2.1')], [v4('127.0.0.1')]);
    const dispatcher = publicAgent(resolver);
    for (let attempt = 0; attempt < 3; attempt += 1)
      await expect(
        postPublicly(`https://rebinding.example:${String(within.port)}/`, message, { dispatcher }),
      ).rejects.toThrow();
    expect(within.connections()).toBe(0);
    await dispatcher.destroy();
    within.close();
  });

  test('a redirect is an answer, not a way', async () => {
    const within = await counting();
    answer = { status: 302, headers: { location: `http://127.0.0.1:${String(within.port)}/` } };
    await sendTest(admin, await hook());
    await post();
    expect(received).toHaveLength(1);
    expect(within.connections()).toBe(0);
    expect(await deliveriesSeenBy(admin)).toMatchObject([{ state: 'dead', status: 302 }]);
    within.close();
  });

  test('no webhook is made that leads within', async () => {
    for (const url of ['https://127.0.0.1/', `http://127.0.0.1:${String(port + 1)}/`])
      await expect(createWebhook(admin, { name: 'Within', url })).rejects.toThrow('invalid');
  });
});

describe('a delivery', () => {
  test('is signed as Slack signs, with an id that stays the same in every attempt', async () => {
    await sendTest(admin, await hook());
    answer = { status: 503, headers: {} };
    await post();
    answer = { status: 200, headers: {} };
    await post();
    expect(received).toHaveLength(2);
    const [first, second] = received;
    expect(first?.headers['x-rapport-delivery']).toBe(second?.headers['x-rapport-delivery']);
    for (const { headers, body } of received) {
      const seconds = String(headers['x-rapport-request-timestamp']);
      const expected = createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex');
      expect(headers['x-rapport-signature']).toBe(`v0=${expected}`);
      expect(JSON.parse(body)).toMatchObject({
        text: expect.stringContaining('test by Ada Thornton') as string,
      });
    }
    expect(await deliveriesSeenBy(admin)).toMatchObject([{ state: 'delivered', attempts: 2, status: 200 }]);
  });

  test('that fails is tried again later and later, then waits for a person, who has it tried anew', async () => {
    answer = { status: 500, headers: {} };
    await sendTest(admin, await hook());
    const waits: number[] = [];
    for (let attempt = 1; attempt < 8; attempt += 1) {
      await post();
      const { rows } = await sql<{ seconds: number }>`
        select extract(epoch from run_at - now())::int as seconds from graphile_worker._private_jobs j
        join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = 'post_webhook' order by j.id desc limit 1`.execute(
        db,
      );
      waits.push(rows[0]?.seconds ?? 0);
    }
    expect(waits[6]).toBeGreaterThan((waits[0] ?? 0) * 8);
    await post();
    const [delivery] = await deliveriesSeenBy(admin);
    expect(delivery).toMatchObject({ state: 'dead', attempts: 8, error: '500 as you like' });
    answer = { status: 200, headers: {} };
    await retryDelivery(admin, delivery?.id ?? '');
    await expect(retryDelivery(admin, delivery?.id ?? '')).rejects.toThrow();
    await post();
    expect(await deliveriesSeenBy(admin)).toMatchObject([{ state: 'delivered' }]);
  });

  test('of what was refused for good is not tried again by itself', async () => {
    answer = { status: 404, headers: {} };
    await sendTest(admin, await hook());
    await post();
    expect(await deliveriesSeenBy(admin)).toMatchObject([{ state: 'dead', attempts: 1, status: 404 }]);
  });

  test('carries the signals of one batch under one rule, once, with names that cannot forge a link', async () => {
    const account = await givenAccount({ name: 'Bergen <https://evil.example|Foods> & Co' });
    await createRule(admin, {
      name: 'Drops', trigger: 'health.changed', filter: {}, condition: null, scope: 'all', isForTeam: true, roles: ['csm'],
      toInbox: false, toMail: false, webhookId: await hook(), restHours: 0,
    }); // prettier-ignore
    await sql`
      insert into health_history (batch, account_id, status, rank, score, reasons, previous_status, previous_rank, previous_score, occurred_at)
      values (9, ${account.id}, 'paying', 'poor', 20, '[]', 'paying', 'good', 90, ${now()})`.execute(db);
    await noteHealth({ batch: 9 });
    const { rows } = await sql<{ batch: number }>`select distinct batch from signals`.execute(db);
    for (const { batch } of [...rows, ...rows]) await raiseAlerts({ batch });
    await post();
    expect(received).toHaveLength(1);
    const { text, blocks } = JSON.parse(received[0]?.body ?? '{}') as {
      text: string;
      blocks: { text: { text: string } }[];
    };
    expect(text).toBe('Drops: Bergen &lt;https://evil.example|Foods&gt; &amp; Co');
    expect(blocks[1]?.text.text).toContain(
      '|Bergen &lt;https://evil.example|Foods&gt; &amp; Co>: Health went from Good to Poor, score 20',
    );
  });

  test('speaks the language that was chosen for its channel', async () => {
    const url = `${process.env.SANDBOX_URL ?? ''}/services/T/B/de`;
    await createWebhook(admin, { name: 'Auf Deutsch', url, locale: 'de' });
    const german = (await webhooksSeenBy(admin)).find(({ locale }) => locale === 'de')?.id ?? '';
    await sendTest(admin, german);
    const account = await givenAccount({ name: 'Elbe Logistik' });
    await createRule(admin, {
      name: 'Auf und ab', trigger: 'health.changed', filter: {}, condition: null, scope: 'all', isForTeam: true, roles: ['csm'],
      toInbox: false, toMail: false, webhookId: german, restHours: 0,
    }); // prettier-ignore
    await sql`
      insert into health_history (batch, account_id, status, rank, score, reasons, previous_status, previous_rank, previous_score, occurred_at)
      values (10, ${account.id}, 'paying', 'poor', 20, '[{"kind":"flag","code":"x","grade":"poor","facts":[{"reading":"open_cases","value":7}]}]',
              'paying', 'good', 90, ${now()})`.execute(db);
    await noteHealth({ batch: 10 });
    const { rows } = await sql<{ batch: number }>`select max(batch) as batch from signals`.execute(db);
    await raiseAlerts({ batch: rows[0]?.batch ?? 0 });
    await post();
    const bodies = received.map(({ body }) => body).join('\n');
    expect(bodies).toContain('Das ist ein Test von Ada Thornton');
    expect(bodies).toContain('Offene Fälle: 7');
    expect(bodies).not.toContain('Open cases: 7 · ');
  });
});
