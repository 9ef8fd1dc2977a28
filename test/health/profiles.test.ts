import { afterAll, beforeEach, expect, test } from 'vitest';

import type { StaffViewer } from '../../src/access/viewer.ts';
import { maybeHealth, recomputeAllHealth } from '../../src/health/health.ts';
import { chooseImpact, impactChoices } from '../../src/health/impact.ts';
import { coverage, previewDraft } from '../../src/health/preview.ts';
import {
  changeProfile, createProfile, moveProfile, type Profile, profileOf, profiles, profileVersions, restoreVersion, switchProfile,
} from '../../src/health/profiles.ts'; // prettier-ignore
import { SettingsSchema } from '../../src/health/settings.ts';
import { now } from '../../src/platform/clock.ts';
import { db, pool, sql } from '../../src/platform/db.ts';
import { Conflict, Forbidden, Invalid } from '../../src/platform/errors.ts';
import { day, givenUsage } from '../support/days-of-use.ts';
import { givenAccount, givenContact, givenLicense } from '../support/mirror.ts';
import { givenStaff } from '../support/people.ts';

const { id: personId } = await givenStaff({ roles: ['admin'] });
const admin: StaffViewer = {
  kind: 'staff', personId, name: 'Ada', email: 'admin@rapport.example', locale: 'en', timeZone: 'UTC', userId: null, roles: ['admin'],
}; // prettier-ignore
const csm: StaffViewer = { ...admin, roles: ['csm'] };

const seeded = await profiles();

beforeEach(async () => {
  await sql`truncate accounts, contacts, cases, licenses, opportunities, health, health_history, health_readings, health_markers, events,
    usage_accounts, usage_people, usage_account_days, usage_person_days, usage_members, account_engagement, account_people,
    health_profiles, health_profile_versions cascade`.execute(db);
  for (const { id, position, name, appliesTo, isEnabled, settings } of seeded) {
    const rule = appliesTo === null ? null : JSON.stringify(appliesTo);
    await sql`insert into health_profiles (id, position, name, applies_to, is_enabled, settings) overriding system value
      values (${id}, ${position}, ${name}, ${rule}::jsonb, ${isEnabled}, ${JSON.stringify(settings)}::jsonb)`.execute(
      db,
    );
    await sql`insert into health_profile_versions (profile_id, version, name, applies_to, is_enabled, settings, act)
      values (${id}, 1, ${name}, ${rule}::jsonb, ${isEnabled}, ${JSON.stringify(settings)}::jsonb, 'seeded')`.execute(
      db,
    );
  }
  await sql`select setval('health_profiles_id_seq', 100)`.execute(db);
});
afterAll(() => pool.end());

const theDefault = async () => {
  const found = (await profiles()).find(({ appliesTo }) => appliesTo === null);
  if (found === undefined) throw new Error('there is no default');
  return found;
};

async function givenCustomer(days: number, industry = 'Logistics'): Promise<{ id: string }> {
  const account = await givenAccount({ created_at: now(), industry });
  await givenContact({ account });
  await givenContact({ account });
  await givenLicense({ account, support_until: day(200) });
  await givenUsage({ account, days: [-40, ...Array.from({ length: days }, (_, index) => -1 - index)] });
  return account;
}

const rankOf = async ({ id }: { id: string }) => (await maybeHealth(csm, id))?.rank;

const withDays = ({ settings }: Profile, good: number): Profile['settings'] => ({
  ...settings,
  indicators: settings.indicators.map((one) => (one.reading === 'days_active' ? { ...one, good } : one)),
});

const banks = { field: 'account.industry', op: 'is', value: ['Banking'] } as const;

test('the first profile whose rule holds judges an account, the default judges the rest', async () => {
  const [bank, other] = [await givenCustomer(4, 'Banking'), await givenCustomer(4)];
  const standard = await theDefault();
  const lenient = { name: 'Banks', appliesTo: banks, settings: withDays(standard, 3) };
  const id = await createProfile(admin, lenient);
  await recomputeAllHealth();
  expect([await rankOf(bank), await rankOf(other)]).toEqual(['average', 'average']);
  await switchProfile(admin, id, 'on');
  await recomputeAllHealth();
  expect([await rankOf(bank), await rankOf(other)]).toEqual(['good', 'average']);
  expect(await maybeHealth(csm, bank.id)).toMatchObject({ profileId: id, profileVersion: 2 });

  const strict = await createProfile(admin, {
    name: 'Strict',
    appliesTo: { all: [] },
    settings: withDays(standard, 12),
  });
  await switchProfile(admin, strict, 'on');
  await recomputeAllHealth();
  expect(await rankOf(bank)).toBe('average');
  await moveProfile(admin, strict, 'down');
  await recomputeAllHealth();
  expect(await rankOf(bank)).toBe('good');
  expect((await profiles()).at(-1)?.appliesTo).toBeNull();
});

