import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import '../../src/platform/salesforce/mirror/tables.ts';
import type { AccountViewer } from '../../src/access/viewer.ts';
import { casesSeenBy, caseSeenBy, openCase, productsFor, type CaseSearch } from '../../src/cases/cases.ts';
import { closeCase, reopenCase } from '../../src/cases/closure.ts';
import { attach, replyToCase } from '../../src/cases/replies.ts';
import { db, pool, sql } from '../../src/platform/db.ts';
import { Forbidden, Invalid, NotFound, TooMany } from '../../src/platform/errors.ts';
import { givenComment } from '../support/case-history.ts';
import { givenAccount, givenCase, salesforceId } from '../support/mirror.ts';
import { customerViewer, givenCustomer, givenStaff, staffViewer } from '../support/people.ts';

const everything: CaseSearch = {
  text: '', status: 'any', priority: 'any', mine: false, sort: 'opened', descending: true, page: 1, size: 20,
}; // prettier-ignore

const draft = (changes = {}) => ({
  id: randomUUID(),
  subject: 'Restore fails on volume D:',
  description: 'Error 0x80070057 since Tuesday.',
  priority: 'high' as const,
  ...changes,
});

const outboxOf = async (rapportId: string) =>
  await db
    .selectFrom('outbox')
    .selectAll()
    .where('serial_key', '=', `Case:${rapportId}`)
    .orderBy('id')
    .execute();

const eventsOf = async (caseId: string) => {
  const { rows } = await sql<{ name: string }>`
    select name from events where data ->> 'caseId' = ${caseId} order by id`.execute(db);
  return rows.map((row) => row.name);
};

let maya: AccountViewer;

beforeAll(async () => {
  maya = await customerViewer(await givenCustomer({ name: 'Maya Okafor', roles: ['Decision Maker'] }));
});

afterAll(async () => {
  await pool.end();
});

