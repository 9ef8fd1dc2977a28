import { db, sql, transaction } from '../../src/platform/db.ts';
import { contest, question } from '../../src/platform/salesforce/outbox/conflicts.ts';
import type { Claimed } from '../../src/platform/salesforce/outbox/claims.ts';
import { type Write, write } from '../../src/platform/salesforce/outbox/outbox.ts';

import { salesforceId } from './mirror.ts';

/** A write in the outbox, in some state. @returns its row's number */
export async function givenWrite(
  given: Partial<Write> = {},
  state: { status?: string; errorCode?: string; error?: string; attempts?: number } = {},
): Promise<number> {
  const id = await transaction((tx) =>
    write(tx, {
      sobject: 'Contact',
      operation: 'update',
      salesforceId: salesforceId('003'),
      fields: { Email: 'maya@halden' },
      feature: 'account',
      ...given,
    }),
  );
  const { status = 'waiting', errorCode = null, error = null, attempts = 0 } = state;
  await sql`update outbox set status = ${status}, error_code = ${errorCode}, error = ${error}, attempts = ${attempts} where id = ${id}`.execute(
    db,
  );
  return id;
}

const claimed = (id: number) =>
  sql<Claimed>`select id, sobject, operation, rapport_id as "rapportId", salesforce_id as "salesforceId", fields, parent,
    serial_key as "serialKey", base, allow_save as "allowSave", person_name as "personName", is_ambiguous as "isAmbiguous", attempts,
    created_at as "createdAt", feature from outbox where id = ${id}`
    .execute(db)
    .then(({ rows }) => rows[0]!);

/** A write of which both sides changed these fields. @returns the conflict's number */
export async function givenConflict(
  fields: Record<string, { base: unknown; ours: unknown; theirs: unknown }> = {
    Email: { base: 'seen@halden.example', ours: 'ours@halden.example', theirs: 'theirs@halden.example' },
  },
  given: Partial<Write> = {},
): Promise<number> {
  const outboxId = await givenWrite({
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, { ours }]) => [name, ours]),
    ) as Write['fields'],
    actor: { personId: crypto.randomUUID(), name: 'Maya Okafor' },
    ...given,
  });
  const row = await claimed(outboxId);
  const changer = { name: 'Ida Berg', at: '2026-03-01T12:00:00.000+0000' };
  await transaction((tx) =>
    contest(tx, {
      row,
      salesforceId: row.salesforceId ?? salesforceId('003'),
      label: 'Maya Okafor',
      written: {},
      conflicts: Object.entries(fields).map(([field, sides]) => ({ field, ...sides })),
      theirs: Object.fromEntries(Object.keys(fields).map((field) => [field, changer])),
    }),
  );
  return await conflictOf(outboxId);
}

/** A lead that Salesforce takes for a duplicate of another. @returns the conflict's number, and the other's id */
export async function givenDuplicate(): Promise<{ id: number; otherId: string }> {
  const otherId = salesforceId('00Q');
  const outboxId = await givenWrite({
    sobject: 'Lead', operation: 'upsert', rapportId: crypto.randomUUID(), salesforceId: null, feature: 'sign-up',
    fields: { LastName: 'Okafor', Company: 'Halden Freight' },
  }); // prettier-ignore
  const found = {
    message: 'Use one of these records?', code: 'DUPLICATES_DETECTED', allowSave: true,
    records: [{ id: otherId, name: 'Maya Okafor', sobject: 'Lead' }],
  }; // prettier-ignore
  const row = await claimed(outboxId);
  await transaction((tx) => question(tx, row, 'duplicate', found));
  return { id: await conflictOf(outboxId), otherId };
}

const conflictOf = async (outboxId: number): Promise<number> =>
  (await db.selectFrom('conflicts').select('id').where('outbox_id', '=', outboxId).executeTakeFirstOrThrow())
    .id;