test('a change of profile is a version and a marker, has everybody judged anew, and can be taken back', async () => {
  const account = await givenCustomer(4);
  await recomputeAllHealth();
  const before = await theDefault();
  await sql`delete from graphile_worker._private_jobs`.execute(db);
  await changeProfile(admin, before, { ...before, settings: withDays(before, 4) });
  const jobs = await sql`select 1 from graphile_worker.jobs where key = 'recompute_health'`.execute(db);
  expect(jobs.rows).toHaveLength(1);
  await recomputeAllHealth();
  expect(await rankOf(account)).toBe('good');

  await restoreVersion(admin, before.id, before.version);
  await recomputeAllHealth();
  expect(await rankOf(account)).toBe('average');
  const versions = await profileVersions(before.id);
  expect(versions.map(({ version, act, madeBy }) => [version, act, madeBy !== null])).toEqual([
    [3, 'restored', true],
    [2, 'edited', true],
    [1, 'seeded', false],
  ]);
  expect((await profileOf(before.id)).settings).toEqual(before.settings);
  const markers = await sql`select profile_id, kind from health_markers where account_id is null`.execute(db);
  expect(markers.rows).toEqual([
    { profile_id: before.id, kind: 'profile' },
    { profile_id: before.id, kind: 'profile' },
  ]);
});

test('of two who change one profile at once, the later is told instead of undoing the other’s work', async () => {
  const seen = await theDefault();
  await changeProfile(admin, seen, { ...seen, settings: withDays(seen, 4) });
  await expect(changeProfile(admin, seen, { ...seen, name: 'Mine' })).rejects.toThrow(Conflict);
});

test('the default judges whoever is left: it cannot be switched off, moved, or bound to a rule', async () => {
  const standard = await theDefault();
  await expect(switchProfile(admin, standard.id, 'off')).rejects.toThrow(Conflict);
  await expect(moveProfile(admin, standard.id, 'up')).rejects.toThrow();
  await expect(changeProfile(admin, standard, { ...standard, appliesTo: banks })).rejects.toThrow(Invalid);
});

test('only administrators change how accounts are judged', async () => {
  const standard = await theDefault();
  const attempts = [
    () => changeProfile(csm, standard, standard),
    () => createProfile(csm, { ...standard, appliesTo: banks }),
    () => moveProfile(csm, 1, 'down'),
    () => switchProfile(csm, 1, 'on'),
    () => restoreVersion(csm, standard.id, 1),
  ];
  for (const attempt of attempts) await expect(attempt()).rejects.toThrow(Forbidden);
  expect(await profileVersions(standard.id)).toHaveLength(1);
});

test('a preview shows at once what a draft would change, and is what then happens', async () => {
  const accounts = [
    await givenCustomer(2),
    await givenCustomer(3),
    await givenCustomer(6),
    await givenCustomer(0),
  ];
  await recomputeAllHealth();
  const standard = await theDefault();
  const draft = { ...standard, settings: withDays(standard, 3) };
  const preview = await previewDraft(admin, draft, standard.id);
  expect(preview).toMatchObject({
    judged: 4,
    before: { good: 1, average: 2, poor: 1 },
    after: { good: 2, average: 1, poor: 1 },
    scores: { before: 50, after: 63 },
    moved: 1,
    examples: [{ accountId: accounts[1]?.id, from: 'average', to: 'good' }],
  });
  expect(await rankOf(accounts[1] ?? { id: '' })).toBe('average');
  await changeProfile(admin, standard, draft);
  await recomputeAllHealth();
  expect(await rankOf(accounts[1] ?? { id: '' })).toBe('good');
  const after = await previewDraft(admin, draft, standard.id);
  expect(after).toMatchObject({ moved: 0, examples: [], before: preview.after, after: preview.after });
});

test('the preview of a new profile judges those alone that its rule selects', async () => {
  await givenCustomer(4, 'Banking');
  await givenCustomer(4);
  await recomputeAllHealth();
  const standard = await theDefault();
  const preview = await previewDraft(
    admin,
    { name: 'Banks', appliesTo: banks, settings: withDays(standard, 3) },
    undefined,
  );
  expect(preview).toMatchObject({ judged: 1, moved: 1, after: { good: 1, average: 1, poor: 0 } });
});

test('the checklist says of how many paying accounts each reading is known', async () => {
  await givenCustomer(4);
  const silent = await givenAccount();
  await givenLicense({ account: silent, support_until: day(100) });
  await recomputeAllHealth();
  expect(await coverage(csm)).toMatchObject({
    paying: 2,
    known: { days_active: 1, contacts: 2, lapsed_on: 2, utilization: 0 },
  });
});

