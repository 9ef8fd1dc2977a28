import { beforeAll, beforeEach, expect, test } from 'vitest';

import type { StaffRole, StaffViewer } from '../../src/access/viewer.ts';
import { notRemoved, removeAccount } from '../../src/accounts/removals.ts';
import { DAY, moveClock, now } from '../../src/platform/clock.ts';
import { db, sql, transaction } from '../../src/platform/db.ts';
import { Conflict, Forbidden, Invalid, NotFound } from '../../src/platform/errors.ts';
import { record } from '../../src/platform/events.ts';
import { describe } from '../../src/rules/describe.ts';
import { labelsOf } from '../../src/rules/labels.ts';
import { previewRule } from '../../src/rules/previews.ts';
import type { Rule } from '../../src/rules/rules.ts';
import { issuesOf } from '../../src/rules/schema.ts';
import { wholeCatalog } from '../../src/segments/catalog.ts';
import { membershipsOf, segmentHistory } from '../../src/segments/history.ts';
import { refreshSegments, refreshWhole } from '../../src/segments/refresh.ts';
import { addRiskRule, removeRiskRule, riskRules } from '../../src/segments/risk-rules.ts';
import { clearRisk, forgetExpiredMarks, maybeRisk, riskHistory, setRisk } from '../../src/segments/risk.ts';
import {
  archiveSegment, changeSegment, createSegment, deleteSegment, type Draft, duplicateSegment, favor, restoreSegment, segmentSeenBy,
  segmentsSeenBy, usesOf,
} from '../../src/segments/segments.ts'; // prettier-ignore
import { suggestions } from '../../src/segments/suggestions.ts';
import { addTrigger, removeTrigger, tagTriggers } from '../../src/segments/tag-triggers.ts';
import {
  allTags,
  deleteTag,
  saveTag,
  tagAccounts,
  tagHistory,
  tagsOf,
  untagAccounts,
} from '../../src/segments/tags.ts';
import { givenAccount } from '../support/mirror.ts';
import { givenStaff } from '../support/people.ts';
import { membersOf, settleSegments } from '../support/segments.ts';

const day = (fromToday: number) => new Date(now().getTime() + fromToday * DAY).toISOString().slice(0, 10);
const retail: Rule = { field: 'account.industry', op: 'is', value: ['Retail'] };
const energy: Rule = { field: 'account.industry', op: 'is', value: ['Energy'] };
const inList = (id: string): Rule => ({ field: 'account.segments', op: 'hasAny', value: [id] });
const tagged = (tag: string): Rule => ({ field: 'account.tags', op: 'hasAny', value: [tag] });

let csm: StaffViewer;
let admin: StaffViewer;
let rep: StaffViewer;

async function staff(role: StaffRole, name: string): Promise<StaffViewer> {
  const { id, email, userId } = await givenStaff({ roles: [role], name });
  return { kind: 'staff', personId: id, name, email, locale: 'en', timeZone: 'UTC', userId, roles: [role] };
}

const draft = (name: string, rule: Rule, more: Partial<Draft> = {}): Draft => ({
  name, description: '', folder: null, entity: 'account', isShared: true, rule, ...more,
}); // prettier-ignore

async function shop(industry = 'Retail'): Promise<string> {
  const { id } = await givenAccount({ industry });
  await sql`insert into health (account_id, status, open_cases, urgent_cases, contacts, changed_at) values (${id}, 'unknown', 0, 0, 0, ${now()})`.execute(
    db,
  );
  return id;
}

const changed = (...accounts: string[]) =>
  transaction((tx) => record(tx, 'engagement.refreshed', { accounts }));

async function movesTo(account: string, industry: string): Promise<void> {
  await sql`update accounts set industry = ${industry} where id = ${account}`.execute(db);
  await changed(account);
  await settleSegments();
}

beforeAll(async () => {
  [csm, admin, rep] = [await staff('csm', 'Clara Mendes'), await staff('admin', 'Ada Lund'), await staff('rep', 'Ruth Calloway')];
}); // prettier-ignore

beforeEach(async () => {
  await sql`truncate accounts, contacts, health, account_engagement, segments, segment_suggestions, account_tags, tag_triggers, account_tag_changes,
    risk_rules, risk_marks, account_risk, account_risk_changes, segment_due, sync_states cascade`.execute(db);
  await sql`delete from tags where name not in ('Onboarding', 'Established')`.execute(db);
  await sql`insert into segment_suggestions (code) select unnest(${suggestions.map(({ code }) => code)}::text[])`.execute(db);
}); // prettier-ignore

