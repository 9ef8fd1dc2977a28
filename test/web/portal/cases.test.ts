import { randomUUID } from 'node:crypto';

import type { Express } from 'express';
import fc from 'fast-check';
import type { Agent } from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import type { AccountViewer } from '../../../src/access/viewer.ts';
import { caseSeenBy } from '../../../src/cases/cases.ts';
import { db, pool } from '../../../src/platform/db.ts';
import { givenComment, givenEmail, givenFile } from '../../support/case-history.ts';
import { givenAccount, givenCase, givenContact } from '../../support/mirror.ts';
import { customerViewer, givenCustomer, givenPerson, signedIn } from '../../support/people.ts';
import { statementsOf } from '../../support/statements.ts';

let app: Express;
let maya: AccountViewer;
let browser: Agent;

beforeAll(async () => {
  app = createApp();
  const person = await givenCustomer({ name: 'Maya Okafor' });
  maya = await customerViewer(person);
  browser = await signedIn(app, person);
});

afterAll(async () => {
  await pool.end();
});

const givenOurs = async (given: Parameters<typeof givenCase>[0] = {}) =>
  await givenCase({ account: { id: maya.accountId }, contact: { id: maya.contactId }, ...given });

const draftOf = (html: string) => /name="id" value="([0-9a-f-]{36})"/.exec(html)?.[1] ?? '';

const newCase = async (changes: Record<string, string> = {}) => {
  const { text } = await browser.get('/portal/cases/new').expect(200);
  return {
    id: draftOf(text), subject: 'Restore fails', description: 'Since Tuesday.', priority: 'high', product: '', ...changes,
  }; // prettier-ignore
};

const sent = (path: string, fields: Record<string, string>) => {
  const post = browser.post(path);
  for (const [name, value] of Object.entries(fields)) void post.field(name, value);
  return post;
};

const casesNow = async () =>
  await db.selectFrom('cases').select('id').where('account_id', '=', maya.accountId).execute();

describe('the list', () => {
  test('says what to do while there is nothing, and what to do when nothing matches', async () => {
    const nobody = await signedIn(app, await givenCustomer());
    expect((await nobody.get('/portal/cases').expect(200)).text).toContain('No cases yet');
    await givenOurs({ subject: 'Tape drive', number: '00004711' });
    const none = await browser.get('/portal/cases').query({ q: 'nothing like it' }).expect(200);
    expect(none.text).toContain('No case matches');
    expect(none.text).toContain('value="nothing like it"');
  });

  test('takes any query without failing', async () => {
    for (const query of [
      'status=boss',
      'page=-1',
      'page=99999999999',
      'sort=password',
      'q=%27%22%3Cscript%3E',
      'mine=',
      'q[]=a',
      'q=a&q=b',
    ])
      await browser.get(`/portal/cases?${query}`).expect(200);
  });

  test('speaks the language of its address', async () => {
    expect((await browser.get('/de/portal/cases').expect(200)).text).toContain('Supportfälle');
    expect((await browser.get('/ja/portal/cases').expect(200)).text).toContain('サポートケース');
  });

  test('costs one statement beside that for session and viewer, a case two', async () => {
    const beside = await statementsOf(async () => await browser.get('/portal/cases/not-an-id').expect(404));
    expect(beside).toBeGreaterThan(0);
    const costOf = async (path: string) =>
      (await statementsOf(async () => await browser.get(path).expect(200))) - beside;
    expect(await costOf('/portal/cases')).toBe(1);
    const { id } = await givenOurs();
    expect(await costOf(`/portal/cases/${id}`)).toBe(2);
    expect(await costOf('/portal/cases/new')).toBe(1);
  });
});

