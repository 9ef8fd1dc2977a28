-- The health of accounts (HE1): what the score takes off and when, each account's health now, how it moved, and the
-- readings of every day.

-- 100 minus the points of each penalty that applies. `reading` is a column of health; `test` says how it meets the threshold.
create table health_penalties (
  code text primary key,
  reading text not null check (reading in (
    'open_cases', 'urgent_cases', 'oldest_case_on', 'contacts', 'active_on', 'renewal_on', 'unprepared_renewal_on',
    'lapsed_on', 'renewal_lost_on')),
  test text not null check (test in ('at_least', 'at_most', 'days_ago', 'within_past_days', 'within_next_days')),
  threshold integer not null check (threshold >= 0),
  points integer not null check (points between 1 and 100),
  position integer not null unique
);

insert into health_penalties (position, code, reading, test, threshold, points) values
  (1, 'support_lapsed', 'lapsed_on', 'within_past_days', 365, 30),
  (2, 'renewal_lost', 'renewal_lost_on', 'within_past_days', 365, 30),
  (3, 'urgent_case', 'urgent_cases', 'at_least', 1, 30),
  (4, 'urgent_cases', 'urgent_cases', 'at_least', 2, 20),
  (5, 'renewal_unprepared', 'unprepared_renewal_on', 'within_next_days', 90, 30),
  (6, 'few_contacts', 'contacts', 'at_most', 1, 15),
  (7, 'no_contact', 'contacts', 'at_most', 0, 20),
  (8, 'many_open_cases', 'open_cases', 'at_least', 3, 15),
  (9, 'old_open_case', 'oldest_case_on', 'days_ago', 30, 15),
  (10, 'inactive', 'active_on', 'days_ago', 45, 15),
  (11, 'long_inactive', 'active_on', 'days_ago', 90, 20),
  (12, 'open_cases', 'open_cases', 'at_least', 1, 5);

-- One row an account. Only paying accounts have a rank and a score (AP1).
create table health (
  account_id text primary key,
  status text not null check (status in ('paying', 'free', 'cancelled', 'unknown')),
  rank text check (rank in ('good', 'average', 'poor')),
  score integer check (score between 0 and 100),
  reasons jsonb not null default '[]',
  open_cases integer not null,
  urgent_cases integer not null,
  oldest_case_on date,
  contacts integer not null,
  active_on date,
  renewal_on date,
  unprepared_renewal_on date,
  lapsed_on date,
  renewal_lost_on date,
  changed_at timestamptz not null,
  check ((status = 'paying') = (rank is not null) and (rank is null) = (score is null))
);
create index health_rank on health (rank, score, account_id);
create index health_score on health (score, account_id);
create index health_status on health (status);

-- Accounts that something happened to since they were judged; a job takes them from here, many at a time.
create table health_due (account_id text primary key);

-- Every change of a status, rank, score or of its reasons. The changes of one recomputation share a batch.
create sequence health_batches;
create table health_history (
  id bigint generated always as identity primary key,
  batch bigint not null,
  account_id text not null,
  status text not null,
  rank text,
  score integer,
  reasons jsonb not null,
  previous_status text,
  previous_rank text,
  previous_score integer,
  occurred_at timestamptz not null
);
create index health_history_batch on health_history (batch, account_id);
create index health_history_account on health_history (account_id, id desc);

-- What was known of each account on each day, from the first day: later models are tried against it. Months are
-- partitions, made when their first day is written.
create table health_readings (
  day date not null,
  account_id text not null,
  status text not null,
  rank text,
  score integer,
  open_cases integer not null,
  urgent_cases integer not null,
  oldest_case_on date,
  contacts integer not null,
  active_on date,
  renewal_on date,
  unprepared_renewal_on date,
  lapsed_on date,
  renewal_lost_on date,
  primary key (account_id, day)
) partition by range (day);

-- Milestones of an account, told in Salesforce on the record that a rep works in (TG5). `source` keeps one from being told twice.
create table insights (
  id uuid primary key default gen_random_uuid(),
  account_id text not null,
  kind text not null,
  source text not null unique,
  data jsonb not null,
  occurred_at timestamptz not null
);
create index insights_account on insights (account_id, occurred_at desc);

-- The columns that a person chose for a list of the console.
create table chosen_columns (
  person_id uuid not null references people on delete cascade,
  list text not null,
  columns text[] not null,
  primary key (person_id, list)
);

-- The console's list offers these to choose from; the names of what exists come from the indexes alone.
create index accounts_type on accounts (type) where deleted_at is null;
create index accounts_industry on accounts (industry) where deleted_at is null;
create index accounts_country on accounts (billing_country) where deleted_at is null;
