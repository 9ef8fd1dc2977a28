import type { RawBuilder } from 'kysely';

import { db, sql, type Db, type Tx } from '../platform/db.ts';

import type { TrackApproval } from './approvals.ts';
import type { TrackDefinition } from './definition.ts';
import type { VersionState } from './tracks.ts';

const columns = sql`
  a.id, a.version, encode(a.hash, 'hex') as hash, a.definition, a.messages, a.people, a.requested_by as "requestedBy",
  r.name as "requestedByName", a.requested_at as "requestedAt", a.decided_by as "decidedBy", d.name as "decidedByName",
  a.decided_at as "decidedAt", a.decision, a.comment`;
const approvals = sql`
  track_approvals a left join people r on r.id = a.requested_by left join people d on d.id = a.decided_by`;

export async function selectApprovals(scope: RawBuilder<boolean>, trackId: string): Promise<TrackApproval[]> {
  const { rows } = await sql<TrackApproval>`
    select ${columns} from ${approvals} where a.track_id = ${trackId} and ${scope} order by a.id desc`.execute(
    db,
  );
  return rows;
}

export async function selectOpen(tx: Db, trackId: string): Promise<TrackApproval | undefined> {
  const { rows } = await sql<TrackApproval>`
    select ${columns} from ${approvals} where a.track_id = ${trackId} and a.decision is null`.execute(tx);
  return rows[0];
}

/** The hash that a version was approved by; undefined when it was not. */
export async function selectApprovedHash(
  tx: Tx,
  trackId: string,
  version: number,
): Promise<string | undefined> {
  const { rows } = await sql<{ hash: string }>`
    select encode(hash, 'hex') as hash from track_approvals
    where track_id = ${trackId} and version = ${version} and decision = 'approved' order by id desc limit 1`.execute(
    tx,
  );
  return rows[0]?.hash;
}

interface NewApproval {
  trackId: string;
  version: number;
  /** Hex. */
  hash: string;
  definition: TrackDefinition;
  messages: Record<string, number>;
  people: number;
  by: string;
  at: Date;
}

export async function insertApproval(tx: Tx, asked: NewApproval): Promise<number> {
  const { trackId, version, hash, definition, messages, people, by, at } = asked;
  const { rows } = await sql<{ id: number }>`
    insert into track_approvals (track_id, version, hash, definition, messages, people, requested_by, requested_at)
    values (${trackId}, ${version}, decode(${hash}, 'hex'), ${JSON.stringify(definition)}, ${JSON.stringify(messages)}, ${people}, ${by}, ${at})
    returning id`.execute(tx);
  return rows[0]?.id ?? 0;
}

export async function decide(
  tx: Tx,
  id: number,
  {
    decision,
    comment,
    by,
    at,
  }: { decision: 'approved' | 'rejected' | 'withdrawn'; comment: string; by: string; at: Date },
): Promise<void> {
  await sql`
    update track_approvals set decision = ${decision}, comment = ${comment}, decided_by = ${by}, decided_at = ${at} where id = ${id}`.execute(
    tx,
  );
}

/** What was asked for of a track and not decided yet is asked no more. */
export async function withdrawOpen(
  tx: Tx,
  trackId: string,
  { personId, now }: { personId: string; now: Date },
): Promise<void> {
  await sql`
    update track_approvals set decision = 'withdrawn', decided_by = ${personId}, decided_at = ${now}
    where track_id = ${trackId} and decision is null`.execute(tx);
}

export async function updateState(
  tx: Tx,
  trackId: string,
  { version, state, messages }: { version: number; state: VersionState; messages?: Record<string, number> },
): Promise<void> {
  await sql`
    update track_versions set state = ${state}, messages = coalesce(${messages === undefined ? null : JSON.stringify(messages)}::jsonb, messages)
    where track_id = ${trackId} and version = ${version}`.execute(tx);
}
