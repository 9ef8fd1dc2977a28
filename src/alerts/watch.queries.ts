import type { RawBuilder } from 'kysely';

import { db, sql, type Tx } from '../platform/db.ts';
import type { Subject } from '../rules/fields.ts';

import type { Source } from './sources.ts';

/** Whether nobody has looked yet since a moment, whichever worker asks. */
export async function isFirstWithin(span: Date): Promise<boolean> {
  const { rows } = await sql`
    insert into clock_ticks (job, at) values ('note_daily_signals', ${span}) on conflict do nothing returning 1`.execute(
    db,
  );
  return rows.length > 0;
}

/** @returns whether nobody had looked at the rule's condition before. */
export async function markLooked(tx: Tx, ruleId: string, at: Date): Promise<boolean> {
  const { rows } = await sql<{ isFirst: boolean }>`
    with before as (select id, looked_at from alert_rules where id = ${ruleId} for update)
    update alert_rules r set looked_at = ${at} from before where r.id = before.id
    returning before.looked_at is null as "isFirst"`.execute(tx);
  return rows[0]?.isFirst ?? false;
}

/** Keeps who meets a condition now. Whoever no longer does may be told again when they come back. */
export async function keepMatches(
  tx: Tx,
  { ruleId, met, at }: { ruleId: string; met: RawBuilder<{ id: string }>; at: Date },
): Promise<void> {
  await sql`
    with met as materialized (select id::text as id from (${met}) met),
    gone as (
      delete from alert_rule_matches m
      where m.rule_id = ${ruleId} and not exists (select from met where met.id = m.entity_id))
    insert into alert_rule_matches (rule_id, entity_id, since)
    select ${ruleId}, id, ${at} from met on conflict do nothing`.execute(tx);
}

/** Those that came at that moment, as signals, with how their account is. */
export function newMatches(ruleId: string, entity: Subject, at: Date): Source {
  const joined =
    entity === 'account'
      ? sql`join accounts x on x.id = m.entity_id`
      : sql`join account_people p on p.id = m.entity_id::bigint join accounts x on x.id = p.account_id`;
  const told =
    entity === 'account'
      ? sql`'rank', h.rank, 'score', h.score, 'reasons', h.reasons`
      : sql`'title', p.title, 'activeOn', p.last_active_on, 'rank', h.rank`;
  return sql`
    select 'rule:' || m.rule_id || ':' || m.entity_id || ':' || extract(epoch from m.since) as cause, 'condition.met' as kind,
      x.id as account_id, ${entity === 'account' ? sql`null::bigint` : sql`p.id`} as person, m.rule_id,
      jsonb_strip_nulls(jsonb_build_object(${told})) as data,
      m.since as occurred_at
    from alert_rule_matches m ${joined} left join health h on h.account_id = x.id
    where m.rule_id = ${ruleId} and m.since = ${at}`;
}
