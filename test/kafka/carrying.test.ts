import { Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka';
import { afterAll, beforeEach, expect, test } from 'vitest';

import { moveClock } from '../../src/platform/clock.ts';
import { config } from '../../src/platform/config.ts';
import { db, pool, sql, transaction } from '../../src/platform/db.ts';
import { Refused } from '../../src/platform/errors.ts';
import { record, type EventName } from '../../src/platform/events.ts';
import { drainJobs } from '../../src/platform/job-runner.ts';
import {
  countDeadLetters,
  deadLetters,
  discardDeadLetter,
  retryDeadLetter,
  type Reactions,
} from '../../src/platform/jobs.ts';
import { takeBack } from '../../src/platform/kafka/inbox.ts';
import { deadLetterTopicOf, topicOf } from '../../src/platform/kafka/topics.ts';

/* How events get to their reactions through a real broker. */

const seen: string[] = [];
let trouble: Error | undefined;

const happened = 'test.happened' as EventName;
const other = 'test.other' as EventName;
const note = (data: { word: string }) => Promise.resolve(void seen.push(data.word));
const reactions = {
  [happened]: {
    note,
    fail: () => (trouble ? Promise.reject(trouble) : Promise.resolve(void seen.push('mended'))),
  },
  [other]: {
    /* The first of them takes longest. */
    note: async (data: { word: string }) => {
      await new Promise((wait) => setTimeout(wait, data.word.startsWith('1') ? 150 : 1));
      await note(data);
    },
  },
} as unknown as Reactions;
const stageOf = (name: string) => (name.endsWith(':fail') ? 'mailing' : 'rest');
const work = { reactions, jobs: {} as never, stageOf };

const drain = () => drainJobs(work);
const happen = (word: string, event = happened, more: object = {}) =>
  transaction((tx) => record(tx, event, { word, ...more } as never));
const connection = () => ({ clientId: 'test', bootstrapBrokers: [...(config.KAFKA_BROKERS ?? [])] });

beforeEach(() => {
  seen.length = 0;
  trouble = undefined;
});
afterAll(() => pool.end());

async function send(topic: string, value: string): Promise<void> {
  const producer = new Producer({ ...connection(), serializers: stringSerializers });
  await producer.send({ messages: [{ topic, key: 'test', value }], acks: -1 });
  await producer.close();
}

/** What lies in a topic, once it holds as many. */
async function messagesIn(topic: string, count: number): Promise<{ key: string; value: string }[]> {
  const consumer = new Consumer({ ...connection(), groupId: `test-${String(Math.random())}`, deserializers: stringDeserializers });
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false });
  const found: { key: string; value: string }[] = [];
  for await (const { key, value } of stream) {
    found.push({ key, value });
    if (found.length === count) break;
  }
  await consumer.close(true);
  return found;
} // prettier-ignore

const states = async () => {
  const { rows } = await sql<{ reaction: string; state: string; attempts: number }>`
    select reaction, state, attempts from event_inbox where event_id = (select max(id) from events) order by 1`.execute(
    db,
  );
  return rows;
};

test('an event sets off each of its reactions, by the topics of their stages', async () => {
  await happen('hello');
  await drain();
  expect(seen.toSorted()).toEqual(['hello', 'mended']);
  expect(await states()).toEqual([
    { reaction: 'fail', state: 'done', attempts: 1 },
    { reaction: 'note', state: 'done', attempts: 1 },
  ]);
  const [message] = await messagesIn(topicOf('mailing'), 1);
  expect(JSON.parse(message?.value ?? '')).toEqual({ event: expect.any(Number) as number, name: happened, reactions: ['fail'] });
}); // prettier-ignore

test('an event of a transaction that fails never happened', async () => {
  const failing = transaction(async (tx) => {
    await record(tx, happened, { word: 'lost' } as never);
    throw new Error('changed my mind');
  });
  await expect(failing).rejects.toThrow('changed my mind');
  await drain();
  expect(seen).toEqual([]);
});

test('a message that comes again does nothing again', async () => {
  await happen('once');
  await drain();
  const { rows } = await sql<{ id: number }>`select max(id) as id from events`.execute(db);
  const value = JSON.stringify({ event: rows[0]?.id, name: happened, reactions: ['note', 'fail'] });
  await send(topicOf('rest'), value);
  await send(topicOf('rest'), value);
  /* Sent but not crossed out, as by a relay that dies in between. */
  await sql`insert into event_relay (event_id) select max(id) from events`.execute(db);
  await happen('afterwards');
  await drain();
  expect(seen.toSorted()).toEqual(['afterwards', 'mended', 'mended', 'once']);
});

