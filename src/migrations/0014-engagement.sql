-- How accounts and their people use what they bought: what the readings of usage come to, kept for lists, health and segments.

-- One row an account of the mirror. "The last n days" are n full days and today as far as it has gone: day >= today - n.
-- `_before` is the fourteen days before those. Today is `refreshed_on`, a day of UTC.
create table account_engagement (
  account_id text primary key,
  status text not null check (status in ('paying', 'free', 'cancelled', 'unknown')),
  -- Where the account is on its way: trial, onboarding, established, cancelled; null while the status is unknown.
  stage text,
  customer_since date,
  -- What the account pays a year: its won opportunities of the last 365 days.
  contract_value_minor bigint,
  -- The first and the last day with any use; both null where no usage was ever told, and then the counts below are null, too.
  tracked_since date,
  last_active_on date,
  days_active_14 integer,
  days_active_before integer,
  people_active_14 integer,
  people_active_before integer,
  people_known integer not null default 0,
  actions_14 integer,
  actions_before integer,
  seconds_7 integer,
  seconds_14 integer,
  seconds_before integer,
  modules_14 integer,
  -- Actions, and minutes of use, a day over the last fourteen full days, or over the account's own days while it is younger.
  actions_per_day numeric,
  minutes_per_day numeric,
  -- 0 to 100: the share of the other accounts of the same status that do less.
  engagement smallint check (engagement between 0 and 100),
  frequency text check (frequency in ('daily', 'weekly', 'occasionally', 'inactive')),
  seats integer,
  -- Percent of the seats that people used within the window; may be over 100.
  utilization integer,
  refreshed_on date not null,
  check ((tracked_since is null) = (days_active_14 is null))
) with (fillfactor = 80);

-- One row a human of an account: known as a contact, as a user of the product, or both.
create table account_people (
  id bigint generated always as identity primary key,
  account_id text not null,
  contact_id text,
  usage_person integer,
  email_normalized text,
  name text not null,
  title text,
  first_active_on date,
  last_active_on date,
  days_active_14 integer not null default 0,
  days_active_before integer not null default 0,
  actions_14 integer not null default 0,
  actions_before integer not null default 0,
  seconds_14 integer not null default 0,
  modules_14 integer not null default 0,
  -- 0 to 100: the share of the other people active in the window who do less.
  engagement smallint check (engagement between 0 and 100),
  frequency text check (frequency in ('daily', 'weekly', 'occasionally', 'inactive')),
  check (contact_id is not null or usage_person is not null)
) with (fillfactor = 80);
create unique index account_people_contact on account_people (account_id, contact_id) where contact_id is not null;
create unique index account_people_user on account_people (account_id, usage_person) where usage_person is not null;
create index account_people_account on account_people (account_id);
create index account_people_email on account_people (email_normalized);

-- From which value on an activity comes to which score, as it was found last: ascending, value by value.
create table engagement_bounds (
  kind text not null check (kind in ('account', 'person')),
  status text not null,
  from_values double precision[] not null,
  scores smallint[] not null,
  found_at timestamptz not null,
  primary key (kind, status)
);

-- What an administrator chose; members that are missing are as delivered.
create table engagement_settings (
  id boolean primary key default true check (id),
  settings jsonb not null,
  changed_by uuid,
  changed_at timestamptz not null
);

-- Modules as the sources name them; the id's bit stands for it in sums (the 64th shares the first one's).
create table usage_modules (
  id smallint primary key,
  name text not null unique
);

-- A person's days in an account, whatever they did. `person` 0: nobody in particular.
create table usage_person_days (
  usage_account integer not null,
  day date not null,
  person integer not null,
  events integer not null,
  seconds integer not null,
  modules bigint not null,
  primary key (usage_account, day, person)
) with (fillfactor = 80);
create index usage_person_days_day on usage_person_days (day);
create index usage_person_days_person on usage_person_days (person, day);

-- Who ever used the product for an account, from when until when.
create table usage_members (
  usage_account integer not null,
  person integer not null,
  first_on date not null,
  last_on date not null,
  primary key (usage_account, person)
) with (fillfactor = 80);

-- A request is read once, when its messages are counted: as text it costs a third to keep.
alter table usage_inbox add column count integer not null default 0;
update usage_inbox set count = jsonb_array_length(messages);
alter table usage_inbox alter column messages type json using messages::json;

-- When a file last brought something: one that is large may take longer than silence is suffered.
alter table usage_imports add column progressed_at timestamptz;

alter table usage_account_days add column modules bigint not null default 0;

-- Accounts whose usage was counted, until health has heard of it.
create table usage_counted (
  id bigint generated always as identity primary key,
  account_id text not null
);

create index if not exists account_people_search on account_people using gin (lower(name) gin_trgm_ops, email_normalized gin_trgm_ops);
create index if not exists account_people_engagement on account_people (engagement desc nulls last, id);

-- How the accounts of a status do in each reading, from the least to the most in twenty equal steps. '' stands for every size and every
-- industry: each account is compared with those most like it, and with all.
create table if not exists engagement_benchmarks (
  status text not null,
  size text not null,
  industry text not null,
  accounts integer not null,
  readings jsonb not null,
  found_at timestamptz not null,
  primary key (status, size, industry)
);

-- commit;
insert into usage_modules (id, name)
select row_number() over (order by module), module from (select distinct module from usage_days where module <> '') m on conflict do nothing;
insert into usage_person_days (usage_account, day, person, events, seconds, modules)
select d.usage_account, d.day, d.person, sum(d.events), sum(d.seconds), coalesce(bit_or(1::bigint << ((m.id - 1) % 63)), 0)
from usage_days d left join usage_modules m on m.name = d.module group by 1, 2, 3 on conflict do nothing;
insert into usage_members (usage_account, person, first_on, last_on)
select usage_account, person, min(day), max(day) from usage_person_days group by 1, 2 on conflict do nothing;
update usage_account_days d set modules = s.modules
from (select usage_account, day, bit_or(modules) as modules from usage_person_days group by 1, 2) s
where s.usage_account = d.usage_account and s.day = d.day and s.modules <> 0;