test('settings that cannot be meant are refused, each with what is wrong', async () => {
  const { settings } = await theDefault();
  const [first] = settings.indicators;
  if (first === undefined) throw new Error('no indicator');
  const wrong: [unknown, string][] = [
    [{ ...settings, shift: 31 }, 'shift'],
    [{ ...settings, indicators: [] }, 'form'],
    [{ ...settings, indicators: [{ ...first, good: 15 }] }, 'indicators.0.good'],
    [{ ...settings, indicators: [{ ...first, poor: 5 }] }, 'indicators.0.poor'],
    [{ ...settings, indicators: [{ ...first, weight: 0 }] }, 'indicators.0.weight'],
    [{ ...settings, indicators: [{ ...first, good: 2.5 }] }, 'indicators.0.good'],
    [{ ...settings, indicators: [{ ...first, reading: 'passwords' }] }, 'indicators.0.reading'],
    [{ ...settings, flags: [{ code: 'x', name: '', conditions: [] }] }, 'flags.0.name'],
  ];
  for (const [each, path] of wrong) {
    const result = SettingsSchema.safeParse(each);
    expect(
      result.error?.issues.map((issue) => issue.path.join('.')),
      JSON.stringify(each),
    ).toContain(path);
  }
  expect(SettingsSchema.parse(settings)).toEqual(settings);
});

test('business impact is read from the field that an administrator chose, and judges where a profile asks for it', async () => {
  await sql`insert into sync_states (sobject, table_name, position, phase, field_types) values ('Account', 'accounts', 1, 'live', '{"Hours_Saved__c": "double", "Motto__c": "string"}')
    on conflict (sobject) do update set field_types = excluded.field_types`.execute(db);
  const gains = await givenAccount({
    created_at: now(),
    attributes: JSON.stringify({ Hours_Saved__c: 240.4 }),
  });
  const loses = await givenAccount({ created_at: now(), attributes: JSON.stringify({ Hours_Saved__c: 3 }) });
  const silent = await givenAccount({
    created_at: now(),
    attributes: JSON.stringify({ Hours_Saved__c: 'many' }),
  });
  for (const account of [gains, loses, silent]) await givenLicense({ account, support_until: day(200) });
  const standard = await theDefault();
  const indicator = { reading: 'impact', kind: 'primary', good: 100, poor: 10, weight: 1 } as const;
  const settings = { ...standard.settings, indicators: [indicator], flags: [] };
  await changeProfile(admin, standard, { name: 'Default', appliesTo: null, settings });
  expect(await impactChoices()).toEqual([{ field: 'Hours_Saved__c', label: 'Hours Saved' }]);
  await expect(chooseImpact(csm, 'Hours_Saved__c')).rejects.toThrow(Forbidden);
  await expect(chooseImpact(admin, 'Motto__c')).rejects.toThrow(Invalid);
  await chooseImpact(admin, 'Hours_Saved__c');
  await recomputeAllHealth();
  expect([await rankOf(gains), await rankOf(loses)]).toEqual(['good', 'poor']);
  expect((await maybeHealth(csm, gains.id))?.readings.impact).toBe(240);
  expect(await maybeHealth(csm, silent.id)).toMatchObject({
    readings: { impact: null },
    missing: ['impact'],
  });
  await chooseImpact(admin, null);
  await recomputeAllHealth();
  expect(await maybeHealth(csm, gains.id)).toMatchObject({ readings: { impact: null }, missing: ['impact'] });
});

test('time spent in the last seven days, by all its people, judges where a profile asks for it', async () => {
  const [long, short, unknown] = [await givenAccount({ created_at: now() }), await givenAccount({ created_at: now() }), await givenAccount({ created_at: now() })]; // prettier-ignore
  for (const account of [long, short, unknown]) await givenLicense({ account, support_until: day(200) });
  await givenUsage({ account: long, days: [-1, -2, -3, -40], seconds: 5_400, email: 'a@harbour.example' });
  await givenUsage({ account: long, days: [-1], seconds: 1_800, email: 'b@harbour.example' });
  await givenUsage({ account: short, days: [-3, -40], seconds: 600 });
  await givenUsage({ account: short, days: [-9], seconds: 36_000, email: 'c@harbour.example' });
  const standard = await theDefault();
  const indicator = { reading: 'weekly_minutes', kind: 'primary', good: 240, poor: 30, weight: 1 } as const;
  const settings = { ...standard.settings, indicators: [indicator], flags: [] };
  await changeProfile(admin, standard, { name: 'Default', appliesTo: null, settings });
  await recomputeAllHealth();
  const minutes = async ({ id }: { id: string }) => (await maybeHealth(csm, id))?.readings.weekly_minutes;
  expect([await minutes(long), await minutes(short)]).toEqual([300, 10]);
  expect([await rankOf(long), await rankOf(short)]).toEqual(['good', 'poor']);
  expect(await maybeHealth(csm, unknown.id)).toMatchObject({ missing: ['weekly_minutes'] });
});
