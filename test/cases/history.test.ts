import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { AccountViewer } from '../../src/access/viewer.ts';
import { caseSeenBy } from '../../src/cases/cases.ts';
import { closeCase } from '../../src/cases/closure.ts';
import { noteDeliveries } from '../../src/cases/deliveries.ts';
import { fileSeenBy } from '../../src/cases/files.ts';
import { db, pool, sql } from '../../src/platform/db.ts';
import { NotFound } from '../../src/platform/errors.ts';
import { givenComment, givenEmail, givenFile, givenStatusChange } from '../support/case-history.ts';
import { givenCase, givenUser } from '../support/mirror.ts';
import { customerViewer, givenCustomer } from '../support/people.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 12, minute));

let maya: AccountViewer;
const givenOurCase = async () =>
  await givenCase({ account: { id: maya.accountId }, contact: { id: maya.contactId } });
const lastWrite = async () =>
  (await db.selectFrom('outbox').select('id').orderBy('id', 'desc').executeTakeFirstOrThrow()).id;
const historyOf = async (id: string) => (await caseSeenBy(maya, id)).timeline;

beforeAll(async () => {
  maya = await customerViewer(await givenCustomer({ name: 'Maya Okafor' }));
});

afterAll(async () => {
  await pool.end();
});

describe("a case's history", () => {
  test('is one timeline of comments, e-mails, changes of status and files, oldest first', async () => {
    const on = await givenOurCase();
    const { id: authorId } = await givenUser({ name: 'Sam Whitfield' });
    await givenStatusChange(on, null, 'New', at(1));
    await givenComment(on, { body: 'See https://tidewater.example/kb/7.', authorId, at: at(3) });
    await givenEmail(on, { subject: 'Re: Backup', html: '<p>Hello <b>Maya</b></p>', at: at(5) });
    await givenStatusChange(on, 'Working', 'Waiting on Customer', at(6));
    await givenFile(on, { title: 'log', extension: 'txt' });
    const history = await historyOf(on.id);
    expect(history.map((entry) => entry.kind)).toEqual(['file', 'status', 'comment', 'email', 'status']);
    expect(history[2]).toMatchObject({
      author: 'Sam Whitfield', isCustomers: false, isPending: false,
      text: [{ text: 'See ' }, { text: 'https://tidewater.example/kb/7', href: 'https://tidewater.example/kb/7' }, { text: '.' }],
    }); // prettier-ignore
    expect(history[3]).toMatchObject({ subject: 'Re: Backup', html: '<p>Hello <b>Maya</b></p>', text: [] });
    expect(history[4]).toMatchObject({ status: 'waiting' });
    expect(history[0]).toMatchObject({ name: 'log.txt', size: 1234 });
  });

  test("tells statuses in the customer's words, and not what is one to them", async () => {
    const on = await givenOurCase();
    await givenStatusChange(on, 'New', 'Working', at(1));
    await givenStatusChange(on, 'Working', 'Escalated', at(2));
    await givenStatusChange(on, 'Escalated', 'On Hold', at(3));
    await givenStatusChange(on, 'On Hold', 'Closed', at(4));
    expect((await historyOf(on.id)).map((entry) => entry.kind === 'status' && entry.status)).toEqual([
      'working',
      'closed',
    ]);
    expect(JSON.stringify(await caseSeenBy(maya, on.id))).not.toMatch(/escalat|hold/i);
  });

  test('tells a closing by the customer once: pending, then as Salesforce recorded it', async () => {
    const on = await givenOurCase();
    await closeCase(maya, on.id);
    expect(await historyOf(on.id)).toMatchObject([{ kind: 'status', act: 'closed', isPending: true }]);
    await noteDeliveries({
      sobject: 'Case',
      rows: [{ rapportId: on.id, salesforceId: on.salesforceId, outboxId: await lastWrite() }],
    });
    await givenStatusChange(on, 'New', 'Closed', new Date());
    expect(await historyOf(on.id)).toMatchObject([{ kind: 'status', act: 'closed', isPending: false }]);
  });

  test('holds nothing internal: unpublished comments, internal e-mails and files, deleted things, other fields', async () => {
    const on = await givenOurCase();
    await db
      .updateTable('cases')
      .set({
        owner_id: '005SECRETOWNER0000',
        attributes: JSON.stringify({ Comments: 'SECRET field', Reason: 'SECRET reason' }),
      })
      .where('id', '=', on.id)
      .execute();
    const comment = await givenComment(on, { body: 'Visible words' });
    await givenComment(on, { body: 'SECRET internal', isPublished: false });
    await givenComment(on, { body: 'SECRET deleted', deleted: true });
    await givenEmail(on, { subject: 'SECRET mail', text: 'SECRET text', isVisible: false });
    const email = await givenEmail(on, { text: 'Visible mail' });
    const file = await givenFile(on, { title: 'visible' });
    const internal = await givenFile(on, { title: 'SECRET file', visibility: 'InternalUsers' });
    await givenFile(on, { title: 'SECRET unshared', deleted: true });
    await sql`insert into case_changes (id, case_id, field, old_value, new_value, created_at, modified_at)
      values ('017SECRET', ${on.id}, 'Owner', 'SECRET a', 'SECRET b', now(), now())`.execute(db);

    const told = JSON.stringify(await caseSeenBy(maya, on.id));
    expect(told).toContain('Visible words');
    expect(told).toContain('Visible mail');
    expect(told).not.toContain('SECRET');
    for (const id of [
      on.salesforceId,
      comment.salesforceId,
      email.id,
      file.documentId,
      file.versionId,
      internal.documentId,
    ])
      expect(told).not.toContain(id);
    expect(told).not.toContain('tidewater.example');
  });

  test('gives of each entry these fields and no others', async () => {
    const on = await givenOurCase();
    await givenComment(on);
    await givenEmail(on, { text: 'Hi' });
    await givenStatusChange(on, 'New', 'Working');
    await givenFile(on);
    const fields = Object.fromEntries(
      (await historyOf(on.id)).map((entry) => [entry.kind, Object.keys(entry).sort()]),
    );
    const common = ['at', 'author', 'id', 'isCustomers', 'isPending', 'kind', 'standing'];
    expect(fields).toEqual({
      comment: [...common, 'text'].sort(),
      email: [...common, 'html', 'subject', 'text'].sort(),
      status: [...common, 'act', 'status'].sort(),
      file: [...common, 'name', 'size'].sort(),
    });
  });
});

