import { signed } from '../support/hook-signature.ts';

import { randomUUID } from 'node:crypto';

import fc from 'fast-check';
import express, { type RequestHandler } from 'express';
import request from 'supertest';
import { afterAll, describe, expect, test } from 'vitest';

import * as inbox from '../../src/campaigns/outcomes/hook-inbox.queries.ts';
import { takeInHooks } from '../../src/campaigns/outcomes/intake.ts';
import {
  flagOf,
  marks,
  outcomeOf,
  outcomes,
  type Mark,
  type Outcome,
} from '../../src/campaigns/outcomes/outcomes.ts';
import { consentsOf } from '../../src/consent/consent.ts';
import { db, pool, sql, transaction } from '../../src/platform/db.ts';
import { answerUntaken, hookRoutes } from '../../src/web/api/hooks.ts';
import { givenRun } from '../support/hooks.ts';

const asVisitor: RequestHandler = (req, _res, next) => {
  req.viewer = { kind: 'visitor' };
  next();
};

const app = express();
for (const { path, handlers } of hookRoutes) app.post(path, asVisitor, ...handlers);
app.use(answerUntaken);

afterAll(() => pool.end());

type Event = Record<string, unknown>;

const NOW = Math.floor(Date.now() / 1000);

const event = (name: string, runId: number, n: number, more: Event = {}): Event => ({
  event: name,
  run: String(runId),
  n: String(n),
  batch: '0',
  timestamp: NOW,
  sg_event_id: randomUUID(),
  sg_message_id: 'abc.recvd-1',
  ...more,
});

const post = (body: string | Buffer, headers = signed(body)) =>
  request(app).post('/hooks/sendgrid').set(headers).send(body.toString());

async function tell(...events: Event[]): Promise<void> {
  const answer = await post(JSON.stringify(events));
  expect(answer.status).toBe(204);
}

async function rowsOf(runId: number) {
  const { rows } = await sql<{ n: number; outcome: number; flags: number }>`
    select n, outcome, flags from deliveries where run_id = ${runId} order by n`.execute(db);
  return rows.map(({ n, outcome, flags }) => ({ n, outcome: outcomeOf(outcome), flags }));
}

async function countsOf(runId: number): Promise<Record<string, number>> {
  const { rows } = await sql<{ counts: Record<string, number> }>`
    select counts from run_statistics where run_id = ${runId}`.execute(db);
  return rows[0]?.counts ?? {};
}

const inInbox = async () =>
  (await sql<{ count: number }>`select count(*) from hook_inbox`.execute(db)).rows[0]?.count;

const strays = async (why: string) =>
  (
    await sql<{ data: Event }>`select data from stray_events where why = ${why} order by received_at`.execute(
      db,
    )
  ).rows.map(({ data }) => data);

describe('a post that SendGrid did not sign', () => {
  const body = JSON.stringify([{ event: 'delivered', run: '1', n: '1', sg_event_id: 'forged' }]);

  test('is refused, whatever is wrong with it, and nothing of it is stored', async () => {
    const good = signed(body);
    const stale = signed(body, String(NOW - 3600));
    const early = signed(body, String(NOW + 3600));
    const refused = [
      await post(body, { ...good, 'x-twilio-email-event-webhook-signature': 'AAAA' }),
      await post(body, {
        ...good,
        'x-twilio-email-event-webhook-signature': signed('[]')['x-twilio-email-event-webhook-signature'],
      }),
      await post(body, { ...good, 'x-twilio-email-event-webhook-timestamp': String(NOW - 5) }),
      await post(body, stale),
      await post(body, early),
      await post(JSON.stringify(JSON.parse(body), null, 2), good),
      await request(app)
        .post('/hooks/sendgrid')
        .send(JSON.parse(body) as object),
    ];
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403, 403]);
    expect(await inInbox()).toBe(0);
  });
});