test('a list fills, follows its rule when that changes, and tells who entered and left, and why', async () => {
  const [one, other] = [await shop(), await shop('Energy')];
  const id = await createSegment(csm, draft('Shops', retail));
  await refreshSegments();
  expect(await membersOf(id)).toEqual([one]);
  await changeSegment(csm, id, draft('Shops and power', { any: [retail, energy] }));
  await refreshSegments();
  expect(await membersOf(id)).toEqual([one, other].sort());
  await movesTo(one, 'Media');
  expect(await membersOf(id)).toEqual([other]);
  expect(await segmentHistory(csm, one)).toMatchObject([
    { change: 'left', cause: 'data', segmentName: 'Shops and power' },
    { change: 'entered', cause: 'rule' },
  ]);
  expect(await membershipsOf(csm, other)).toMatchObject([{ name: 'Shops and power' }]);
  expect(await segmentSeenBy(rep, id)).toMatchObject({
    members: 1,
    isCurrent: true,
    ownerName: 'Clara Mendes',
  });
});

test('an own list is its owner’s alone, and nobody else’s to see, copy, change, follow or build on', async () => {
  await shop();
  const id = await createSegment(csm, draft('Mine', retail, { isShared: false }));
  expect((await segmentsSeenBy(csm)).map(({ name }) => name)).toContain('Mine');
  expect((await segmentsSeenBy(admin)).map(({ name }) => name)).not.toContain('Mine');
  for (const act of [
    () => segmentSeenBy(admin, id), () => changeSegment(admin, id, draft('Taken', energy)), () => deleteSegment(admin, id),
    () => duplicateSegment(admin, id, 'Copy'), () => archiveSegment(admin, id), () => favor(admin, id), () => usesOf(admin, id),
  ]) await expect(act()).rejects.toThrow(NotFound); // prettier-ignore
  await expect(createSegment(admin, draft('Over', inList(id)))).rejects.toThrow(Invalid);
  await expect(createSegment(csm, draft('Over', inList(id)))).rejects.toMatchObject({
    fields: { rule: 'segments.partOwn' },
  });
  await createSegment(csm, draft('Over', inList(id), { isShared: false }));
});

test('reps and support read lists, and change nothing of lists, tags or risk', async () => {
  const account = await shop();
  const id = await createSegment(csm, draft('Shops', retail));
  for (const act of [
    () => createSegment(rep, draft('Own', retail, { isShared: false })), () => changeSegment(rep, id, draft('Shops', energy)),
    () => archiveSegment(rep, id), () => deleteSegment(rep, id), () => duplicateSegment(rep, id, 'Copy'),
    () => tagAccounts(rep, [account], 'Seen'), () => untagAccounts(rep, [account], 'Seen'), () => saveTag(rep, { name: 'Seen', description: '', tone: 'info' }),
    () => deleteTag(rep, 'Onboarding'), () => setRisk(rep, [account], { level: 'red', reason: 'So' }), () => clearRisk(rep, [account]),
    () => addRiskRule(rep, { segmentId: id, level: 'red', reason: 'So' }), () => addTrigger(rep, { segmentId: id, moment: 'entered', act: 'add', tag: 'Seen' }),
  ]) await expect(act()).rejects.toThrow(Forbidden); // prettier-ignore
  expect(await segmentSeenBy(rep, id)).toMatchObject({ name: 'Shops' });
});

test('a shared name is given once; an own one as often as people like', async () => {
  await createSegment(csm, draft('Shops', retail));
  await expect(createSegment(admin, draft('SHOPS', retail))).rejects.toMatchObject({
    fields: { name: 'segments.nameTaken' },
  });
  await createSegment(admin, draft('Shops', retail, { isShared: false }));
  const other = await createSegment(admin, draft('Power', energy));
  await expect(changeSegment(admin, other, draft('shops', energy))).rejects.toThrow(Invalid);
});

