import { randomUUID } from 'node:crypto';

import { parse } from 'csv-parse/sync';
import type TestAgent from 'supertest/lib/agent.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { planRun } from '../../../src/campaigns/audience/planning.ts';
import { changeMessage, createMessage, versionSeenBy } from '../../../src/content/messages.ts';
import { db, pool, sql } from '../../../src/platform/db.ts';
import { refreshSegments } from '../../../src/segments/refresh.ts';
import { createSegment } from '../../../src/segments/segments.ts';
import { givenAccount, givenContact } from '../../support/mirror.ts';
import { givenStaff, signedIn, staffViewer } from '../../support/people.ts';
import { settleSegments } from '../../support/segments.ts';

const app = createApp();
let clara: Awaited<ReturnType<typeof givenStaff>>;
let csm: TestAgent;
let other: TestAgent;
let admin: TestAgent;
let rep: TestAgent;
let list = '';
let message = '';

beforeAll(async () => {
  await sql`truncate sync_states`.execute(db);
  clara = await givenStaff({ roles: ['csm'], name: 'Clara Mendes' });
  csm = await signedIn(app, clara);
  other = await signedIn(app, await givenStaff({ roles: ['csm'], name: 'Otto Brandt' }));
  admin = await signedIn(app, await givenStaff({ roles: ['admin'], name: 'Ada Thornton' }));
  rep = await signedIn(app, await givenStaff({ roles: ['rep'], name: 'Ruth Calloway' }));
  const bergen = await givenAccount({ name: 'Bergen Foods', industry: 'Retail' });
  const aldgate = await givenAccount({ name: 'Aldgate Printing', industry: 'Retail' });
  for (const [account, name, email] of [
    [bergen, 'Nora Lund', 'nora@bergen.example'],
    [bergen, 'Omar <b>Haddad</b>', 'omar@bergen.example'],
    [aldgate, 'Nora Lund', 'nora@bergen.example'],
  ] as const)
    await givenContact({ account, name, email });
  await sql`
    insert into account_people (account_id, contact_id, name, email_normalized)
    select account_id, id, name, lower(email) from contacts where account_id is not null`.execute(db);
  const viewer = await staffViewer(clara);
  const rule = { field: 'account.industry', op: 'is', value: ['Retail'] } as const;
  list = await createSegment(viewer, {
    name: 'Shops',
    description: '',
    folder: null,
    entity: 'account',
    rule,
    isShared: true,
  });
  message = await createMessage(viewer, {
    name: 'Spring news',
    description: '',
    content: {
      format: 'html', defaultLocale: 'en', weights: [1], tables: {},
      variants: [{ locale: 'en', variant: 0, subject: 'News for {{ person.firstName | default: "you" }}', preheader: '', body: '<p>Dear {{ person.name }}</p><p><a href="{{ links.unsubscribe }}">No more</a></p>' }],
    },
  }); // prettier-ignore
  await refreshSegments();
  await settleSegments();
}, 60_000);

afterAll(() => pool.end());

const post = (agent: TestAgent, path: string, fields: object = {}) =>
  agent.post(path).type('form').send(fields);

const policy = {
  topic: 'product-news', again: 'never', againDays: '', waitDays: '0', personMessages: '', personDays: '', accountMessages: '', accountDays: '',
  quiet: 'none', quietFrom: '21', quietUntil: '8', holdoutPercent: '0', tolerancePercent: '5', failurePercent: '10',
}; // prettier-ignore

async function begun(name = 'Spring campaign', messageClass = 'marketing'): Promise<string> {
  const { headers } = await post(csm, '/console/campaigns/new', {
    name,
    messageClass,
    channel: 'email',
  }).expect(303);
  return (headers.location ?? '').replace(/\/audience$/, '');
}

async function ready(name?: string, messageClass = 'marketing'): Promise<string> {
  const page = await begun(name, messageClass);
  const topic = messageClass === 'marketing' ? 'product-news' : 'onboarding';
  await post(csm, `${page}/audience`, { segmentId: list }).expect(303);
  await post(csm, `${page}/content`, { messageId: message }).expect(303);
  await post(csm, `${page}/policy`, { ...policy, topic }).expect(303);
  return page;
}

