import { db, prepared, sql } from '../platform/db.ts';
import { NotFound } from '../platform/errors.ts';

import type { InboxAlert, InboxFilter, InboxState, Mute } from './inbox.ts';
import { signalColumns } from './signals.queries.ts';

/** Written out, so that each state finds its own index. */
const inState = (state: InboxState, at: Date) =>
  ({
    open: sql<boolean>`l.acknowledged_at is null and (l.snoozed_until is null or l.snoozed_until <= ${at})`,
    snoozed: sql<boolean>`l.acknowledged_at is null and l.snoozed_until > ${at}`,
    done: sql<boolean>`l.acknowledged_at is not null`,
  })[state];

const columns = sql`
  l.id, l.rule_id as "ruleId", r.code, r.name, r.trigger, l.signals, l.raised_at as "raisedAt",
  l.acknowledged_at as "acknowledgedAt", l.snoozed_until as "snoozedUntil"`;

export async function selectInbox(
  personId: string,
  { state, ruleId, trigger, at }: InboxFilter & { at: Date },
  { limit, offset }: { limit: number; offset: number },
): Promise<{ alerts: InboxAlert[]; total: number }> {
  const conditions = [sql`l.person_id = ${personId}`, sql`l.in_inbox`, inState(state, at)];
  if (ruleId !== undefined) conditions.push(sql`l.rule_id = ${ruleId}`);
  if (trigger !== undefined) conditions.push(sql`r.trigger = ${trigger}`);
  const where = sql.join(conditions, sql` and `);
  const { rows } = await sql<InboxAlert & { total: number }>`
    with page as (
      select ${columns}, count(*) over () as total from alerts l join alert_rules r on r.id = l.rule_id
      where ${where} order by l.raised_at desc, l.id desc limit ${limit} offset ${offset})
    select page.*, (
      select coalesce(json_agg(i), '[]') from (
        select s.id, ${signalColumns} from alert_signals k join signals s on s.id = k.signal_id join accounts a on a.id = s.account_id
        where k.alert_id = page.id order by s.id limit 5) i) as items
    from page order by "raisedAt" desc, id desc`.execute(db);
  return { alerts: rows, total: rows[0]?.total ?? 0 };
}

export async function selectRulesOf(
  personId: string,
): Promise<{ id: string; code: string | null; name: string }[]> {
  const { rows } = await sql<{ id: string; code: string | null; name: string }>`
    select id, code, name from alert_rules r
    where exists (select from alerts l where l.rule_id = r.id and l.person_id = ${personId}) order by lower(name)`.execute(
    db,
  );
  return rows;
}

export async function countOpen(personId: string, at: Date): Promise<{ unread: number; newest: number }> {
  const rows = await prepared(sql<{ unread: number; newest: number }>`
    select count(*)::int as unread, coalesce(max(id), 0) as newest from alerts l
    where l.person_id = ${personId} and l.acknowledged_at is null and l.in_inbox
      and (l.snoozed_until is null or l.snoozed_until <= ${at})`);
  return rows[0] ?? { unread: 0, newest: 0 };
}

export async function alertOf(personId: string, id: number): Promise<Omit<InboxAlert, 'items'>> {
  const { rows } = await sql<Omit<InboxAlert, 'items'>>`
    select ${columns} from alerts l join alert_rules r on r.id = l.rule_id
    where l.id = ${id} and l.person_id = ${personId}`.execute(db);
  const [alert] = rows;
  if (alert === undefined) throw new NotFound();
  return alert;
}

export async function updateAcknowledged(
  personId: string,
  ids: readonly number[],
  at: Date,
): Promise<number> {
  const { numAffectedRows } = await sql`
    update alerts set acknowledged_at = ${at}, snoozed_until = null
    where person_id = ${personId} and id = any(${ids}::bigint[]) and acknowledged_at is null`.execute(db);
  return Number(numAffectedRows ?? 0);
}

export async function updateReopened(personId: string, ids: readonly number[]): Promise<number> {
  const { numAffectedRows } = await sql`
    update alerts set acknowledged_at = null, snoozed_until = null
    where person_id = ${personId} and id = any(${ids}::bigint[])
      and (acknowledged_at is not null or snoozed_until is not null)`.execute(db);
  return Number(numAffectedRows ?? 0);
}

export async function updateSnoozed(personId: string, ids: readonly number[], until: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    update alerts set snoozed_until = ${until}
    where person_id = ${personId} and id = any(${ids}::bigint[]) and acknowledged_at is null`.execute(db);
  return Number(numAffectedRows ?? 0);
}

export async function insertMute(
  personId: string,
  { ruleId, accountId }: { ruleId: string | null; accountId: string | null },
  at: Date,
): Promise<void> {
  await sql`
    insert into alert_mutes (person_id, rule_id, account_id, muted_at)
    select ${personId}, ${ruleId}::uuid, ${accountId}::text, ${at}
    where (${ruleId}::uuid is null or exists (
        select from alert_rules where id = ${ruleId} and (owner_id is null or owner_id = ${personId})))
      and (${accountId}::text is null or exists (select from accounts where id = ${accountId}))
    on conflict do nothing`.execute(db);
}

export async function deleteMute(personId: string, id: number): Promise<void> {
  await sql`delete from alert_mutes where id = ${id} and person_id = ${personId}`.execute(db);
}

export async function selectMutes(personId: string): Promise<Mute[]> {
  const { rows } = await sql<Mute>`
    select m.id, m.rule_id as "ruleId", r.code, r.name as "ruleName", m.account_id as "accountId", a.name as "accountName",
      m.muted_at as "mutedAt"
    from alert_mutes m left join alert_rules r on r.id = m.rule_id left join accounts a on a.id = m.account_id
    where m.person_id = ${personId} order by m.muted_at desc`.execute(db);
  return rows;
}