describe('opening a case', () => {
  test('leads to it, pending, and says so', async () => {
    const form = await newCase();
    const answer = await sent('/portal/cases', form).expect(303);
    expect(answer.headers.location).toBe(`/portal/cases/${form.id}`);
    const { text } = await browser.get(`/portal/cases/${form.id}`).expect(200);
    expect(text).toContain('Restore fails');
    expect(text).toContain('We have your case');
  });

  test('says so when Support has to look at it, and when it was not taken over', async () => {
    const form = await newCase();
    await sent('/portal/cases', form).expect(303);
    await db.updateTable('outbox').set({ status: 'failed' }).where('rapport_id', '=', form.id).execute();
    expect((await browser.get(`/portal/cases/${form.id}`)).text).toContain('Support is looking at it');
    await db.updateTable('cases').set({ refused_at: new Date() }).where('id', '=', form.id).execute();
    const { text } = await browser.get(`/de/portal/cases/${form.id}`).expect(200);
    expect(text).toContain('Ihr Fall wurde nicht übernommen');
  });

  test('keeps the language of its address', async () => {
    const answer = await sent('/de/portal/cases', await newCase()).expect(303);
    expect(answer.headers.location).toMatch(/^\/de\/portal\/cases\//);
  });

  test('keeps what was typed and handed in when something is wrong', async () => {
    const before = await casesNow();
    const form = await newCase({ subject: '', description: 'A long story & <b>more</b>' });
    const again = await sent('/portal/cases', form)
      .attach('files', Buffer.from('12:00 ok'), 'backup.log')
      .expect(422);
    expect(again.text).toContain('Write a subject.');
    expect(again.text).toContain('A long story &amp; &lt;b&gt;more&lt;/b&gt;');
    expect(again.text).toContain('backup.log');
    expect(draftOf(again.text)).toBe(form.id);
    expect(await casesNow()).toEqual(before);
    const kept = /name="kept" value="([0-9a-f-]{36})"/.exec(again.text)?.[1] ?? '';
    await sent('/portal/cases', { ...form, subject: 'Now with a subject', kept }).expect(303);
    expect((await caseSeenBy(maya, form.id)).timeline).toMatchObject([
      { kind: 'file', name: 'backup.log', size: 8 },
    ]);
  });

  test('tells all that is wrong at once, files and fields', async () => {
    const form = await newCase({ subject: '' });
    const again = await sent('/portal/cases', form)
      .attach('files', Buffer.from('MZ'), 'setup.exe')
      .expect(422);
    expect(again.text).toContain('Write a subject.');
    expect(again.text).toContain('Programs are not accepted');
  });

  test('takes several files with their names in any script', async () => {
    const form = await newCase();
    await sent('/portal/cases', form)
      .attach('files', Buffer.from('one'), 'スクリーン ショット.txt')
      .attach('files', Buffer.from('two'), '../../etc/<b>passwd')
      .expect(303);
    const { timeline } = await caseSeenBy(maya, form.id);
    expect(timeline.map((entry) => entry.kind === 'file' && entry.name)).toEqual([
      'スクリーン ショット.txt',
      'b passwd',
    ]);
  });

  test('twice by a double click opens one case with its files once', async () => {
    const form = await newCase();
    const post = async () =>
      await sent('/portal/cases', form).attach('files', Buffer.from('one'), 'one.txt').expect(303);
    await Promise.all([post(), post()]);
    expect((await caseSeenBy(maya, form.id)).timeline).toHaveLength(1);
  });
});

describe('a case', () => {
  test('shows text as text and links as links', async () => {
    const { id } = await givenOurs({
      subject: '<img src=x onerror=alert(1)>',
      description: '<script>alert(2)</script> https://ok.example/?a=1&b=2',
    });
    const { text } = await browser.get(`/portal/cases/${id}`).expect(200);
    expect(text).not.toContain('<img src=x');
    expect(text).not.toContain('<script>alert');
    expect(text).toContain('href="https://ok.example/?a=1&amp;b=2"');
  });

  test('never shows what is internal, nor an id of Salesforce', async () => {
    const on = await givenOurs({ status: 'Escalated' });
    await givenComment(on, { body: 'SECRET remark', isPublished: false });
    const email = await givenEmail(on, { html: '<p>Hello</p>' });
    await givenEmail(on, { subject: 'SECRET', isVisible: false });
    const file = await givenFile(on);
    await givenFile(on, { title: 'SECRET', visibility: 'InternalUsers' });
    const list = await browser.get('/portal/cases').expect(200);
    const page = await browser.get(`/portal/cases/${on.id}`).expect(200);
    for (const text of [list.text, page.text]) {
      expect(text).not.toMatch(/SECRET|Escalated/);
      for (const id of [on.salesforceId, email.id, file.documentId, file.versionId])
        expect(text).not.toContain(id);
    }
  });

  test('takes a reply with a file, shows it at once, and once when it was sent twice', async () => {
    const { id } = await givenOurs();
    const page = await browser.get(`/portal/cases/${id}`).expect(200);
    const fields = { id: draftOf(page.text), text: 'Here is the log.' };
    const post = async () =>
      await sent(`/portal/cases/${id}/replies`, fields)
        .attach('files', Buffer.from('log'), 'a.log')
        .expect(303);
    await Promise.all([post(), post()]);
    await post();
    const kinds = (await caseSeenBy(maya, id)).timeline.map((entry) => entry.kind);
    expect(kinds).toEqual(['comment', 'file']);
    const { text } = await browser.get(`/portal/cases/${id}`).expect(200);
    expect(text).toContain('Here is the log.');
    expect(text).toContain('On its way to Support');
  });

  test('asks for words when a reply has none, on the page of the case', async () => {
    const { id } = await givenOurs({ subject: 'Still here' });
    const again = await sent(`/portal/cases/${id}/replies`, { id: randomUUID(), text: '  ' }).expect(422);
    expect(again.text).toContain('Write something, or add a file.');
    expect(again.text).toContain('Still here');
    await browser.get(`/portal/cases/${id}/replies`).expect(303).expect('location', `/portal/cases/${id}`);
  });

  test('is closed and opened again', async () => {
    const { id } = await givenOurs();
    await browser.post(`/portal/cases/${id}/closure`).expect(303);
    const { text } = await browser.get(`/portal/cases/${id}`);
    expect(text).toContain('This case is closed');
    expect(text).toContain('On its way to Support');
    await browser.post(`/portal/cases/${id}/reopening`).expect(303);
    expect((await caseSeenBy(maya, id)).status).toBe('working');
  });
});

describe('a stranger', () => {
  test('is told that there is no such case, whatever they try; a visitor is sent to sign in', async () => {
    const { id } = await givenOurs();
    await givenFile({ id });
    const [file] = (await caseSeenBy(maya, id)).timeline;
    const stranger = await signedIn(app, await givenCustomer());
    const page = `/portal/cases/${id}`;
    await stranger.get(page).expect(404);
    await stranger.get(`${page}/files/${file?.id ?? ''}`).expect(404);
    await stranger.post(`${page}/closure`).expect(404);
    await stranger.post(`${page}/reopening`).expect(404);
    await stranger.post(`${page}/replies`).field('id', randomUUID()).field('text', 'Hi').expect(404);
    await stranger.post(`${page}/replies`).field('id', 'x').expect(404);
    await stranger.get('/portal/cases/1').expect(404);
    await stranger.get(`/portal/cases/${id}/files/1`).expect(404);
    const { default: request } = await import('supertest');
    await request(app).get(page).expect(303);
    await request(app).post(`${page}/closure`).expect(403);
    expect((await caseSeenBy(maya, id)).status).toBe('received');
  });
});

describe('a link to a case of one’s other account (C4)', () => {
  test('offers to act for that account, and then opens it', async () => {
    const [first, second] = [await givenAccount(), await givenAccount({ name: 'Halden Cold Storage' })];
    const contact = await givenContact({
      account: first,
      related: [{ account: second, roles: ['Decision Maker'] }],
    });
    const person = await givenPerson({ contacts: [contact] });
    const theirs = await givenCase({ account: second, subject: 'Freezer log' });
    const agent = await signedIn(app, person);
    const offer = await agent.get(`/de/portal/cases/${theirs.id}`).expect(404);
    expect(offer.text).toContain('Zu Halden Cold Storage wechseln und öffnen');
    expect(offer.text).not.toContain('Freezer log');
    const switched = await agent
      .post('/account/current')
      .type('form')
      .send({ accountId: second.id, next: `/de/portal/cases/${theirs.id}` })
      .expect(303);
    const opened = await agent.get(switched.headers.location ?? '').expect(200);
    expect(opened.text).toContain('Freezer log');
  });

  test('offers nothing where only a colleague’s case is there, and leads to no other site', async () => {
    const [first, second] = [await givenAccount(), await givenAccount()];
    const contact = await givenContact({ account: first, related: [{ account: second, roles: [] }] });
    const person = await givenPerson({ contacts: [contact] });
    const colleague = await givenContact({ account: second });
    const theirs = await givenCase({ account: second, contact: colleague });
    const agent = await signedIn(app, person);
    const answer = await agent.get(`/portal/cases/${theirs.id}`).expect(404);
    expect(answer.text).not.toContain('another of your accounts');
    const switched = await agent
      .post('/account/current')
      .type('form')
      .send({ accountId: second.id, next: '//evil.example' })
      .expect(303);
    expect(switched.headers.location).toBe('/home');
  });
});

describe('anything sent (F15)', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom('', '0', 'null', '__proto__', '-1', '1e309', '\u0000'),
  );

  test('is answered as what it is, never as a fault of ours', async () => {
    const { id } = await givenOurs();
    const names = fc.constantFrom(
      'id',
      'subject',
      'description',
      'priority',
      'product',
      'text',
      'kept',
      'q',
      'status',
      'sort',
      'page',
      'mine',
      '__proto__',
      'a[b]',
    );
    const fields = fc.array(fc.tuple(names, text), { maxLength: 8 });
    const paths = fc.constantFrom(
      '/portal/cases',
      `/portal/cases/${id}/replies`,
      `/portal/cases/${id}/closure`,
      `/portal/cases/${id}/reopening`,
    );
    await fc.assert(
      fc.asyncProperty(paths, fields, fc.boolean(), async (path, pairs, isMultipart) => {
        const query = pairs
          .map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`)
          .join('&');
        const read = await browser.get(`/portal/cases?${query}`);
        const written = isMultipart
          ? await sentPairs(path, pairs)
          : await browser.post(path).type('form').send(query);
        expect([read.status, written.status].every((status) => status < 500)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  async function sentPairs(path: string, pairs: [string, string][]) {
    const parts = pairs.map(
      ([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    return await browser
      .post(path)
      .type('multipart/form-data; boundary=x')
      .send(`${parts.join('')}--x--\r\n`);
  }
});
