import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { Connection } from 'jsforce';

import type * as database from '../../src/platform/db.ts';
import type { Write } from '../../src/platform/salesforce/outbox/outbox.ts';

import { created, startSalesforce } from '../support/salesforce.ts';

type Started = Awaited<ReturnType<typeof startSalesforce>>;

let salesforce: Started;
let db: typeof database.db;
let sql: typeof database.sql;
let org: Connection;
let support: Connection;
let sync: Started['sync'];
let offsetMs = 0;

beforeAll(async () => {
  salesforce = await startSalesforce();
  ({ org, sync } = salesforce);
  support = await salesforce.sandbox.connect(await givenColleague());
  ({ db, sql } = await import('../../src/platform/db.ts'));
  await sync.loadAll();
});

afterAll(async () => {
  await salesforce.sandbox.close();
});

beforeEach(async () => {
  await fetch(`${salesforce.sandbox.url}/__sandbox__/faults`, { method: 'DELETE' });
  await sql`update outbox set status = 'discarded' where status <> 'delivered'`.execute(db);
  await sql`update conflicts set status = 'overtaken' where status = 'open'`.execute(db);
});

/** Somebody else who works in Salesforce. @returns their username */
async function givenColleague(): Promise<string> {
  const { records } = await org.query<{ Id: string }>(
    "SELECT Id FROM Profile WHERE Name = 'System Administrator'",
  );
  const Username = 'ida@halden.example';
  await created(org, 'User', {
    Username, FirstName: 'Ida', LastName: 'Berg', Email: Username, Alias: 'ida', ProfileId: records[0]?.Id, IsActive: true,
    TimeZoneSidKey: 'GMT', LocaleSidKey: 'en_US', LanguageLocaleKey: 'en_US', EmailEncodingKey: 'UTF-8',
  }); // prettier-ignore
  return Username;
}

const fault = (match: object, effect: object) => salesforce.control('/faults', { match, effect });

/** What happens after this happens in a later second of Salesforce's. */
async function later(): Promise<void> {
  offsetMs += 3_000;
  await salesforce.control('/clock', { offsetMs });
}

async function put(write: Write): Promise<number> {
  const { transaction } = await import('../../src/platform/db.ts');
  const { write: putInto } = await import('../../src/platform/salesforce/outbox/outbox.ts');
  return await transaction((tx) => putInto(tx, write));
}

async function drained(): Promise<void> {
  await later();
  await sql`update outbox set next_attempt_at = now() where status = 'waiting'`.execute(db);
  await sync.drainOnce();
}

async function givenContact(fields: object = {}): Promise<string> {
  const id = await created(org, 'Contact', {
    LastName: 'Marsh',
    Email: 'seen@halden.example',
    Phone: '+47 1',
    ...fields,
  });
  await later();
  return id;
}

const ofContact = (id: string, fields: Write['fields'], base: Write['fields'] = {}): Write => ({
  sobject: 'Contact', operation: 'update', salesforceId: id, fields, base, feature: 'account',
  actor: { personId: randomUUID(), name: 'Maya Okafor' },
}); // prettier-ignore

const there = async (id: string) =>
  (await org.sobject('Contact').retrieve(id)) as unknown as Record<string, unknown>;
const row = async (id: number) =>
  await db.selectFrom('outbox').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

async function inbox() {
  const { conflictsOf } = await import('../../src/platform/salesforce/outbox/conflicts-list.ts');
  return (await conflictsOf({ status: 'open', page: 1 })).conflicts;
}

async function theConflict() {
  const [conflict] = await inbox();
  if (!conflict) throw new Error('there is no conflict');
  return conflict;
}

const deciding = () => import('../../src/platform/salesforce/outbox/conflicts-decide.ts');

/** Both sides change the e-mail address of one contact. */
async function contested(ours = 'ours@halden.example', theirs = 'theirs@halden.example') {
  const id = await givenContact();
  await support.sobject('Contact').update({ Id: id, Email: theirs });
  const outboxId = await put(ofContact(id, { Email: ours }, { Email: 'seen@halden.example' }));
  await drained();
  return { id, outboxId };
}

