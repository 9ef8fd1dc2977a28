import { sql, type Tx } from '../platform/db.ts';

/** Modules that are told apart by name; the names of more are as good as numbers. */
const MOST_MODULES = 5_000;

/* Each function is one step of a transaction that takes messages in; `taken`, `fresh` are its temporary tables. */

/** Whether nobody else takes messages in at the moment: two that count for the same account would wait for each other. */
export async function isOurTurn(tx: Tx): Promise<boolean> {
  await sql`set local timezone to 'UTC'`.execute(tx);
  const { rows } = await sql<{ ours: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended('usage', 0)) as ours`.execute(tx);
  return rows[0]?.ours ?? false;
}

/* The oldest requests, until they hold that many messages; at least one. */
const due = (most: number) => sql`
  select id from (
    select id, sum(count) over (order by id) as running
    from (select id, count from usage_inbox order by id limit ${most}) oldest) counted
  where running <= ${most} or id = (select min(id) from usage_inbox)`;

/** A partition for each of these days, in a transaction of its own: the table must not stay locked while messages are counted. */
export async function makePartitions(tx: Tx, days: readonly string[]): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('usage_partitions', 0))`.execute(tx);
  for (const day of days) {
    if (!/^\d{4}-\d\d-\d\d$/.test(day)) throw new Error(`${day} is no day`);
    const name = sql.raw(`usage_events_${day.replaceAll('-', '_')}`);
    await sql`
      create table if not exists ${name} partition of usage_events
      for values from (${sql.raw(`'${day}'`)}) to (${sql.raw(`date '${day}' + 1`)})`.execute(tx);
  }
}

/** Moves the oldest requests out of the inbox, until they hold that many messages. @returns how many messages they hold */
export async function take(tx: Tx, most: number): Promise<number> {
  await sql`
    create temporary table taken on commit drop as
    with due as (${due(most)}
    ), gone as (
      delete from usage_inbox where id in (select id from due) returning source_id, received_at, messages
    )
    select gone.source_id, gone.received_at, m.*
    from gone, json_to_recordset(gone.messages) as m (
      message_id text, type text, action text, module text, day date, occurred_at timestamptz, user_id text,
      anonymous_id text, group_id text, seconds integer, traits jsonb, properties jsonb)`.execute(tx);
  await sql`analyze taken`.execute(tx);
  const { rows } = await sql<{ count: number }>`select count(*) from taken`.execute(tx);
  return rows[0]?.count ?? 0;
}

/** Takes away from the messages taken whatever says that somebody who was erased did it: the account's use is counted all the same. */
export async function forgetErased(tx: Tx): Promise<void> {
  const { rows } = await sql`select from erased_identities limit 1`.execute(tx);
  if (rows.length === 0) return;
  const isTheirs = (identity: ReturnType<typeof sql>) =>
    sql`(${identity} is not null and exists (select from erased_identities i where i.hash = erasure_hash(${identity})))`;
  await sql`
    update taken set user_id = null, anonymous_id = null, properties = '{}', traits = case when type = 'group' then traits end
    where ${isTheirs(sql`user_id`)} or ${isTheirs(sql`anonymous_id`)} or ${isTheirs(sql`traits ->> 'email'`)}
      or ${isTheirs(sql`properties ->> 'email'`)}`.execute(tx);
}

/** The days of the messages taken that have no partition yet, as YYYY-MM-DD. */
export async function daysWithoutPartition(tx: Tx): Promise<string[]> {
  const { rows } = await sql<{ day: string }>`
    select day from (select distinct day from taken) days
    where to_regclass('usage_events_' || to_char(day, 'YYYY_MM_DD')) is null`.execute(tx);
  return rows.map(({ day }) => day);
}

/** Whether the messages taken tell anything new of who somebody is. */
export async function tellsWhoIsWho(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ does: boolean }>`
    select exists (select from taken where type in ('identify', 'group', 'alias'))
      or exists (select from taken where group_id is not null
                 and not exists (select from usage_accounts a where a.external_id = taken.group_id)) as does`.execute(
    tx,
  );
  return rows[0]?.does ?? false;
}

/** Accounts, people and anonymous ids that nobody knew appear (MO3, MO4); of those known, the newest that is told counts. */
export async function makeKnown(tx: Tx): Promise<void> {
  await sql`
    insert into usage_accounts as known (external_id, name, domain, traits, first_seen_at, last_seen_at)
    select group_id, (array_agg(traits ->> 'name' order by occurred_at desc) filter (where traits ? 'name'))[1],
      (array_agg(domain_of(coalesce(traits ->> 'domain', traits ->> 'website')) order by occurred_at desc)
         filter (where traits ? 'domain' or traits ? 'website'))[1],
      coalesce(jsonb_merge(traits order by occurred_at) filter (where traits is not null), '{}'),
      min(occurred_at), max(occurred_at)
    from (select group_id, occurred_at, case when type = 'group' then traits end as traits from taken where group_id is not null) told
    group by group_id
    on conflict (external_id) do update set
      name = coalesce(excluded.name, known.name), domain = coalesce(excluded.domain, known.domain),
      traits = known.traits || excluded.traits,
      first_seen_at = least(known.first_seen_at, excluded.first_seen_at),
      last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at)`.execute(tx);
  await sql`
    insert into usage_people as known (external_id, email, name, traits, usage_account, first_seen_at, last_seen_at)
    select user_id, (array_agg(lower(told.traits ->> 'email') order by occurred_at desc) filter (where told.traits ? 'email'))[1],
      (array_agg(coalesce(told.traits ->> 'name', concat_ws(' ', told.traits ->> 'firstName', told.traits ->> 'lastName')) order by occurred_at desc)
         filter (where told.traits ?| array['name', 'firstName', 'lastName']))[1],
      coalesce(jsonb_merge(told.traits order by occurred_at) filter (where told.traits is not null), '{}'),
      (array_agg(a.id order by occurred_at desc) filter (where a.id is not null))[1],
      min(occurred_at), max(occurred_at)
    from (select user_id, group_id, occurred_at, case when type = 'identify' then traits end as traits from taken where user_id is not null) told
    left join usage_accounts a on a.external_id = told.group_id
    group by user_id
    on conflict (external_id) do update set
      email = coalesce(excluded.email, known.email), name = coalesce(excluded.name, known.name),
      traits = known.traits || excluded.traits, usage_account = coalesce(excluded.usage_account, known.usage_account),
      first_seen_at = least(known.first_seen_at, excluded.first_seen_at),
      last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at)`.execute(tx);
  await sql`
    insert into usage_aliases (anonymous_id, person)
    select distinct on (t.anonymous_id) t.anonymous_id, p.id
    from taken t join usage_people p on p.external_id = t.user_id
    where t.anonymous_id is not null
    order by t.anonymous_id, t.occurred_at desc
    on conflict (anonymous_id) do update set person = excluded.person where usage_aliases.person <> excluded.person`.execute(
    tx,
  );
}

