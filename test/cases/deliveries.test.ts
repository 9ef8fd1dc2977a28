import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import type { AccountViewer } from '../../src/access/viewer.ts';
import { caseSeenBy, openCase } from '../../src/cases/cases.ts';
import { closeCase, reopenCase } from '../../src/cases/closure.ts';
import { noteDeliveries, noteDiscards } from '../../src/cases/deliveries.ts';
import { replyToCase } from '../../src/cases/replies.ts';
import { db, pool, sql } from '../../src/platform/db.ts';
import { discard } from '../../src/platform/salesforce/outbox/outbox-acts.ts';
import { givenCase } from '../support/mirror.ts';
import { customerViewer, givenCustomer } from '../support/people.ts';

let maya: AccountViewer;

beforeAll(async () => {
  maya = await customerViewer(await givenCustomer({ name: 'Maya Okafor' }));
});

beforeEach(async () => {
  await sql`truncate outbox, conflicts cascade`.execute(db);
});

afterAll(() => pool.end());

const ours = () => givenCase({ account: { id: maya.accountId }, contact: { id: maya.contactId } });
const standings = async (id: string) =>
  (await caseSeenBy(maya, id)).timeline.map(
    (entry) => `${(entry.kind === 'status' ? entry.act : entry.kind) ?? ''}:${entry.standing ?? 'there'}`,
  );
const rows = () =>
  db.selectFrom('outbox').select(['id', 'rapport_id', 'salesforce_id', 'sobject']).orderBy('id').execute();
const refuse = (id: number | undefined) =>
  sql`update outbox set status = 'failed', error_code = 'X', error = 'No.' where id = ${id}`.execute(db);

/** What staff gave up, as its reaction hears of it. */
async function discarded(id: number): Promise<void> {
  await discard(id);
  const { rows: events } = await sql<{ data: Parameters<typeof noteDiscards>[0] }>`
    select data from events where name = 'outbox.discarded' order by id desc limit 1`.execute(db);
  await noteDiscards(events[0]!.data);
}

test('of two acts that wait, the one that Salesforce has taken is there, and the other still on its way', async () => {
  const on = await ours();
  await closeCase(maya, on.id);
  const [first] = await rows();
  await sql`update outbox set status = 'sending' where id = ${first?.id}`.execute(db);
  await reopenCase(maya, on.id);
  await noteDeliveries({
    sobject: 'Case',
    rows: [{ rapportId: on.id, salesforceId: on.salesforceId, outboxId: first!.id }],
  });
  expect(await standings(on.id)).toEqual(['closed:there', 'reopened:pending']);
  const [, second] = await rows();
  await noteDeliveries({
    sobject: 'Case',
    rows: [{ rapportId: on.id, salesforceId: on.salesforceId, outboxId: second!.id }],
  });
  expect(await standings(on.id)).toEqual(['closed:there', 'reopened:there']);
});

test('two acts that went out as one arrive together', async () => {
  const on = await ours();
  await closeCase(maya, on.id);
  await reopenCase(maya, on.id);
  const [only, ...others] = await rows();
  expect(others).toEqual([]);
  await noteDeliveries({
    sobject: 'Case',
    rows: [{ rapportId: on.id, salesforceId: on.salesforceId, outboxId: only!.id }],
  });
  expect(await standings(on.id)).toEqual(['closed:there', 'reopened:there']);
});

test('an act that Salesforce refused is being looked at; one that staff gave up was not taken over', async () => {
  const on = await ours();
  await closeCase(maya, on.id);
  const [row] = await rows();
  await refuse(row?.id);
  expect(await standings(on.id)).toEqual(['closed:held']);
  await discarded(row!.id);
  expect(await standings(on.id)).toEqual(['closed:refused']);
});

test('a case that Salesforce refused is not on its way for ever, nor is what hangs on it', async () => {
  const id = await openCase(maya, {
    id: randomUUID(),
    subject: 'Restore fails',
    description: 'Since Monday',
    priority: 'high',
  });
  await replyToCase(maya, id, { id: randomUUID(), text: 'Any news?' });
  expect(await caseSeenBy(maya, id)).toMatchObject({ isPending: true, refusal: undefined });
  const [row, comment] = await rows();
  await refuse(row?.id);
  expect(await caseSeenBy(maya, id)).toMatchObject({ isPending: true, refusal: 'held' });
  await discarded(row!.id);
  expect(await caseSeenBy(maya, id)).toMatchObject({ isPending: false, refusal: 'refused' });
  expect(await standings(id)).toEqual(['comment:held']);
  await discarded(comment!.id);
  expect(await standings(id)).toEqual(['comment:refused']);
});

test('a write carries what its author saw, and who they are', async () => {
  const on = await givenCase({
    account: { id: maya.accountId },
    contact: { id: maya.contactId },
    status: 'Escalated',
  });
  await closeCase(maya, on.id);
  expect(await db.selectFrom('outbox').select(['fields', 'base', 'person_name']).execute()).toEqual([
    { fields: { Status: 'Closed' }, base: { Status: 'Escalated' }, person_name: 'Maya Okafor' },
  ]);
});
