import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { AccountViewer } from '../../src/access/viewer.ts';
import { passOverLoaded, tellCustomers } from '../../src/cases/answers.ts';
import { openCase } from '../../src/cases/cases.ts';
import { closeCase, reopenCase } from '../../src/cases/closure.ts';
import { replyToCase } from '../../src/cases/replies.ts';
import { DAY, now } from '../../src/platform/clock.ts';
import { db, pool, sql } from '../../src/platform/db.ts';
import { locales } from '../../src/platform/locale.ts';
import { type Mail, rendered } from '../../src/platform/mail.ts';
import { givenChanges, givenComment, givenEmail } from '../support/case-history.ts';
import { givenCase, givenContact } from '../support/mirror.ts';
import { customerViewer, givenCustomer } from '../support/people.ts';

let maya: AccountViewer;
let contact: { id: string; email: string };

beforeAll(async () => {
  const person = await givenCustomer({ name: 'Maya Okafor', locale: 'de' });
  maya = await customerViewer(person);
  contact = person.contact;
});

beforeEach(async () => {
  await sql`delete from graphile_worker._private_jobs`.execute(db);
});

afterAll(async () => {
  await pool.end();
});

const givenOurs = async () =>
  await givenCase({ account: { id: maya.accountId }, contact, number: '00001234' });

/** The mails that wait to be sent. */
async function mails(): Promise<Mail[]> {
  const { rows } = await sql<{ payload: Mail }>`
    select j.payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
    where t.identifier = 'send_mail' order by j.id`.execute(db);
  return rows.map((row) => row.payload);
}

async function synced(table: string, ...rows: { id: string }[]): Promise<void> {
  const ids = rows.map((row) => row.id);
  await tellCustomers({ table, batch: await givenChanges(table, ids) });
}

describe('when Support answers', () => {
  test("the case's contact gets one mail in their language, with the first words and the way to the case", async () => {
    const on = await givenOurs();
    const comment = await givenComment(on, { body: 'Please install 8.2.', at: now() });
    await synced('case_comments', comment);
    await synced('case_comments', comment);
    expect(await mails()).toEqual([
      {
        to: { email: contact.email, name: 'Maya Okafor', locale: 'de' },
        template: 'case-answered',
        data: {
          path: `/portal/cases/${on.id}`,
          number: '00001234',
          subject: 'Backup stops at 40 %',
          quote: 'Please install 8.2.',
        },
      },
    ]);
  });

  test('several answers at once are one mail, with the newest', async () => {
    const on = await givenOurs();
    const first = await givenComment(on, { body: 'First', at: new Date(now().getTime() - 5000) });
    const second = await givenComment(on, { body: 'Second', at: now() });
    await synced('case_comments', first, second);
    expect((await mails()).map((mail) => mail.data?.quote)).toEqual(['Second']);
  });

  test('by an e-mail that customers may see, they get a mail; by an internal or incoming one they get none', async () => {
    const on = await givenOurs();
    const outgoing = await givenEmail(on, { text: 'Try again', at: now() });
    const internal = await givenEmail(on, { isVisible: false, at: now() });
    const incoming = await givenEmail(on, { isIncoming: true, at: now() });
    await synced('case_emails', internal, incoming);
    expect(await mails()).toEqual([]);
    await synced('case_emails', outgoing, internal, incoming);
    expect(await mails()).toHaveLength(1);
  });

  test('an internal comment tells nobody, until it is published', async () => {
    const on = await givenOurs();
    const comment = await givenComment(on, { isPublished: false, at: now() });
    await synced('case_comments', comment);
    expect(await mails()).toEqual([]);
    await db.updateTable('case_comments').set({ is_published: true }).where('id', '=', comment.id).execute();
    await synced('case_comments', comment);
    expect(await mails()).toHaveLength(1);
  });

  test('nobody is told of what is older than a week, of a deleted case, or where there is no address', async () => {
    const old = await givenComment(await givenOurs(), { at: new Date(now().getTime() - 8 * DAY) });
    const deleted = await givenOurs();
    await db.updateTable('cases').set({ deleted_at: now() }).where('id', '=', deleted.id).execute();
    const orphan = await givenCase({ account: { id: maya.accountId } });
    const silent = await givenContact({ account: { id: maya.accountId }, email: ' ' });
    const unreachable = await givenCase({ account: { id: maya.accountId }, contact: silent });
    const comments = [
      old,
      ...(await Promise.all([deleted, orphan, unreachable].map((on) => givenComment(on, { at: now() })))),
    ];
    await synced('case_comments', ...comments);
    expect(await mails()).toEqual([]);
  });
});

