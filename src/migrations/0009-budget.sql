-- What the org lets us spend of its API calls, and what we spend them on.

-- The features that spend API calls, those that are stopped last first. A feature is stopped when the share of the org's
-- calls that is used reaches `sheds_at` (or, with `sheds_by_forecast`, when the day's forecast exceeds the limit), and goes on
-- when the share is below `resumes_at`. `hourly_ceiling`: the most calls in an hour, so that a loop cannot burn the day's.
create table if not exists budget_features (
  feature text primary key,
  position integer not null unique,
  sheds_at double precision not null check (sheds_at > 0 and sheds_at <= 1),
  resumes_at double precision not null check (resumes_at > 0),
  sheds_by_forecast boolean not null default false,
  hourly_ceiling integer check (hourly_ceiling > 0),
  shed_since timestamptz,
  shed_reason text check (shed_reason in ('used', 'forecast')),
  check (resumes_at < sheds_at),
  check ((shed_since is null) = (shed_reason is null))
);

insert into budget_features (position, feature, sheds_at, resumes_at, sheds_by_forecast, hourly_ceiling) values
  (1, 'cases', 0.97, 0.95, false, 10000),
  (2, 'people', 0.96, 0.94, false, 2000),
  (3, 'files', 0.94, 0.90, false, 5000),
  (4, 'setup', 0.92, 0.88, false, 2000),
  (5, 'accounts', 0.85, 0.78, false, 10000),
  (6, 'streaming', 0.80, 0.72, false, 4000),
  (7, 'insights', 0.75, 0.68, true, 5000),
  (8, 'comparison', 0.60, 0.52, true, 2000)
on conflict do nothing;

-- Every change of a ceiling, and who made it.
create table if not exists budget_changes (
  id bigint generated always as identity primary key,
  feature text not null references budget_features,
  ceiling_before integer,
  ceiling_after integer,
  changed_by text not null,
  changed_at timestamptz not null
);

-- Calls that we sent, all processes together. `probe`: asking the org how much is left.
create table if not exists api_calls (
  hour timestamptz not null,
  feature text not null,
  calls bigint not null,
  primary key (hour, feature)
);

-- The last reading of each hour: calls of the last 24 hours as the org counts them, everybody's.
create table if not exists api_readings (
  hour timestamptz primary key,
  used bigint not null,
  max bigint not null,
  read_at timestamptz not null
);

-- The newest reading; and, since the org refuses calls (REQUEST_LIMIT_EXCEEDED), when to ask next whether it takes them again.
create table if not exists api_budget (
  is_only boolean primary key default true check (is_only),
  used bigint,
  max bigint,
  app_used bigint,
  app_max bigint,
  read_at timestamptz,
  limits_read_at timestamptz,
  exhausted_since timestamptz,
  probe_at timestamptz,
  probes integer not null default 0
);
insert into api_budget default values on conflict do nothing;

-- What GET /limits told of the org's other limits.
create table if not exists org_limits (
  name text primary key,
  max bigint not null,
  remaining bigint not null,
  read_at timestamptz not null
);

-- Insight receipts: what became of an insight after it was told in Salesforce.
alter table insights add column if not exists salesforce_id text;
alter table insights add column if not exists sent_at timestamptz;

-- The insights' records as Salesforce holds them: their own times, and what people did with them there.
create table if not exists insight_records (
  id text primary key,
  rapport_id text,
  account_id text,
  handled text,
  feedback text,
  attributes jsonb not null default '{}',
  created_at timestamptz,
  modified_at timestamptz not null,
  deleted_at timestamptz
);
create index if not exists insight_records_rapport_id on insight_records (rapport_id);

-- How things stood when an insight was sent, to see what people moved afterwards.
create table if not exists insight_baselines (
  insight_id uuid not null references insights on delete cascade,
  kind text not null check (kind in ('stage', 'owner')),
  record_id text not null,
  value text,
  primary key (insight_id, kind, record_id)
);

-- What people in Salesforce did on the account after an insight, each act once. `actor_id`: their user, where it is known.
create table if not exists insight_acts (
  insight_id uuid not null references insights on delete cascade,
  kind text not null check (kind in (
    'seen', 'done', 'not_helpful', 'task', 'meeting', 'stage', 'opportunity', 'comment', 'owner')),
  record_id text not null,
  actor_id text,
  detail text,
  acted_at timestamptz not null,
  primary key (insight_id, kind, record_id)
);

-- The refresh token that rotation brought last, sealed with ENCRYPTION_KEY. `origin`: a hash of the configured one that it came of.
create table if not exists salesforce_refresh_tokens (
  client text primary key,
  origin text not null,
  sealed_token text not null,
  obtained_at timestamptz not null
);

-- commit;
create index concurrently if not exists insights_occurred on insights (occurred_at desc, id);
