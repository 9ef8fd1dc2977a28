import type { RawBuilder } from 'kysely';

import { db, sql } from '../../platform/db.ts';

import type { CampaignKey } from './keys.ts';

export async function selectKeys(scope: RawBuilder<boolean>, campaignId: string): Promise<CampaignKey[]> {
  const { rows } = await sql<CampaignKey>`
    select k.id, k.hint, p.name as "createdByName", k.created_at as "createdAt", k.used_at as "usedAt", k.revoked_at as "revokedAt"
    from campaign_keys k left join people p on p.id = k.created_by where k.campaign_id = ${campaignId} and ${scope} order by k.id desc`.execute(
    db,
  );
  return rows;
}

interface NewKey {
  campaignId: string;
  hash: Buffer;
  hint: string;
  by: string;
  at: Date;
}

export async function insertKey({ campaignId, hash, hint, by, at }: NewKey): Promise<void> {
  await sql`
    insert into campaign_keys (campaign_id, hash, hint, created_by, created_at) values (${campaignId}, ${hash}, ${hint}, ${by}, ${at})`.execute(
    db,
  );
}

export async function revokeKey(campaignId: string, id: number, at: Date): Promise<boolean> {
  const { rows } = await sql`
    update campaign_keys set revoked_at = ${at} where id = ${id} and campaign_id = ${campaignId} and revoked_at is null returning id`.execute(
    db,
  );
  return rows.length > 0;
}

/** @returns the campaign that the key sets off */
export async function useKey(hash: Buffer, at: Date): Promise<string | undefined> {
  const { rows } = await sql<{ campaign_id: string }>`
    update campaign_keys set used_at = ${at} where hash = ${hash} and revoked_at is null returning campaign_id`.execute(
    db,
  );
  return rows[0]?.campaign_id;
}

/** Everybody with one of these addresses, in whatever accounts. */
export async function selectPeople(addresses: readonly string[]): Promise<number[]> {
  if (addresses.length === 0) return [];
  const { rows } = await sql<{ id: number }>`
    select id from account_people where email_normalized = any(${[...addresses]}::text[]) order by id`.execute(
    db,
  );
  return rows.map(({ id }) => id);
}
