import { randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import type { AccountViewer } from '../src/access/viewer.ts';
import { campaignWrite, memberWrite, runInsightWrite, taskWrite } from '../src/campaigns/salesforce.ts';
import { writeCase, writeComment, writeFile } from '../src/cases/writes.ts';
import { contactEmailOf, leadOf } from '../src/identity/salesforce.ts';
import { accountWrite, insightWrite } from '../src/insights/salesforce.ts';
import { db, transaction } from '../src/platform/db.ts';
import { write } from '../src/platform/salesforce/outbox/outbox.ts';
import { written } from '../src/setup.ts';
import { salesforceId } from './support/mirror.ts';

/* The check of the set-up looks at what this list says; so it must say everything that goes out. */
test('the list of what is written names every field that capabilities hand to the outbox', async () => {
  const accountId = salesforceId('001');
  const id = randomUUID();
  const at = new Date();
  const insight = { id, accountId, kind: 'health.changed', rank: 'poor', score: 1, occurredAt: at } as const;
  const health = { accountId, status: 'paying', rank: 'poor', score: 1, reasons: [], changedAt: at, trend: '2026-01-01 1' } as const;
  const viewer = { kind: 'customer', accountId, contactId: salesforceId('003'), locale: 'en' } as unknown as AccountViewer;
  const on = { caseId: id, caseSalesforceId: null };
  await transaction(async (tx) => {
    await writeCase(tx, viewer, { id, subject: 's', description: 'd', priority: 'high', productId: salesforceId('01t') });
    await writeComment(tx, on, { id: randomUUID(), body: 'b' });
    await writeFile(tx, on, { id: randomUUID(), name: 'a.txt' });
    await write(tx, leadOf(id, { personId: id, email: 'a@b.example', name: 'A B', company: 'C' }));
    await write(tx, contactEmailOf({ id: salesforceId('003'), email: 'a@b.example' }, 'c@b.example', { personId: id, name: 'A' }));
    await write(tx, accountWrite({ ...health, reasons: [] }, { reasons: 'r', url: 'https://x.example', latest: { headline: 'h', at } }));
    await write(tx, campaignWrite({ campaignId: id, name: 'n', channel: 'email', isEnded: false }));
    await write(tx, memberWrite({ campaignId: id, campaignSalesforceId: salesforceId('701'), contactId: salesforceId('003'), hasResponded: true, isNew: true }));
    await write(tx, runInsightWrite({ insightId: randomUUID(), accountId, headline: 'h', body: 'b', url: 'https://x.example', at }));
    await write(tx, taskWrite({ taskId: randomUUID(), accountId, contactId: salesforceId('003'), ownerId: salesforceId('005'), subject: 's', description: 'd', at }));
    await write(tx, insightWrite(insight, { headline: 'h', body: 'b', url: 'https://x.example' }));
  });
  const rows = await db.selectFrom('outbox').select(['sobject', 'operation', 'fields', 'parent']).execute();
  expect(new Set(rows.map(({ sobject }) => sobject))).toEqual(new Set(Object.keys(written)));
  for (const { sobject, operation, fields, parent } of rows) {
    const names = [...Object.keys(fields), ...(parent === null ? [] : [parent.field])];
    expect(written[sobject]?.fields, sobject).toEqual(expect.arrayContaining(names));
    expect(written[sobject]?.creates, sobject).toBe(operation !== 'update');
  }
}); // prettier-ignore
