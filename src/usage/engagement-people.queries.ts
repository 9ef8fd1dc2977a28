import { sql, type Tx } from '../platform/db.ts';

import { frequencyFrom, type Given, personalUse, scopeOf } from './engagement.queries.ts';
import { personScore } from './engagement-scores.queries.ts';

const columns = ['contact_id', 'usage_person', 'email_normalized', 'name', 'title', 'first_active_on', 'last_active_on', 'days_active_14',
  'days_active_before', 'actions_14', 'actions_before', 'seconds_14', 'modules_14', 'frequency'] as const; // prettier-ignore
const listed = sql.join(columns.map((name) => sql.ref(name)));
const of = (table: string) => sql.join(columns.map((name) => sql.ref(`${table}.${name}`)));

/**
 * Who an account's people are: its contacts, and whoever uses the product for it. Of the latter, who is a contact shows by the contact
 * they were matched to, else by their address; people of one address are one.
 */
export async function gather(tx: Tx, { accounts, today, rules }: Given): Promise<void> {
  const recent = sql`bit_count((e.days & 32767)::bit(32))`;
  await sql`
    create temporary table humans on commit drop as
    with ${named({ accounts, today })}, one as (
      select account_id, contact_id, min(usage_person) as usage_person, min(email) as email, min(name) as name,
        min(first_on) as first_on, max(last_on) as last_on, bit_or(days) as days, sum(actions_14)::int as actions_14,
        sum(actions_before)::int as actions_before, sum(seconds_14)::int as seconds_14, bit_or(modules) as modules
      from named
      group by account_id, contact_id, case when contact_id is null then coalesce(email, usage_person::text) end
    ), everybody as (
      select coalesce(o.account_id, k.account_id) as account_id, coalesce(o.contact_id, k.id) as contact_id, o.usage_person,
        coalesce(k.email, o.email) as email_normalized, coalesce(nullif(k.name, ''), o.name, k.email, k.id) as name, k.title,
        o.first_on as first_active_on, o.last_on as last_active_on, coalesce(o.days, 0) as days,
        coalesce(o.actions_14, 0) as actions_14, coalesce(o.actions_before, 0) as actions_before,
        coalesce(o.seconds_14, 0) as seconds_14, bit_count(coalesce(o.modules, 0)::bit(64))::int as modules_14
      from one o full join known k on k.id = o.contact_id offset 0
    ), everyone as (
      select e.*, least(14, ${recent})::int as days_active_14, bit_count((e.days >> 15)::bit(32))::int as days_active_before,
        case when e.first_active_on is not null then ${frequencyFrom(recent, rules)} end as frequency
      from everybody e offset 0
    )
    select e.*, p.id, p.usage_person as former_person, p.engagement as former_engagement,
      (${of('e')}) is not distinct from (${of('p')}) as is_same
    from everyone e left join (select * from account_people where ${among(accounts)}) p
      on p.account_id = e.account_id and coalesce(p.contact_id, p.usage_person::text) = coalesce(e.contact_id, e.usage_person::text)`.execute(
    tx,
  );
  if (accounts !== 'all') await sql`analyze humans (id)`.execute(tx);
}

/* Of everybody, addresses are made alike once, in one pass; of some, only theirs. */
const apart = (accounts: Given['accounts']) => (accounts === 'all' ? sql`offset 0` : sql``);

const among = (accounts: Given['accounts']) =>
  accounts === 'all' ? sql`true` : sql`account_id = any(${accounts})`;

/**
 * The CTEs up to `named` and `known`: everybody who may use the product for these accounts, with what they did and the contact that they
 * are; and all contacts.
 */
const named = ({ accounts, today }: Pick<Given, 'accounts' | 'today'>) => sql`
  engaging as materialized (${scopeOf(accounts)}
  ), ours as materialized (
    select u.id, u.account_id from engaging e join usage_accounts u on u.account_id = e.id
  ), known as materialized (
    select c.id, c.account_id, c.email_normalized as email, c.name, c.title
    from engaging e join contacts c on c.account_id = e.id where c.deleted_at is null
  ), address as (
    select account_id, email, min(id) as contact_id from known where email is not null group by account_id, email
  ), used as (${personalUse({ accounts, today })}
  ), member as (
    select o.account_id, m.person, m.first_on, m.last_on, u.days, u.modules, u.actions_14, u.actions_before, u.seconds_14
    from ours o join usage_members m on m.usage_account = o.id and m.person > 0
    left join used u on u.usage_account = m.usage_account and u.person = m.person
    union all
    select o.account_id, p.id, null, null, null, null, null, null, null
    from ours o join usage_people p on p.usage_account = o.id
    where not exists (select from usage_members m where m.usage_account = p.usage_account and m.person = p.id)
  ), named as (
    select m.*, p.address as email, coalesce(k.id, a.contact_id) as contact_id,
      coalesce(nullif(btrim(p.name), ''), nullif(btrim(p.email), ''), p.external_id) as name, p.id as usage_person
    from member m
    join (select *, nullif(lower(btrim(email)), '') as address from usage_people ${apart(accounts)}) p on p.id = m.person
    left join known k on k.id = p.contact_id and k.account_id = m.account_id
    left join address a on a.account_id = m.account_id and a.email = p.address offset 0
  )`;

/** A human keeps their row, found by their contact, else by who they are to the sources. @returns the accounts written */
export async function write(tx: Tx, { accounts, rules }: Given): Promise<string[]> {
  await sql`
    update humans h set id = p.id from account_people p
    where h.id is null and h.usage_person is not null and p.account_id = h.account_id and p.usage_person = h.usage_person
      and not exists (select from humans o where o.account_id = p.account_id and o.contact_id = p.contact_id)`.execute(
    tx,
  );
  const gone = await sql<{ account_id: string }>`
    delete from account_people p where ${among(accounts)} and not exists (select from humans h where h.id = p.id)
    returning p.account_id`.execute(tx);
  await sql`
    update account_people p set usage_person = null from humans h
    where h.id = p.id and h.former_person <> h.usage_person`.execute(tx);
  const { rows } = await sql<{ account_id: string }>`
    with scored as (
      select h.*, ${personScore('h', rules)} as engagement from humans h left join engagement_bounds b on b.kind = 'person'
    ), news as materialized (
      select * from scored where not is_same or engagement is distinct from former_engagement
    ), changed as (
      update account_people p set (${listed}, engagement) = row(${of('h')}, h.engagement) from news h where p.id = h.id returning p.account_id
    ), added as (
      insert into account_people (account_id, ${listed}, engagement)
      select h.account_id, ${of('h')}, h.engagement from news h where h.id is null order by h.account_id, h.name returning account_id
    )
    select account_id from changed union select account_id from added`.execute(tx);
  return [...gone.rows, ...rows].map((row) => row.account_id);
}
