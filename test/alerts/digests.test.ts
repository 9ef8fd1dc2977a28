import { afterAll, beforeEach, describe, expect, test } from 'vitest';

import { startMailbox } from '../support/mailbox.ts';

const { mailsTo, sandbox } = await startMailbox();
const { sendDigests } = await import('../../src/alerts/digests.ts');
const { follow } = await import('../../src/alerts/follows.ts');
const { raiseAlerts } = await import('../../src/alerts/raising.ts');
const { createRule } = await import('../../src/alerts/rules.ts');
const { afterQuiet, changeSettings, defaultSettings, wallClock } =
  await import('../../src/alerts/settings.ts');
const { noteHealth } = await import('../../src/alerts/signals.ts');
const { DAY, HOUR, MINUTE, moveClock, now } = await import('../../src/platform/clock.ts');
const { db, pool, sql } = await import('../../src/platform/db.ts');
const { drainJobs } = await import('../../src/platform/job-runner.ts');
const { deadLetters, retryDeadLetter } = await import('../../src/platform/jobs.ts');
const { locales } = await import('../../src/platform/locale.ts');
const { reactions } = await import('../../src/reactions.ts');
const { jobs } = await import('../../src/worker.ts');
const { givenAccount } = await import('../support/mirror.ts');
const { givenStaff, staffViewer } = await import('../support/people.ts');

afterAll(async () => {
  await sandbox.close();
  await pool.end();
});

/** What the worker does with what has been put off: mails alone; the rest is not of these tests. */
const work = () => drainJobs({ reactions, jobs });
const at = (moment: string) => moveClock(new Date(moment).getTime() - now().getTime());

let count = 0;

async function givenReader(given: { timeZone?: string; locale?: string } = {}) {
  count += 1;
  const person = await givenStaff({ roles: ['csm'], name: `Reader ${String(count)}` });
  await sql`update people set time_zone = ${given.timeZone ?? 'UTC'}, locale = ${given.locale ?? 'en'} where id = ${person.id}`.execute(
    db,
  );
  return { ...person, viewer: await staffViewer(person) };
}

async function givenDrop(account: { id: string }): Promise<void> {
  count += 1;
  await sql`
    insert into health_history (batch, account_id, status, rank, score, reasons, previous_status, previous_rank, previous_score, occurred_at)
    values (${count}, ${account.id}, 'paying', 'poor', 20,
      '[{"kind":"primary","code":"days_active","grade":"poor","facts":[{"reading":"days_active","value":0}]}]', 'paying', 'good', 90, ${now()})`.execute(
    db,
  );
  await noteHealth({ batch: count });
}