/** Writes the events down, each once, and leaves those that are new in `fresh`. */
export async function keepEvents(tx: Tx): Promise<void> {
  await sql`set local enable_nestloop = off`.execute(tx);
  await sql`
    create temporary table fresh on commit drop as
    with kept as (
      insert into usage_events (day, source_id, message_id, type, action, module, occurred_at, received_at, usage_account, person, properties)
      select t.day, t.source_id, t.message_id, t.type, t.action, t.module, t.occurred_at, t.received_at,
        coalesce(a.id, p.usage_account), p.id, t.properties
      from taken t
      left join usage_accounts a on a.external_id = t.group_id
      left join usage_aliases x on t.user_id is null and x.anonymous_id = t.anonymous_id
      left join usage_people p on p.external_id = t.user_id or p.id = x.person
      where t.type in ('track', 'page', 'screen')
      on conflict do nothing
      returning message_id, source_id, usage_account, person, module, action, occurred_at, day
    )
    select kept.usage_account, coalesce(kept.person, 0) as person, kept.module, kept.action, kept.occurred_at::date as day,
      sum(t.seconds)::int as seconds, count(*)::int as events
    from kept join (select source_id, message_id, day, max(seconds) as seconds from taken group by 1, 2, 3) t
      using (source_id, message_id, day)
    where kept.usage_account is not null
    group by 1, 2, 3, 4, 5`.execute(tx);
}

/** Adds the new events to the days' sums. @returns of how many accounts */
export async function count(tx: Tx): Promise<number> {
  await sql`
    insert into usage_days as sums (usage_account, day, person, module, action, events, seconds)
    select usage_account, day, person, module, action, events, seconds from fresh
    on conflict (usage_account, day, person, module, action)
    do update set events = sums.events + excluded.events, seconds = sums.seconds + excluded.seconds`.execute(
    tx,
  );
  await countPeople(tx);
  await sql`
    insert into usage_account_days as sums (usage_account, day, events, seconds, people, modules)
    select d.usage_account, d.day, sum(d.events), sum(d.seconds), count(*) filter (where d.person > 0), bit_or(d.modules)
    from usage_person_days d where (d.usage_account, d.day) in (select usage_account, day from fresh)
    group by 1, 2
    on conflict (usage_account, day)
    do update set events = excluded.events, seconds = excluded.seconds, people = excluded.people, modules = excluded.modules`.execute(
    tx,
  );
  const { rows } = await sql<{ count: number }>`select count(distinct usage_account) from fresh`.execute(tx);
  return rows[0]?.count ?? 0;
}

/** The days of each person, and who uses the product at all. A module that nobody named so far gets the next bit. */
async function countPeople(tx: Tx): Promise<void> {
  await sql`
    insert into usage_modules (id, name)
    select (select coalesce(max(id), 0) from usage_modules) + row_number() over (order by module), module
    from (select distinct module from fresh where module <> '' and module not in (select name from usage_modules)) unheard
    where (select count(*) from usage_modules) < ${MOST_MODULES}`.execute(tx);
  await sql`
    insert into usage_person_days as sums (usage_account, day, person, events, seconds, modules)
    select f.usage_account, f.day, f.person, sum(f.events), sum(f.seconds), coalesce(bit_or(1::bigint << ((m.id - 1) % 63)), 0)
    from fresh f left join usage_modules m on m.name = f.module
    group by 1, 2, 3
    on conflict (usage_account, day, person) do update set
      events = sums.events + excluded.events, seconds = sums.seconds + excluded.seconds, modules = sums.modules | excluded.modules`.execute(
    tx,
  );
  await sql`
    insert into usage_members as known (usage_account, person, first_on, last_on)
    select usage_account, person, min(day), max(day) from fresh group by 1, 2
    on conflict (usage_account, person) do update set
      first_on = least(known.first_on, excluded.first_on), last_on = greatest(known.last_on, excluded.last_on)
    where known.first_on > excluded.first_on or known.last_on < excluded.last_on`.execute(tx);
}

/** Accounts of the mirror that these messages are about wait until health has heard of them. */
export async function noteCounted(tx: Tx): Promise<void> {
  await sql`
    insert into usage_counted (account_id)
    select distinct u.account_id from usage_accounts u
    where u.account_id is not null and (u.id in (select usage_account from fresh) or u.external_id in (select group_id from taken))`.execute(
    tx,
  );
}
