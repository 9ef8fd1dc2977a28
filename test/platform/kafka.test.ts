import { afterAll, expect, test } from 'vitest';

import { db, pool, sql } from '../../src/platform/db.ts';
import { createJobRunner } from '../../src/platform/job-runner.ts';
import {
  countDeadLetters,
  deadLetters,
  discardDeadLetter,
  retryDeadLetter,
  type Reactions,
} from '../../src/platform/jobs.ts';
import type { Incoming } from '../../src/platform/kafka/broker.ts';
import { claim, settle } from '../../src/platform/kafka/inbox.ts';
import { createProgress } from '../../src/platform/kafka/progress.ts';
import { keyOf, readPointer } from '../../src/platform/kafka/topics.ts';
import { sweep } from '../../src/platform/sweep.ts';
import { eventually } from '../support/processes.ts';

/* What of the transport through Kafka needs no broker; the rest is in test/kafka. */

afterAll(() => pool.end());

const nothing = { runId: null, batch: null, caseId: null, accountId: null };

test('messages that must not overtake each other have one key', () => {
  const key = (subject: object) => keyOf({ event_id: 7, name: 'thing.happened', ...nothing, ...subject });
  expect(key({ runId: '5' })).toBe('run:5');
  expect(key({ runId: '5', batch: '3' })).toBe('run:5:3');
  expect(key({ batch: '3' })).toBe('thing.happened:3');
  expect(key({ caseId: 'c', accountId: 'a' })).toBe('case:c');
  expect(key({ accountId: 'a' })).toBe('account:a');
  expect(key({})).toBe('event:7');
});

test('a message that is no pointer is not read', () => {
  expect(readPointer('{"event":1,"name":"a","reactions":["b"],"attempts":12}')).toEqual({ event: 1, name: 'a', reactions: ['b'] });
  for (const value of ['', 'x', 'null', '{}', '{"event":"1","name":"a","reactions":["b"]}', '{"event":1,"name":"a","reactions":[]}'])
    expect(() => readPointer(value), value).toThrow();
}); // prettier-ignore

test('offsets follow what is done without a gap, whatever ends first', () => {
  const progress = createProgress();
  const [a, b, c, other] = [[0, 5n], [0, 6n], [0, 7n], [1, 1n]].map(([partition, offset]) => ({ partition, offset }) as Incoming); // prettier-ignore
  const all = [a!, b!, c!, other!];
  for (const message of all) progress.begin(message);
  expect(progress.inHand()).toBe(4);
  progress.end(b!, true);
  expect(progress.takeDone()).toEqual([]);
  progress.end(other!, true);
  progress.end(a!, true);
  expect(progress.takeDone()).toEqual([b, other]);
  expect(progress.takeDone()).toEqual([]);
  /* What has to come again holds back what follows it. */
  progress.end(c!, false);
  expect(progress.takeDone()).toEqual([]);
  expect(progress.inHand()).toBe(0);
  /* After its partition went to another worker and came back, what was said before is not said again. */
  const again = createProgress();
  again.begin(b!);
  again.end(b!, true);
  expect(again.takeDone()).toEqual([b]);
  again.begin(a!);
  again.end(a!, true);
  expect(again.takeDone()).toEqual([]);
});

async function givenEvent(): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    insert into events (name, data) values ('test.happened', '{"word":"hello"}') returning id`.execute(db);
  return rows[0]?.id ?? 0;
}

const givenDead = (eventId: number) =>
  sql`insert into event_inbox (event_id, reaction, state, stage, attempts, error, changed_at)
    values (${eventId}, 'note', 'dead', 'mailing', 12, 'it broke', now())`.execute(db);

test('a claim that was kept and whose answer was lost is answered when it is made again, to nobody else', async () => {
  const { rows } = await sql<{ id: number }>`insert into events (name, data) values ('thing.happened', '{}') returning id`.execute(db);
  const pointer = { event: rows[0]!.id, name: 'thing.happened', reactions: ['first', 'second'] };
  for (let times = 0; times < 2; times += 1)
    expect(await claim(pointer, 'rest', 'one')).toEqual({ data: {}, reactions: ['first', 'second'] });
  expect(await claim(pointer, 'rest', 'other')).toEqual({ data: {}, reactions: [] });
  await settle({ event: pointer.event, reaction: 'first', holder: 'one' });
  expect(await claim(pointer, 'rest', 'one')).toMatchObject({ reactions: ['second'] });
  await sql`delete from events`.execute(db);
}); // prettier-ignore

test('a reaction that Kafka carried and that failed for good is retried and discarded like any other', async () => {
  const [first, second] = [await givenEvent(), await givenEvent()];
  await givenDead(first);
  await givenDead(second);
  expect(await countDeadLetters()).toBe(2);
  const letters = await deadLetters();
  expect(letters.find(({ payload }) => payload.eventId === first)).toMatchObject({
    id: `event-${String(first)}-note`, attempts: 12, error: 'it broke', payload: { name: 'test.happened', reaction: 'note' },
  }); // prettier-ignore
  await retryDeadLetter(`event-${String(first)}-note`);
  await discardDeadLetter(`event-${String(second)}-note`);
  expect(await countDeadLetters()).toBe(0);
  const { rows } = await sql`select event_id, reactions from event_relay`.execute(db);
  expect(rows).toEqual([{ event_id: first, reactions: ['note'] }]);
  await sql`delete from events`.execute(db);
});

test('old events are forgotten with what became of them, but for those that somebody still has to look at', async () => {
  const [done, dead, waiting] = [await givenEvent(), await givenEvent(), await givenEvent()];
  await givenDead(dead);
  await sql`insert into event_inbox (event_id, reaction, state, stage, changed_at) values (${done}, 'note', 'done', 'rest', now())`.execute(db); // prettier-ignore
  await sql`insert into event_relay (event_id) values (${waiting})`.execute(db);
  await sql`update events set recorded_at = now() - interval '100 days'`.execute(db);
  await sweep();
  const { rows } = await sql`select id from events order by id`.execute(db);
  expect(rows).toEqual([{ id: dead }, { id: waiting }]);
  await sql`delete from events`.execute(db);
});

test('a worker that is told of no Kafka takes over what waits for it, and what it was sent and nobody began', async () => {
  const seen: string[] = [];
  const reactions = {
    'test.happened': { note: ({ word }: { word: string }) => Promise.resolve(void seen.push(word)) },
  } as unknown as Reactions;
  await sql`insert into event_relay (event_id) values (${await givenEvent()})`.execute(db);
  const sent = await givenEvent();
  await sql`insert into event_inbox (event_id, reaction, state, stage, changed_at) values (${sent}, 'note', 'sent', 'rest', now())`.execute(db); // prettier-ignore
  const runner = createJobRunner({ reactions, jobs: {} as never });
  runner.start();
  await eventually(
    () => Promise.resolve(seen.length),
    (count) => count === 2,
  );
  await runner.stop();
  const { rows } = await sql`select state from event_inbox where event_id = ${sent}`.execute(db);
  expect(rows).toEqual([{ state: 'queued' }]);
});