describe('the list of cases', () => {
  const titles = async (viewer: AccountViewer, search: Partial<CaseSearch> = {}) => {
    const { cases } = await casesSeenBy(viewer, { ...everything, ...search });
    return cases.map((line) => line.subject);
  };
  let manager: AccountViewer;
  let colleague: AccountViewer;

  beforeAll(async () => {
    const account = await givenAccount({ name: 'Halden' });
    const managing = await givenCustomer({ account, name: 'Mona Hald', roles: ['Decision Maker'] });
    const plain = await givenCustomer({ account, name: 'Carl Hald', roles: ['Other'] });
    manager = await customerViewer(managing);
    colleague = await customerViewer(plain);
    const at = (day: number) => new Date(Date.UTC(2026, 0, day));
    const { contact } = managing;
    await givenCase({
      account,
      contact,
      subject: 'Alpha 100%',
      status: 'New',
      priority: 'High',
      number: '00001001',
      created_at: at(1),
    });
    const beta = await givenCase({
      account,
      contact,
      subject: 'Beta',
      status: 'Escalated',
      priority: 'Low',
      number: '00001002',
      created_at: at(2),
    });
    await givenCase({
      account,
      contact: plain.contact,
      subject: 'Gamma',
      status: 'Waiting on Customer',
      priority: 'Medium',
      number: '00001003',
      created_at: at(3),
    });
    await givenCase({
      account,
      contact,
      subject: 'Delta',
      status: 'Closed',
      is_closed: true,
      number: '00001004',
      created_at: at(4),
    });
    await givenComment(beta, { body: 'The tape drive was replaced', at: at(9) });
    await givenComment(beta, { body: 'secret internal remark', isPublished: false, at: at(20) });
    await givenCase({ account: await givenAccount({ name: 'Stranger' }), subject: 'Not yours' });
  });

  test('holds all cases of the account and no others', async () => {
    expect(await titles(manager)).toEqual(['Delta', 'Gamma', 'Beta', 'Alpha 100%']);
  });

  test("holds only their own for people who do not see the account's", async () => {
    expect(colleague.caseScope).toBe('own');
    expect(await titles(colleague)).toEqual(['Gamma']);
  });

  test('is filtered by status, priority and whose it is, in the words that customers read', async () => {
    expect(await titles(manager, { status: 'open' })).toEqual(['Gamma', 'Beta', 'Alpha 100%']);
    expect(await titles(manager, { status: 'waiting' })).toEqual(['Gamma']);
    expect(await titles(manager, { status: 'working' })).toEqual(['Beta']);
    expect(await titles(manager, { status: 'closed' })).toEqual(['Delta']);
    expect(await titles(manager, { priority: 'low' })).toEqual(['Beta']);
    expect(await titles(manager, { mine: true })).toEqual(['Delta', 'Beta', 'Alpha 100%']);
  });

  test('is searched by number, subject and published comments, never by internal ones', async () => {
    expect(await titles(manager, { text: '1003' })).toEqual(['Gamma']);
    expect(await titles(manager, { text: 'BETA' })).toEqual(['Beta']);
    expect(await titles(manager, { text: 'tape drive' })).toEqual(['Beta']);
    expect(await titles(manager, { text: 'secret internal' })).toEqual([]);
  });

  test('takes search text literally', async () => {
    expect(await titles(manager, { text: '100%' })).toEqual(['Alpha 100%']);
    expect(await titles(manager, { text: '%' })).toEqual(['Alpha 100%']);
    expect(await titles(manager, { text: '_' })).toEqual([]);
    expect(await titles(manager, { text: `' or 1=1 --` })).toEqual([]);
    expect(await titles(manager, { text: '\\' })).toEqual([]);
  });

  test('is sorted, by the last visible activity among others', async () => {
    expect(await titles(manager, { sort: 'updated' })).toEqual(['Beta', 'Delta', 'Gamma', 'Alpha 100%']);
    expect(await titles(manager, { sort: 'subject', descending: false })).toEqual([
      'Alpha 100%',
      'Beta',
      'Delta',
      'Gamma',
    ]);
    expect(await titles(manager, { sort: 'priority', descending: false })).toEqual([
      'Alpha 100%',
      'Gamma',
      'Beta',
      'Delta',
    ]);
    expect(await titles(manager, { sort: 'status', descending: false })).toEqual([
      'Gamma',
      'Alpha 100%',
      'Beta',
      'Delta',
    ]);
  });

  test('comes in pages with the total', async () => {
    const second = await casesSeenBy(manager, { ...everything, size: 3, page: 2 });
    expect(second.cases.map((line) => line.subject)).toEqual(['Alpha 100%']);
    expect(second.total).toBe(4);
    const beyond = await casesSeenBy(manager, { ...everything, size: 3, page: 9 });
    expect(beyond.total).toBe(4);
  });

  test('gives of each case these fields and no others', async () => {
    const { cases } = await casesSeenBy(manager, { ...everything, text: 'Alpha' });
    expect(Object.keys(cases[0] ?? {}).sort()).toEqual([
      'contactName', 'id', 'isMine', 'isPending', 'number', 'openedAt', 'priority', 'refusal', 'status', 'subject', 'updatedAt',
    ]); // prettier-ignore
  });
});

