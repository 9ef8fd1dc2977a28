import type { RawBuilder } from 'kysely';

import { db, sql } from '../platform/db.ts';

import type { Account, Contact, Opportunity, Relative } from './accounts.ts';

type Condition = RawBuilder<boolean>;

export async function selectAccount(scope: Condition, id: string): Promise<Account | undefined> {
  const { rows } = await sql<Account>`
    select a.id, a.name, a.type, a.industry, a.employees, a.annual_revenue_minor as "annualRevenueMinor", a.phone, a.website,
           a.billing_street as street, a.billing_city as city, a.billing_state as state,
           a.billing_postal_code as "postalCode", a.billing_country as country, a.owner_id as "ownerId", u.name as "ownerName",
           a.last_activity_on as "lastActivityOn", a.attributes, a.created_at as "createdAt", a.modified_at as "modifiedAt"
    from accounts a left join users u on u.id = a.owner_id
    where a.id = ${id} and a.deleted_at is null and ${scope}`.execute(db);
  return rows[0];
}

export async function selectContacts(scope: Condition, accountId: string): Promise<Contact[]> {
  const { rows } = await sql<Contact>`
    select c.id, c.name, c.email, c.phone, c.title, coalesce(r.roles, '{}') as roles,
           coalesce(r.is_direct, c.account_id = ${accountId}) as "isDirect"
    from contacts c
    left join account_contact_relations r
      on r.contact_id = c.id and r.account_id = ${accountId} and r.deleted_at is null and r.is_active
    where c.deleted_at is null and ${scope} and c.id in (
      select id from contacts where account_id = ${accountId}
      union select contact_id from account_contact_relations
            where account_id = ${accountId} and is_active and deleted_at is null)
    order by lower(c.name), c.id limit 200`.execute(db);
  return rows;
}

export async function selectOpportunities(scope: Condition, accountId: string): Promise<Opportunity[]> {
  const { rows } = await sql<Opportunity>`
    select o.id, o.name, o.type, o.stage, o.is_closed as "isClosed", o.is_won as "isWon", o.amount_minor as "amountMinor",
           coalesce(o.attributes ->> 'CurrencyIsoCode', 'USD') as currency, o.close_on as "closeOn", u.name as "ownerName"
    from opportunities o left join users u on u.id = o.owner_id
    where o.account_id = ${accountId} and o.deleted_at is null and ${scope}
    order by o.is_closed, o.close_on desc nulls last, o.id limit 200`.execute(db);
  return rows;
}

/** Ancestors from the top (a circle ends where it closes), then the account's own children and network, 50 of each kind. */
export async function selectRelatives(scope: Condition, accountId: string): Promise<Relative[]> {
  const { rows } = await sql<Relative>`
    with recursive ancestors as (
      select p.id, p.name, p.type, p.parent_id, 1 as height, array[a.id, p.id] as seen
      from accounts a join accounts p on p.id = a.parent_id and p.deleted_at is null
      where a.id = ${accountId} and p.id <> a.id
      union all
      select p.id, p.name, p.type, p.parent_id, c.height + 1, c.seen || p.id
      from ancestors c join accounts p on p.id = c.parent_id and p.deleted_at is null
      where not p.id = any(c.seen) and c.height < 10
    ), relatives as (
      select 'parent' as relation, id, name, type, height from ancestors
      union all select 'child', id, name, type, 0 from accounts where parent_id = ${accountId} and deleted_at is null
      union all select 'distributed', id, name, type, 0 from accounts
                where distributor_id = ${accountId} and deleted_at is null
      union all select 'partnered', id, name, type, 0 from accounts where partner_id = ${accountId} and deleted_at is null
      union all select 'distributor', d.id, d.name, d.type, 0
                from accounts a join accounts d on d.id = a.distributor_id where a.id = ${accountId} and d.deleted_at is null
      union all select 'partner', d.id, d.name, d.type, 0
                from accounts a join accounts d on d.id = a.partner_id where a.id = ${accountId} and d.deleted_at is null
    ), numbered as (
      select *, row_number() over (partition by relation order by height desc, lower(name), id) as place,
             count(*) over (partition by relation) as total
      from relatives where ${scope}
    )
    select relation, id, name, type, total from numbered where place <= 50 order by relation, place`.execute(
    db,
  );
  return rows;
}
