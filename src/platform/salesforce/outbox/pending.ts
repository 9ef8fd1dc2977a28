import { db, sql } from '../../db.ts';

/** A field of a record that has not arrived in Salesforce as somebody wanted it. */
export interface PendingField {
  field: string;
  outboxId: number;
  /** `waiting`: on its way. `failed`: Salesforce refused it. `conflict`: a person has to decide. */
  state: 'waiting' | 'failed' | 'conflict';
  conflictId: number | null;
  value: unknown;
  error: string | null;
}

/** The fields of a record that are on their way, refused or in conflict; of a field that waits twice, the later. */
export async function pendingFields(sobject: string, salesforceId: string): Promise<PendingField[]> {
  const { rows } = await sql<PendingField>`
    select distinct on (given.key) given.key as field, o.id as "outboxId", o.error,
           case when c.id is not null then 'conflict' when o.status = 'failed' then 'failed' else 'waiting' end as state,
           c.id as "conflictId", coalesce(f.ours, given.value) as value
    from outbox o cross join jsonb_each(o.fields) given
    left join conflicts c on c.outbox_id = o.id and c.status = 'open'
      and exists (select from conflict_fields q where q.conflict_id = c.id and q.field = given.key)
    left join conflict_fields f on f.conflict_id = c.id and f.field = given.key
    where o.salesforce_id = ${salesforceId} and o.sobject = ${sobject}
      and (o.status in ('waiting', 'sending', 'failed') or c.id is not null)
    order by given.key, o.id desc`.execute(db);
  return rows;
}
