import type { RawBuilder } from 'kysely';

import { db, sql, transaction } from '../platform/db.ts';
import './tables.ts';

import type { Act, InsightFilter, Rate, Receipt } from './receipts.ts';

/** A query of account ids, in one column. */
type Accounts = RawBuilder<unknown>;

/** Marks insights as sent, with how their accounts' opportunities and owners stood. */
export async function keepSent(
  rows: readonly { rapportId: string | null; salesforceId: string }[],
  at: Date,
): Promise<void> {
  await sql`
    with sent as (
      update insights i set sent_at = ${at}, salesforce_id = given."salesforceId"
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given ("rapportId" uuid, "salesforceId" text)
      where i.id = given."rapportId" and i.sent_at is null
      returning i.id, i.account_id)
    insert into insight_baselines (insight_id, kind, record_id, value)
    select sent.id, 'stage', o.id, o.stage
    from sent join opportunities o on o.account_id = sent.account_id and o.deleted_at is null and not o.is_closed
    union all
    select sent.id, 'owner', a.id, a.owner_id from sent join accounts a on a.id = sent.account_id
    on conflict do nothing`.execute(db);
}

/** The accounts of the rows that a batch of the sync changed; undefined for tables that hold no acts. */
export function accountsTouched(table: string, batch: number): Accounts | undefined {
  const changed = sql`select row_id from mirror_changes where batch = ${batch}`;
  switch (table) {
    case 'accounts':
      return changed;
    case 'case_comments':
      return sql`
        select c.account_id from case_comments m join cases c on c.id = m.case_id where m.id::text in (${changed})`;
    case 'insight_records':
    case 'opportunities':
    case 'salesforce_events':
    case 'salesforce_tasks':
      return sql`select account_id from ${sql.table(table)} where id in (${changed})`;
    default:
      return undefined;
  }
}

export const accountsWithInsights = (since: Date): Accounts =>
  sql`select account_id from insights where sent_at >= ${since}`;

/**
 * Ties what people did on these accounts to the insights before it. Times are Salesforce's: an insight counts from when its record
 * came to be there. What Rapport itself did, its user's comments, is no answer.
 */
export async function insertActs(
  accounts: Accounts,
  { at, days }: { at: Date; days: number },
): Promise<void> {
  await transaction(async (tx) => {
    await sql`set local statement_timeout to '5min'`.execute(tx);
    await sql`
      with told as (
        select i.id, i.account_id, r.id as record_id, r.handled, r.feedback, r.modified_at, r.attributes,
               r.created_at as since, r.created_at + make_interval(days => ${days}) as until
        from insights i
        join insight_records r on r.rapport_id = i.id::text and r.deleted_at is null
        where i.account_id in (${accounts})
      ), acts (insight_id, kind, record_id, actor_id, detail, acted_at) as (${actsAfter(at)})
      insert into insight_acts (insight_id, kind, record_id, actor_id, detail, acted_at)
      select insight_id, kind, record_id, actor_id, detail, acted_at from acts
      on conflict (insight_id, kind, record_id) do nothing`.execute(tx);
  });
}

/** What can answer an insight, over those that were `told`. */
const actsAfter = (at: Date) => sql`
  select id, case handled when 'Seen' then 'seen' when 'Done' then 'done' else 'not_helpful' end, record_id,
         attributes ->> 'LastModifiedById', nullif(feedback, ''), modified_at
  from told where handled in ('Seen', 'Done', 'Not helpful')
  union all
  select told.id, 'task', t.id, coalesce(t.attributes ->> 'LastModifiedById', t.owner_id), t.subject,
         coalesce(t.completed_at, t.modified_at)
  from told join salesforce_tasks t on t.account_id = told.account_id and t.is_closed and t.deleted_at is null
   and coalesce(t.completed_at, t.modified_at) between told.since and told.until
  union all
  select told.id, 'meeting', e.id, e.owner_id, e.subject, e.ends_at
  from told join salesforce_events e on e.account_id = told.account_id and e.deleted_at is null
   and e.ends_at between told.since and least(told.until, ${at}::timestamptz)
  union all
  select told.id, 'stage', o.id, o.attributes ->> 'LastModifiedById', o.stage, o.modified_at
  from told join insight_baselines b on b.insight_id = told.id and b.kind = 'stage'
  join opportunities o on o.id = b.record_id and o.stage <> b.value and o.deleted_at is null
   and o.modified_at between told.since and told.until
  union all
  select told.id, 'opportunity', o.id, o.attributes ->> 'CreatedById', o.name, o.created_at
  from told join opportunities o on o.account_id = told.account_id and o.deleted_at is null
   and o.created_at between told.since and told.until
  union all
  select told.id, 'comment', m.salesforce_id, m.author_id, c.number, m.created_at
  from told join cases c on c.account_id = told.account_id
  join case_comments m on m.case_id = c.id and m.written_by is null and m.deleted_at is null
   and m.salesforce_id is not null and m.created_at between told.since and told.until
  where not exists (select from salesforce_sessions s where s.user_id = m.author_id)
  union all
  select told.id, 'owner', a.id, a.attributes ->> 'LastModifiedById', a.owner_id, a.modified_at
  from told join insight_baselines b on b.insight_id = told.id and b.kind = 'owner'
  join accounts a on a.id = b.record_id and a.owner_id is distinct from b.value and a.deleted_at is null
   and a.modified_at between told.since and told.until`;