async function approved(name?: string): Promise<string> {
  const page = await ready(name);
  await post(csm, `${page}/approval-requests`).expect(303);
  const { text } = await other.get(`${page}/approval`).expect(200);
  const approvalId = /name="approvalId" value="(\d+)"/.exec(text)?.[1];
  await post(other, `${page}/approval-decisions`, {
    approvalId,
    decision: 'approved',
    comment: 'Fine',
  }).expect(303);
  return page;
}

async function planned(name?: string): Promise<{ page: string; run: string; id: number }> {
  const page = await approved(name);
  const { headers } = await post(csm, `${page}/activations`, { key: randomUUID() }).expect(303);
  const run = headers.location ?? '';
  const id = Number(run.split('/').pop());
  await planRun({ runId: id });
  return { page, run, id };
}

describe('a campaign in its making', () => {
  test('begins with what it is; what is wrong is said beside its field, and nothing typed is lost', async () => {
    const wrong = await post(csm, '/console/campaigns/new', { name: '', description: 'Kept as typed', channel: 'email' }).expect(422);
    expect(wrong.text).toContain('Kept as typed');
    expect(wrong.text).toContain('href="#field-messageClass"');
    const page = await begun('First try');
    const { text } = await csm.get(page).expect(200);
    expect(text).toContain('First try');
    expect(text).toContain('No topic yet');
    expect((await rep.get('/console/campaigns?q=first').expect(200)).text).toContain('First try');
    expect((await rep.get('/console/campaigns?q=first&channel=chat').expect(200)).text).toContain('No campaign matches');
    for (const odd of ['status=x', 'class=__proto__', 'owner=1', 'page=-1', 'sort=-nothing', 'channel=fax'])
      await rep.get(`/console/campaigns?${odd}`).expect(200);
    for (const sort of ['name', '-status', 'lastRunAt', '-changedAt']) await rep.get(`/console/campaigns?sort=${sort}`).expect(200);
  });

  test('shows whom its list would reach before it is saved, who is left out, and why', async () => {
    const page = await begun('Counting');
    const { text } = await post(csm, `${page}/audience/previews`, { segmentId: list }).expect(200);
    expect(text).toContain('of 3 people would get it');
    expect(text).toContain('The same person is written to through another account');
    await post(csm, `${page}/audience/previews`, { segmentId: 'nonsense' }).expect(422);
    await post(csm, `${page}/audience/previews`, { segmentId: randomUUID() }).expect(404);
    await post(csm, `${page}/audience`, { segmentId: list, then: 'next' }).expect(303).expect('location', `${page}/content`);
    expect((await rep.get(`${page}/audience/preview`).expect(200)).text).toContain('Nora Lund');
  });

  test('shows its message with somebody’s values, in a frame that can run nothing, and sends tests to colleagues alone', async () => {
    const page = await begun('Content');
    await post(csm, `${page}/content`, { messageId: '' }).expect(422);
    await post(csm, `${page}/audience`, { segmentId: list }).expect(303);
    await post(csm, `${page}/content`, { messageId: message }).expect(303);
    const { text } = await csm.get(`${page}/content`).expect(200);
    const frame = /<iframe[^>]* src="([^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const shown = await csm.get(frame).expect(200);
    expect(shown.text).toMatch(/Dear (Nora Lund|Omar &lt;b&gt;)/);
    expect(shown.headers['content-security-policy']).toContain('sandbox');
    expect(shown.headers['content-security-policy']).not.toContain('script-src');
    const person = /name="person" value="(\d+)"/.exec(text)?.[1];
    const away = await post(csm, `${page}/test-sends`, { to: 'somebody@elsewhere.example', locale: 'en', variant: '0', person });
    expect([away.status, away.text.includes('somebody@elsewhere.example')]).toEqual([422, true]);
  });

  test.each([
    ['once', { date: '2031-03-01', onceTime: '08:30', onceZone: 'Europe/Berlin' }, 'Once, on Mar 1, 2031 at 08:30 (Europe/Berlin)'],
    ['recurring', { every: 'week', weekdays: ['1', '4'], time: '07:00', zone: 'Asia/Tokyo', day: '', until: '' }, 'Every week on Monday and Thursday at 07:00 (Asia/Tokyo)'],
    ['recurring', { every: 'month', time: '07:00', zone: 'UTC', day: '31', until: '2031-01-01' }, 'Every month on day 31 at 07:00 (UTC), until Jan 1, 2031'],
    ['event', { signal: 'health.changed' }, 'When it happens'],
    ['api', {}, 'When another system asks for it'],
    ['manual', {}, 'When somebody presses Send'],
  ])('can be started by %s', async (kind, fields, told) => {
    const page = await begun(`By ${kind}`);
    await post(csm, `${page}/when`, { kind, ...fields }).expect(303);
    expect((await csm.get(page).expect(200)).text).toContain(told);
    await csm.get(`${page}/when`).expect(200);
  }); // prettier-ignore

  test('keeps a time that cannot be taken, and says what is wrong with it', async () => {
    const page = await begun('Wrong times');
    const once = await post(csm, `${page}/when`, { kind: 'once', date: '', onceTime: '25:00', onceZone: 'Mars/Base' }).expect(422);
    for (const field of ['date', 'onceTime', 'onceZone']) expect(once.text).toContain(`href="#field-${field}"`);
    expect(once.text).toContain('Mars/Base');
    const weekly = { kind: 'recurring', every: 'week', time: '09:00', zone: 'UTC', day: '', until: '' };
    expect((await post(csm, `${page}/when`, weekly).expect(422)).text).toContain('Choose at least one day');
    await post(csm, `${page}/when`, { kind: 'segment', triggerSegmentId: randomUUID(), moment: 'left' }).expect(422);
    await post(csm, `${page}/when`, { kind: 'segment', triggerSegmentId: list, moment: 'left' }).expect(303);
    expect((await csm.get(page).expect(200)).text).toContain('When somebody leaves “Shops”');
  });

  test('takes whole caps, or none, and says it in words', async () => {
    const page = await begun('Caps');
    const half = await post(csm, `${page}/policy`, { ...policy, personMessages: '2', holdoutPercent: '7.5' }).expect(422);
    expect(half.text).toContain('Give both, or leave both empty');
    expect(half.text).toContain('value="7.5"');
    for (const wrong of [{ holdoutPercent: '60' }, { again: 'days' }, { quiet: 'own', quietUntil: '21' }, { topic: 'onboarding' }, { failurePercent: '0' }, { trial: 'share', trialPercent: '', trialHours: '4' }, { trial: 'share', trialPercent: '20', trialHours: '400' }])
      await post(csm, `${page}/policy`, { ...policy, ...wrong }).expect(422);
    await post(csm, `${page}/policy`, { ...policy, accountMessages: '2', accountDays: '30', quiet: 'own', trial: 'share', trialPercent: '20', trialHours: '4' }).expect(303);
    const { text } = await csm.get(page).expect(200);
    expect(text).toContain('at most 2 in 30 days for each account');
    expect(text).toContain('21:00 to 08:00');
    expect(text).toContain('20 % try the variants for 4 hours; the rest get the best by clicks');
    await post(csm, `${page}/basics`, { name: 'Caps', messageClass: 'success', channel: 'email' }).expect(303);
    expect((await csm.get(page).expect(200)).text).toContain('No topic yet');
  });

  test('has a goal, which can be taken away again', async () => {
    const page = await begun('Goal');
    const goal = { name: 'Came back', days: '10', entity: 'person', rule: '{"field":"person.title","op":"contains","value":"Chief"}' };
    expect((await post(csm, `${page}/goal`, { ...goal, rule: '{"field":"person.nonsense","op":"is","value":1}' }).expect(422)).text).toContain('person.nonsense');
    await post(csm, `${page}/goal`, { ...goal, days: 'x' }).expect(422);
    expect((await post(csm, `${page}/goal`, { ...goal, rule: '{"all":[]}' }).expect(422)).text).toContain('everybody has reached it before');
    await post(csm, `${page}/goal`, goal).expect(303);
    expect((await csm.get(page).expect(200)).text).toContain('Came back, within 10 days');
    await post(csm, `${page}/goal/removals`).expect(303);
    expect((await csm.get(page).expect(200)).text).not.toContain('Came back');
  });

  test('is copied, archived and brought back', async () => {
    const page = await begun('Moving on');
    const { headers } = await post(csm, `${page}/copies`).expect(303);
    expect((await csm.get(headers.location ?? '').expect(200)).text).toContain('Moving on (copy)');
    await post(csm, `${page}/archivals`).expect(303);
    expect((await csm.get('/console/campaigns?q=moving').expect(200)).text).not.toContain(`"${page}"`);
    expect((await csm.get('/console/campaigns?status=archived').expect(200)).text).toContain(page);
    await post(csm, `${page}/basics`, { name: 'No', messageClass: 'success', channel: 'email' }).expect(303).expect('location', page);
    expect((await csm.get(page).expect(200)).text).toContain('Moving on');
    await post(csm, `${page}/restorations`).expect(303);
    await csm.get(`${page}/basics`).expect(200);
  });
}); // prettier-ignore

