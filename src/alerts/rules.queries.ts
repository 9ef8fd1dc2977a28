import type { RawBuilder } from 'kysely';

import { db, sql, type Db, type Tx } from '../platform/db.ts';

import type { AlertRule, ListedRule } from './rules.ts';

export type RuleToSave = Omit<AlertRule, 'id' | 'code' | 'ownerName' | 'webhookName' | 'isEnabled'>;

const columns = sql`
  r.id, r.code, r.name, r.trigger, r.filter, r.condition, r.scope, r.owner_id as "ownerId", r.roles, r.to_inbox as "toInbox",
  r.to_mail as "toMail", r.webhook_id as "webhookId", r.rest_hours as "restHours", r.is_enabled as "isEnabled"`;

export const ownOrShared = (personId: string) =>
  sql<boolean>`(r.owner_id is null or r.owner_id = ${personId})`;

export async function selectRules(
  scope: RawBuilder<boolean>,
  personId: string,
  since: Date,
): Promise<ListedRule[]> {
  const { rows } = await sql<ListedRule>`
    select ${columns}, o.name as "ownerName", w.name as "webhookName", coalesce(told.fired, 0)::int as fired, told."lastFiredAt",
      exists (select from alert_mutes m where m.rule_id = r.id and m.person_id = ${personId} and m.account_id is null) as "isMuted"
    from alert_rules r
    left join people o on o.id = r.owner_id left join webhooks w on w.id = r.webhook_id
    left join lateral (
      select count(distinct batch) filter (where raised_at >= ${since}) as fired, max(raised_at) as "lastFiredAt"
      from alerts where rule_id = r.id) told on true
    where ${scope} order by r.owner_id nulls last, r.code nulls last, lower(r.name), r.id`.execute(db);
  return rows;
}

/** The rules that may have something to say of signals of these kinds. */
export async function selectEnabled(tx: Db, kinds: readonly string[]): Promise<AlertRule[]> {
  const { rows } = await sql<AlertRule>`
    select ${columns}, null as "ownerName", null as "webhookName" from alert_rules r
    where r.is_enabled and r.trigger = any(${kinds}) order by r.id`.execute(tx);
  return rows;
}

export async function insertRule(tx: Tx, rule: RuleToSave, at: Date): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into alert_rules (name, trigger, filter, condition, scope, owner_id, roles, to_inbox, to_mail, webhook_id, rest_hours, changed_at)
    values (${rule.name}, ${rule.trigger}, ${JSON.stringify(rule.filter)}, ${conditionOf(rule)}::jsonb, ${rule.scope}, ${rule.ownerId},
      ${rule.roles}, ${rule.toInbox}, ${rule.toMail}, ${rule.webhookId}, ${rule.restHours}, ${at}) returning id`.execute(
    tx,
  );
  return rows[0]?.id ?? '';
}

/** A rule that Rapport brings along, unless it is there. */
export async function insertSeed(tx: Tx, rule: RuleToSave & { code: string }, at: Date): Promise<void> {
  await sql`
    insert into alert_rules (code, name, trigger, filter, condition, scope, roles, to_inbox, to_mail, rest_hours, changed_at)
    values (${rule.code}, ${rule.name}, ${rule.trigger}, ${JSON.stringify(rule.filter)}, ${conditionOf(rule)}::jsonb, ${rule.scope},
      ${rule.roles}, ${rule.toInbox}, ${rule.toMail}, ${rule.restHours}, ${at}) on conflict (code) do nothing`.execute(
    tx,
  );
}

const conditionOf = ({ condition }: Pick<AlertRule, 'condition'>) =>
  condition === null || condition === undefined ? null : JSON.stringify(condition);

/** A changed condition is looked at anew: who met the old one is forgotten. */
export async function updateRule(
  tx: Tx,
  rule: RuleToSave & { id: string; code: string | null },
  at: Date,
): Promise<void> {
  await sql`
    with other as (
      update alert_rules set looked_at = null
      where id = ${rule.id}
        and (condition, filter ->> 'entity') is distinct from (${conditionOf(rule)}::jsonb, ${rule.filter.entity ?? null}::text)
      returning id)
    delete from alert_rule_matches m using other where m.rule_id = other.id`.execute(tx);
  await sql`
    update alert_rules set name = ${rule.name}, trigger = ${rule.trigger}, filter = ${JSON.stringify(rule.filter)},
      condition = ${conditionOf(rule)}::jsonb, scope = ${rule.scope}, owner_id = ${rule.ownerId}, roles = ${rule.roles},
      to_inbox = ${rule.toInbox}, to_mail = ${rule.toMail}, webhook_id = ${rule.webhookId}, rest_hours = ${rule.restHours},
      changed_at = ${at}
    where id = ${rule.id}`.execute(tx);
}

export async function updateEnabled(id: string, isEnabled: boolean, at: Date): Promise<void> {
  await sql`update alert_rules set is_enabled = ${isEnabled}, changed_at = ${at} where id = ${id}`.execute(
    db,
  );
}

export async function deleteRule(id: string): Promise<void> {
  await sql`delete from alert_rules where id = ${id}`.execute(db);
}
