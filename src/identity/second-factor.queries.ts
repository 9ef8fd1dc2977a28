import '../access/tables.ts';
import { db, sql, type Db } from '../platform/db.ts';

import './tables.ts';

interface Factor {
  sealedSecret: string;
  isConfirmed: boolean;
}

export async function maybeFactor(personId: string): Promise<Factor | undefined> {
  const { rows } = await sql<Factor>`
    select sealed_secret as "sealedSecret", confirmed_at is not null as "isConfirmed"
    from second_factors where person_id = ${personId}`.execute(db);
  return rows[0];
}

/** Keeps a secret that is not confirmed yet; a confirmed one stays as it is. */
export async function savePendingFactor(personId: string, sealedSecret: string): Promise<void> {
  await sql`
    insert into second_factors (person_id, sealed_secret) values (${personId}, ${sealedSecret})
    on conflict (person_id) do update set sealed_secret = excluded.sealed_secret, last_step = 0
    where second_factors.confirmed_at is null`.execute(db);
}

export async function confirmFactor(tx: Db, personId: string, at: Date): Promise<void> {
  await tx
    .updateTable('second_factors')
    .set({ confirmed_at: at })
    .where('person_id', '=', personId)
    .execute();
}

/** Whether this time step is later than every one taken: of two uses of one code, one wins. */
export async function takeStep(personId: string, step: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update second_factors set last_step = ${step} where person_id = ${personId} and last_step < ${step}`.execute(
    db,
  );
  return numAffectedRows === 1n;
}

export async function insertRecoveryCodes(
  tx: Db,
  personId: string,
  hashes: readonly Buffer[],
): Promise<void> {
  await tx.deleteFrom('recovery_codes').where('person_id', '=', personId).execute();
  await tx
    .insertInto('recovery_codes')
    .values(hashes.map((code_hash) => ({ person_id: personId, code_hash, used_at: null })))
    .execute();
}

export async function takeRecoveryCode(personId: string, codeHash: Buffer, at: Date): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update recovery_codes set used_at = ${at}
    where person_id = ${personId} and code_hash = ${codeHash} and used_at is null`.execute(db);
  return numAffectedRows === 1n;
}

export async function countRecoveryCodes(personId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from recovery_codes where person_id = ${personId} and used_at is null`.execute(db);
  return rows[0]?.n ?? 0;
}

export async function deleteFactor(tx: Db, personId: string): Promise<void> {
  await tx.deleteFrom('recovery_codes').where('person_id', '=', personId).execute();
  await tx.deleteFrom('second_factors').where('person_id', '=', personId).execute();
}
