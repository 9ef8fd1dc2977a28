import { notRemoved } from '../accounts/removals.ts';
import { db, sql, type Db, type Tx } from '../platform/db.ts';

import { fitting, type Raising } from './raising.queries.ts';
import { signalColumns } from './signals.queries.ts';
import type { Signal } from './signals.ts';
import { type Channel, type Message, SHOWN } from './webhook-message.ts';
import type { Delivery, Webhook } from './webhooks.ts';

export async function selectWebhooks(): Promise<Webhook[]> {
  const { rows } = await sql<Webhook>`
    select w.id, w.name, w.url, w.locale, w.is_enabled as "isEnabled", w.created_at as "createdAt",
      (select count(*) from alert_rules r where r.webhook_id = w.id) as rules,
      coalesce(d.delivered, 0) as delivered, coalesce(d.waiting, 0) as waiting, coalesce(d.dead, 0) as dead,
      d.last as "lastDeliveredAt"
    from webhooks w left join lateral (
      select count(*) filter (where state = 'delivered') as delivered, count(*) filter (where state = 'waiting') as waiting,
        count(*) filter (where state = 'dead') as dead, max(settled_at) filter (where state = 'delivered') as last
      from webhook_deliveries where webhook_id = w.id) d on true
    order by lower(w.name)`.execute(db);
  return rows;
}

export async function selectChoices(): Promise<{ id: string; name: string }[]> {
  const { rows } = await sql<{ id: string; name: string }>`
    select id, name from webhooks order by lower(name)`.execute(db);
  return rows;
}

/** @returns undefined when the name is taken. */
export async function insertWebhook(given: {
  name: string;
  url: string;
  locale: string;
  timeZone: string;
  sealed: string;
  by: string;
  at: Date;
}): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    insert into webhooks (name, url, locale, time_zone, sealed_secret, created_by, created_at)
    values (${given.name}, ${given.url}, ${given.locale}, ${given.timeZone}, ${given.sealed}, ${given.by}, ${given.at}) on conflict (name) do nothing
    returning id`.execute(db);
  return rows[0]?.id;
}

/** In which language and zone a webhook's readers are spoken to; undefined when it is gone. */
export async function maybeChannel(id: string, tx: Db = db): Promise<Channel | undefined> {
  const { rows } = await sql<Channel>`
    select locale, time_zone as "timeZone" from webhooks where id = ${id}`.execute(tx);
  return rows[0];
}

export async function updateEnabled(id: string, isEnabled: boolean): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update webhooks set is_enabled = ${isEnabled} where id = ${id}`.execute(db);
  return numAffectedRows === 1n;
}

export async function deleteWebhook(id: string): Promise<boolean> {
  const { numAffectedRows } = await sql`delete from webhooks where id = ${id}`.execute(db);
  return numAffectedRows === 1n;
}

export async function selectDeliveries(): Promise<Delivery[]> {
  const { rows } = await sql<Delivery>`
    select d.id, w.name as "webhookName", r.name as "ruleName", d.state, d.attempts, d.status, d.error,
      d.created_at as "createdAt", d.settled_at as "settledAt"
    from webhook_deliveries d join webhooks w on w.id = d.webhook_id left join alert_rules r on r.id = d.rule_id
    order by d.state = 'dead' desc, d.created_at desc limit 100`.execute(db);
  return rows;
}

export async function countDead(): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from webhook_deliveries where state = 'dead'`.execute(db);
  return rows[0]?.count ?? 0;
}

/** The first signals of a batch that a rule is about, and how many there are. */
export async function selectToPost(
  tx: Tx,
  { rule, batch, sources, condition }: Raising,
): Promise<{ signals: Signal[]; total: number }> {
  const { rows } = await sql<Signal & { total: number }>`
    select s.id, ${signalColumns}, count(*) over () as total
    from signals s join accounts a on a.id = s.account_id ${sources}
    where s.batch = ${batch} and ${fitting(rule)} and a.deleted_at is null and ${notRemoved('a.id')} and ${condition}
    order by s.id limit ${SHOWN}`.execute(tx);
  return { signals: rows, total: rows[0]?.total ?? 0 };
}

/** @returns undefined when the batch was posted already, or there is no such webhook. */
export async function insertDelivery(
  tx: Tx,
  given: { webhookId: string; ruleId: string | null; batch: number | null; body: Message; at: Date },
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    insert into webhook_deliveries (webhook_id, rule_id, batch, body, state, created_at)
    select id, ${given.ruleId}, ${given.batch}, ${JSON.stringify(given.body)}::jsonb, 'waiting', ${given.at}
    from webhooks where id = ${given.webhookId}
    on conflict (webhook_id, rule_id, batch) do nothing returning id`.execute(tx);
  return rows[0]?.id;
}

export interface ToPost {
  id: string;
  url: string;
  sealed: string;
  body: Message;
  attempts: number;
  isEnabled: boolean;
}

export async function maybeToPost(id: string): Promise<ToPost | undefined> {
  const { rows } = await sql<ToPost>`
    select d.id, w.url, w.sealed_secret as sealed, d.body, d.attempts, w.is_enabled as "isEnabled"
    from webhook_deliveries d join webhooks w on w.id = d.webhook_id
    where d.id = ${id} and d.state = 'waiting'`.execute(db);
  return rows[0];
}

export async function noteAttempt(
  tx: Tx,
  given: {
    id: string;
    attempts: number;
    state: Delivery['state'];
    status: number | null;
    error: string | null;
    at: Date;
  },
): Promise<void> {
  await sql`
    update webhook_deliveries set attempts = ${given.attempts}, state = ${given.state}, status = ${given.status},
      error = ${given.error}, settled_at = ${given.state === 'waiting' ? null : given.at}
    where id = ${given.id}`.execute(tx);
}

export async function reviveDelivery(tx: Tx, id: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update webhook_deliveries set state = 'waiting', attempts = 0, settled_at = null where id = ${id} and state = 'dead'`.execute(
    tx,
  );
  return numAffectedRows === 1n;
}