test('lists of lists follow each other in one go, and none can lead back to itself', async () => {
  const account = await shop('Energy');
  const base = await createSegment(csm, draft('Shops', retail));
  const over = await createSegment(csm, draft('In shops', inList(base)));
  const above = await createSegment(csm, draft('Above', { not: inList(over) }));
  await refreshSegments();
  expect([await membersOf(base), await membersOf(over), await membersOf(above)]).toEqual([[], [], [account]]);
  await movesTo(account, 'Retail');
  expect([await membersOf(base), await membersOf(over), await membersOf(above)]).toEqual([
    [account],
    [account],
    [],
  ]);
  for (const part of [base, over, above])
    await expect(
      changeSegment(csm, base, draft('Shops', { any: [retail, inList(part)] })),
    ).rejects.toMatchObject({
      fields: { rule: 'segments.circle' },
    });
});

test('what others depend on can be neither archived, deleted nor hidden; free again, it can', async () => {
  const base = await createSegment(csm, draft('Shops', retail));
  const over = await createSegment(csm, draft('In shops', inList(base)));
  await addTrigger(csm, { segmentId: over, moment: 'entered', act: 'add', tag: 'Shop' });
  expect(await usesOf(csm, base)).toMatchObject({ segments: ['In shops'] });
  for (const id of [base, over]) {
    await expect(archiveSegment(csm, id)).rejects.toThrow(Conflict);
    await expect(deleteSegment(csm, id)).rejects.toThrow(Conflict);
    await expect(changeSegment(csm, id, draft('Hidden', retail, { isShared: false }))).rejects.toMatchObject({
      fields: { isShared: 'segments.usedByOthers' },
    });
  }
  const [trigger] = await tagTriggers(csm);
  await removeTrigger(csm, trigger?.id ?? 0);
  await archiveSegment(csm, over);
  await expect(deleteSegment(csm, base)).rejects.toThrow(Conflict);
  await deleteSegment(csm, over);
  await deleteSegment(csm, base);
  expect(await segmentsSeenBy(csm)).toEqual([]);
});

test('nothing is filled from a half-loaded mirror; the full look comes by itself once everything is there', async () => {
  const account = await shop();
  const id = await createSegment(csm, draft('Shops', retail));
  await sql`insert into sync_states (sobject, table_name, position, phase) values ('License', 'licenses', 1, 'loading')`.execute(
    db,
  );
  await sql`delete from graphile_worker._private_jobs`.execute(db);
  await refreshSegments();
  expect(await membersOf(id)).toEqual([]);
  const { rows } = await sql`select 1 from graphile_worker.jobs where key = 'refresh_segments'`.execute(db);
  expect(rows).toHaveLength(1);
  await sql`update sync_states set phase = 'live'`.execute(db);
  await refreshSegments();
  expect(await membersOf(id)).toEqual([account]);
  const { rows: days } =
    await sql`select members, entered from segment_days where segment_id = ${id}`.execute(db);
  expect(days).toEqual([{ members: 1, entered: 0 }]);
});

test('a rule names the lists that it asks about, and what was put off the lists is in none and counted in no preview', async () => {
  const [shown, removed] = [await shop(), await shop()];
  const id = await createSegment(csm, draft('Shops', retail));
  const since: Rule = { field: 'account.segmentSince', with: { segment: id }, op: 'withinPast', value: 7 };
  const catalog = await wholeCatalog();
  expect(describe(since, { catalog, labels: await labelsOf([since], catalog) })).toContain('“Shops”');
  expect(describe(inList(id), { catalog, labels: await labelsOf([inList(id)], catalog) })).toContain('Shops');
  await refreshSegments();
  await removeAccount(csm, removed, 'Our own');
  await settleSegments();
  expect(await membersOf(id)).toEqual([shown]);
  const question = { entity: 'account', catalog, today: day(0), where: notRemoved('a.id') } as const;
  expect(await previewRule(csm, retail, question)).toMatchObject({ count: 1 });
});

test('an archived list rests, and catches up when it is brought back', async () => {
  const account = await shop();
  const id = await createSegment(csm, draft('Shops', retail));
  await refreshSegments();
  await archiveSegment(csm, id);
  await movesTo(account, 'Energy');
  expect(await membersOf(id)).toEqual([account]);
  expect(await segmentsSeenBy(csm)).toEqual([]);
  expect((await segmentsSeenBy(csm, { isArchived: true })).map(({ name }) => name)).toEqual(['Shops']);
  await restoreSegment(csm, id);
  await refreshSegments();
  expect(await membersOf(id)).toEqual([]);
});

