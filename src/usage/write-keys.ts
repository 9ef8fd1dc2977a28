import { randomBytes } from 'node:crypto';

import { hasRole, type StaffViewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { config } from '../platform/config.ts';
import { db, sql, transaction, type Db } from '../platform/db.ts';
import { Forbidden, Invalid, NotFound } from '../platform/errors.ts';

/** The key of the demo's own product; worth nothing outside sandbox mode. */
export const DEMO_WRITE_KEY = 'demo-write-key';
const DEMO_SOURCE = 'Tidewater Backup';

/** An application or server that sends usage, as an administrator sees it. */
export interface Source {
  id: number;
  name: string;
  createdAt: Date;
  keys: { key: string; createdAt: Date }[];
  /** Events of the last 24 hours, and messages refused in the last 14 days. */
  events: number;
  rejections: number;
  lastSeenAt: Date | null;
}

/** A key that was revoked may be used for this long by a process that knew it. */
const REMEMBERED_MILLISECONDS = 10_000;

const known = new Map<string, { sourceId: number | undefined; until: number }>();

/** The source that a write key belongs to, or undefined; looked up again after ten seconds. */
export async function sourceOfKey(key: string): Promise<number | undefined> {
  if (!/^[\w-]{1,100}$/.test(key)) return undefined;
  const remembered = known.get(key);
  if (remembered !== undefined && remembered.until > performance.now()) return remembered.sourceId;
  const isDemo = key === DEMO_WRITE_KEY;
  const sourceId = isDemo && !config.isSandbox ? undefined : await lookUp(key);
  if (known.size > 1_000) known.clear();
  known.set(key, { sourceId, until: performance.now() + REMEMBERED_MILLISECONDS });
  return sourceId;
}

async function lookUp(key: string): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    select source_id as id from write_keys where key = ${key} and revoked_at is null`.execute(db);
  if (rows[0] === undefined && key === DEMO_WRITE_KEY) return await makeDemoSource();
  return rows[0]?.id;
}

async function makeDemoSource(): Promise<number> {
  return await transaction(async (tx) => {
    const id = await addSource(tx, DEMO_SOURCE, null);
    await sql`
      insert into write_keys (key, source_id, created_at) values (${DEMO_WRITE_KEY}, ${id}, ${now()})
      on conflict do nothing`.execute(tx);
    return id;
  });
}

async function addSource(tx: Db, name: string, personId: string | null): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    insert into usage_sources (name, created_by, created_at) values (${name}, ${personId}, ${now()})
    on conflict (name) do update set name = excluded.name returning id`.execute(tx);
  return rows[0]?.id ?? 0;
}

async function addKey(tx: Db, sourceId: number): Promise<string> {
  const key = randomBytes(18).toString('base64url');
  await sql`insert into write_keys (key, source_id, created_at) values (${key}, ${sourceId}, ${now()})`.execute(
    tx,
  );
  return key;
}

function requireAdmin(viewer: StaffViewer): void {
  if (!hasRole(viewer, 'admin')) throw new Forbidden();
}

/** Adds a source with its first key. @throws Invalid when another has that name */
export async function createSource(viewer: StaffViewer, name: string): Promise<void> {
  requireAdmin(viewer);
  await transaction(async (tx) => {
    const { rows } = await sql`select from usage_sources where lower(name) = lower(${name})`.execute(tx);
    if (rows.length > 0) throw new Invalid({ name: 'usage.errors.nameTaken' });
    await addKey(tx, await addSource(tx, name, viewer.personId));
  });
}

/** Gives a source a further key, so that the old one can be replaced before it is revoked. @throws NotFound */
export async function rotateKey(viewer: StaffViewer, sourceId: number): Promise<void> {
  requireAdmin(viewer);
  const { rows } = await sql`select from usage_sources where id = ${sourceId}`.execute(db);
  if (rows.length === 0) throw new NotFound();
  await addKey(db, sourceId);
}

/** Messages with this key are refused from now on, within ten seconds in every process. @throws NotFound */
export async function revokeKey(viewer: StaffViewer, key: string): Promise<void> {
  requireAdmin(viewer);
  const { numAffectedRows } = await sql`
    update write_keys set revoked_at = ${now()} where key = ${key} and revoked_at is null`.execute(db);
  if (!numAffectedRows) throw new NotFound();
  known.delete(key);
}

/** Every source with its keys in use, by name. */
export async function sources(viewer: StaffViewer): Promise<Source[]> {
  requireAdmin(viewer);
  const day = new Date(now().getTime() - 86_400_000);
  const { rows } = await sql<Source>`
    select s.id, s.name, s.created_at as "createdAt",
      (select coalesce(json_agg(json_build_object('key', k.key, 'createdAt', k.created_at) order by k.created_at), '[]')
       from write_keys k where k.source_id = s.id and k.revoked_at is null) as keys,
      (select count(*) from usage_events e where e.source_id = s.id and e.day >= ${day}::date and e.received_at >= ${day}) as events,
      (select count(*) from usage_rejections r where r.source_id = s.id) as rejections,
      (select max(e.received_at) from usage_events e where e.source_id = s.id and e.day >= ${day}::date) as "lastSeenAt"
    from usage_sources s order by lower(s.name)`.execute(db);
  return rows;
}
