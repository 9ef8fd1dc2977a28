import { afterAll, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { recomputeAllHealth } from '../../../src/health/health.ts';
import { DAY, now } from '../../../src/platform/clock.ts';
import { db, pool, sql } from '../../../src/platform/db.ts';
import { givenAccount, givenCase, givenContact, givenLicense } from '../../support/mirror.ts';
import { givenStaff, signedIn } from '../../support/people.ts';

const app = createApp();
afterAll(() => pool.end());

const nextYear = new Date(now().getTime() + 200 * DAY).toISOString().slice(0, 10);

test('before anything is synced, the overview and the page on health say so', async () => {
  const support = await signedIn(app, await givenStaff({ roles: ['support'] }));
  const { text } = await support.get('/console').expect(200);
  expect(text).toContain('No account is paying yet');
  expect(text).toContain('No paying account is poor or average');
  await support.get('/console/health').expect(200);
});

test('the overview begins with one’s own accounts that need somebody; everybody’s come the lowest score first', async () => {
  const clara = await givenStaff({ roles: ['csm'] });
  const account = async (name: string, urgent: number, owner_id?: string) => {
    const made = await givenAccount({
      name,
      created_at: now(),
      ...(owner_id === undefined ? {} : { owner_id }),
    });
    await givenContact({ account: made });
    await givenContact({ account: made });
    await givenLicense({ account: made, support_until: nextYear });
    for (let count = 0; count < urgent; count += 1)
      await givenCase({ account: made, priority: 'High', created_at: new Date(now().getTime() - 40 * DAY) });
  };
  await account('Theirs and poor', 5);
  await account('Theirs and average', 1);
  await account('Hers and average', 1, clara.userId);
  await account('Hers and good', 0, clara.userId);
  await recomputeAllHealth();

  const csm = await signedIn(app, clara);
  const needy = async (path: string) => {
    const { text } = await csm.get(path).expect(200);
    const [, table = ''] = text.split('id="attention"');
    return [...table.matchAll(/class="row-link" href="\/console\/accounts\/[^"]+">([^<]*)</g)].map(
      ([, name]) => name,
    );
  };
  expect(await needy('/console')).toEqual(['Hers and average']);
  const { rows } = await sql<{ name: string }>`
    select a.name from health h join accounts a on a.id = h.account_id where h.rank <> 'good' order by h.score, a.id`.execute(
    db,
  );
  expect(rows).toHaveLength(3);
  expect(await needy('/console?whose=everybody')).toEqual(rows.map(({ name }) => name));
  const { text } = await csm.get('/console?whose=everybody').expect(200);
  expect(text).toContain('5 urgent cases are open');
});

test('the overview says how the sync is', async () => {
  await sql`insert into sync_states (sobject, table_name, position, phase, error) values
    ('Account', 'accounts', 1, 'live', null), ('Case', 'cases', 2, 'loading', null), ('Contact', 'contacts', 3, 'live', 'no access')`.execute(
    db,
  );
  const csm = await signedIn(app, await givenStaff({ roles: ['csm'] }));
  const { text } = await csm.get('/console').expect(200);
  expect(text).toContain('1 object is being loaded');
  expect(text).toContain('1 object has an error');
});

test('the page on health publishes every indicator with its thresholds, the red flags, and what each rank means (HE9)', async () => {
  const rep = await signedIn(app, await givenStaff({ roles: ['rep'] }));
  const { text } = await rep.get('/console/health/rules').expect(200);
  expect(text).toContain('Days with use in 14 days');
  expect(text).toContain('from 5');
  expect(text).toContain('Urgent open cases, 1 or more');
  expect(text).not.toContain('healthProfiles.');
});