test('a list that PostgreSQL refuses to look at says so, keeps nobody else from theirs, and catches up later', async () => {
  const account = await shop();
  const [bad, good] = [
    await createSegment(csm, draft('Bad', energy)),
    await createSegment(csm, draft('Good', retail)),
  ];
  await refreshSegments();
  const catalog = new Map(await wholeCatalog());
  const field = catalog.get('account.industry');
  if (field === undefined) throw new Error('no such field');
  await refreshWhole(
    bad,
    'data',
    catalog.set(field.name, { ...field, sql: () => sql`(1 / (random() * 0)::int)::text` }),
  );
  expect(await segmentSeenBy(csm, bad)).toMatchObject({ trouble: 'division by zero' });
  await movesTo(account, 'Energy');
  expect([await membersOf(bad), await membersOf(good)]).toEqual([[], []]);
  await refreshSegments();
  expect(await membersOf(bad)).toEqual([account]);
  expect(await segmentSeenBy(csm, bad)).toMatchObject({ trouble: null });
});

test('every suggested list can be asked, is made once, and stays deleted once somebody deleted it', async () => {
  const catalog = await wholeCatalog();
  for (const { code, rule, entity } of suggestions) expect(issuesOf(rule, catalog, entity), code).toEqual([]);
  await sql`delete from segment_suggestions`.execute(db);
  const account = await shop();
  await sql`update accounts set owner_id = ${csm.userId} where id = ${account}`.execute(db);
  await refreshSegments();
  const mine = (await segmentsSeenBy(csm)).find(({ name }) => name === 'My accounts');
  expect(await membersOf(mine?.id ?? '')).toEqual([account]);
  expect((await segmentsSeenBy(rep)).map(({ name }) => name)).not.toContain('My accounts');
  const made = await segmentsSeenBy(admin);
  expect(made.map(({ name }) => name).sort()).toEqual(suggestions.map(({ name }) => name).sort());
  const quiet = made.find(({ name }) => name === 'Rising usage');
  await deleteSegment(admin, quiet?.id ?? '');
  await refreshSegments();
  expect(await segmentsSeenBy(admin)).toHaveLength(suggestions.length - 1);
});

test('tags are set by hand and by triggers, with who, when and for which list; the one who took one off is heard', async () => {
  const account = await shop('Energy');
  const id = await createSegment(csm, draft('Shops', retail));
  await refreshSegments();
  await addTrigger(csm, { segmentId: id, moment: 'entered', act: 'add', tag: 'Shop' });
  await addTrigger(csm, { segmentId: id, moment: 'left', act: 'remove', tag: 'Shop' });
  await tagAccounts(csm, [account], 'important');
  await tagAccounts(admin, [account], 'Important');
  await movesTo(account, 'Retail');
  expect(await tagsOf(rep, account)).toMatchObject([
    { name: 'important', setBy: 'Clara Mendes', segment: null },
    { name: 'Shop', setBy: null, segment: 'Shops' },
  ]);
  await untagAccounts(csm, [account], 'Shop');
  await changed(account);
  await settleSegments();
  expect((await tagsOf(rep, account)).map(({ name }) => name)).toEqual(['important']);
  await movesTo(account, 'Energy');
  await movesTo(account, 'Retail');
  expect((await tagsOf(rep, account)).map(({ name }) => name)).toEqual(['important', 'Shop']);
  expect(await tagHistory(rep, { accountId: account })).toMatchObject([
    { tag: 'Shop', change: 'added', changedBy: null, segment: 'Shops' },
    { tag: 'Shop', change: 'removed', changedBy: 'Clara Mendes' },
    { tag: 'Shop', change: 'added', segment: 'Shops' },
    { tag: 'important', change: 'added', changedBy: 'Clara Mendes' },
  ]);
});

test('a trigger acts at once on who is in the list, and ends with its tags left as they are', async () => {
  const account = await shop();
  const id = await createSegment(csm, draft('Shops', retail));
  await refreshSegments();
  await addTrigger(csm, { segmentId: id, moment: 'entered', act: 'add', tag: 'Shop' });
  expect(await tagsOf(csm, account)).toMatchObject([{ name: 'Shop' }]);
  await expect(
    addTrigger(csm, { segmentId: id, moment: 'entered', act: 'add', tag: 'shop' }),
  ).rejects.toThrow(Invalid);
  await expect(deleteTag(csm, 'Shop')).rejects.toThrow(Conflict);
  const [trigger] = await tagTriggers(csm);
  await removeTrigger(csm, trigger?.id ?? 0);
  expect(await tagsOf(csm, account)).toHaveLength(1);
  await deleteTag(csm, 'Shop');
  expect(await tagsOf(csm, account)).toEqual([]);
  expect((await allTags(csm)).map(({ name }) => name)).toEqual(['Established', 'Onboarding']);
});

