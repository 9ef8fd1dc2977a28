import type { RawBuilder } from 'kysely';

import { approvalsIn, requestedColumns } from '../campaigns/definition/decisions.queries.ts';
import { db, sql, type Db, type Tx } from '../platform/db.ts';

import type { Forecast, TrackApproval } from './approvals.ts';
import type { TrackDefinition } from './definition.ts';
import type { VersionState } from './tracks.ts';

const columns = sql`
  ${requestedColumns}, v.version, encode(v.hash, 'hex') as hash, v.definition, v.messages, v.people, v.forecast, v.trouble`;
const approvals = approvalsIn('track_approvals');

export async function selectApprovals(scope: RawBuilder<boolean>, trackId: string): Promise<TrackApproval[]> {
  const { rows } = await sql<TrackApproval>`
    select ${columns} from ${approvals} where v.track_id = ${trackId} and ${scope} order by v.id desc`.execute(
    db,
  );
  return rows;
}

export async function selectOpen(tx: Db, trackId: string): Promise<TrackApproval | undefined> {
  const { rows } = await sql<TrackApproval>`
    select ${columns} from ${approvals} where v.track_id = ${trackId} and v.decision is null`.execute(tx);
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
  by: string;
  at: Date;
}

/** Nobody has been counted yet. */
export async function insertApproval(tx: Tx, asked: NewApproval): Promise<number> {
  const { trackId, version, hash, definition, messages, by, at } = asked;
  const { rows } = await sql<{ id: number }>`
    insert into track_approvals (track_id, version, hash, definition, messages, requested_by, requested_at)
    values (${trackId}, ${version}, decode(${hash}, 'hex'), ${JSON.stringify(definition)}, ${JSON.stringify(messages)}, ${by}, ${at})
    returning id`.execute(tx);
  return rows[0]?.id ?? 0;
}

const isUncounted = sql`decision is null and people is null`;

/** What is to be counted; undefined once it was, or was taken back. */
export async function selectUncounted(
  at: Db,
  id: number,
): Promise<{ trackId: string; definition: TrackDefinition } | undefined> {
  const { rows } = await sql<{ trackId: string; definition: TrackDefinition }>`
    select track_id as "trackId", definition from track_approvals where id = ${id} and ${isUncounted}`.execute(
    at,
  );
  return rows[0];
}

export async function keepForecast(
  at: Db,
  id: number,
  { people, forecast }: { people: number; forecast: Forecast },
): Promise<void> {
  await sql`
    update track_approvals set people = ${people}, forecast = ${JSON.stringify(forecast)} where id = ${id} and ${isUncounted}`.execute(
    at,
  );
}

/** Takes back a request that cannot be counted. @returns the version that it was of; undefined when there is nothing to take back */
export async function withdrawUncountable(
  tx: Tx,
  id: number,
  { trouble, at }: { trouble: NonNullable<TrackApproval['trouble']>; at: Date },
): Promise<{ trackId: string; version: number } | undefined> {
  const { rows } = await sql<{ trackId: string; version: number }>`
    update track_approvals set decision = 'withdrawn', decided_at = ${at}, trouble = ${trouble} where id = ${id} and ${isUncounted}
    returning track_id as "trackId", version`.execute(tx);
  return rows[0];
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
