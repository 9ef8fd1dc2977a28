import { randomUUID } from 'node:crypto';

import type { AccountViewer } from '../../../src/access/viewer.ts';

import { type Kinds, picked, typed } from './step.ts';

import type { World } from '../world.ts';

interface CaseHere {
  id: string;
  accountId: string;
  contactId: string | null;
  isClosed: boolean;
}

function viewerOf(world: World, accountId: string, contactId: string | null): AccountViewer {
  return {
    kind: 'customer', personId: world.personId, name: 'Maya Okafor', email: 'maya@halden.example', locale: 'en',
    timeZone: 'UTC', accountId, accountName: 'Halden Freight', contactId: contactId ?? '', caseScope: 'account', accounts: [],
  }; // prettier-ignore
}

async function caseHere(world: World, n: number): Promise<CaseHere | undefined> {
  const { rows } = await world.sql<CaseHere>`
    select id, account_id as "accountId", contact_id as "contactId", is_closed as "isClosed" from cases
    where deleted_at is null and account_id is not null order by created_at, id`.execute(world.db);
  return picked(rows, n);
}

/** Somebody of a customer at work in the portal, and the product's own write-back. */
export const personKinds: Kinds = {
  'open a case': {
    weight: 5,
    async run(world, [which]) {
      const { rows } = await world.sql<{ id: string; accountId: string }>`
        select id, account_id as "accountId" from contacts
        where deleted_at is null and account_id is not null order by id`.execute(world.db);
      const contact = picked(rows, which);
      if (!contact) return;
      const { openCase } = await import('../../../src/cases/cases.ts');
      const [id, subject] = [randomUUID(), typed(world, 'Subject')];
      const opened = { id, subject, description: 'Since Monday.', priority: 'medium' } as const;
      await openCase(viewerOf(world, contact.accountId, contact.id), opened);
      world.acts.cases.set(id, { subject });
      world.acts.statuses.set(id, ['New']);
    },
  },
  'reply to a case': {
    weight: 6,
    async run(world, [which]) {
      const known = await caseHere(world, which);
      if (!known) return;
      const { replyToCase } = await import('../../../src/cases/replies.ts');
      const [id, mark] = [randomUUID(), `${typed(world, 'Reply')}.`];
      await replyToCase(viewerOf(world, known.accountId, known.contactId), known.id, { id, text: mark });
      world.acts.comments.set(id, { caseId: known.id, mark });
      if (known.isClosed) await noteStatus(world, known.id);
    },
  },
  'close a case': {
    weight: 4,
    async run(world, [which]) {
      const known = await caseHere(world, which);
      if (!known || known.isClosed) return;
      const { closeCase } = await import('../../../src/cases/closure.ts');
      await closeCase(viewerOf(world, known.accountId, known.contactId), known.id);
      await noteStatus(world, known.id);
    },
  },
  'reopen a case': {
    weight: 3,
    async run(world, [which]) {
      const known = await caseHere(world, which);
      if (!known?.isClosed) return;
      const { reopenCase } = await import('../../../src/cases/closure.ts');
      await reopenCase(viewerOf(world, known.accountId, known.contactId), known.id);
      await noteStatus(world, known.id);
    },
  },
  'change a contact': { weight: 5, run: changeTitle },
  'write health and an insight': { weight: 4, run: tellHealth },
};

/** Keeps the status that an act has just given a case. */
async function noteStatus(world: World, id: string): Promise<void> {
  const { rows } = await world.sql<{ status: string }>`select status from cases where id = ${id}`.execute(
    world.db,
  );
  world.acts.statuses.set(id, [...(world.acts.statuses.get(id) ?? []), rows[0]?.status ?? '']);
}

/** A field that both sides may change, as somebody saw it here. */
async function changeTitle(world: World, [which]: readonly number[]): Promise<void> {
  const { rows } = await world.sql<{ id: string; title: string | null }>`
    select id, title from contacts where deleted_at is null order by id`.execute(world.db);
  const contact = picked(rows, which ?? 0);
  if (!contact) return;
  const { write } = await import('../../../src/platform/salesforce/outbox/outbox.ts');
  const title = typed(world, 'Title');
  await world.transaction(
    (tx) =>
    write(tx, {
      sobject: 'Contact', operation: 'update', salesforceId: contact.id, fields: { Title: title }, base: { Title: contact.title },
      actor: { personId: world.personId, name: 'Maya Okafor' }, feature: 'people',
    }), // prettier-ignore
  );
  world.acts.titles.set(contact.id, [...(world.acts.titles.get(contact.id) ?? []), title]);
}

/** What a change of an account's health has written in Salesforce: its fields, and an insight. */
async function tellHealth(world: World, [which]: readonly number[]): Promise<void> {
  const { rows } = await world.sql<{ id: string }>`
    select id from accounts where deleted_at is null order by id`.execute(world.db);
  const accountId = picked(rows, which ?? 0)?.id;
  if (accountId === undefined) return;
  const { writeAll } = await import('../../../src/platform/salesforce/outbox/outbox.ts');
  const { accountWrite, insightWrite } = await import('../../../src/insights/salesforce.ts');
  world.typed += 1;
  const [id, score, at] = [randomUUID(), world.typed, new Date()];
  const health = {
    accountId,
    status: 'paying',
    rank: 'poor',
    score,
    reasons: [],
    changedAt: at,
    trend: '',
  } as const;
  const insight = {
    id, accountId, kind: 'health.changed', rank: 'poor', score, occurredAt: at,
  } as const; // prettier-ignore
  const url = 'http://portal.example/';
  await world.transaction((tx) =>
    writeAll(tx, [
      accountWrite({ ...health, reasons: [] }, { reasons: 'None.', url }),
      insightWrite(insight, { headline: 'Now poor', body: 'None.', url }),
    ]),
  );
  world.acts.scores.set(accountId, score);
  world.acts.insights.set(id, { accountId });
}
