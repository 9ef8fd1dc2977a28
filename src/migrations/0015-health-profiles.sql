-- Health by profiles (HE12, HE19 to HE22): what is read of an account, from when on it is good or poor, and for whom that holds.

-- Which accounts a profile judges says `applies_to`, a rule; the first by position wins, and the default, without one, takes the rest.
-- `settings`: indicators, red flags, and how far the secondary indicators may move a score. Every state is kept as a version.
create table health_profiles (
  id integer generated always as identity primary key,
  position integer not null,
  name text not null check (name <> ''),
  applies_to jsonb,
  is_enabled boolean not null,
  version integer not null default 1,
  settings jsonb not null,
  constraint health_profiles_position unique (position) deferrable initially deferred
);
create unique index health_profiles_default on health_profiles ((applies_to is null)) where applies_to is null;

create table health_profile_versions (
  profile_id integer not null references health_profiles,
  version integer not null,
  name text not null,
  applies_to jsonb,
  is_enabled boolean not null,
  settings jsonb not null,
  act text not null check (act in ('seeded', 'created', 'edited', 'enabled', 'disabled', 'moved', 'restored')),
  made_by uuid references people on delete set null,
  made_at timestamptz not null default now(),
  primary key (profile_id, version)
);

-- What explains a step in a chart of health. Without an account: all that the profile judges.
create table health_markers (
  id bigint generated always as identity primary key,
  account_id text,
  profile_id integer,
  kind text not null check (kind in ('profile', 'contract')),
  data jsonb not null default '{}',
  occurred_at timestamptz not null,
  check (account_id is not null or profile_id is not null)
);
create index health_markers_account on health_markers (account_id, occurred_at) where account_id is not null;
create index health_markers_profile on health_markers (profile_id, occurred_at) where account_id is null;

-- The past days whose readings were found out later, from what was dated before them.
create table health_replays (
  day date primary key,
  replayed_at timestamptz not null
);

insert into health_profiles (position, name, applies_to, is_enabled, settings) values
  (1, 'Onboarding', '{"field": "account.stage", "op": "is", "value": ["onboarding"]}', false, '{
    "shift": 15,
    "indicators": [
      {"reading": "people_active", "kind": "primary", "good": 3, "poor": 0, "weight": 2},
      {"reading": "days_active", "kind": "primary", "good": 3, "poor": 0, "weight": 1},
      {"reading": "modules", "kind": "secondary", "good": 3, "poor": 1, "weight": 2},
      {"reading": "contacts", "kind": "secondary", "good": 2, "poor": 0, "weight": 1},
      {"reading": "open_cases", "kind": "secondary", "good": 1, "poor": 4, "weight": 1}],
    "flags": [
      {"code": "urgent", "name": "Urgent cases", "conditions": [{"reading": "urgent_cases", "op": "at_least", "value": 1}]}]}'),
  (2, 'Default', null, true, '{
    "shift": 15,
    "indicators": [
      {"reading": "days_active", "kind": "primary", "good": 5, "poor": 0, "weight": 1},
      {"reading": "usage_change", "kind": "secondary", "good": -10, "poor": -50, "weight": 2},
      {"reading": "utilization", "kind": "secondary", "good": 60, "poor": 10, "weight": 2},
      {"reading": "open_cases", "kind": "secondary", "good": 1, "poor": 4, "weight": 2},
      {"reading": "oldest_case_on", "kind": "secondary", "good": 14, "poor": 30, "weight": 1},
      {"reading": "contacts", "kind": "secondary", "good": 2, "poor": 0, "weight": 1},
      {"reading": "active_on", "kind": "secondary", "good": 45, "poor": 90, "weight": 1},
      {"reading": "unprepared_renewal_on", "kind": "secondary", "good": 91, "poor": 30, "weight": 2},
      {"reading": "contract_change", "kind": "secondary", "good": 0, "poor": -30, "weight": 1}],
    "flags": [
      {"code": "urgent", "name": "Urgent cases", "conditions": [{"reading": "urgent_cases", "op": "at_least", "value": 1}]},
      {"code": "lost", "name": "Renewal lost", "conditions": [{"reading": "renewal_lost_on", "op": "at_most", "value": 365}]},
      {"code": "lapsed", "name": "Support lapsed", "conditions": [{"reading": "lapsed_on", "op": "at_most", "value": 30}]}]}');
insert into health_profile_versions (profile_id, version, name, applies_to, is_enabled, settings, act)
  select id, version, name, applies_to, is_enabled, settings, 'seeded' from health_profiles;

-- The penalties were a profile for everybody; what they looked at are indicators and red flags of the default one now.
drop table if exists health_penalties;

-- Readings of usage and of contracts beside those of the mirror. Null: nothing is known, so nothing is held against an account.
-- `gist`: what of a judgement is news when it changes. `rank_since`: since when the rank is what it is.
alter table health
  add column if not exists days_active integer,
  add column if not exists people_active integer,
  add column if not exists engagement integer,
  add column if not exists weekly_minutes integer,
  add column if not exists usage_change integer,
  add column if not exists utilization integer,
  add column if not exists modules integer,
  add column if not exists reopened_cases integer,
  add column if not exists contract_minor bigint,
  add column if not exists contract_change integer,
  add column if not exists stage text,
  add column if not exists profile_id integer,
  add column if not exists profile_version integer,
  add column if not exists missing jsonb not null default '[]',
  add column if not exists gist text not null default '',
  add column if not exists rank_since timestamptz;

alter table health_history
  add column if not exists profile_id integer,
  add column if not exists profile_version integer,
  add column if not exists missing jsonb not null default '[]';

-- `is_replayed`: judged later, from what was known on that day.
alter table health_readings
  add column if not exists days_active integer,
  add column if not exists people_active integer,
  add column if not exists engagement integer,
  add column if not exists weekly_minutes integer,
  add column if not exists usage_change integer,
  add column if not exists utilization integer,
  add column if not exists modules integer,
  add column if not exists reopened_cases integer,
  add column if not exists contract_minor bigint,
  add column if not exists contract_change integer,
  add column if not exists stage text,
  add column if not exists profile_id integer,
  add column if not exists is_replayed boolean not null default false;