describe('approval by a second person', () => {
  test('is asked for once nothing is missing, never given by whoever asked, and rejected with a reason', async () => {
    const page = await begun('Four eyes');
    expect((await csm.get(`${page}/review`).expect(200)).text).toContain('It has no message');
    await post(csm, `${page}/approval-requests`).expect(303).expect('location', page);
    const whole = await ready('Six eyes');
    await post(csm, `${whole}/approval-requests`).expect(303).expect('location', `${whole}/approval`);
    const own = await csm.get(`${whole}/approval`).expect(200);
    expect(own.text).toContain('Somebody else has to decide');
    const seen = await other.get(`${whole}/approval`).expect(200);
    expect(seen.text).toContain('The audience now is exactly the one that approval was asked for.');
    expect(seen.text).toContain('Spring news (version 1)');
    const approvalId = /name="approvalId" value="(\d+)"/.exec(seen.text)?.[1];
    await post(csm, `${whole}/approval-decisions`, { approvalId, decision: 'approved' }).expect(403);
    await post(rep, `${whole}/approval-decisions`, { approvalId, decision: 'approved' }).expect(403);
    expect((await post(other, `${whole}/approval-decisions`, { approvalId, decision: 'rejected', comment: '' }).expect(422)).text).toContain('Say why it is rejected');
    await post(other, `${whole}/approval-decisions`, { approvalId, decision: 'rejected', comment: 'Too many shops' }).expect(303);
    expect((await csm.get(whole).expect(200)).text).toContain('Too many shops');
    await post(other, `${whole}/approval-decisions`, { approvalId, decision: 'approved' }).expect(303).expect('location', whole);
    await post(csm, `${whole}/activations`, { key: randomUUID() }).expect(303).expect('location', whole);
    expect((await csm.get(whole).expect(200)).text).toContain('not possible as the campaign stands');
  });

  test('holds for the version of the message that was looked at; a newer one is said, and taken only to be approved anew', async () => {
    const page = await approved('Of two versions');
    expect((await csm.get(page).expect(200)).text).not.toContain('The message was changed');
    const { name, content, version } = await versionSeenBy(await staffViewer(clara), message);
    await changeMessage(await staffViewer(clara), message, { name, description: '', content, base: version });
    const { text } = await csm.get(page).expect(200);
    expect(text).toContain(`version ${String(version)} is the approved one, version ${String(version + 1)} the newest`);
    expect(text).toContain(`Spring news (version ${String(version)})`);
    await post(rep, `${page}/newest-messages`).expect(403);
    await post(csm, `${page}/newest-messages`).expect(303).expect('location', `${page}/review`);
    const after = (await csm.get(page).expect(200)).text;
    expect(after).toContain('Draft');
    expect(after).not.toContain('The message was changed');
    await post(csm, `${page}/newest-messages`).expect(303).expect('location', page);
  }); // prettier-ignore

  test('shows the next time what has changed since', async () => {
    const page = await approved('Changing');
    await post(csm, `${page}/policy`, { ...policy, holdoutPercent: '10' }).expect(303);
    expect((await csm.get(page).expect(200)).text).toContain('Draft');
    await post(csm, `${page}/approval-requests`).expect(303);
    const { text } = await admin.get(`${page}/approval`).expect(200);
    expect(text).toContain('<del>Nobody is held out</del>');
    expect(text).toContain('<ins>10 % get nothing');
    expect(text).not.toContain('<del>Shops');
    await post(csm, `${page}/withdrawals`).expect(303);
    expect((await csm.get(`${page}/approval`).expect(200)).text).toMatch(/Revision \d was withdrawn/);
  });
}); // prettier-ignore