/* What the product says of a delivery, worked out from the list of its events in the most simple way. */
function naive(events: Event[]): Set<Outcome | Mark> {
  const happened = new Set<Outcome | Mark>();
  const clicks = events.filter((each) => each.event === 'click');
  const at = (each: Event) => Number(each.timestamp);
  const isMachine = (each: Event) =>
    each.sg_machine_open === true ||
    (['open', 'click'].includes(String(each.event)) &&
      clicks.some((trap) => trap.url === 'trap' && Math.abs(at(trap) - at(each)) <= 10)) ||
    (each.event === 'click' &&
      (events.some((one) => one.event === 'delivered' && at(each) < at(one) + 2) ||
        new Set(clicks.filter((one) => Math.abs(at(one) - at(each)) <= 2).map((one) => one.url)).size >= 3));
  const names: Record<string, Outcome> = {
    open: 'opened',
    click: 'clicked',
    bounce: 'bounced',
    unsubscribe: 'unsubscribed',
    spamreport: 'complained',
  };
  for (const each of events) {
    const name =
      each.event === 'bounce' && each.type === 'blocked'
        ? 'blocked'
        : (names[String(each.event)] ?? (each.event as Outcome));
    if (!outcomes.includes(name)) continue;
    if (isMachine(each)) happened.add(name === 'opened' ? 'machine_opened' : 'machine_clicked');
    else happened.add(name);
  }
  return happened;
}

const flagsOf = (happened: Set<Outcome | Mark>) =>
  [...happened].reduce((flags, name) => flags | flagOf(name), 0);
const highest = (happened: Set<Outcome | Mark>) => outcomes.findLast((name) => happened.has(name));

function shuffle(list: Event[], next: (below: number) => number): void {
  for (let left = list.length; left > 0; left--) list.push(...list.splice(next(left), 1));
}

describe('outcomes (A14, A15)', () => {
  const PEOPLE = 6;
  const anyEvent = fc.record({
    n: fc.integer({ min: 1, max: PEOPLE }),
    name: fc.constantFrom(
      'processed',
      'deferred',
      'delivered',
      'dropped',
      'bounce',
      'open',
      'click',
      'unsubscribe',
      'spamreport',
      'processed',
      'delivered',
      'open',
      'click',
    ),
    second: fc.integer({ min: 0, max: 40 }),
    url: fc.constantFrom(
      'https://a.example/1',
      'https://a.example/2',
      'https://a.example/3',
      'https://a.example/4',
      'trap',
    ),
    type: fc.constantFrom('bounce', 'blocked'),
    isMachine: fc.boolean(),
  });

  test('are the highest that was told, in whatever order, however often, in whatever posts; counters are the counts of rows', async () => {
    const given = fc.tuple(fc.array(anyEvent, { minLength: 1, maxLength: 40 }), fc.infiniteStream(fc.nat()));
    await fc.assert(
      fc.asyncProperty(given, async ([list, chance]) => {
        const { runId } = await givenRun(PEOPLE);
        const events = list.map(({ n, name, second, url, type, isMachine }) =>
          event(name, runId, n, {
            timestamp: NOW + second,
            ...(name === 'click' ? { url } : {}),
            ...(name === 'bounce' ? { type } : {}),
            ...(name === 'open' && isMachine ? { sg_machine_open: true } : {}),
          }),
        );
        const next = (below: number) => Number(chance.next().value) % below;
        const told = [...events, ...events.filter(() => next(3) === 0)];
        shuffle(told, next);
        while (told.length > 0) {
          await tell(...told.splice(0, 1 + next(12)));
          if (next(2) === 0) await takeInHooks();
        }
        await takeInHooks();

        const rows = await rowsOf(runId);
        const expected = rows.map(({ n }) => {
          const happened = naive(events.filter((each) => each.n === String(n)));
          return { n, outcome: highest(happened), flags: flagsOf(happened) };
        });
        expect(rows).toEqual(expected);
        await expectCountsOfRows(runId, rows);
      }),
      { numRuns: Number(process.env.SEEDS ?? 1) * 12 },
    );
  });

  async function expectCountsOfRows(runId: number, rows: { flags: number }[]) {
    const counts = await countsOf(runId);
    for (const name of [...outcomes, ...marks])
      expect(counts[name] ?? 0, name).toBe(rows.filter(({ flags }) => (flags & flagOf(name)) !== 0).length);
  }

  test('told 46 times are as told once', async () => {
    const { runId } = await givenRun(50);
    const body = JSON.stringify(
      Array.from({ length: 50 }, (_, i) =>
        ['processed', 'delivered', 'open'].map((name) => event(name, runId, i + 1)),
      ).flat(),
    );
    await post(body).expect(204);
    await takeInHooks();
    const [rows, counts] = [await rowsOf(runId), await countsOf(runId)];
    for (let again = 1; again <= 46; again++) await post(body).expect(204);
    await takeInHooks();
    expect(await rowsOf(runId)).toEqual(rows);
    expect(await countsOf(runId)).toEqual(counts);
    expect(counts).toMatchObject({ processed: 50, delivered: 50, opened: 50 });
    expect(await inInbox()).toBe(0);
  });

  test('of ten days ago count, and come under their own time', async () => {
    const { runId } = await givenRun(1);
    await tell(event('delivered', runId, 1, { timestamp: NOW - 864_000 }));
    await takeInHooks();
    const { rows } = await sql<{
      at: Date;
    }>`select occurred_at as at from delivery_events where run_id = ${runId}`.execute(db);
    expect(rows.map(({ at }) => at.getTime())).toEqual([(NOW - 864_000) * 1000]);
  });

  test('are evidence that the batch was taken', async () => {
    const { runId } = await givenRun(4, { batchSize: 2 });
    await tell(event('processed', runId, 3));
    await takeInHooks();
    const { rows } = await sql<{ batch: number; heard: boolean }>`
      select batch, heard_at is not null as heard from batches where run_id = ${runId} order by batch`.execute(
      db,
    );
    expect(rows).toEqual([
      { batch: 0, heard: false },
      { batch: 1, heard: true },
    ]);
  });
});