describe('opening a case', () => {
  test('keeps it at once and sends it to Salesforce, where Support finds it', async () => {
    const opened = draft();
    expect(await openCase(maya, opened)).toBe(opened.id);
    const seen = await caseSeenBy(maya, opened.id);
    expect(seen).toMatchObject({
      subject: opened.subject, description: [{ text: opened.description }], status: 'received', priority: 'high', isMine: true,
      isPending: true, number: undefined, contactName: 'Maya Okafor', timeline: [],
    }); // prettier-ignore
    const [row] = await outboxOf(opened.id);
    expect(row).toMatchObject({
      sobject: 'Case',
      operation: 'upsert',
      rapport_id: opened.id,
      status: 'waiting',
    });
    expect(row?.fields).toEqual({
      Subject: opened.subject, Description: opened.description, Priority: 'High', Origin: 'Web', Status: 'New',
      AccountId: maya.accountId, ContactId: maya.contactId, Rapport_Locale__c: 'en',
    }); // prettier-ignore
    expect(await eventsOf(opened.id)).toEqual(['case.opened']);
  });

  test('the same form sent twice, even at once, opens one case', async () => {
    const opened = draft();
    await Promise.all([openCase(maya, opened), openCase(maya, opened), openCase(maya, opened)]);
    expect(await outboxOf(opened.id)).toHaveLength(1);
    expect(await eventsOf(opened.id)).toEqual(['case.opened']);
  });

  test("nobody opens a case under the id of a stranger's", async () => {
    const theirs = await givenCase({ account: await givenAccount() });
    await expect(openCase(maya, draft({ id: theirs.id }))).rejects.toThrow(NotFound);
  });

  test('needs a subject and a description that fit', async () => {
    const wrong = openCase(maya, draft({ subject: ' \u0000 ', description: '' }));
    await expect(wrong).rejects.toThrow(Invalid);
    await expect(openCase(maya, draft({ subject: 'x'.repeat(256) }))).rejects.toMatchObject({
      fields: { subject: 'cases.errors.subjectLong' },
    });
    await expect(openCase(maya, draft({ description: 'x'.repeat(32_001) }))).rejects.toThrow(Invalid);
  });

  test('makes control characters, line breaks in the subject and half surrogates harmless', async () => {
    const opened = draft({
      subject: 'A\r\nBcc: all@example.com\u0000',
      description: 'one\r\ntwo\ud800\u0007',
    });
    await openCase(maya, opened);
    const seen = await caseSeenBy(maya, opened.id);
    expect(seen.subject).toBe('A Bcc: all@example.com');
    expect(seen.description).toEqual([{ text: 'one\ntwo\ufffd' }]);
  });

  test('may be about a product that the account has a license of, and no other', async () => {
    const [ours, theirs] = [salesforceId('01t'), salesforceId('01t')];
    const modified_at = new Date();
    for (const [id, name] of [
      [ours, 'Tidewater Backup Server'],
      [theirs, 'Tidewater Monitor'],
    ] as const)
      // prettier-ignore
      await sql`insert into products (id, name, kind, modified_at) values (${id}, ${name}, 'Product', ${modified_at})`.execute(db);
    await sql`insert into licenses (id, name, account_id, product_id, modified_at)
              values (${salesforceId('a00')}, 'L-000001', ${maya.accountId}, ${ours}, ${modified_at})`.execute(
      db,
    );
    expect(await productsFor(maya)).toEqual([{ id: ours, name: 'Tidewater Backup Server' }]);
    const opened = draft({ productId: ours });
    await openCase(maya, opened);
    expect((await caseSeenBy(maya, opened.id)).productName).toBe('Tidewater Backup Server');
    await expect(openCase(maya, draft({ productId: theirs }))).rejects.toMatchObject({
      fields: { product: 'cases.errors.productUnknown' },
    });
  });

  test('ends for an hour where somebody opens more than people do', async () => {
    const robot = await customerViewer(await givenCustomer());
    for (let i = 0; i < 60; i++) await openCase(robot, draft());
    await expect(openCase(robot, draft())).rejects.toThrow(TooMany);
    await openCase(maya, draft());
  });

  test('is not for staff or visitors', async () => {
    const support = await staffViewer(await givenStaff({ roles: ['support'] }));
    await expect(openCase(support, draft())).rejects.toThrow(Forbidden);
    await expect(openCase({ kind: 'visitor' }, draft())).rejects.toThrow(Forbidden);
  });
});