describe('nobody is told of their own doing', () => {
  test('a reply from the portal is no news, not even where the mirror meets its copy first', async () => {
    const id = await openCase(maya, { id: randomUUID(), subject: 'S', description: 'D', priority: 'low' });
    await replyToCase(maya, id, { id: randomUUID(), text: 'My own words' });
    const own = await db
      .selectFrom('case_comments')
      .select(['id', 'body'])
      .where('case_id', '=', id)
      .executeTakeFirstOrThrow();
    const copy = await givenComment({ id }, { body: own.body, at: now() });
    await synced('case_comments', own, copy);
    expect(await mails()).toEqual([]);
  });

  test('what an initial load brought is no news when it changes later', async () => {
    const on = await givenOurs();
    const comment = await givenComment(on, { at: now() });
    const email = await givenEmail(on, { at: now() });
    const closed = await givenCase({
      account: { id: maya.accountId },
      contact,
      status: 'Closed',
      is_closed: true,
    });
    await db.updateTable('cases').set({ closed_at: now() }).where('id', '=', closed.id).execute();
    for (const table of ['case_comments', 'case_emails', 'cases']) await passOverLoaded({ table });
    await synced('case_comments', comment);
    await synced('case_emails', email);
    await synced('cases', closed, on);
    expect(await mails()).toEqual([]);
  });
});

describe('when a case is closed', () => {
  const close = async (id: string) => {
    await db
      .updateTable('cases')
      .set({ is_closed: true, status: 'Closed', closed_at: now() })
      .where('id', '=', id)
      .execute();
  };
  const open = async (id: string) => {
    await db
      .updateTable('cases')
      .set({ is_closed: false, status: 'Working', closed_at: null })
      .where('id', '=', id)
      .execute();
  };

  test('by Support, the contact is told once, and once more when it is closed again', async () => {
    const on = await givenOurs();
    await close(on.id);
    await synced('cases', on);
    await synced('cases', on);
    expect((await mails()).map((mail) => mail.template)).toEqual(['case-closed']);
    await open(on.id);
    await synced('cases', on);
    await close(on.id);
    await synced('cases', on);
    expect(await mails()).toHaveLength(2);
  });

  test('by the customer, nobody is told, even when the sync brings the case back before and after', async () => {
    const on = await givenOurs();
    await closeCase(maya, on.id);
    await open(on.id);
    await synced('cases', on);
    await close(on.id);
    await synced('cases', on);
    expect(await mails()).toEqual([]);
    await reopenCase(maya, on.id);
    await close(on.id);
    await synced('cases', on);
    expect(await mails()).toHaveLength(1);
  });
});

describe('the mail', () => {
  const data = {
    path: '/portal/cases/1',
    number: '42',
    subject: 'A\r\nBcc: x {{brand}} $t(shared.hello) <b>',
    quote: '<script>alert(1)</script>',
  };

  test.each(locales)('has all its words in %s', (locale) => {
    for (const template of ['case-answered', 'case-closed']) {
      const { subject, html, text } = rendered(
        template,
        { email: 'a@b.example', name: 'Maya', locale },
        data,
      );
      expect(subject).toContain('42');
      expect(`${subject}${html}${text}`).not.toMatch(/case-(answered|closed)\.|undefined/);
      expect(html).toContain(`/${locale}/portal/cases/1`);
    }
  });

  test('takes what customers and Support wrote as words, never as template, header or markup', () => {
    const { subject, html } = rendered(
      'case-answered',
      { email: 'a@b.example', name: 'Maya', locale: 'en' },
      data,
    );
    expect(subject).toBe('New answer to case 42: A Bcc: x {{brand}} $t(shared.hello) <b>');
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toContain('<script>');
  });
});