describe('what cannot be placed', () => {
  test('is kept aside: deliveries that nobody knows, kinds that nobody knows, what is no list', async () => {
    const { runId } = await givenRun(1);
    await tell(
      event('delivered', runId, 999),
      event('delivered', 987_654_321, 1),
      event('teleported', runId, 1),
      event('delivered', runId, 1, { n: "1'; drop table runs" }),
      event('delivered', runId, 1),
    );
    await post('{"not": "a list"}').expect(204);
    await post('[1, null, "x"]').expect(204);
    await post('not json at all').expect(204);
    await takeInHooks();
    expect((await strays('unknown_delivery')).map(({ n }) => n)).toEqual(
      expect.arrayContaining(['999', '1', "1'; drop table runs"]),
    );
    expect(await strays('unknown_kind')).toEqual(
      expect.arrayContaining([expect.objectContaining({ event: 'teleported' }), 1, null, 'x']),
    );
    expect(await strays('unreadable')).toHaveLength(2);
    expect((await rowsOf(runId))[0]?.outcome).toBe('delivered');
    expect(await inInbox()).toBe(0);
  });

  test('does not keep what comes with it from being taken in: null characters, halves of characters, absurd numbers, depth', async () => {
    const { runId } = await givenRun(4);
    const deep = '['.repeat(20_000) + ']'.repeat(20_000);
    await post(
      `[{"event":"delivered","run":"${String(runId)}","n":"1","sg_event_id":"deep","x":${deep}}]`,
    ).expect(204);
    await post(
      `[{"event":"bounce","reason":"a\\u0000b\\ud800c","run":"${String(runId)}","n":2,"timestamp":1e400,"sg_event_id":"nul"}]`,
    ).expect(204);
    await post(
      `[{"event":"delivered","run":"${String(runId)}","n":"3","timestamp":"-1","sg_event_id":{"a":1}},{}]`,
    ).expect(204);
    await tell(event('delivered', runId, 4));
    await takeInHooks();
    expect((await rowsOf(runId)).map(({ outcome }) => outcome).slice(1)).toEqual([
      'bounced',
      'delivered',
      'delivered',
    ]);
    expect(await inInbox()).toBe(0);
  });

  test('five megabytes at once are taken in; what is far more is refused', async () => {
    const { runId } = await givenRun(2);
    const body = JSON.stringify([
      event('delivered', runId, 1, { response: 'x'.repeat(5_000_000) }),
      event('delivered', runId, 2),
    ]);
    await post(body).expect(204);
    await takeInHooks();
    expect((await rowsOf(runId)).map(({ outcome }) => outcome)).toEqual(['delivered', 'delivered']);
    const huge = JSON.stringify([event('delivered', runId, 1, { response: 'x'.repeat(9_000_000) })]);
    await post(huge).expect(413);
  });
});

