import { signed } from '../support/hook-signature.ts';

import { randomUUID } from 'node:crypto';

import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  drain, givenEditors, givenPeople, givenText, givenTrack, later, ofIndustry, sandbox, subjectsTo, type Viewer,
} from './world.ts'; // prettier-ignore

const { createApp } = await import('../../src/app.ts');
const { now } = await import('../../src/platform/clock.ts');
const { pathOf } = await import('../../src/tracks/paths.ts');

const { createSegment } = await import('../../src/segments/segments.ts');
const { lookAtAll } = await import('../../src/segments/touched.ts');
const { DAY, HOUR } = await import('../../src/platform/clock.ts');
const { db, pool, sql } = await import('../../src/platform/db.ts');
const { trackSeenBy } = await import('../../src/tracks/tracks.ts');

let editors: { author: Viewer; second: Viewer };
beforeAll(async () => {
  editors = await givenEditors();
});
afterAll(async () => {
  await pool.end();
  await sandbox.close();
});

test('somebody who enters a list gets a message, and days later the one for what they did meanwhile', async () => {
  const { author } = editors;
  const { industry, ids, emails } = await givenPeople(3);
  const segmentId = await createSegment(author, {
    name: `Of ${industry}`, description: '', folder: null, entity: 'person', rule: ofIndustry(industry), isShared: true,
  }); // prettier-ignore
  const [welcome, praise, help] = [
    await givenText(author, 'Welcome'), await givenText(author, 'Well done'), await givenText(author, 'Can we help?'),
  ]; // prettier-ignore
  const id = await givenTrack(editors, {
    entry: { kind: 'segment', segmentId, moment: 'entered', includesPresent: true },
    steps: [
      { key: 'welcome', kind: 'send', channel: 'email', messageId: welcome },
      { key: 'days', kind: 'wait', span: { amount: 3, unit: 'days' } },
      {
        key: 'active', kind: 'branch', rule: { field: 'person.title', op: 'is', value: ['Captain'] },
        then: [{ key: 'praise', kind: 'send', channel: 'email', messageId: praise }],
        otherwise: [{ key: 'help', kind: 'send', channel: 'email', messageId: help }],
      },
    ],
  }); // prettier-ignore
  await drain();
  expect(await Promise.all(emails.map(subjectsTo))).toEqual([['Welcome'], ['Welcome'], ['Welcome']]);
  expect((await trackSeenBy(author, id)).waiting).toEqual({ days: 3 });

  await sql`update account_people set title = 'Captain' where id = ${ids[0]}`.execute(db);
  await later(2 * DAY);
  expect(await subjectsTo(emails[0] ?? '')).toEqual(['Welcome']);
  await later(DAY + HOUR);
  expect(await Promise.all(emails.map(subjectsTo))).toEqual([
    ['Welcome', 'Well done'],
    ['Welcome', 'Can we help?'],
    ['Welcome', 'Can we help?'],
  ]);
  expect((await trackSeenBy(author, id)).counts).toMatchObject({
    entered: 3,
    here: 0,
    done: 3,
    left: 0,
    sent: 6,
  });
  await lookAtAll();
  await drain();
  expect((await trackSeenBy(author, id)).counts.entered).toBe(3);
});

/** Has the provider post what happened to somebody's message of a step, as it posts everything. */
async function tell(track: string, step: string, events: readonly object[]): Promise<void> {
  const { rows } = await sql<{ person: number; run: number; n: number }>`
    select d.person_id as person, d.run_id as run, d.n from deliveries d join runs r on r.id = d.run_id
    where r.campaign_id = ${track} and r.fixed #>> '{source,step}' = ${step}`.execute(db);
  const timestamp = Math.floor(now().getTime() / 1000);
  const body = JSON.stringify(
    events.map(({ person, ...event }: { person?: number }) => {
      const of = rows.find((row) => row.person === person);
      return { timestamp, sg_event_id: randomUUID(), run: String(of?.run), n: String(of?.n), ...event };
    }),
  );
  await request(createApp())
    .post('/hooks/sendgrid')
    .set(signed(body, String(timestamp)))
    .send(body)
    .expect(204);
  await drain();
}

test('a wait for a message to be opened or followed ends when a human does so, not when a machine does, and else when its time is over', async () => {
  const { author } = editors;
  const { industry, ids } = await givenPeople(7);
  const [reader = 0, machine = 0, follower = 0, scanner = 0, silent = 0, other = 0, late = 0] = ids;
  const messageId = await givenText(author, 'Read me');
  const send = (key: string) => ({ key, kind: 'send', channel: 'email', messageId });
  const limit = { amount: 2, unit: 'days' };
  const answered = (key: string, did: string, then: object[]) => ({
    key, kind: 'waitFor', awaited: { kind: 'message', step: 'letter', did }, limit, then, otherwise: [],
  }); // prettier-ignore
  const id = await givenTrack(editors, {
    entry: { kind: 'rule', rule: ofIndustry(industry) },
    steps: [
      send('first'), send('letter'), answered('opened', 'opened', [answered('clicked', 'clicked', [])]),
      { key: 'end', kind: 'wait', span: { amount: 90, unit: 'days' } },
    ],
  }); // prettier-ignore
  await drain();
  const wayOf = async (person: number) => {
    const [entry] = (await pathOf(author, id, person)).entries;
    return [...(entry?.steps ?? []).slice(2).map(({ key, outcome }) => `${key}:${outcome}`), `@${entry?.now?.key ?? ''}`];
  }; // prettier-ignore
  await tell(id, 'first', [{ event: 'open', person: other }]);
  await tell(id, 'letter', [
    { event: 'open', person: reader },
    { event: 'open', person: machine, sg_machine_open: true },
    { event: 'click', person: follower, url: 'https://tidewater.example/guide' },
    { event: 'click', person: scanner, url: 'trap' },
    { event: 'open', person: scanner },
    { event: 'delivered', person: silent },
  ]);
  expect(await wayOf(reader)).toEqual(['opened:held', '@clicked']);
  expect(await wayOf(follower)).toEqual(['opened:held', 'clicked:held', '@end']);
  for (const person of [machine, scanner, silent, other, late])
    expect(await wayOf(person)).toEqual(['@opened']);

  await later(DAY);
  await tell(id, 'letter', [
    { event: 'click', person: reader, url: 'https://tidewater.example/guide' },
    { event: 'open', person: late },
  ]);
  expect(await wayOf(reader)).toEqual(['opened:held', 'clicked:held', '@end']);
  expect(await wayOf(late)).toEqual(['opened:held', '@clicked']);
  await later(DAY + HOUR);
  for (const person of [machine, scanner, silent, other])
    expect(await wayOf(person)).toEqual(['opened:timed_out', '@end']);
  await later(DAY);
  expect(await wayOf(late)).toEqual(['opened:held', 'clicked:timed_out', '@end']);
  await tell(id, 'letter', [{ event: 'open', person: silent }]);
  expect(await wayOf(silent)).toEqual(['opened:timed_out', '@end']);
});