test('triggers that undo each other are paused instead of going on for ever', async () => {
  const account = await shop();
  const [without, having] = [
    await createSegment(csm, draft('Without', { not: tagged('Loop') })),
    await createSegment(csm, draft('Having', tagged('Loop'))),
  ];
  await refreshSegments();
  await addTrigger(csm, { segmentId: having, moment: 'entered', act: 'remove', tag: 'Loop' });
  await addTrigger(csm, { segmentId: without, moment: 'entered', act: 'add', tag: 'Loop' });
  await settleSegments();
  expect((await tagTriggers(csm)).filter(({ pausedAt }) => pausedAt !== null).length).toBeGreaterThan(0);
  expect((await tagHistory(csm, { accountId: account })).length).toBeLessThan(15);
});

test('risk by hand beats the rules until its day is over or it is taken back; of the rules the gravest counts', async () => {
  const account = await shop();
  const [shops, all] = [
    await createSegment(csm, draft('Shops', retail)),
    await createSegment(csm, draft('All', { all: [] })),
  ];
  await refreshSegments();
  await addRiskRule(csm, { segmentId: all, level: 'yellow', reason: 'Everybody is' });
  await addRiskRule(csm, { segmentId: shops, level: 'red', reason: 'Shops close' });
  expect(await maybeRisk(rep, account)).toMatchObject({
    level: 'red',
    reason: 'Shops close',
    segment: 'Shops',
    isByHand: false,
  });
  await setRisk(csm, [account], { level: 'green', reason: 'I talked to them', expiresOn: day(2) });
  expect(await maybeRisk(rep, account)).toMatchObject({
    level: 'green',
    setBy: 'Clara Mendes',
    isByHand: true,
  });
  await movesTo(account, 'Energy');
  expect(await maybeRisk(rep, account)).toMatchObject({ level: 'green' });
  moveClock(3 * DAY);
  await forgetExpiredMarks();
  expect(await maybeRisk(rep, account)).toMatchObject({ level: 'yellow', reason: 'Everybody is' });
  await setRisk(csm, [account], { level: 'red', reason: 'They are leaving' });
  await clearRisk(csm, [account]);
  const rule = (await riskRules(csm)).find(({ segmentName }) => segmentName === 'All');
  await removeRiskRule(csm, rule?.id ?? 0);
  expect(await maybeRisk(rep, account)).toBeUndefined();
  expect(
    (await riskHistory(rep, account)).map(({ level, changedBy, segment }) => [level, changedBy, segment]),
  ).toEqual([
    [null, null, null],
    ['yellow', 'Clara Mendes', 'All'],
    ['red', 'Clara Mendes', null],
    ['yellow', null, 'All'],
    ['green', 'Clara Mendes', null],
    ['red', null, 'Shops'],
    ['yellow', null, 'All'],
  ]);
});

test('a list that sets risk cannot ask about risk, nor can one that it builds on', async () => {
  const red: Rule = { field: 'account.risk', op: 'is', value: ['red'] };
  const asking = await createSegment(csm, draft('Red', red));
  const over = await createSegment(csm, draft('Over red', inList(asking)));
  for (const segmentId of [asking, over])
    await expect(addRiskRule(csm, { segmentId, level: 'red', reason: 'So' })).rejects.toMatchObject({ fields: { segmentId: 'risk.circle' } });
  const base = await createSegment(csm, draft('Base', retail));
  const saying = await createSegment(csm, draft('Saying', inList(base)));
  await addRiskRule(csm, { segmentId: saying, level: 'red', reason: 'So' });
  for (const [id, name] of [[base, 'Base'], [saying, 'Saying']] as const)
    await expect(changeSegment(csm, id, draft(name, red))).rejects.toMatchObject({ fields: { rule: 'segments.riskCircle' } });
}); // prettier-ignore