test('a reaction that fails retries alone, later and later, ends in the topic of dead letters and on the page, and can be retried from there', async () => {
  trouble = new Error('the printer is on fire');
  await happen('once');
  await drain();
  expect(await states()).toEqual([
    { reaction: 'fail', state: 'waiting', attempts: 1 },
    { reaction: 'note', state: 'done', attempts: 1 },
  ]);
  await drain();
  expect((await states())[0]?.attempts).toBe(1);
  for (let attempt = 2; attempt <= 12; attempt += 1) {
    moveClock(Math.exp(Math.min(attempt, 10)) * 1_000);
    await drain();
    expect((await states())[0]?.attempts).toBe(attempt);
  }
  expect(seen).toEqual(['once']);
  const [letter] = await deadLetters();
  expect(letter).toMatchObject({ task: 'react', attempts: 12, payload: { name: happened, reaction: 'fail' } });
  expect(letter?.error).toContain('the printer is on fire');
  expect(await countDeadLetters()).toBe(1);
  const [dead] = await messagesIn(deadLetterTopicOf('mailing'), 1);
  expect(JSON.parse(dead?.value ?? '')).toMatchObject({ name: happened, reactions: ['fail'], attempts: 12 });

  trouble = undefined;
  await retryDeadLetter(letter?.id ?? '');
  await drain();
  expect(seen).toEqual(['once', 'mended']);
  expect(await deadLetters()).toEqual([]);
}); // prettier-ignore

test('what was refused for good is a dead letter at once, and can be discarded for good', async () => {
  trouble = new Refused('no such mailbox');
  await happen('again');
  await drain();
  const [letter] = await deadLetters();
  expect(letter?.attempts).toBe(1);
  await discardDeadLetter(letter?.id ?? '');
  expect(await deadLetters()).toEqual([]);
  trouble = undefined;
  await sql`insert into event_relay (event_id) select max(id) from events`.execute(db);
  await drain();
  expect(seen).toEqual(['again']);
});

test.each([
  ['garbage', 'not JSON {', 'it says nothing'],
  ['a pointer to an event that there is not', JSON.stringify({ event: 999_999_999, name: happened, reactions: ['note'] }), 'no such event'],
  ['a pointer to another event than it says', JSON.stringify({ event: 1, name: 'test.imagined', reactions: ['note'] }), 'no such event'],
])('%s holds nothing up: it lies among the dead letters, and can be tried again', async (_what, value, error) => {
  await send(topicOf('rest'), value);
  await happen('after it');
  await drain();
  expect(seen).toContain('after it');
  const [letter] = await deadLetters();
  expect(letter).toMatchObject({ task: topicOf('rest'), payload: { value } });
  expect(letter?.error).toContain(error);
  await drain();
  expect((await messagesIn(deadLetterTopicOf('rest'), 1)).length).toBe(1);

  await retryDeadLetter(letter?.id ?? '');
  expect(await deadLetters()).toEqual([]);
  await happen('after it');
  await drain();
  const [again] = await deadLetters();
  expect(again).toMatchObject({ payload: { value } });
  await discardDeadLetter(again?.id ?? '');
  expect(await deadLetters()).toEqual([]);
}); // prettier-ignore

test('events of one run keep their order, however long each takes; those of others do not wait for them', async () => {
  for (let word = 1; word <= 4; word += 1) await happen(`${String(word)} of the first`, other, { runId: 1 });
  for (let run = 2; run < 12; run += 1) await happen(`run ${String(run)}`, other, { runId: run });
  await drain();
  expect(seen.filter((word) => word.endsWith('of the first'))).toEqual(['1 of the first', '2 of the first', '3 of the first', '4 of the first']);
  expect(seen.indexOf('1 of the first')).toBeGreaterThan(0);
}); // prettier-ignore

test('hundreds of events are relayed by a few statements', async () => {
  await transaction(async (tx) => {
    for (let word = 0; word < 600; word += 1) await record(tx, happened, { word: 'many' } as never);
  });
  const statements: string[] = [];
  const { relaySome } = await import('../../src/platform/kafka/relaying.ts');
  const { createSender } = await import('../../src/platform/kafka/broker.ts');
  const sender = createSender();
  const counting = (text: string, values: unknown[]) => {
    statements.push(text);
    return pool.query(text, values);
  };
  while ((await relaySome(work, sender, counting)) > 0);
  await sender.close();
  expect(statements.length).toBe(5);
  await drain();
  expect(seen.filter((word) => word === 'many').length).toBe(600);
});

test('what an older worker does not know yet, while a deploy rolls out, waits for a newer one', async () => {
  await happen('news');
  await drainJobs({ ...work, reactions: { [other]: reactions[other] } as unknown as Reactions });
  expect(seen).toEqual([]);
  moveClock(6_000);
  await drain();
  expect(seen.toSorted()).toEqual(['mended', 'news']);
});

test('where Kafka is given up, what waits for it and what it held goes to the queue of PostgreSQL, and is done there', async () => {
  await happen('waits');
  trouble = new Error('not yet');
  await happen('fails');
  await drain();
  await happen('later');
  await takeBack();
  trouble = undefined;
  await sql`update graphile_worker._private_jobs set run_at = now()`.execute(db);
  await drain();
  expect(seen.toSorted()).toEqual(['fails', 'later', 'mended', 'mended', 'mended', 'waits'].toSorted());
  const { rows } = await sql`select from event_relay where event_id is not null`.execute(db);
  expect(rows).toEqual([]);
});

test('what was sent and never arrived is sent again', async () => {
  await happen('lost');
  await sql`
    with gone as (delete from event_relay returning event_id)
    insert into event_inbox (event_id, reaction, stage, state, changed_at) select event_id, 'note', 'rest', 'sent', now() - interval '2 hours' from gone`.execute(
    db,
  );
  const { sendAgainWhatWasLost } = await import('../../src/platform/kafka/inbox.ts');
  await sendAgainWhatWasLost();
  await drain();
  expect(seen).toEqual(['lost']);
});
