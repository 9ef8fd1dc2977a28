import { sql, type Tx } from '../platform/db.ts';

import { signalColumns } from './signals.queries.ts';
import type { Signal } from './signals.ts';

export async function selectZones(
  tx: Tx,
  personIds: readonly string[],
): Promise<{ id: string; timeZone: string; locale: string }[]> {
  if (personIds.length === 0) return [];
  const { rows } = await sql<{ id: string; timeZone: string; locale: string }>`
    select id, time_zone as "timeZone", locale from people where id = any(${personIds}::uuid[]) order by id`.execute(
    tx,
  );
  return rows;
}

export interface AlertToMail {
  id: string;
  code: string | null;
  name: string;
  signals: number;
  items: Signal[];
}

/** Takes what waits to be mailed, each with its first signals; what was acknowledged meanwhile needs no mail. */
export async function takeToMail(tx: Tx, personId: string, at: Date): Promise<AlertToMail[]> {
  const { rows } = await sql<AlertToMail>`
    with taken as (
      update alerts set mailed_at = ${at}
      where person_id = ${personId} and wants_mail and mailed_at is null
      returning id, rule_id, signals, raised_at, acknowledged_at)
    select t.id::text as id, r.code, r.name, t.signals, (
        select json_agg(i) from (
          select ${signalColumns} from alert_signals l join signals s on s.id = l.signal_id join accounts a on a.id = s.account_id
          where l.alert_id = t.id order by s.id limit 10) i) as items
    from taken t join alert_rules r on r.id = t.rule_id
    where t.acknowledged_at is null order by t.raised_at, t.id limit 40`.execute(tx);
  return rows;
}
