import { afterAll, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { db, pool, sql } from '../../../src/platform/db.ts';
import { givenPerson, givenStaff, signedIn } from '../../support/people.ts';

afterAll(async () => {
  await pool.end();
});

test('staff see beside the navigation how many things wait for them there', async () => {
  const person = await givenPerson();
  await sql`insert into sign_ups (person_id, company, state, created_at) values (${person.id}, 'Alder', 'waiting', now())`.execute(
    db,
  );
  const support = await signedIn(createApp(), await givenStaff({ roles: ['support'] }));
  const { text } = await support.get('/console').expect(200);
  const link = /<a href="\/console\/sign-ups"[^>]*>.*?<\/a>/s.exec(text)?.[0];
  expect(link?.replaceAll(/<[^>]*>/g, '').trim()).toBe('Sign-upsWaiting for somebody: 1');
  expect(/<a href="\/console\/sync"[^>]*>.*?<\/a>/s.exec(text)?.[0]).not.toContain('duty-count');
});
