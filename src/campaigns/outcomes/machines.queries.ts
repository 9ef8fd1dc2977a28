import { sql, type Tx } from '../../platform/db.ts';

import { EVENT_BITS, flagOf } from './outcomes.ts';
import { rankOf } from './intake.queries.ts';

const ENGAGED = flagOf('opened') | flagOf('clicked') | flagOf('machine_opened') | flagOf('machine_clicked');

/*
 * Who clicks like this is no human (A14): within ten seconds of following the link that nobody sees; sooner than two seconds after the mail was
 * delivered; three links of a mail within two seconds. An open so soon after delivery that a machine clicked as well is a machine's, too.
 */
const isMachine = sql`
  e.kind in ('opened', 'clicked') and (
    e.is_machine
    or exists (select from delivery_events t where t.run_id = e.run_id and t.n = e.n and t.kind = 'clicked' and t.detail = 'trap'
      and abs(extract(epoch from t.occurred_at - e.occurred_at)) <= 10)
    or e.kind = 'clicked' and exists (select from delivery_events t where t.run_id = e.run_id and t.n = e.n and t.kind = 'delivered'
      and e.occurred_at < t.occurred_at + interval '2 seconds')
    or e.kind = 'clicked' and (select count(distinct t.detail) from delivery_events t where t.run_id = e.run_id and t.n = e.n and t.kind = 'clicked'
      and abs(extract(epoch from t.occurred_at - e.occurred_at)) <= 2) >= 3)`;

/**
 * Judges anew, from all events of the deliveries that anybody opened or clicked, which of these were machines: that depends on other events,
 * and must not on the order in which they came. More events never make a human of a machine, so what was judged once stays.
 */
export async function tellMachinesApart(tx: Tx): Promise<void> {
  const { rows } = await sql`select from settled where (after & ${sql.lit(ENGAGED)}) <> 0 limit 1`.execute(
    tx,
  );
  if (rows.length === 0) return;
  await sql`create temporary table judged on commit drop as
    with events as (
      select e.event_id, e.run_id, e.n, e.kind, e.occurred_at, e.detail, e.is_machine
      from (select run_id, n from settled where (after & ${sql.lit(ENGAGED)}) <> 0) s join delivery_events e using (run_id, n))
    select event_id, run_id, n, kind, is_machine as was_machine, ${isMachine} as is_machine from events e`.execute(
    tx,
  );
  await sql`
    update delivery_events e set is_machine = j.is_machine from judged j
    where e.event_id = j.event_id and j.is_machine and not j.was_machine`.execute(tx);
  await sql`
    with bits as (
      select run_id, n,
        bool_or(kind = 'opened' and not is_machine)::integer * ${sql.lit(flagOf('opened'))}
        | bool_or(kind = 'clicked' and not is_machine)::integer * ${sql.lit(flagOf('clicked'))}
        | bool_or(kind = 'opened' and is_machine)::integer * ${sql.lit(flagOf('machine_opened'))}
        | bool_or(kind = 'clicked' and is_machine)::integer * ${sql.lit(flagOf('machine_clicked'))} as bits
      from judged group by run_id, n)
    update settled s set after = (s.after & ~ ${sql.lit(ENGAGED)}) | b.bits from bits b where b.run_id = s.run_id and b.n = s.n`.execute(
    tx,
  );
  const flags = sql`(d.flags & ~ ${sql.lit(EVENT_BITS)}) | (s.after & ${sql.lit(EVENT_BITS)})`;
  await sql`
    update deliveries d set flags = ${flags}, outcome = ${rankOf(sql`(${flags})`)}
    from settled s where (s.run_id, s.n) in (select run_id, n from judged) and d.run_id = s.run_id and d.n = s.n
      and d.flags <> (${flags})`.execute(tx);
}