describe('a run', () => {
  test('is begun once by a form, however often it is sent', async () => {
    const page = await approved('Twice pressed');
    const key = randomUUID();
    const [one, two] = [await post(csm, `${page}/activations`, { key }), await post(csm, `${page}/activations`, { key })];
    expect(one.headers.location).toMatch(/^\/console\/runs\/\d+$/);
    expect(two.headers.location).toBe(one.headers.location);
    await post(csm, `${page}/activations`, { key: randomUUID() }).expect(303).expect('location', page);
    expect((await rep.get(one.headers.location ?? '').expect(200)).text).toContain('The audience is being chosen');
  });

  test('shows how far it is, is held, goes on, and is cancelled; what came too late is said', async () => {
    const { run } = await planned('Held');
    const { text } = await rep.get(run).expect(200);
    expect(text).toContain('data-behaviour="live"');
    expect(text).toMatch(/Left out<\/dt><dd[^>]*><a [^>]*state=skipped">1</);
    expect(text).not.toContain('/pauses');
    await post(csm, `${run}/pauses`).expect(303);
    expect((await csm.get(run).expect(200)).text).toContain('Paused by Clara Mendes');
    await post(csm, `${run}/pauses`).expect(303);
    expect((await csm.get(run).expect(200)).text).toContain('The run has moved on meanwhile');
    await post(csm, `${run}/resumptions`).expect(303);
    await post(csm, `${run}/doubts`, { batch: '1', decision: 'sent' }).expect(303);
    await post(csm, `${run}/doubts`, { batch: 'x', decision: 'sent' }).expect(422);
    await post(csm, `${run}/cancellations`).expect(303);
    expect((await csm.get(run).expect(200)).text).toContain('This run was cancelled');
    for (const act of ['pauses', 'resumptions', 'cancellations', 'doubts', 'variants'])
      await post(rep, `${run}/${act}`, { batch: '1', decision: 'again' }).expect(403);
    expect((await rep.get('/console/runs?state=cancelled').expect(200)).text).toContain('Held');
  });

  test('has a ledger that is searched, filtered, and downloaded', async () => {
    const { run, id } = await planned('Ledger');
    const rows = (html: string) => [...html.matchAll(/class="row-link" href="\/console\/campaigns\/[^"]+">([^<]*)</g)].length;
    expect(rows((await rep.get(`${run}/ledger`).expect(200)).text)).toBe(3);
    expect(rows((await rep.get(`${run}/ledger?state=skipped&reason=duplicate`).expect(200)).text)).toBe(1);
    expect(rows((await rep.get(`${run}/ledger?q=omar`).expect(200)).text)).toBe(1);
    expect((await rep.get(`${run}/ledger?q=omar`).expect(200)).text).not.toContain('<b>Haddad');
    expect((await rep.get(`${run}/ledger?outcome=clicked`).expect(200)).text).toContain('Nobody in this run is like that');
    for (const odd of ['state=x', 'outcome=__proto__', 'batch=-4', 'reason=%27', 'page=99', `q=${'%25'.repeat(50)}`])
      await rep.get(`${run}/ledger?${odd}`).expect(200);
    const csv = await rep.get(`${run}/ledger.csv`).expect(200);
    expect(csv.headers['content-disposition']).toContain(`run-${String(id)}.csv`);
    const lines = parse<Record<string, string>>(csv.text, { bom: true, columns: true });
    expect(lines.map(({ State }) => State).sort()).toEqual(['planned', 'planned', 'skipped']);
    expect(parse((await rep.get(`${run}/ledger.csv?state=skipped`).expect(200)).text, { bom: true, columns: true })).toHaveLength(1);
    expect((await rep.get(`${run}/proof`).expect(200)).text).toContain('So far everything adds up');
  });

  test('says which batches nobody can settle, until somebody decides', async () => {
    const { run, id } = await planned('In doubt');
    await sql`update runs set state = 'sending', started_at = now() where id = ${id}`.execute(db);
    await sql`update batches set state = 'doubt', posted_at = now(), error = 'the connection broke' where run_id = ${id}`.execute(db);
    await sql`update deliveries set state = 'doubt' where run_id = ${id} and state = 'planned'`.execute(db);
    await sql`
      update run_statistics set counts = counts || jsonb_build_object('planned', 0, 'doubt', counts -> 'planned') where run_id = ${id}`.execute(
      db,
    );
    const { text } = await csm.get(run).expect(200);
    expect(text).toMatch(/batch(es)? (is|are) in doubt/);
    expect(text).toContain('the connection broke');
    expect((await rep.get(run).expect(200)).text).not.toContain('/doubts');
    const batches = [...text.matchAll(/name="batch" value="(\d+)"/g)].map(([, batch]) => batch);
    for (const batch of new Set(batches)) await post(csm, `${run}/doubts`, { batch, decision: 'failed' }).expect(303);
    const decided = (await csm.get(run).expect(200)).text;
    expect(decided).not.toContain('the connection broke');
    expect(decided).toContain('In doubt, and counted as failed by a person');
  });

  test('can be dry: it plans everything, writes down what would become of each, and needs no approval', async () => {
    const page = await ready('Dry');
    const { headers } = await post(csm, `${page}/dry-runs`, { key: randomUUID() }).expect(303);
    const run = headers.location ?? '';
    await planRun({ runId: Number(run.split('/').pop()) });
    const { text } = await csm.get(`${run}/ledger?reason=dry_run`).expect(200);
    expect(text).toContain('They would have got it');
    const review = (await csm.get(`${page}/review`).expect(200)).text;
    expect(review).toContain(run);
    expect(review).toMatch(/[12] (people|person) would get it, \d+ are left out|one person would get it, \d+ are left out/);
    expect((await csm.get(run).expect(200)).text).toContain('Would get it');
  });

  test('is told on the pages of the person and the account that it was about', async () => {
    await planned('Told elsewhere');
    const { rows } = await sql<{ id: number; accountId: string }>`
      select id, account_id as "accountId" from account_people where name like 'Omar%'`.execute(db);
    const [omar] = rows;
    expect((await rep.get(`/console/people/${String(omar?.id)}`).expect(200)).text).toContain('Told elsewhere');
    expect((await rep.get(`/console/accounts/${String(omar?.accountId)}/messages`).expect(200)).text).toContain('Told elsewhere');
  });
}); // prettier-ignore

test('topics are made with their words, changed, and taken from what is offered', async () => {
  const topic = { code: 'training', messageClass: 'success', asks: 'optIn', 'name-en': 'Training', 'description-en': 'Courses', 'name-de': 'Schulung' };
  await post(rep, '/console/topics/new', topic).expect(403);
  expect((await post(csm, '/console/topics/new', { ...topic, code: 'Not a code', 'description-fr': 'Cours' }).expect(422)).text).toContain('Schulung');
  await post(csm, '/console/topics/new', topic).expect(303);
  expect((await post(csm, '/console/topics/new', topic).expect(422)).text).toContain('There is a topic by that code');
  expect((await rep.get('/console/topics').expect(200)).text).toContain('Only who asked for it');
  await post(csm, '/console/topics/training/edit', { 'name-en': 'Courses' }).expect(303);
  const { text } = await csm.get('/console/topics').expect(200);
  expect(text).toContain('Courses');
  expect(text).toContain('Not offered');
  await csm.get('/console/topics/nothing/edit').expect(404);
}); // prettier-ignore

test('caps and quiet hours of the house are an administrator’s; half of one is not taken', async () => {
  const path = '/console/settings/campaigns';
  const fields = { zone: 'Europe/Oslo', 'marketing-email-personMessages': '2', 'marketing-email-personDays': '14' };
  await post(csm, `${path}/changes`, fields).expect(403);
  expect((await csm.get(path).expect(200)).text).toContain('Administrators change these');
  const half = await post(admin, `${path}/changes`, { ...fields, 'success-chat-quietFrom': '20', 'marketing-email-personDays': '400' }).expect(422);
  expect(half.text).toContain('href="#field-success-chat-quietUntil"');
  expect(half.text).toContain('value="400"');
  await post(admin, `${path}/changes`, fields).expect(303);
  expect((await admin.get(path).expect(200)).text).toMatch(/name="marketing-email-personDays" value="14"/);
}); // prettier-ignore

describe('why somebody did, or did not, get it', () => {
  const personOf = async (account: string) => {
    const { rows } = await sql<{ id: number }>`
      select p.id from account_people p join accounts a on a.id = p.account_id where p.name = 'Nora Lund' and a.name = ${account}`.execute(db);
    return String(rows[0]?.id);
  };

  test('is told before it is sent: whether they would, and what decides', async () => {
    const page = await ready('Would they', 'success');
    const found = await rep.get(`${page}/people?q=nora`).expect(200);
    expect([...found.text.matchAll(/people\?person=\d+/g)]).toHaveLength(2);
    const [bergen, aldgate] = [await personOf('Bergen Foods'), await personOf('Aldgate Printing')];
    const told = await Promise.all([bergen, aldgate].map((id) => rep.get(`${page}/people?person=${id}`).expect(200)));
    const verdicts = told.map(({ text }) => /Nora Lund would( not)? get it now/.exec(text)?.[1] ?? '');
    expect(verdicts.toSorted()).toEqual(['', ' not']);
    expect(told.some(({ text }) => text.includes('Written to through another account'))).toBe(true);
    await rep.get(`${page}/people?person=99999999`).expect(404);
    await rep.get(`${page}/people?person=x&q=%25`).expect(200);
  });

  test('is told after it was planned, with what it rests on and each row of the ledger', async () => {
    const { page, run } = await planned('Did they');
    const id = await personOf('Bergen Foods');
    const { text } = await rep.get(`${page}/people?person=${id}`).expect(200);
    expect(text).toMatch(/Nora Lund (waits for it|did not get it)/);
    expect(text).toContain(`href="${run}"`);
    expect(text).toContain('industry is Retail');
  });
}); // prettier-ignore

test('an address is suppressed by hand, found again, kept out, and freed with a trace', async () => {
  const path = '/console/suppressions';
  await post(rep, `${path}/new`, { address: 'omar@bergen.example', channel: 'email' }).expect(403);
  expect((await post(csm, `${path}/new`, { address: '', channel: 'email', comment: 'Kept as typed' }).expect(422)).text).toContain('Kept as typed');
  await post(csm, `${path}/new`, { address: 'Omar@Bergen.example', channel: 'email', comment: 'Asked by phone' }).expect(303);
  const { text } = await rep.get(`${path}?q=omar@bergen.example`).expect(200);
  expect(text).toContain('Asked by phone');
  expect(text).not.toContain('/lifts');
  const page = await ready('Without Omar', 'success');
  expect((await csm.get(`${page}/audience/preview`).expect(200)).text).toContain('The address is suppressed');
  const lifting = /action="(\/console\/suppressions\/\d+\/lifts)"/.exec((await csm.get(path).expect(200)).text)?.[1] ?? '';
  await post(rep, lifting).expect(403);
  await post(csm, lifting).expect(303);
  expect((await csm.get(`${path}?q=omar@bergen.example`).expect(200)).text).toContain('No suppression is like that');
  expect((await csm.get(`${path}?state=lifted`).expect(200)).text).toContain('Freed');
}); // prettier-ignore

test('another system’s key is shown once, and revoked', async () => {
  const page = await begun('By key');
  await post(csm, `${page}/when`, { kind: 'api' }).expect(303);
  const made = await post(csm, `${page}/keys`).expect(200);
  const key = /<code>(rck_[\w-]+)<\/code>/.exec(made.text)?.[1] ?? '';
  expect(key.length).toBeGreaterThan(20);
  const { text } = await csm.get(`${page}/when`).expect(200);
  expect(text).not.toContain(key);
  const revoking = /action="([^"]+\/revocations)"/.exec(text)?.[1] ?? '';
  await post(csm, revoking).expect(303);
  await post(csm, revoking).expect(404);
}); // prettier-ignore

test('a campaign begins with a copy of a template, which stays as it is', async () => {
  const content = await versionSeenBy(await staffViewer(clara), message);
  const template = await createMessage(await staffViewer(clara), { name: 'Plain', description: '', content: content.content }, 'template');
  const page = await begun('From a template');
  await post(csm, `${page}/messages`, { templateId: randomUUID() }).expect(404);
  await post(csm, `${page}/messages`, { templateId: template }).expect(303);
  const { text } = await csm.get(page).expect(200);
  expect(text).toContain('From a template (version 1)');
  expect(text).not.toContain(template);
}); // prettier-ignore