describe('a file of a case', () => {
  test('is found by those who see the case and not where another case is named', async () => {
    const [on, other] = [await givenOurCase(), await givenOurCase()];
    const { versionId } = await givenFile(on);
    const [entry] = await historyOf(on.id);
    expect(await fileSeenBy(maya, on.id, entry?.id ?? '')).toMatchObject({
      name: 'restore-report.pdf',
      kept: { versionId },
    });
    await expect(fileSeenBy(maya, other.id, entry?.id ?? '')).rejects.toThrow(NotFound);
  });

  test('is not found by strangers, visitors or colleagues who do not see the case', async () => {
    const on = await givenOurCase();
    await givenFile(on);
    const [entry] = await historyOf(on.id);
    const stranger = await customerViewer(await givenCustomer());
    const account = { id: maya.accountId, name: maya.accountName };
    const colleague = await customerViewer(await givenCustomer({ account, roles: ['Other'] }));
    for (const viewer of [stranger, colleague, { kind: 'visitor' as const }])
      await expect(fileSeenBy(viewer, on.id, entry?.id ?? '')).rejects.toThrow(NotFound);
  });

  test('is not found while it is internal, even by who knows its id', async () => {
    const on = await givenOurCase();
    const { documentId } = await givenFile(on);
    const [entry] = await historyOf(on.id);
    await db
      .updateTable('file_links')
      .set({ visibility: 'InternalUsers' })
      .where('document_id', '=', documentId)
      .execute();
    await expect(fileSeenBy(maya, on.id, entry?.id ?? '')).rejects.toThrow(NotFound);
    expect(await historyOf(on.id)).toEqual([]);
  });
});
