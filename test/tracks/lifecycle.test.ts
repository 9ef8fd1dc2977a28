import { afterAll, beforeAll, expect, test } from 'vitest';

import { companies, type Company, settings, type Somebody } from './lifecycle-world.ts';
import { approve, givenEditors, sandbox, type Viewer } from './world.ts';

const { collect } = await import('../../src/usage/collect.ts');
const { takeInUsage } = await import('../../src/usage/take-in.ts');
const { sourceOfKey } = await import('../../src/usage/write-keys.ts');
const { refreshEngagement } = await import('../../src/usage/engagement.ts');
const { DAY, HOUR, moveClock, now } = await import('../../src/platform/clock.ts');
const { Invalid, NotFound } = await import('../../src/platform/errors.ts');
const { db, pool, sql, transaction } = await import('../../src/platform/db.ts');
const { everyStep } = await import('../../src/tracks/definition.ts');
const { activateTrack } = await import('../../src/tracks/control.ts');
const { advanceTracks } = await import('../../src/tracks/advancing.ts');
const { watchTracks } = await import('../../src/tracks/watching.ts');
const { watchMailing } = await import('../../src/campaigns/mailing/mailing.ts');
const { drainJobs } = await import('../../src/platform/job-runner.ts');
const { reactions } = await import('../../src/reactions.ts');
const { stageOf } = await import('../../src/stages.ts');
const { jobs } = await import('../../src/worker.ts');
const { trackSeenBy, tracksSeenBy } = await import('../../src/tracks/tracks.ts');
const { makeDemoTracks } = await import('../../src/tracks/demo.ts');
const { givenStaff } = await import('../support/people.ts');
const { lifecycleMatches, lifecycleTemplates, makeTrackFromTemplate } = await import('../../src/tracks/lifecycle/lifecycle.ts'); // prettier-ignore
const { lifecycleWords } = await import('../../src/tracks/lifecycle/words/words.ts');
const { versionSeenBy } = await import('../../src/content/messages.ts');
const { locales } = await import('../../src/platform/locale.ts');
const { givenAccount, givenContact, givenLicense, givenUser } = await import('../support/mirror.ts');

const codes = Array.from({ length: 20 }, (_, index) => `LM${String(index + 1)}`);
const tracks = new Map<string, string>();
const byName = { sort: 'name', direction: 'asc', page: 1 } as const;
let editors: { author: Viewer; second: Viewer };
/** Noon of the day on which the tracks are switched on. */
let start: Date;

beforeAll(async () => {
  moveClock(Date.parse(`${now().toISOString().slice(0, 10)}T12:00:00Z`) + DAY - now().getTime());
  start = now();
  editors = await givenEditors();
  await settleWorld();
  for (const code of codes) tracks.set(code, await makeTrackFromTemplate(editors.author, code, settings[code] ?? {}));
}, 180_000); // prettier-ignore
afterAll(async () => {
  await pool.end();
  await sandbox.close();
});

const dayAgo = (days: number): string => new Date(start.getTime() - days * DAY).toISOString().slice(0, 10);
const addressOf = (name: string): string => `${name}@lifecycle.example`;

async function settleWorld(): Promise<void> {
  const manager = await givenUser({ name: 'Clara Mendes', email: 'clara@tidewater.example' });
  const product = await sql<{ id: string }>`
    insert into products (id, name, modified_at) values ('01tVAULT', 'Cloud Vault', ${start}) returning id`.execute(db);
  const messages: unknown[] = [];
  for (const [index, company] of companies.entries()) {
    const account = await givenAccount({ name: `Company ${String(index)}`, owner_id: manager.id });
    await givenLicense({ account, ...licenseOf(company) });
    if (company.owns !== undefined)
      await givenLicense({ account, ...licenseOf({ ...company, seats: 0 }), product_id: product.rows[0]?.id ?? '' });
    for (const [name, somebody] of Object.entries(company.people)) {
      await settlePerson(account, name, somebody);
      messages.push(...toldBy(account.id, name, somebody.use ?? []));
    }
  }
  await tell(messages);
} // prettier-ignore

const licenseOf = ({ trial, customer = 0, seats = 100 }: Company) =>
  trial === undefined
    ? { seats, purchased_on: dayAgo(customer), support_until: dayAgo(-300) }
    : {
        is_trial: true,
        status: 'Trial',
        seats,
        purchased_on: dayAgo(trial[0]),
        support_until: dayAgo(-trial[1]),
      };