describe('replying', () => {
  const opened = async () => await openCase(maya, draft());

  test("writes a published comment headed by the writer's name", async () => {
    const id = await opened();
    await replyToCase(maya, id, { id: randomUUID(), text: ' It happened again.\r\nToday. ' });
    const [, comment] = await outboxOf(id);
    expect(comment).toMatchObject({
      sobject: 'CaseComment', operation: 'create', parent: { field: 'ParentId', sobject: 'Case', rapportId: id },
      fields: { IsPublished: true, CommentBody: 'Maya Okafor (customer portal):\n\nIt happened again.\nToday.' },
    }); // prettier-ignore
    const { timeline } = await caseSeenBy(maya, id);
    expect(timeline).toMatchObject([
      {
        kind: 'comment',
        author: 'Maya Okafor',
        isCustomers: true,
        isPending: true,
        text: [{ text: 'It happened again.\nToday.' }],
      },
    ]);
    expect(await eventsOf(id)).toEqual(['case.opened', 'case.replied']);
  });

  test('splits what Salesforce cannot hold in one comment, and shows it as one', async () => {
    const id = await opened();
    const text = Array.from({ length: 400 }, (_, i) => `Zeile ${String(i)}: Wiederherstellung läuft`).join(
      '\n',
    );
    await replyToCase(maya, id, { id: randomUUID(), text });
    const bodies = (await outboxOf(id)).slice(1).map((row) => String(row.fields.CommentBody));
    expect(bodies.length).toBeGreaterThan(3);
    for (const body of bodies) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(4000);
    const { timeline } = await caseSeenBy(maya, id);
    expect(timeline).toHaveLength(1);
    expect(timeline[0]).toMatchObject({ text: [{ text }] });
  });

  test('the same reply sent twice is one', async () => {
    const id = await opened();
    const reply = { id: randomUUID(), text: 'x '.repeat(4000) };
    await Promise.all([replyToCase(maya, id, reply), replyToCase(maya, id, reply)]);
    await replyToCase(maya, id, reply);
    expect((await outboxOf(id)).filter((row) => row.sobject === 'CaseComment')).toHaveLength(3);
    expect((await eventsOf(id)).filter((name) => name === 'case.replied')).toHaveLength(1);
  });

  test('needs words or files', async () => {
    const id = await opened();
    await expect(replyToCase(maya, id, { id: randomUUID(), text: '  ' })).rejects.toThrow(Invalid);
    await expect(attach(maya, id, [])).rejects.toThrow(Invalid);
  });

  test('opens a closed case again', async () => {
    const id = await opened();
    await closeCase(maya, id);
    await replyToCase(maya, id, { id: randomUUID(), text: 'Not yet.' });
    expect((await caseSeenBy(maya, id)).status).toBe('working');
  });
});

describe('closing and reopening', () => {
  test('changes the status here at once and in Salesforce', async () => {
    const { id, salesforceId: known } = await givenCase({ account: { id: maya.accountId } });
    await closeCase(maya, id);
    await closeCase(maya, id);
    expect(await caseSeenBy(maya, id)).toMatchObject({
      status: 'closed',
      timeline: [{ kind: 'status', act: 'closed', author: 'Maya Okafor' }],
    });
    expect(await outboxOf(id)).toMatchObject([
      { sobject: 'Case', salesforce_id: known, fields: { Status: 'Closed' } },
    ]);
    await reopenCase(maya, id);
    await reopenCase(maya, id);
    expect((await caseSeenBy(maya, id)).status).toBe('working');
    expect(await eventsOf(id)).toEqual(['case.closed', 'case.reopened']);
  });
});

describe("a stranger's case", () => {
  const strangers = async () => {
    const account = await givenAccount();
    const owner = await givenCustomer({ account });
    const theirs = await givenCase({ account, contact: owner.contact });
    return { theirs, colleague: await customerViewer(await givenCustomer({ account, roles: ['Other'] })) };
  };

  test('is not found by any verb, whether of another account or of a colleague', async () => {
    const { theirs, colleague } = await strangers();
    for (const viewer of [maya, colleague, { kind: 'visitor' as const }]) {
      await expect(caseSeenBy(viewer, theirs.id)).rejects.toThrow(NotFound);
    }
    for (const viewer of [maya, colleague]) {
      await expect(replyToCase(viewer, theirs.id, { id: randomUUID(), text: 'Hi' })).rejects.toThrow(
        NotFound,
      );
      await expect(closeCase(viewer, theirs.id)).rejects.toThrow(NotFound);
      await expect(reopenCase(viewer, theirs.id)).rejects.toThrow(NotFound);
    }
    expect(await outboxOf(theirs.id)).toEqual([]);
  });

  test('nor is one that was deleted in Salesforce', async () => {
    const { id } = await givenCase({ account: { id: maya.accountId } });
    await db.updateTable('cases').set({ deleted_at: new Date() }).where('id', '=', id).execute();
    await expect(caseSeenBy(maya, id)).rejects.toThrow(NotFound);
    await expect(closeCase(maya, id)).rejects.toThrow(NotFound);
  });
});
