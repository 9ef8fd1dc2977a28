import { db, sql } from '../platform/db.ts';

/** Whether the mirror is of that org; 15 or 18 characters. */
export async function isMirroredOrg(orgId: string): Promise<boolean> {
  const { rows } = await sql`
    select from salesforce_orgs where is_current and left(org_id, 15) = ${orgId.slice(0, 15)}`.execute(db);
  return rows.length === 1;
}

/** Keeps that a request was used. @returns whether it was the first time */
export async function keepFirstUse(hash: Buffer, at: Date): Promise<boolean> {
  const { rows } = await sql`
    insert into panel_requests (hash, used_at) values (${hash}, ${at}) on conflict do nothing returning hash`.execute(
    db,
  );
  return rows.length === 1;
}

export async function forgetRequests(before: Date): Promise<void> {
  await sql`delete from panel_requests where used_at < ${before}`.execute(db);
}
