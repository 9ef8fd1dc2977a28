import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type * as database from '../../src/platform/db.ts';
import type { Write } from '../../src/platform/salesforce/outbox/outbox.ts';

import { eventually, launch, type Running } from '../support/processes.ts';
import { startSalesforce } from '../support/salesforce.ts';

const CASES = 400;

let salesforce: Awaited<ReturnType<typeof startSalesforce>>;
let db: typeof database.db;
let worker: Running | undefined;

beforeAll(async () => {
  salesforce = await startSalesforce();
  ({ db } = await import('../../src/platform/db.ts'));
  await salesforce.sync.loadAll();
});

afterAll(async () => {
  worker?.child.kill('SIGKILL');
  await salesforce.sandbox.close();
});

async function startWorker(): Promise<void> {
  worker = await launch(['src/worker.ts'], {});
}

async function killWorker(): Promise<void> {
  worker?.child.kill('SIGKILL');
  await worker?.ended;
}

const delivered = async (): Promise<number> => {
  const rows = await db
    .selectFrom('outbox')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('status', '=', 'delivered')
    .execute();
  return rows[0]?.count ?? 0;
};

const reached = (wanted: number) => eventually(delivered, (count) => count >= wanted, 60);

test('a worker killed again and again while it delivers loses nothing and doubles nothing', async () => {
  const { transaction } = await import('../../src/platform/db.ts');
  const { writeAll } = await import('../../src/platform/salesforce/outbox/outbox.ts');
  const ids = Array.from({ length: CASES }, () => randomUUID());
  const at = new Date();
  const cases = ids.map((id) => ({
    id,
    subject: 'Restore fails',
    status: 'New',
    created_at: at,
    modified_at: at,
  }));
  const comments = ids.map((id) => ({
    id: randomUUID(),
    case_id: id,
    body: `Since Monday, ${id}`,
    is_published: true,
    created_at: at,
    modified_at: at,
  }));
  const writes = ids.flatMap((id, i): Write[] => [
    { sobject: 'Case', operation: 'upsert', rapportId: id, fields: { Subject: 'Restore fails', Status: 'New' }, feature: 'cases' },
    {
      sobject: 'CaseComment', operation: 'create', rapportId: comments[i]?.id, fields: { CommentBody: `Since Monday, ${id}`, IsPublished: true },
      parent: { field: 'ParentId', sobject: 'Case', rapportId: id }, feature: 'cases',
    },
  ]); // prettier-ignore
  await transaction(async (tx) => {
    await tx.insertInto('cases').values(cases).execute();
    await tx.insertInto('case_comments').values(comments).execute();
    await writeAll(tx, writes);
  });

  for (const share of [0.2, 0.45, 0.7]) {
    await startWorker();
    await reached(share * writes.length);
    await killWorker();
  }
  await startWorker();
  await reached(writes.length);
  await killWorker();
  await salesforce.sync.pollOnce();

  const there = await salesforce.org.query<{ Rapport_Id__c: string }>('SELECT Rapport_Id__c FROM Case');
  expect(there.records.map((record) => record.Rapport_Id__c).sort()).toEqual([...ids].sort());
  const said = await salesforce.org.query<{ CommentBody: string }>('SELECT CommentBody FROM CaseComment');
  expect(said.records.map((record) => record.CommentBody).sort()).toEqual(
    comments.map(({ body }) => body).sort(),
  );
  const here = await db.selectFrom('case_comments').select(['id', 'salesforce_id']).execute();
  expect(here.map(({ id }) => id).sort()).toEqual(comments.map(({ id }) => id).sort());
  expect(here.filter(({ salesforce_id: id }) => id === null)).toEqual([]);
}, 240_000);
