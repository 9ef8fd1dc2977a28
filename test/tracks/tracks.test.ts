import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  drain, givenEditors, givenPeople, givenText, givenTrack, later, ofIndustry, sandbox, subjectsTo, type Viewer,
} from './world.ts'; // prettier-ignore

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