describe('posts that come while others wait', () => {
  const told = async () =>
    (await sql<{ count: number }>`select count(*) from events where name = 'hooks.received'`.execute(db))
      .rows[0]?.count ?? 0;

  test('are all kept, and whoever takes in is told of the first alone', async () => {
    const { runId } = await givenRun(30);
    const before = await told();
    await Promise.all(Array.from({ length: 30 }, (_, i) => tell(event('delivered', runId, i + 1))));
    expect(await inInbox()).toBe(30);
    expect(await told()).toBe(before + 1);
    await takeInHooks();
    expect((await rowsOf(runId)).every(({ outcome }) => outcome === 'delivered')).toBe(true);
  });

  test('are waited for by the last look, since they tell nobody', async () => {
    const { runId } = await givenRun(2);
    await tell(event('delivered', runId, 1));
    let takingIn = Promise.resolve();
    await transaction(async (tx) => {
      await inbox.announce(tx);
      await sql`
        insert into hook_inbox (source, received_at, events, body, event_ids, kinds, runs, ns, moments)
        values ('sendgrid', now(), 1, '[]', '{late}', '{delivered}', ${[runId]}, '{2}', ${[NOW]})`.execute(
        tx,
      );
      takingIn = takeInHooks();
      await new Promise((wait) => setTimeout(wait, 150));
    });
    await takingIn;
    expect((await rowsOf(runId)).map(({ outcome }) => outcome)).toEqual(['delivered', 'delivered']);
    expect(await inInbox()).toBe(0);
  });

  test('of thousands who opened and clicked take as long as their number says', async () => {
    const { runId } = await givenRun(4_000);
    const events = Array.from({ length: 4_000 }, (_, i) => [
      event('open', runId, i + 1),
      event('click', runId, i + 1, { url: 'https://tidewater.example/renew' }),
    ]).flat();
    await post(JSON.stringify(events)).expect(204);
    const since = performance.now();
    await takeInHooks();
    expect(performance.now() - since).toBeLessThan(10_000);
    expect(await countsOf(runId)).toMatchObject({ opened: 4_000, clicked: 4_000 });
  });
});

describe('what is told of an address', () => {
  const suppressionOf = async (address: string) =>
    (
      await sql<{ reason: string; until: Date | null }>`
      select reason, until from suppressed_addresses where address_hash = erasure_hash(${address})`.execute(
        db,
      )
    ).rows[0];

  test('suppresses it after bounces and complaints, for a while after a block, not for spam content', async () => {
    const { runId, addressOf } = await givenRun(6);
    await tell(
      event('bounce', runId, 1, {
        type: 'bounce',
        reason: `550 <${addressOf(1)}> unknown`,
        email: addressOf(1),
      }),
      event('bounce', runId, 2, { type: 'blocked', reason: '421 busy' }),
      event('dropped', runId, 3, { reason: 'Bounced Address' }),
      event('dropped', runId, 4, { reason: 'Spam Content' }),
      event('spamreport', runId, 5),
      event('dropped', runId, 6, { reason: 'Invalid' }),
    );
    await takeInHooks();
    const reasons = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(async (n) => (await suppressionOf(addressOf(n)))?.reason),
    );
    expect(reasons).toEqual(['bounced', 'blocked', 'bounced', undefined, 'complained', 'invalid']);
    expect((await suppressionOf(addressOf(2)))?.until).toBeInstanceOf(Date);
    const { rows } = await sql<{
      detail: string;
    }>`select detail from delivery_events where run_id = ${runId} and n = 1`.execute(db);
    expect(rows[0]?.detail).toBe('550 <…> unknown');
  });

  test('suppresses mailboxes that a mail of no campaign did not reach, and keeps no stray of it', async () => {
    const before = (await strays('unknown_delivery')).length;
    await tell(
      {
        event: 'bounce',
        type: 'bounce',
        email: 'gone@nowhere.example',
        timestamp: NOW,
        sg_event_id: randomUUID(),
      },
      { event: 'delivered', email: 'fine@nowhere.example', timestamp: NOW, sg_event_id: randomUUID() },
    );
    await takeInHooks();
    expect((await suppressionOf('gone@nowhere.example'))?.reason).toBe('bounced');
    expect(await strays('unknown_delivery')).toHaveLength(before);
  });

  test('is a word on consent where the person unsubscribed at the provider', async () => {
    const { runId, addressOf } = await givenRun(2);
    await tell(event('group_unsubscribe', runId, 1), event('unsubscribe', runId, 2));
    await takeInHooks();
    const granted = async (n: number) =>
      (await consentsOf(addressOf(n))).filter(({ isGranted }) => isGranted).map(({ code }) => code);
    expect(await granted(1)).toEqual(['onboarding', 'renewal', 'service']);
    expect(await granted(2)).toEqual(['service']);
  });
});