async function settlePerson(account: { id: string }, name: string, somebody: Somebody): Promise<void> {
  const { department = null, locale = 'en', roles = [], refuses } = somebody;
  const email = addressOf(name);
  const { id } = await givenContact({ account, email, name: `${name.charAt(0).toUpperCase()}${name.slice(1)} Marsh`, roles: [...roles] });
  await sql`update contacts set department = ${department}, locale = ${locale} where id = ${id}`.execute(db);
  if (refuses !== undefined)
    await sql`insert into consents (address_hash, topic, is_granted, source, said_at)
      values (erasure_hash(${email}), ${refuses}, false, 'page', ${start})`.execute(db);
} // prettier-ignore

function toldBy(groupId: string, name: string, use: Somebody['use'] = []): unknown[] {
  if (use.length === 0) return [];
  const said = { type: 'identify', userId: name, traits: { email: addressOf(name), name }, timestamp: start.toISOString() };
  const did = use.flatMap(({ action, module, days, times = 1 }) =>
    days.flatMap((day) =>
      Array.from({ length: times }, () => ({
        type: 'track', userId: name, groupId, event: action, properties: { module }, timestamp: `${dayAgo(day)}T08:00:00Z`,
      })),
    ),
  );
  return [{ type: 'group', userId: name, groupId, timestamp: start.toISOString() }, said, ...did];
} // prettier-ignore

async function tell(messages: readonly unknown[]): Promise<void> {
  await collect((await sourceOfKey('demo-write-key')) ?? 0, messages, { receivedAt: now(), bytes: 0 });
  await takeInUsage();
  await transaction((tx) => refreshEngagement(tx, 'all', now()));
}

/* How healthy everybody was in the past year takes longer than all the rest. */
const handlers = { reactions, jobs: { ...jobs, replay_health: () => Promise.resolve() }, stageOf };

async function drain(): Promise<void> {
  await watchTracks();
  await advanceTracks();
  await drainJobs(handlers);
  await watchMailing();
  await drainJobs(handlers);
}

/** The clock goes on, and readings with it, as every night. */
async function dayComes(days: number, hour = 0): Promise<void> {
  moveClock(start.getTime() + days * DAY + hour * HOUR - now().getTime());
  await transaction((tx) => refreshEngagement(tx, 'all', now()));
  await drain();
}

interface Mail {
  id: number;
  email: string;
  subject: string;
  from: { email: string; name?: string };
  replyTo?: { email: string; name?: string };
  categories: string[];
  html: string;
}

let seen = 0;

/** The mails of tracks that came since this was asked last. */
async function newMails(): Promise<Mail[]> {
  const { mails } = (await readJson('/mailbox.json?limit=500')) as { mails: Mail[] };
  const news = mails.filter(({ id }) => id > seen);
  seen = Math.max(seen, ...mails.map(({ id }) => id));
  const whole = await Promise.all(news.map(async (mail) => ({ ...mail, ...((await readJson(`/mailbox/${String(mail.id)}.json`)) as Mail) })));
  return whole.filter(({ categories }) => /^LM\d+ /.test(categories[0] ?? ''));
} // prettier-ignore

const readJson = async (path: string): Promise<unknown> => (await fetch(`${sandbox.url}${path}`)).json();

/** `LM8 hal`, by the track that the mail is of. */
const told = ({ categories, email }: Mail): string =>
  `${(categories[0] ?? '').split(' ')[0] ?? ''} ${email.split('@')[0] ?? ''}`;
const sentNow = async (): Promise<string[]> => (await newMails()).map(told).sort();
const expected = (when: 'gets' | 'next'): string[] =>
  companies
    .flatMap(({ people }) => Object.entries(people))
    .flatMap(([name, somebody]) => (somebody[when] ?? []).map((code) => `${code} ${name}`))
    .sort();