/** Insights with how far each has come; `acted_at` is the first act beyond looking. */
const receipts = sql`
  select i.id, i.account_id, i.kind, i.data, i.occurred_at, i.sent_at, i.salesforce_id, a.name as account_name, a.owner_id,
         u.name as owner_name, r.feedback, coalesce(r.created_at, i.sent_at) as told_at, acts.acted_at, acts.seen_at,
         case when acts.is_unhelpful then 'not_helpful' when acts.acted_at is not null then 'acted'
              when acts.seen_at is not null then 'seen' when i.sent_at is not null then 'sent' else 'waiting' end as standing
  from insights i
  left join accounts a on a.id = i.account_id
  left join users u on u.id = a.owner_id
  left join insight_records r on r.rapport_id = i.id::text and r.deleted_at is null
  left join lateral (
    select min(x.acted_at) filter (where x.kind not in ('seen', 'not_helpful')) as acted_at, min(x.acted_at) as seen_at,
           bool_or(x.kind = 'not_helpful') and coalesce(r.handled, '') = 'Not helpful' as is_unhelpful
    from insight_acts x where x.insight_id = i.id) acts on true`;

type Narrowed = Partial<InsightFilter> & { accountId?: string };

function condition(
  scope: RawBuilder<boolean>,
  { accountId, since, kind, rank, standing, ownerId }: Narrowed,
) {
  const parts = [
    scope,
    ...(accountId === undefined ? [] : [sql`t.account_id = ${accountId}`]),
    ...(since === undefined ? [] : [sql`t.occurred_at >= ${since}`]),
    ...(rank === undefined ? [] : [sql`t.data ->> 'rank' = ${rank}`]),
    ...(kind === undefined ? [] : [sql`t.kind = ${kind}`]),
    ...(standing === undefined ? [] : [sql`t.standing = ${standing}`]),
    ...(ownerId === undefined ? [] : [sql`t.owner_id = ${ownerId}`]),
  ];
  return sql.join(parts, sql` and `);
}

export async function selectReceipts(
  scope: RawBuilder<boolean>,
  filter: Narrowed,
  { limit, offset }: { limit: number; offset: number },
): Promise<Omit<Receipt, 'acts'>[]> {
  const { rows } = await sql<Omit<Receipt, 'acts'>>`
    select id, account_id as "accountId", kind, data ->> 'rank' as rank, (data ->> 'score')::int as score,
           data ->> 'previousRank' as "previousRank", data -> 'reasons' as reasons, occurred_at as "occurredAt",
           data ->> 'name' as name, data ->> 'headline' as headline, coalesce(data -> 'evidence', '[]') as evidence,
           sent_at as "sentAt", salesforce_id as "salesforceId", coalesce(account_name, account_id) as "accountName",
           owner_name as "ownerName", standing, feedback
    from (${receipts}) t where ${condition(scope, filter)}
    order by occurred_at desc, id limit ${limit} offset ${offset}`.execute(db);
  return rows;
}

export async function countReceipts(scope: RawBuilder<boolean>, filter: Narrowed): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from (${receipts}) t where ${condition(scope, filter)}`.execute(db);
  return rows[0]?.count ?? 0;
}

/** By kind and rank, over all standings. */
export async function selectRates(scope: RawBuilder<boolean>, filter: Narrowed): Promise<Rate[]> {
  const { rows } = await sql<Rate>`
    select kind, data ->> 'rank' as rank, data ->> 'name' as name, count(*) filter (where sent_at is not null) as sent,
           count(*) filter (where seen_at is not null) as seen, count(*) filter (where acted_at is not null) as acted,
           count(*) filter (where standing = 'not_helpful') as "notHelpful",
           percentile_cont(0.5) within group (order by extract(epoch from acted_at - told_at) / 3600)
             filter (where acted_at is not null) as "medianHours"
    from (${receipts}) t where ${condition(scope, { ...filter, standing: undefined })}
    group by kind, data ->> 'rank', data ->> 'name'
    order by kind, array_position(array['poor', 'average', 'good'], data ->> 'rank'), data ->> 'name'`.execute(
    db,
  );
  return rows;
}

/** What people did after these insights, the first act first. */
export async function selectActs(insightIds: readonly string[]): Promise<Act[]> {
  if (insightIds.length === 0) return [];
  const { rows } = await sql<Act>`
    select x.insight_id as "insightId", x.kind, x.record_id as "recordId", u.name as actor, x.acted_at as "actedAt",
           case x.kind when 'owner' then owner.name else x.detail end as detail,
           round(extract(epoch from x.acted_at - coalesce(r.created_at, i.sent_at, x.acted_at)) * 1000)::bigint as after
    from insight_acts x
    join insights i on i.id = x.insight_id
    left join insight_records r on r.rapport_id = i.id::text and r.deleted_at is null
    left join users u on u.id = x.actor_id
    left join users owner on x.kind = 'owner' and owner.id = x.detail
    where x.insight_id = any(${insightIds}::uuid[])
    order by x.acted_at, array_position(array['seen'], x.kind), x.kind`.execute(db);
  return rows;
}
