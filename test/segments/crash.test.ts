import { setTimeout as pause } from 'node:timers/promises';

import { afterEach, beforeAll, expect, test } from 'vitest';

import type { StaffViewer } from '../../src/access/viewer.ts';
import { now } from '../../src/platform/clock.ts';
import { db, sql, transaction } from '../../src/platform/db.ts';
import { recordChanges } from '../../src/platform/salesforce/mirror/changes.ts';
import type { Rule } from '../../src/rules/rules.ts';
import { refreshSegments } from '../../src/segments/refresh.ts';
import { createSegment } from '../../src/segments/segments.ts';
import { addTrigger } from '../../src/segments/tag-triggers.ts';
import { tagsOf, untagAccounts } from '../../src/segments/tags.ts';
import { salesforceId } from '../support/mirror.ts';
import { givenStaff } from '../support/people.ts';
import { launch, type Running } from '../support/processes.ts';
import { differences, settleSegments } from '../support/segments.ts';

const ACCOUNTS = 600;
const KILLS = 4;

let csm: StaffViewer;
let first = '';
let running: Running | undefined;

const make = (name: string, rule: Rule) =>
  createSegment(csm, { name, description: '', folder: null, entity: 'account', rule, isShared: true });

beforeAll(async () => {
  await sql`truncate sync_states`.execute(db);
  const { id, userId } = await givenStaff({ roles: ['csm'] });
  const person = { name: 'Clara', email: 'c@tidewater.example', locale: 'en', timeZone: 'UTC' } as const;
  csm = { ...person, kind: 'staff', personId: id, userId, roles: ['csm'] };
  const ids = Array.from({ length: ACCOUNTS }, () => salesforceId('001'));
  first = ids[0] ?? '';
  await sql`
    insert into accounts (id, name, industry, created_at, modified_at)
    select id, 'Account ' || id, 'Retail', ${now()}, ${now()} from unnest(${ids}::text[]) id`.execute(db);
  await sql`
    insert into health (account_id, status, open_cases, urgent_cases, contacts, changed_at)
    values (${first}, 'unknown', 0, 0, 0, ${now()})`.execute(db);
  const energy = await make('Energy', { field: 'account.industry', op: 'is', value: ['Energy'] });
  await make('In Energy', { field: 'account.segments', op: 'hasAny', value: [energy] });
  await make('Not in Energy', { field: 'account.segments', op: 'hasNone', value: [energy] });
  await refreshSegments();
  await addTrigger(csm, { segmentId: energy, moment: 'entered', act: 'add', tag: 'Powered' });
  await addTrigger(csm, { segmentId: energy, moment: 'left', act: 'remove', tag: 'Powered' });
  await make('Tagged', { field: 'account.tags', op: 'hasAny', value: ['Powered'] });
  await refreshSegments();
}, 60_000);

afterEach(() => {
  running?.child.kill('SIGKILL');
});

async function moveSome(round: number): Promise<void> {
  await transaction(async (tx) => {
    const { rows } = await sql<{ row_id: string }>`
      update accounts set industry = case industry when 'Energy' then 'Retail' else 'Energy' end
      where abs(hashtext(id || ${String(round)})) % 3 > 0 returning id as row_id`.execute(tx);
    await recordChanges(tx, 'accounts', rows.map(({ row_id }) => ({ row_id, change: 'updated' as const }))); // prettier-ignore
  });
}

test('killed again and again while lists follow changes, nobody’s membership or tag is lost or doubled', async () => {
  for (let round = 0; round < KILLS; round++) {
    await moveSome(round);
    running = await launch(['test/support/settle-forever.ts'], {});
    await pause(40 + round * 90);
    running.child.kill('SIGKILL');
    await running.ended;
  }
  await settleSegments();
  expect(await differences()).toEqual([]);
  const { rows: doubled } = await sql`
    select segment_id, entity_id from segment_changes
    group by 1, 2 having abs(sum(case change when 'entered' then 1 else -1 end)) > 1`.execute(db);
  expect(doubled).toEqual([]);
  const { rows: untrue } = await sql`
    select a.id from accounts a left join account_tags t on t.account_id = a.id
    where (a.industry = 'Energy') <> (t.tag is not null)`.execute(db);
  expect(untrue).toEqual([]);
  const { rows: sizes } = await sql`
    select name from segments s where members <> (select count(*) from segment_members where segment_id = s.id)`.execute(
    db,
  );
  expect(sizes).toEqual([]);
}, 60_000);

test('a tag that a person took off stays off though every event is carried out again, until the account enters anew', async () => {
  const industryBecomes = async (industry: string) => {
    await sql`update accounts set industry = ${industry} where id = ${first}`.execute(db);
    await transaction((tx) => recordChanges(tx, 'accounts', [{ row_id: first, change: 'updated' }]));
    await settleSegments();
  };
  await industryBecomes('Retail');
  await industryBecomes('Energy');
  expect(await tagsOf(csm, first)).toMatchObject([{ name: 'Powered', segment: 'Energy', setBy: null }]);
  await untagAccounts(csm, [first], 'Powered');
  running = await launch(['test/support/settle-forever.ts'], {});
  await pause(1_500);
  expect(await tagsOf(csm, first)).toEqual([]);
  running.child.kill('SIGKILL');
  await running.ended;
  await industryBecomes('Retail');
  await industryBecomes('Energy');
  expect(await tagsOf(csm, first)).toHaveLength(1);
}, 60_000);
