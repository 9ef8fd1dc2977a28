import { sql, type Tx } from '../platform/db.ts';

import type { Accounts } from './engagement.ts';
import { scopeOf } from './engagement.queries.ts';

/** More accounts than that are settled sooner with all the others. */
const MANY = 5_000;

const columns = ['contact_id', 'usage_person', 'email_normalized', 'name', 'title'] as const;
const listed = sql.join(columns.map((name) => sql.ref(name)));
const of = (table: string) => sql.join(columns.map((name) => sql.ref(`${table}.${name}`)));

/**
 * Settles who the people of these accounts are, where anything may have changed of it since it was settled last; with the first run of a
 * day that is for all, of everybody. @returns the accounts written
 */
export async function settle(tx: Tx, accounts: Accounts, today: string): Promise<string[]> {
  const whose = await due(tx, accounts, today);
  if (whose !== 'all' && whose.length === 0) return [];
  await gather(tx, whose);
  const written = await write(tx, whose);
  await link(tx);
  return written;
}

async function due(tx: Tx, accounts: Accounts, today: string): Promise<Accounts> {
  const { rows } = await sql<{ account_id: string }>`
    with gone as (delete from people_due where ${among(accounts)} returning account_id) select distinct account_id from gone`.execute(
    tx,
  );
  const compared = await sql<{ day: string }>`select day::text as day from people_compared`.execute(tx);
  const day = compared.rows[0]?.day;
  const waiting = rows.map((row) => row.account_id);
  if (accounts !== 'all') return day === undefined ? accounts : waiting;
  if (day === today && waiting.length <= MANY) return waiting;
  await sql`
    insert into people_compared (day) values (${today}::date) on conflict (id) do update set day = excluded.day`.execute(
    tx,
  );
  return 'all';
}

/* Of everybody, addresses are made alike once, in one pass; of some, only theirs. */
const apart = (accounts: Accounts) => (accounts === 'all' ? sql`offset 0` : sql``);

const among = (accounts: Accounts) => (accounts === 'all' ? sql`true` : sql`account_id = any(${accounts})`);

/**
 * Who an account's people are, in `identities`: its contacts, and whoever uses the product for it (`users_named`). Of the latter, who is a
 * contact shows by the contact they were matched to, else by their address; people of one address are one.
 */
async function gather(tx: Tx, accounts: Accounts): Promise<void> {
  await sql`drop table if exists pg_temp.users_named, pg_temp.identities`.execute(tx);
  await sql`
    create temporary table users_named on commit drop as
    with engaging as materialized (${scopeOf(accounts)}
    ), ours as materialized (
      select u.id, u.account_id from engaging e join usage_accounts u on u.account_id = e.id
    ), known as materialized (
      select c.id, c.account_id, c.email_normalized as email
      from engaging e join contacts c on c.account_id = e.id where c.deleted_at is null
    ), address as (
      select account_id, email, min(id) as contact_id from known where email is not null group by account_id, email
    ), member as (
      select o.account_id, m.usage_account, m.person from ours o join usage_members m on m.usage_account = o.id and m.person > 0
      union
      select o.account_id, p.usage_account, p.id from ours o join usage_people p on p.usage_account = o.id
    )
    select n.*, coalesce(n.contact_id, n.email, n.person::text) as key from (
      select m.account_id, m.usage_account, m.person, p.address as email, coalesce(k.id, a.contact_id) as contact_id,
        coalesce(nullif(btrim(p.name), ''), nullif(btrim(p.email), ''), p.external_id) as name
      from member m
      join (select *, nullif(lower(btrim(email)), '') as address from usage_people ${apart(accounts)}) p on p.id = m.person
      left join known k on k.id = p.contact_id and k.account_id = m.account_id
      left join address a on a.account_id = m.account_id and a.email = p.address
    ) n`.execute(tx);
  await sql`
    create temporary table identities on commit drop as
    with one as (
      select account_id, key, contact_id, min(person) as usage_person, min(email) as email, min(name) as name
      from users_named group by account_id, key, contact_id
    ), known as materialized (
      select c.* from (${scopeOf(accounts)}) e join contacts c on c.account_id = e.id where c.deleted_at is null
    ), everybody as (
      select coalesce(o.account_id, k.account_id) as account_id, coalesce(o.key, k.id) as key, coalesce(o.contact_id, k.id) as contact_id,
        o.usage_person, coalesce(k.email_normalized, o.email) as email_normalized,
        coalesce(nullif(k.name, ''), o.name, k.email_normalized, k.id) as name, k.title
      from one o full join known k on k.id = o.contact_id offset 0
    )
    select e.*, p.id, p.usage_person as former_person, (${of('e')}) is not distinct from (${of('p')}) as is_same
    from everybody e left join (select * from account_people where ${among(accounts)}) p on ${isRowOf('e')}`.execute(
    tx,
  );
  await sql`analyze users_named, identities`.execute(tx);
}

/** A human's row `p` is found by their contact, else by who they are to the sources. */
const isRowOf = (table: 'e' | 'i') => sql`
  p.account_id = ${sql.ref(`${table}.account_id`)}
  and coalesce(p.contact_id, p.usage_person::text) = coalesce(${sql.ref(`${table}.contact_id`)}, ${sql.ref(`${table}.usage_person`)}::text)`;

/** A human keeps their row when they become a contact. @returns the accounts written */
async function write(tx: Tx, accounts: Accounts): Promise<string[]> {
  await sql`
    update identities i set id = p.id from account_people p
    where i.id is null and i.usage_person is not null and p.account_id = i.account_id and p.usage_person = i.usage_person
      and not exists (select from identities o where o.account_id = p.account_id and o.contact_id = p.contact_id)`.execute(
    tx,
  );
  const gone = await sql<{ account_id: string }>`
    delete from account_people p where ${among(accounts)} and not exists (select from identities i where i.id = p.id)
    returning p.account_id`.execute(tx);
  await sql`
    update account_people p set usage_person = null from identities i
    where i.id = p.id and i.former_person <> i.usage_person`.execute(tx);
  const { rows } = await sql<{ account_id: string }>`
    with news as materialized (
      select * from identities where not is_same
    ), changed as (
      update account_people p set (${listed}) = row(${of('h')}) from news h where p.id = h.id returning p.account_id
    ), added as (
      insert into account_people (account_id, ${listed})
      select h.account_id, ${of('h')} from news h where h.id is null order by h.account_id, h.name returning account_id
    )
    select account_id from changed union select account_id from added`.execute(tx);
  return [...gone.rows, ...rows].map((row) => row.account_id);
}

/** Each user of an account gets the row that they are. */
async function link(tx: Tx): Promise<void> {
  await sql`update identities i set id = p.id from account_people p where i.id is null and ${isRowOf('i')}`.execute(
    tx,
  );
  await sql`
    update usage_members m set human = i.id
    from users_named n join identities i on i.account_id = n.account_id and i.key = n.key
    where m.usage_account = n.usage_account and m.person = n.person and m.human is distinct from i.id`.execute(
    tx,
  );
}