describe('a field that both sides may change', () => {
  test('is written where Salesforce still holds what the actor saw', async () => {
    const id = await givenContact();
    const outboxId = await put(
      ofContact(id, { Email: 'ours@halden.example' }, { Email: 'seen@halden.example' }),
    );
    await drained();
    expect(await there(id)).toMatchObject({ Email: 'ours@halden.example' });
    expect(await row(outboxId)).toMatchObject({ status: 'delivered' });
  });

  test('is left alone where both made the same of it', async () => {
    const id = await givenContact();
    await support.sobject('Contact').update({ Id: id, Email: 'same@halden.example' });
    const before = await there(id);
    const outboxId = await put(
      ofContact(id, { Email: 'same@halden.example' }, { Email: 'seen@halden.example' }),
    );
    await drained();
    expect(await row(outboxId)).toMatchObject({ status: 'delivered', written: {} });
    expect((await there(id)).SystemModstamp).toBe(before.SystemModstamp);
  });

  test('that both changed waits for a person, with both values, the base, and who changed it; the others go on', async () => {
    const id = await givenContact();
    await support.sobject('Contact').update({ Id: id, Email: 'theirs@halden.example' });
    const write = ofContact(
      id,
      { Email: 'ours@halden.example', Phone: '+47 2' },
      { Email: 'seen@halden.example', Phone: '+47 1' },
    );
    const outboxId = await put(write);
    await drained();
    expect(await there(id)).toMatchObject({ Email: 'theirs@halden.example', Phone: '+47 2' });
    expect(await row(outboxId)).toMatchObject({
      status: 'conflict',
      fields: { Email: 'ours@halden.example' },
      written: { Phone: '+47 2' },
    });
    expect(await theConflict()).toMatchObject({
      kind: 'fields', sobject: 'Contact', salesforceId: id, label: 'Marsh', ourName: 'Maya Okafor',
      fields: [{ field: 'Email', base: 'seen@halden.example', ours: 'ours@halden.example', theirs: 'theirs@halden.example',
        theirName: 'Ida Berg', theirAt: expect.any(Date) as Date }],
    }); // prettier-ignore
    await sync.pollOnce();
    expect(await db.selectFrom('contacts').select(['email', 'phone']).where('id', '=', id).execute()).toEqual(
      [{ email: 'theirs@halden.example', phone: '+47 2' }],
    );
  });

  test('is told with who changed that field, where the org keeps its history, and not with who changed another', async () => {
    const id = randomUUID();
    const Id = await created(org, 'Case', { Subject: 'Restore fails', Status: 'New', Rapport_Id__c: id });
    await support.sobject('Case').update({ Id, Status: 'Escalated' });
    await later();
    await org.sobject('Case').update({ Id, Subject: 'Restore fails again' });
    await put({
      sobject: 'Case', operation: 'upsert', rapportId: id, salesforceId: Id, fields: { Status: 'Closed' }, base: { Status: 'New' },
      feature: 'cases',
    }); // prettier-ignore
    await drained();
    expect(await theConflict()).toMatchObject({
      label: expect.stringMatching(/^\d+$/) as string,
      fields: [{ field: 'Status', theirs: 'Escalated', theirName: 'Ida Berg' }],
    });
  });

  test('goes by its owner where the mapping names one', async () => {
    await sql`insert into field_owners (sobject, field, owner) values ('Contact', 'Title', 'salesforce'), ('Contact', 'Department', 'rapport')
              on conflict (sobject, field) do update set owner = excluded.owner`.execute(db);
    const id = await givenContact({ Title: 'CTO', Department: 'IT' });
    await support.sobject('Contact').update({ Id: id, Title: 'CIO', Department: 'Research' });
    await put(ofContact(id, { Title: 'CEO', Department: 'Sales' }, { Title: 'CTO', Department: 'IT' }));
    await drained();
    expect(await there(id)).toMatchObject({ Title: 'CIO', Department: 'Sales' });
    expect(await inbox()).toEqual([]);
  });

  test('is not emptied, nor written over, by somebody who never saw it', async () => {
    const id = await givenContact();
    await put(ofContact(id, { Phone: null, Email: '' }));
    await drained();
    expect(await there(id)).toMatchObject({ Phone: '+47 1', Email: 'seen@halden.example' });
    await put(ofContact(id, { Email: 'ours@halden.example' }));
    await drained();
    expect(await there(id)).toMatchObject({ Email: 'seen@halden.example' });
    expect(await inbox()).toHaveLength(1);
  });

  test('is emptied by somebody who saw it and meant to', async () => {
    const id = await givenContact();
    await put(ofContact(id, { Phone: null }, { Phone: '+47 1' }));
    await drained();
    expect((await there(id)).Phone).toBeNull();
  });

  test('that is changed between our reading and our writing is weighed again', async () => {
    const id = await givenContact();
    await fault({ method: 'POST', path: '^/services/data/v[\\d.]+/composite$', nth: 1 }, { latencyMs: 700 });
    const outboxId = await put(
      ofContact(
        id,
        { Email: 'ours@halden.example', Phone: '+47 2' },
        { Email: 'seen@halden.example', Phone: '+47 1' },
      ),
    );
    await later();
    const draining = sync.drainOnce();
    await new Promise((resolve) => setTimeout(resolve, 350));
    await later();
    await support.sobject('Contact').update({ Id: id, Email: 'theirs@halden.example' });
    await draining;
    expect(await there(id)).toMatchObject({ Email: 'theirs@halden.example', Phone: '+47 1' });
    expect(await row(outboxId)).toMatchObject({
      status: 'waiting',
      error_code: expect.stringMatching(/^(PRECONDITION_FAILED|JUST_CHANGED)$/) as string,
    });
    await drained();
    expect(await there(id)).toMatchObject({ Email: 'theirs@halden.example', Phone: '+47 2' });
    expect(await inbox()).toHaveLength(1);
  });

  test('of a record that is being changed in this very second waits for the next', async () => {
    const id = await givenContact();
    await support.sobject('Contact').update({ Id: id, Title: 'CTO' });
    const outboxId = await put(ofContact(id, { Phone: '+47 2' }, { Phone: '+47 1' }));
    await sync.drainOnce();
    expect(await row(outboxId)).toMatchObject({ status: 'waiting', error_code: 'JUST_CHANGED', attempts: 0 });
    await drained();
    expect(await there(id)).toMatchObject({ Phone: '+47 2', Title: 'CTO' });
  });

  test('whose writing got no answer is not written twice, nor over what came after', async () => {
    const id = await givenContact();
    await fault(
      { method: 'POST', path: '^/services/data/v[\\d.]+/composite$', nth: 1 },
      { dropAfterCommit: true },
    );
    await put(ofContact(id, { Phone: '+47 2' }, { Phone: '+47 1' }));
    await later();
    await expect(sync.drainOnce()).rejects.toMatchObject({ isAmbiguous: true });
    const before = await there(id);
    expect(before).toMatchObject({ Phone: '+47 2' });
    await drained();
    expect((await there(id)).SystemModstamp).toBe(before.SystemModstamp);
  });

  test('keeps the oldest base while it waits, however often it is changed here', async () => {
    const id = await givenContact();
    await put(ofContact(id, { Phone: '+47 2' }, { Phone: '+47 1' }));
    const outboxId = await put(ofContact(id, { Phone: '+47 3' }, { Phone: '+47 2' }));
    expect(await row(outboxId)).toMatchObject({ fields: { Phone: '+47 3' }, base: { Phone: '+47 1' } });
    await drained();
    expect(await there(id)).toMatchObject({ Phone: '+47 3' });
  });

  test('of many records costs one query, and one request for each 25 that are written', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 30; i += 1)
      ids.push(await created(org, 'Contact', { LastName: `Many ${i}`, Phone: '+47 1' }));
    await later();
    for (const id of ids) await put(ofContact(id, { Phone: '+47 2' }, { Phone: '+47 1' }));
    const used = async () => (await org.limits()).DailyApiRequests?.Remaining ?? 0;
    const before = await used();
    await drained();
    expect(before - (await used()) - 1).toBeLessThanOrEqual(3);
    expect(
      await org.query("SELECT COUNT() FROM Contact WHERE Phone = '+47 2' AND LastName LIKE 'Many%'"),
    ).toMatchObject({ totalSize: 30 });
  });
});