async function accountOf(name: string): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    select account_id as id from contacts where email = ${addressOf(name)}`.execute(db);
  return rows[0]?.id ?? '';
}

async function tasksOf(code: string): Promise<string[]> {
  const { rows } = await sql<{ step: string; name: string }>`
    select t.step, min(p.name) as name from track_tasks t join account_people p on p.account_id = t.account_id
    where t.track_id = ${tracks.get(code)} group by t.id, t.step order by 2`.execute(db);
  return rows.map(({ step, name }) => `${step} ${name.split(' ')[0]?.toLowerCase() ?? ''}`);
}

let mails: Mail[] = [];

test('there are twenty templates, each with a track that can be approved and messages without a fault in ten languages', async () => {
  const { author } = editors;
  const templates = await lifecycleTemplates(author);
  expect(templates.map(({ code }) => code)).toEqual(codes);
  expect(templates.flatMap(({ code, missing }) => missing.map((label) => `${code} ${label}`))).toEqual([]);
  for (const [code, id] of tracks) {
    const { definition, template, name } = await trackSeenBy(author, id);
    expect(name).toMatch(new RegExp(`^${code} `));
    expect(template?.code).toBe(code);
    for (const { step } of everyStep(definition.steps)) {
      if (step.kind !== 'send') continue;
      const { content, problems } = await versionSeenBy(author, step.messageId ?? '');
      expect(problems, code).toEqual([]);
      expect(content.variants.map(({ locale }) => locale).sort()).toEqual([...locales].sort());
      expect(JSON.stringify(content), code).not.toContain('[[');
    }
  }
});

test('what a message says is translated: no language repeats the English of another', () => {
  const { en } = lifecycleWords;
  for (const [locale, { messages }] of Object.entries(lifecycleWords)) {
    if (locale.startsWith('en')) continue;
    for (const [code, { subject, text, title }] of Object.entries(messages)) {
      const english = en.messages[code as keyof typeof en.messages];
      expect([subject, title, ...text].filter((each) => [english.subject, english.title, ...english.text].includes(each)), `${locale} ${code}`).toEqual([]);
      expect(text.length, `${locale} ${code}`).toBe(english.text.length);
    }
  }
}); // prettier-ignore

test('each template tells beforehand how many it would be for', async () => {
  for (const [code, id] of tracks) {
    await approve(editors, id);
    const { entry } = (await trackSeenBy(editors.author, id)).definition;
    expect(entry.kind, code).toBe('rule');
  }
  const counts = await lifecycleMatches(editors.author);
  expect([...counts.keys()]).toEqual(codes);
});

test('of all twenty, switched on together, everybody gets what is for them, and nobody anything else', async () => {
  for (const id of tracks.values()) await activateTrack(editors.author, id);
  await drain();
  mails = await newMails();
  expect(mails.map(told).sort()).toEqual(expected('gets'));
}, 180_000);

test('they get it in their language, with what the track was made for', () => {
  const subjectTo = (who: string): string | undefined => mails.find((mail) => told(mail) === who)?.subject;
  expect(subjectTo('LM8 hua')).toBe('試用2週間：Shield はご覧になりましたか');
  expect(subjectTo('LM8 hal')).toBe('Nach zwei Wochen: Kennen Sie Shield schon?');
  expect(subjectTo('LM13 moe')).toMatch(/ uses every licence it has$/);
  expect(subjectTo('LM17 qia')).toMatch(/^Le damos la bienvenida a /);
  expect(subjectTo('LM2 ben')).toBe('Your next step: Restored a file');
  const extension = mails.find((mail) => told(mail) === 'LM7 gus');
  expect(extension?.html).toMatch(/href="[^"]+\/en\/preferences\/[\w.-]+\/feedback"/);
});

test('the check-in comes in the name of the success manager, who gets the answer; nothing else does', () => {
  const checkIn = mails.find((mail) => told(mail) === 'LM20 tom');
  expect(checkIn?.from.name).toBe('Clara Mendes');
  expect(checkIn?.replyTo).toEqual({ name: 'Clara Mendes', email: 'clara@tidewater.example' });
  expect(checkIn?.html).toContain('Clara Mendes');
  const others = mails.filter((mail) => mail !== checkIn);
  expect(others.map(({ replyTo }) => replyTo).filter(Boolean)).toEqual([]);
  expect(new Set(mails.map(({ from }) => from.email)).size).toBe(1);
});

test('a call comes before the prices, an extension before the mail that tells of it: one task an account', async () => {
  expect(await tasksOf('LM6')).toEqual(['call fay']);
  expect(await tasksOf('LM7')).toEqual(['extend gil', 'extend gio']);
});

test('a day later, those who were a day short get theirs, and nobody anything twice', async () => {
  await dayComes(1);
  expect(await sentNow()).toEqual(expected('next'));
  expect(await tasksOf('LM6')).toEqual(['call fay', 'call fern']);
});

test('what takes several mails goes on until it has had its effect', async () => {
  await dayComes(3, 2);
  await tell(toldBy(await accountOf('qia'), 'qia', [{ action: 'Scanned a disk', module: 'Shield', days: [-3] }]));
  await tell(toldBy(await accountOf('rue'), 'rue', [{ action: 'Changed a policy', module: 'Settings', days: [-3] }]));
  const path: Record<string, string[]> = {};
  for (const day of [3, 4, 6, 7, 15, 24]) {
    await dayComes(day, 3);
    for (const mail of await newMails()) (path[told(mail)] ??= []).push(`${String(day)} ${mail.subject}`);
  }
  expect(path['LM6 fay']).toEqual([expect.stringMatching(/^3 Prices, a calculation/)]);
  expect(path['LM6 fox']).toEqual([expect.stringMatching(/^4 Prices, a calculation/)]);
  expect(path['LM2 ben']).toEqual(['4 Your next step: Opened the dashboard']);
  expect(path['LM17 quin']).toEqual(['6 A week in: try Shield']);
  expect(path['LM17 qia']).toBeUndefined();
  expect(path['LM18 rae']).toEqual(['7 Half way: what is left to set up', '15 Two weeks left to be set up: shall we help?']);
  expect(path['LM18 rue']).toBeUndefined();
  expect(await tasksOf('LM18')).toEqual(['call rae']);
}, 180_000); // prettier-ignore

test('a template wants what it cannot do without, and nothing that would be no text', async () => {
  const { author } = editors;
  await expect(makeTrackFromTemplate(author, 'LM21', {})).rejects.toThrow(NotFound);
  await expect(makeTrackFromTemplate(author, 'LM8', { module: '' })).rejects.toThrow(Invalid);
  await expect(makeTrackFromTemplate(author, 'LM8', { module: '{{ person.email }}' })).rejects.toThrow(Invalid);
  await expect(makeTrackFromTemplate(author, 'LM8', { link: 'javascript:alert(1)' })).rejects.toThrow(Invalid);
  await expect(makeTrackFromTemplate(author, 'LM6', { days: '0' })).rejects.toThrow(Invalid);
  const id = await makeTrackFromTemplate(author, 'LM8', { module: 'R&D <1>', link: 'https://tidewater.example/video?a=1&b=2' });
  const [sending] = (await trackSeenBy(author, id)).definition.steps;
  const version = sending?.kind === 'send' ? await versionSeenBy(author, sending.messageId ?? '') : undefined;
  expect(version?.problems).toEqual([]);
  expect(version?.built.parts[0]?.html).toContain('Meet R&amp;D &lt;1&gt;');
  expect(version?.built.parts[0]?.links.map(({ url }) => url)).toContain('https://tidewater.example/video?a=1&b=2');
}); // prettier-ignore

test('the demo has two tracks that people go through and one that waits for approval, made once', async () => {
  await sql`truncate tracks cascade`.execute(db);
  await sql`delete from campaigns where kind = 'track' and not exists (select from runs r where r.campaign_id = campaigns.id)`.execute(db);
  await makeDemoTracks();
  expect((await tracksSeenBy(editors.author, {}, byName)).total).toBe(0);
  for (const role of ['csm', 'admin'] as const) {
    const { id } = await givenStaff({ roles: [role], email: `${role}@rapport.example` });
    await sql`update people set is_demo = true where id = ${id}`.execute(db);
  }
  await sql`insert into campaigns (name, message_class, channel, owner_id, created_at, changed_at)
    values ('News', 'marketing', 'email', ${editors.author.personId}, ${now()}, ${now()})`.execute(db);
  await tell(toldBy(await accountOf('sam'), 'sam', [{ action: 'Ran a backup', module: 'Backup', days: [-20, -21, -22, -23] }]));
  await Promise.all([makeDemoTracks(), makeDemoTracks()]);
  await makeDemoTracks();
  const { tracks: made } = await tracksSeenBy(editors.author, {}, byName);
  expect(made.map(({ name, status }) => [name.split(' ')[0], status])).toEqual([
    ['LM17', 'active'],
    ['LM20', 'in_review'],
    ['LM6', 'active'],
  ]);
}); // prettier-ignore
