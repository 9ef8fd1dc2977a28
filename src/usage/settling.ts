import { hasRole, type StaffViewer } from '../access/viewer.ts';
import { db, sql } from '../platform/db.ts';
import { Conflict, Forbidden, Invalid, NotFound } from '../platform/errors.ts';

/** An account that usage names and no rule could match to one of Salesforce. */
export interface Unmatched {
  id: number;
  externalId: string;
  name: string | null;
  domain: string | null;
  people: number;
  /** Events of the last 14 days. */
  events: number;
  firstSeenAt: Date;
  lastSeenAt: Date;
  /** Accounts of Salesforce with a similar name, the most similar first. */
  candidates: { id: string; name: string; country: string | null }[];
}

const SHOWN = 50;

function requireSettler(viewer: StaffViewer): void {
  if (!hasRole(viewer, 'csm', 'admin')) throw new Forbidden();
}

/** Those that wait for a person, the busiest first; at most fifty, with how many there are. */
export async function unmatchedAccounts(viewer: StaffViewer): Promise<{ rows: Unmatched[]; total: number }> {
  requireSettler(viewer);
  const { rows } = await sql<Unmatched & { total: number }>`
    with waiting as (
      select u.*, count(*) over () as total,
        coalesce((select sum(d.events) from usage_account_days d where d.usage_account = u.id and d.day > current_date - 14), 0)::int as events
      from usage_accounts u where u.account_id is null and not u.is_ignored
      order by events desc, u.last_seen_at desc, u.id limit ${SHOWN}
    )
    select w.id, w.external_id as "externalId", w.name, w.domain, w.events, w.total,
      w.first_seen_at as "firstSeenAt", w.last_seen_at as "lastSeenAt",
      (select count(*) from usage_people p where p.usage_account = w.id) as people,
      (select coalesce(json_agg(c), '[]') from (
        select a.id, a.name, a.billing_country as country from accounts a
        where a.deleted_at is null and lower(a.name) % lower(coalesce(w.name, w.external_id))
        order by similarity(lower(a.name), lower(coalesce(w.name, w.external_id))) desc, a.id limit 4) c) as candidates
    from waiting w order by w.events desc, w.last_seen_at desc, w.id`.execute(db);
  return { rows, total: rows[0]?.total ?? 0 };
}

/** How many wait for a person. */
export async function countUnmatched(): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) from usage_accounts where account_id is null and not is_ignored`.execute(db);
  return rows[0]?.count ?? 0;
}

/**
 * Says which account of Salesforce it is; its usage counts there from now on, that of the past too.
 * @throws Invalid when there is no such account; Conflict when it was settled meanwhile
 */
export async function matchTo(viewer: StaffViewer, id: number, accountId: string): Promise<void> {
  requireSettler(viewer);
  const { rows } = await sql`
    select from accounts where left(id, 15) = left(${accountId}, 15) and deleted_at is null`.execute(db);
  if (rows.length === 0) throw new Invalid({ accountId: 'usage.errors.noSuchAccount' });
  await settle(
    id,
    sql`account_id = (select a.id from accounts a where left(a.id, 15) = left(${accountId}, 15) and a.deleted_at is null), matched_by = 'staff'`,
  );
}

/** Says that it is nobody's, a test or a trial of our own people: it is not asked about again. */
export async function ignore(viewer: StaffViewer, id: number): Promise<void> {
  requireSettler(viewer);
  await settle(id, sql`is_ignored = true`);
}

async function settle(id: number, change: ReturnType<typeof sql>): Promise<void> {
  const { numAffectedRows = 0n } = await sql`
    update usage_accounts set ${change} where id = ${id} and account_id is null and not is_ignored`.execute(
    db,
  );
  if (numAffectedRows > 0n) return;
  const { rows } = await sql`select from usage_accounts where id = ${id}`.execute(db);
  throw rows.length === 0 ? new NotFound() : new Conflict();
}

/** What a source sent that could not be taken. */
export interface RejectedMessage {
  id: number;
  source: string | null;
  receivedAt: Date;
  reason: string;
  excerpt: string;
}

/** The newest hundred; administrators alone, since they hold what people did. */
export async function rejectedMessages(viewer: StaffViewer): Promise<RejectedMessage[]> {
  if (!hasRole(viewer, 'admin')) throw new Forbidden();
  const { rows } = await sql<RejectedMessage>`
    select r.id, s.name as source, r.received_at as "receivedAt", r.reason, r.excerpt
    from usage_rejections r left join usage_sources s on s.id = r.source_id
    order by r.id desc limit 100`.execute(db);
  return rows;
}