async function givenList(name: string, ...accounts: { id: string }[]): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into segments (name, entity, rule, is_shared, created_at, changed_at)
    values (${name}, 'account', '{"all":[]}', true, ${now()}, ${now()}) returning id`.execute(db);
  const id = rows[0]?.id ?? '';
  for (const account of accounts)
    await sql`insert into segment_members (segment_id, entity_id, account_id, entered_at) values (${id}, ${account.id}, ${account.id}, ${now()})`.execute(
      db,
    );
  return id;
}

beforeEach(async () => {
  await sql`truncate people, signals, health_history, segments, mails_once cascade`.execute(db);
  await sql`delete from graphile_worker._private_jobs`.execute(db);
});

test('a follower gets the news of the day at eight of their own clock, once, and nothing on a day without any', async () => {
  at('2026-03-03T20:00:00Z');
  const reader = await givenReader({ timeZone: 'America/New_York' });
  const [followed, stranger] = [
    await givenAccount({ name: 'Bergen Foods' }),
    await givenAccount({ name: 'Not of interest' }),
  ];
  await follow(reader.viewer, 'account', followed.id);
  await sql`insert into digests (person_id, day, since, until, entries) values (${reader.id}, '2026-03-03', ${now()}, ${now()}, 0)`.execute(
    db,
  );
  await givenDrop(followed);
  await givenDrop(stranger);
  at('2026-03-04T12:55:00Z');
  await sendDigests();
  await work();
  expect(await mailsTo(reader.email)).toHaveLength(0);
  at('2026-03-04T13:01:00Z');
  await Promise.all([sendDigests(), sendDigests(), sendDigests()]);
  await work();
  moveClock(5 * HOUR);
  await sendDigests();
  await work();
  const [mail, ...others] = await mailsTo(reader.email);
  expect(others).toEqual([]);
  expect(mail?.subject).toBe('Your accounts today, Mar 4, 2026');
  for (const part of [mail?.text, mail?.html]) {
    expect(part).toContain('Bergen Foods');
    expect(part).toContain('Health went from Good to Poor, score 20');
    expect(part).toContain('Used on 0 of the last 14 days');
    expect(part).not.toContain('Not of interest');
    expect(part).toContain('/console/alert-settings');
  }
  at('2026-03-05T13:01:00Z');
  await sendDigests();
  await work();
  expect(await mailsTo(reader.email)).toHaveLength(1);
});

test('FA2: a followed list comes as a to-do list of one’s own accounts, new ones first; all of them for who looks after none', async () => {
  at('2026-03-10T09:00:00Z');
  const [csm, boss] = [await givenReader(), await givenReader()];
  const own = await givenAccount({ name: 'Mine & Co', owner_id: csm.userId });
  const newer = await givenAccount({ name: 'Newly mine', owner_id: csm.userId });
  const others = await givenAccount({ name: 'Somebody else’s' });
  const list = await givenList('At risk', own, others);
  moveClock(3 * DAY);
  await sql`insert into segment_members (segment_id, entity_id, account_id, entered_at) values (${list}, ${newer.id}, ${newer.id}, ${now()})`.execute(
    db,
  );
  for (const { viewer } of [csm, boss]) await follow(viewer, 'segment', list);
  await sendDigests();
  await work();
  const [mine] = await mailsTo(csm.email);
  expect(mine?.text).toContain('To do: At risk');
  expect(mine?.text.indexOf('Newly mine')).toBeLessThan(mine?.text.indexOf('Mine & Co') ?? 0);
  expect(mine?.text).toContain('New in the list');
  expect(mine?.text).not.toContain('Somebody else’s');
  const [theirs] = await mailsTo(boss.email);
  for (const name of ['Mine & Co', 'Newly mine', 'Somebody else’s']) expect(theirs?.text).toContain(name);
});

test('it speaks each of the ten languages, in HTML and in text', async () => {
  at('2026-03-11T09:00:00Z');
  const subjects = new Set<string>();
  for (const locale of locales) {
    const reader = await givenReader({ locale });
    const account = await givenAccount({ name: `Account ${locale}`, owner_id: reader.userId });
    await givenDrop(account);
    await follow(reader.viewer, 'segment', await givenList(`List ${locale}`, account));
    moveClock(5 * MINUTE);
    await sendDigests();
    await work();
    const [mail] = await mailsTo(reader.email);
    subjects.add(mail?.subject ?? '');
    for (const part of [mail?.text ?? '', mail?.html ?? '']) {
      expect([locale, part.includes(`Account ${locale}`)]).toEqual([locale, true]);
      expect(part).not.toMatch(/\{\{|undefined|signals\.|readings\.|digest\.[a-z]/);
      if (!locale.startsWith('en')) expect(part).not.toMatch(/Health|Poor|Used on|To do|Your accounts/);
    }
  }
  expect(subjects.size).toBeGreaterThanOrEqual(8);
});

describe('on days when clocks change', () => {
  const digestsAround = async (
    timeZone: string,
    hour: number,
    from: string,
    hours: number,
  ): Promise<string[]> => {
    at(from);
    const reader = await givenReader({ timeZone });
    await changeSettings(reader.viewer, { ...defaultSettings, digestHour: hour });
    const sent: string[] = [];
    for (let quarter = 0; quarter < hours * 4; quarter += 1) {
      await sendDigests();
      const { rows } = await sql<{
        count: number;
      }>`select count(*) as count from digests where person_id = ${reader.id}`.execute(db);
      if ((rows[0]?.count ?? 0) > sent.length) sent.push(now().toISOString().slice(0, 16));
      moveClock(15 * MINUTE);
    }
    return sent;
  };

  test('put forward over the hour of the digest, it comes with the next', async () => {
    /* Berlin, 29 March 2026: 02:00 becomes 03:00, which is 01:00 UTC. */
    expect(await digestsAround('Europe/Berlin', 2, '2026-03-28T23:15:00Z', 26)).toEqual([
      '2026-03-29T01:00',
      '2026-03-30T00:00',
    ]);
  });

  test('put back, the hour that comes twice brings one', async () => {
    /* Berlin, 25 October 2026: 03:00 becomes 02:00 again at 01:00 UTC. */
    expect(await digestsAround('Europe/Berlin', 2, '2026-10-24T22:15:00Z', 28)).toEqual([
      '2026-10-25T00:00',
      '2026-10-26T01:00',
    ]);
  });

  test('a zone that nobody knows counts as UTC', () => {
    expect(wallClock(new Date('2026-05-01T08:30:00Z'), 'Nowhere/Atlantis')).toEqual({
      day: '2026-05-01',
      hour: 8,
    });
    expect(wallClock(new Date('2026-05-01T23:30:00Z'), 'Asia/Tokyo')).toEqual({ day: '2026-05-02', hour: 8 });
  });

  test('quiet hours end by the clock on the wall', () => {
    const quiet = { ...defaultSettings, quietFrom: 22, quietUntil: 7 };
    const ends = (moment: string, zone: string) =>
      afterQuiet(new Date(moment), quiet, zone).toISOString().slice(0, 16);
    expect(ends('2026-03-28T22:30:00Z', 'Europe/Berlin')).toBe('2026-03-29T05:00');
    expect(ends('2026-10-24T22:30:00Z', 'Europe/Berlin')).toBe('2026-10-25T06:00');
    expect(ends('2026-05-01T12:00:00Z', 'UTC')).toBe('2026-05-01T12:00');
  });
});

describe('whatever is killed', () => {
  async function givenDueReader() {
    at('2026-04-01T10:00:00Z');
    const reader = await givenReader();
    await givenDrop(await givenAccount({ owner_id: reader.userId }));
    moveClock(5 * MINUTE);
    return reader;
  }

  test('before the digest was handed over: nothing is claimed, and it comes with the next tick', async () => {
    const reader = await givenDueReader();
    await sql`alter table mails_once rename to mails_once_away`.execute(db);
    await sendDigests().catch(() => undefined);
    await sql`alter table mails_once_away rename to mails_once`.execute(db);
    expect((await sql`select from digests`.execute(db)).rows).toHaveLength(0);
    await sendDigests();
    await work();
    expect(await mailsTo(reader.email)).toHaveLength(1);
  });

  test('between the mailer’s answer and our note of it: nobody gets it twice; a person decides', async () => {
    const reader = await givenDueReader();
    await sendDigests();
    /* As a worker leaves it that was killed after it began to send. */
    await sql`insert into mails_once (key, begun_at) values (${`digest:${reader.id}:2026-04-01`}, ${now()})`.execute(
      db,
    );
    await work();
    expect(await mailsTo(reader.email)).toHaveLength(0);
    const [letter] = (await deadLetters()).filter(({ task }) => task === 'send_mail');
    expect(letter?.error).toContain('may or may not');
    /* As a second one leaves it that was killed before the letter was put aside. */
    await sql`select graphile_worker.reschedule_jobs(array[${letter?.id}::bigint], run_at => now(), attempts => 1, max_attempts => 12)`.execute(db); // prettier-ignore
    await work();
    expect(await mailsTo(reader.email)).toHaveLength(0);
    await retryDeadLetter(letter?.id ?? '');
    await work();
    expect(await mailsTo(reader.email)).toHaveLength(1);
  });

  test('after the note: the job that runs again sends nothing', async () => {
    const reader = await givenDueReader();
    await sendDigests();
    const { rows } = await sql<{ payload: object }>`
      select j.payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
      where t.identifier = 'send_mail'`.execute(db);
    await work();
    await sql`select graphile_worker.add_job('send_mail', ${JSON.stringify(rows[0]?.payload)}::json)`.execute(
      db,
    );
    await work();
    expect(await mailsTo(reader.email)).toHaveLength(1);
  });

  test('what a digest that never arrived said is said by the next', async () => {
    const reader = await givenDueReader();
    await sendDigests();
    await sql`delete from graphile_worker._private_jobs`.execute(db);
    moveClock(DAY);
    await sendDigests();
    await work();
    expect((await mailsTo(reader.email)).map(({ text }) => text.includes('Health went from'))).toEqual([
      true,
    ]);
  });
});

describe('alerts by mail', () => {
  const rule = {
    name: 'Drops', trigger: 'health.changed', filter: {}, condition: null, scope: 'all', isForTeam: false, roles: [],
    toInbox: true, toMail: true, webhookId: null, restHours: 0,
  } as const; // prettier-ignore

  async function raiseNoted() {
    const { rows } = await sql<{ batch: number }>`
      delete from events where name = 'signals.noted' returning (data ->> 'batch')::int as batch`.execute(db);
    await sql`delete from graphile_worker._private_jobs j using graphile_worker._private_tasks t where t.id = j.task_id and t.identifier = 'fan_out'`.execute(
      db,
    );
    for (const { batch } of rows) await raiseAlerts({ batch });
  }

  const dueNow = () =>
    sql`update graphile_worker._private_jobs set run_at = now() - interval '1 second' where run_at <= ${now()}`.execute(
      db,
    );

  test('what comes within a minute goes in one mail, with the reasons, and never again', async () => {
    at('2027-04-02T10:00:10Z');
    const reader = await givenReader({ locale: 'de' });
    await createRule(reader.viewer, { ...rule, roles: [] });
    for (const name of ['Erste', 'Zweite']) {
      await givenDrop(await givenAccount({ name }));
      await raiseNoted();
    }
    moveClock(MINUTE);
    await dueNow();
    await work();
    await sql`select graphile_worker.add_job('mail_alerts', ${JSON.stringify({ personId: reader.id })}::json)`.execute(
      db,
    );
    await work();
    const mails = await mailsTo(reader.email);
    expect(mails.map(({ subject }) => subject)).toEqual(['Hinweis: Drops']);
    for (const words of [
      'Erste',
      'Zweite',
      'Zustand wechselte von Gut auf Schlecht',
      'Genutzt an 0 der letzten 14 Tage',
    ])
      expect(mails[0]?.text).toContain(words);
  });

  test('in quiet hours they wait for the morning, and what was acknowledged meanwhile is not mailed', async () => {
    at('2027-04-03T23:00:10Z');
    const reader = await givenReader();
    await changeSettings(reader.viewer, {
      ...defaultSettings,
      wantsDigest: false,
      quietFrom: 22,
      quietUntil: 7,
    });
    await createRule(reader.viewer, { ...rule, roles: [] });
    for (const name of ['Seen at night', 'Left for the morning']) {
      await givenDrop(await givenAccount({ name }));
      await raiseNoted();
    }
    await sql`
      update alerts set acknowledged_at = ${now()} where id in (
        select alert_id from alert_signals l join accounts a on a.id = l.account_id where a.name = 'Seen at night')`.execute(
      db,
    );
    moveClock(HOUR);
    await dueNow();
    await work();
    expect(await mailsTo(reader.email)).toHaveLength(0);
    at('2027-04-04T07:00:01Z');
    await dueNow();
    await work();
    const [mail] = await mailsTo(reader.email);
    expect([mail?.text.includes('Left for the morning'), mail?.text.includes('Seen at night')]).toEqual([
      true,
      false,
    ]);
  });

  test('who wants no mail gets none', async () => {
    at('2027-04-06T10:00:10Z');
    const reader = await givenReader();
    await changeSettings(reader.viewer, { ...defaultSettings, wantsDigest: false, wantsMail: false });
    await createRule(reader.viewer, { ...rule, roles: [] });
    await givenDrop(await givenAccount());
    await raiseNoted();
    moveClock(2 * MINUTE);
    await dueNow();
    await work();
    expect(await mailsTo(reader.email)).toHaveLength(0);
  });
});
