import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect } from 'vitest';

import { launch } from '../support/processes.ts';
import { eachSeed } from '../support/seeds.ts';
import { countersOf, givenEditors, givenPeople, givenText, givenTrack, ofIndustry, rowsOf, sandbox, type Viewer } from '../tracks/world.ts'; // prettier-ignore

const { planRun } = await import('../../src/campaigns/audience/planning.ts');
const { db, pool, sql } = await import('../../src/platform/db.ts');
const { advanceTracks } = await import('../../src/tracks/advancing.ts');
const { watchTracks } = await import('../../src/tracks/watching.ts');

let editors: { author: Viewer; second: Viewer };
let messageId: string;
beforeAll(async () => {
  editors = await givenEditors();
  messageId = await givenText(editors.author, 'Hello');
});
afterAll(async () => {
  await pool.end();
  await sandbox.close();
});

const PEOPLE = 120;
const send = (key: string) => ({ key, kind: 'send', channel: 'email', messageId });
const captains = { field: 'person.title', op: 'is', value: ['Captain'] };

eachSeed('tracks', 'workers that are killed in the midst of waves leave nobody behind and hand nobody over twice', async (random) => {
  const { industry, ids } = await givenPeople(PEOPLE);
  await sql`update account_people set title = 'Captain' where id = any(${ids.filter((id) => id % 2 === 0)}::bigint[])`.execute(db);
  const id = await givenTrack(editors, {
    entry: { kind: 'rule', rule: ofIndustry(industry) },
    steps: [
      send('one'),
      { key: 'captain', kind: 'branch', rule: captains, then: [send('yes')], otherwise: [send('no')] },
      { key: 'call', kind: 'task', assignee: 'owner', subject: 'Call', each: 'person' },
      send('two'),
    ],
  });
  await watchTracks();
  let killed = 0;
  for (let round = 0; round < 4; round += 1) {
    const victims = await Promise.all([0, 1].map(() => launch(['test/tracks/walker.ts', id, String(random.pick([3, 7, 20]))], {})));
    for (const { child } of victims) {
      await sleep(random.between(5, 120));
      killed += child.kill('SIGKILL') ? 1 : 0;
    }
    await Promise.all(victims.map(({ ended }) => ended));
  }
  expect(killed).toBe(8);
  await advanceTracks();

  const { rows: runs } = await sql<{ id: number }>`select id from runs where campaign_id = ${id} order by id`.execute(db);
  for (const run of runs) await planRun({ runId: run.id });
  const { rows } = await sql<{ step: string; rows: number; people: number }>`
    select r.fixed #>> '{source,step}' as step, count(*) as rows, count(distinct d.person_id) as people
    from runs r join deliveries d on d.run_id = r.id where r.campaign_id = ${id} and d.state = 'planned' group by 1 order by 1`.execute(db);
  const captainsThere = ids.filter((each) => each % 2 === 0).length;
  const each = (step: string, people: number) => ({ step, rows: people, people });
  expect(rows).toEqual([each('no', PEOPLE - captainsThere), each('one', PEOPLE), each('two', PEOPLE), each('yes', captainsThere)]);
  const { rows: tasks } = await sql<{ count: number }>`select count(*) from track_tasks where track_id = ${id}`.execute(db);
  expect(tasks[0]?.count).toBe(PEOPLE);
  expect(await countersOf(id)).toMatchObject({ entered: PEOPLE, done: PEOPLE });
  expect(await countersOf(id)).toEqual(await rowsOf(id));
}); // prettier-ignore
