import type { RawBuilder } from 'kysely';

import { db, sql } from '../../platform/db.ts';

import type { Delivery, LedgerFilter, PersonDelivery } from './ledger.ts';

export const CHUNK = 1000;

const columns = sql`
  d.n, d.person_id as "personId", p.name as "personName", d.account_id as "accountId", a.name as "accountName", d.address, d.locale, d.variant,
  d.batch, d.state, d.reason, d.outcome, d.flags, d.settled_at as "settledAt",
  case when d.state = 'planned' and b.state <> 'waiting' then b.due_at end as "dueAt", k.name as cohort`;
const sources = sql`
  deliveries d left join account_people p on p.id = d.person_id left join accounts a on a.id = d.account_id
  left join batches b on b.run_id = d.run_id and b.batch = d.batch left join run_cohorts k on k.run_id = b.run_id and k.cohort = b.cohort`;

/** `%` and `_` are letters in a search, not wildcards. */
const containing = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

function matching(
  runId: number,
  { state, reason, flag, batch, cohort, search = '' }: LedgerFilter,
): RawBuilder<boolean> {
  const parts = [sql`d.run_id = ${runId}`];
  if (state !== undefined) parts.push(sql`d.state = ${state}`);
  if (reason !== undefined) parts.push(sql`d.reason = ${reason}`);
  if (flag !== undefined) parts.push(sql`d.flags & ${flag}::int <> 0`);
  if (batch !== undefined) parts.push(sql`d.batch = ${batch}`);
  if (cohort !== undefined)
    parts.push(sql`d.batch in (select batch from batches where run_id = ${runId} and cohort = ${cohort})`);
  if (search !== '')
    parts.push(sql`(lower(p.name) like lower(${containing(search)}) or d.address like lower(${containing(search)})
      or lower(a.name) like lower(${containing(search)}))`);
  return sql<boolean>`(${sql.join(parts, sql` and `)})`;
}

export async function selectPage(
  runId: number,
  filter: LedgerFilter,
  { limit, page }: { limit: number; page: number },
): Promise<{ deliveries: Delivery[]; total: number }> {
  const { rows } = await sql<{ total: number }>`
    select count(*) as total from deliveries d
    ${filter.search ? sql`left join account_people p on p.id = d.person_id left join accounts a on a.id = d.account_id` : sql``}
    where ${matching(runId, filter)}`.execute(db);
  const { rows: deliveries } = await sql<Delivery>`
    select ${columns} from ${sources} where ${matching(runId, filter)} order by d.n limit ${limit} offset ${(page - 1) * limit}`.execute(
    db,
  );
  return { deliveries, total: rows[0]?.total ?? 0 };
}

export async function selectAfter(runId: number, filter: LedgerFilter, last: number): Promise<Delivery[]> {
  const { rows } = await sql<Delivery>`
    select ${columns} from ${sources} where ${matching(runId, filter)} and d.n > ${last} order by d.n limit ${CHUNK}`.execute(
    db,
  );
  return rows;
}

export async function selectTo(
  scope: RawBuilder<boolean>,
  to: { personId: number } | { accountId: string },
  { limit, page }: { limit: number; page: number },
): Promise<{ deliveries: PersonDelivery[]; total: number }> {
  const people =
    'personId' in to
      ? sql`select o.id from account_people o where o.id = ${to.personId}
          or o.email_normalized = (select email_normalized from account_people where id = ${to.personId})`
      : sql`select o.id from account_people o where o.account_id = ${to.accountId}`;
  const { rows } = await sql<PersonDelivery & { total: number }>`
    select ${columns}, r.id as "runId", r.campaign_id as "campaignId", r.fixed ->> 'name' as "campaignName", r.channel,
      r.message_class as "messageClass", r.triggered_at as "triggeredAt", count(*) over () as total
    from ${sources} join runs r on r.id = d.run_id
    where d.person_id in (${people}) and not r.is_dry and ${scope}
    order by d.run_id desc, d.n limit ${limit} offset ${(page - 1) * limit}`.execute(db);
  return { deliveries: rows, total: rows[0]?.total ?? 0 };
}
