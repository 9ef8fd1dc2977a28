import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { createRecords, updateRecords } from '../../sandbox/salesforce/records/save.ts';
import { backUp } from '../../scripts/backup.ts';
import { restore } from '../../scripts/restore.ts';
import { differences } from '../convergence/comparison.ts';
import { settle } from '../convergence/settle.ts';
import { personKinds } from '../convergence/steps/person.ts';
import { givenOrg } from '../convergence/steps/rep.ts';
import { echoes, lostOrDoubled } from '../convergence/verdict.ts';
import { createWorld, type World } from '../convergence/world.ts';

/* F25: the database is lost, and its last backup put in its place. Salesforce has meanwhile gone on. */

let world: World;
let folder: string;
const url = () => process.env.DATABASE_URL ?? '';

beforeAll(async () => {
  world = await createWorld();
});

afterAll(async () => {
  await world.sandbox.close();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rapport-backup-'));
  await world.begin(0);
  await givenOrg(world);
  await world.sync.loadAll();
  return () => rm(folder, { recursive: true });
});

const act = (kind: string, n = 0) => personKinds[kind]?.run(world, [n, 0, 0]);
const comments = async () =>
  (await world.org.pool.query('select "CommentBody" as body from sandbox."CaseComment" order by "Id"'))
    .rows as {
    body: string;
  }[];
const waiting = async () =>
  (await world.sql<{ count: number }>`select count(*) from outbox where status = 'waiting'`.execute(world.db))
    .rows[0]?.count;

async function catchUp(): Promise<string[]> {
  return [
    ...(await settle(world)),
    ...(await differences(world)),
    ...(await lostOrDoubled(world)),
    ...(await echoes(world)),
  ];
}

describe('F25: after a restore the product goes on', () => {
  test('what waited in the backup and has arrived in Salesforce since is not written again', async () => {
    await act('open a case');
    await act('reply to a case', 0.99);
    await act('reply to a case');
    await act('close a case');
    await act('write health and an insight');
    expect(await waiting()).toBeGreaterThan(4);
    await backUp(url(), folder);
    await settle(world);
    const before = await comments();
    await restore(url(), folder);
    expect(await waiting()).toBeGreaterThan(4);
    expect(await catchUp()).toEqual([]);
    expect(await comments()).toEqual(before);
  });

  test('what was written after the backup comes back from Salesforce as it was, and once', async () => {
    await backUp(url(), folder);
    await act('open a case');
    await act('reply to a case', 0.99);
    await settle(world);
    const [opened] = [...world.acts.cases.keys()];
    await restore(url(), folder);
    expect(await catchUp()).toEqual([]);
    const { rows } = await world.sql<{ id: string; comments: number }>`
      select c.id, (select count(*) from case_comments m where m.case_id = c.id) as comments from cases c
      where c.id = ${opened}`.execute(world.db);
    expect(rows).toEqual([{ id: opened, comments: 1 }]);
  });

  test('what people did in Salesforce since is not undone by what waited in the backup', async () => {
    await act('open a case');
    await backUp(url(), folder);
    await settle(world);
    const [Id] = (
      await world.org.pool.query(`select "Id" from sandbox."Case" where "Rapport_Id__c" is not null`)
    ).rows as { Id: string }[];
    await updateRecords(world.rep, 'Case', [
      { Id: Id?.Id, Status: 'Working', Subject: 'Restore of mail fails' },
    ]);
    await createRecords(world.rep, 'CaseComment', [
      { ParentId: Id?.Id, CommentBody: 'Which version?', IsPublished: true },
    ]);
    await restore(url(), folder);
    expect(await settle(world)).toEqual([]);
    const { rows } =
      await world.sql`select subject, status from cases where salesforce_id = ${Id?.Id}`.execute(world.db);
    expect(rows).toEqual([{ subject: 'Restore of mail fails', status: 'Working' }]);
    expect(await differences(world)).toEqual([]);
  });

  test('what was deleted for good since is gone here too', async () => {
    await backUp(url(), folder);
    await world.org.pool.query(`delete from sandbox."CaseComment"; delete from sandbox."Opportunity"`);
    await restore(url(), folder);
    expect(await settle(world)).toEqual([]);
    expect(await differences(world)).toEqual([]);
  });

  test('whoever was signed in still is, and nobody who was not', async () => {
    const { givenCustomer, signedIn } = await import('../support/people.ts');
    const { createApp } = await import('../../src/app.ts');
    const { rows } = await world.sql<{
      id: string;
      name: string;
    }>`select id, name from accounts order by id limit 1`.execute(world.db);
    const [account] = rows;
    const customer = await givenCustomer(account ? { account } : {});
    const app = createApp();
    const before = await signedIn(app, customer);
    await backUp(url(), folder);
    const after = await signedIn(app, customer);
    await restore(url(), folder);
    expect((await before.get('/portal')).status).toBe(200);
    expect((await after.get('/portal')).status).toBe(303);
    expect((await (await signedIn(app, customer)).get('/portal')).status).toBe(200);
  });

  test('a backup of another release is refused, and nothing is touched', async () => {
    await backUp(url(), folder);
    await world.sql`insert into migrations (name) values ('9999-later.sql')`.execute(world.db);
    await expect(restore(url(), folder)).rejects.toThrow(/at 9999-later.sql/);
    await world.sql`delete from migrations where name = '9999-later.sql'`.execute(world.db);
    const { rows } = await world.sql<{ count: number }>`select count(*) from accounts`.execute(world.db);
    expect(rows).toEqual([{ count: 3 }]);
  });
});