describe('a decision', () => {
  test('for ours is written after a moment, over the value that was shown', async () => {
    const { id, outboxId } = await contested();
    const { decideFields } = await deciding();
    const { id: conflict, version } = await theConflict();
    await decideFields({ id: conflict, version, by: 'Sam' }, { Email: { choice: 'ours' } });
    expect(await sync.drainOnce()).toBe(0);
    expect(await there(id)).toMatchObject({ Email: 'theirs@halden.example' });
    await drained();
    expect(await there(id)).toMatchObject({ Email: 'ours@halden.example' });
    expect(await row(outboxId)).toMatchObject({ status: 'delivered' });
    expect(await inbox()).toEqual([]);
  });

  test('for Salesforce writes nothing, and whoever waited is told', async () => {
    const { id, outboxId } = await contested();
    const { decideFields } = await deciding();
    const { id: conflict, version } = await theConflict();
    await decideFields({ id: conflict, version, by: 'Sam' }, { Email: { choice: 'salesforce' } });
    await drained();
    expect(await there(id)).toMatchObject({ Email: 'theirs@halden.example' });
    expect(await row(outboxId)).toMatchObject({ status: 'discarded', error_code: 'SALESFORCE_KEPT' });
    const { rows } = await sql<{
      data: object;
    }>`select data from events where name = 'outbox.discarded' order by id desc limit 1`.execute(db);
    expect(rows[0]?.data).toMatchObject({ rows: [{ outboxId, sobject: 'Contact', salesforceId: id }] });
  });

  test('for another value writes that one', async () => {
    const { id } = await contested();
    const { decideFields } = await deciding();
    const { id: conflict, version } = await theConflict();
    await decideFields(
      { id: conflict, version, by: 'Sam' },
      { Email: { choice: 'other', value: 'third@halden.example' } },
    );
    await drained();
    expect(await there(id)).toMatchObject({ Email: 'third@halden.example' });
  });

  test('does not overrule what Salesforce was changed to meanwhile: the question is asked again', async () => {
    const { id } = await contested();
    const { decideFields } = await deciding();
    const { id: conflict, version } = await theConflict();
    await decideFields({ id: conflict, version, by: 'Sam' }, { Email: { choice: 'ours' } });
    await support.sobject('Contact').update({ Id: id, Email: 'newest@halden.example' });
    await drained();
    expect(await there(id)).toMatchObject({ Email: 'newest@halden.example' });
    const again = await theConflict();
    expect(again).toMatchObject({
      id: conflict,
      fields: [{ theirs: 'newest@halden.example', ours: 'ours@halden.example' }],
    });
    expect(again.version).toBeGreaterThan(version);
  });

  test('can be taken back until it goes out, and not after', async () => {
    const { id } = await contested();
    const { decideFields, undo, MovedOn } = await deciding();
    const { id: conflict, version } = await theConflict();
    await decideFields({ id: conflict, version, by: 'Sam' }, { Email: { choice: 'ours' } });
    await undo(conflict, 'Sam');
    await drained();
    expect(await there(id)).toMatchObject({ Email: 'theirs@halden.example' });
    const back = await theConflict();
    expect(back.fields[0]).toMatchObject({ ours: 'ours@halden.example', choice: null });
    await decideFields({ id: conflict, version: back.version, by: 'Sam' }, { Email: { choice: 'ours' } });
    await drained();
    await expect(undo(conflict, 'Sam')).rejects.toBeInstanceOf(MovedOn);
  });

  test('by a second person who saw it before the first decided is not taken', async () => {
    await contested();
    const { decideFields, MovedOn } = await deciding();
    const { id, version } = await theConflict();
    await decideFields({ id, version, by: 'Sam' }, { Email: { choice: 'ours' } });
    await expect(
      decideFields({ id, version, by: 'Ida' }, { Email: { choice: 'salesforce' } }),
    ).rejects.toBeInstanceOf(MovedOn);
  });

  test('settles all that are like it', async () => {
    const one = await contested();
    const other = await contested('two@halden.example', 'three@halden.example');
    const { decideFields } = await deciding();
    const { id, version } = await theConflict();
    expect(
      await decideFields({ id, version, by: 'Sam', isForAlike: true }, { Email: { choice: 'ours' } }),
    ).toBe(2);
    await drained();
    expect(await there(one.id)).toMatchObject({ Email: 'ours@halden.example' });
    expect(await there(other.id)).toMatchObject({ Email: 'two@halden.example' });
  });

  test('is not needed any more once a later act of ours has written the field', async () => {
    const { id, outboxId } = await contested();
    await put(ofContact(id, { Email: 'later@halden.example' }, { Email: 'theirs@halden.example' }));
    await drained();
    expect(await there(id)).toMatchObject({ Email: 'later@halden.example' });
    expect(await inbox()).toEqual([]);
    expect(await row(outboxId)).toMatchObject({ status: 'discarded', error_code: 'OVERTAKEN' });
  });
});
