-- How accounts and their people use what they bought: what the readings of usage come to, kept for lists, health and segments.

-- One row an account of the mirror. Windows are full days that end with `refreshed_on`; `_before` is the window of the same length before it.
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
  -- Actions a day over the window, or over the account's own days while it is younger.
  actions_per_day numeric,
  -- 0 to 100: the share of the accounts of the same status that do less.
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
  -- 0 to 100: the share of all people active in the window who do less.
  engagement smallint check (engagement between 0 and 100),
  frequency text check (frequency in ('daily', 'weekly', 'occasionally', 'inactive')),
  check (contact_id is not null or usage_person is not null)
) with (fillfactor = 80);
create unique index account_people_contact on account_people (account_id, contact_id) where contact_id is not null;
create unique index account_people_user on account_people (account_id, usage_person) where usage_person is not null;
create index account_people_email on account_people (email_normalized);
