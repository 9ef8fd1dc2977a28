import type { RawBuilder } from 'kysely';

import { db, sql, type Db, type Tx } from '../../platform/db.ts';

import type { Approval, Snapshot } from './approvals.ts';
import { approvalsIn, requestedColumns } from './decisions.queries.ts';

const columns = sql`
  ${requestedColumns}, v.revision, v.audience_count as "audienceCount", encode(v.audience_hash, 'hex') as "audienceHash", v.snapshot`;
const sources = approvalsIn('campaign_approvals');

export async function selectApprovals(scope: RawBuilder<boolean>, campaignId: string): Promise<Approval[]> {
  const { rows } = await sql<Approval>`
    select ${columns} from ${sources} where v.campaign_id = ${campaignId} and ${scope} order by v.id desc limit 100`.execute(
    db,
  );
  return rows;
}

/** The one that waits for a decision. */
export async function selectOpen(tx: Tx, campaignId: string): Promise<Approval | undefined> {
  const { rows } = await sql<Approval>`
    select ${columns} from ${sources} where v.campaign_id = ${campaignId} and v.decision is null order by v.id desc limit 1`.execute(
    tx,
  );
  return rows[0];
}

/** The latest approval of a revision. */
export async function selectApproved(
  at: Db,
  campaignId: string,
  revision: number,
): Promise<Approval | undefined> {
  const { rows } = await sql<Approval>`
    select ${columns} from ${sources}
    where v.campaign_id = ${campaignId} and v.revision = ${revision} and v.decision = 'approved' order by v.id desc limit 1`.execute(
    at,
  );
  return rows[0];
}

interface Requested {
  campaignId: string;
  revision: number;
  count: number;
  hash: Buffer;
  ids: readonly number[];
  snapshot: Snapshot;
  by: string;
  at: Date;
}

/** Only the latest keeps the ids. */
export async function insertApproval(
  tx: Tx,
  { campaignId, revision, count, hash, ids, snapshot, by, at }: Requested,
): Promise<number> {
  await sql`update campaign_approvals set audience = null where campaign_id = ${campaignId} and audience is not null`.execute(
    tx,
  );
  const { rows } = await sql<{ id: number }>`
    insert into campaign_approvals (campaign_id, revision, audience_count, audience_hash, audience, snapshot, requested_by, requested_at)
    values (${campaignId}, ${revision}, ${count}, ${hash}, ${[...ids]}::bigint[], ${JSON.stringify(snapshot)}, ${by}, ${at})
    returning id`.execute(tx);
  return rows[0]?.id ?? 0;
}
