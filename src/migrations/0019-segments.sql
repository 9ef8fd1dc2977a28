-- Smart lists of accounts and people that keep themselves (TG6, AN3), tags (TG1 to TG3) and risk levels (TG4).

create table segments (
  id uuid primary key default gen_random_uuid(),
  name text not null check (btrim(name) <> ''),
  description text not null default '',
  folder text,
  entity text not null check (entity in ('account', 'person')),
  -- A condition of src/rules, checked before it is written.
  rule jsonb not null,
  -- Who made it, and whose own it is while it is not shared; nobody: it came with the product.
  owner_id uuid,
  is_shared boolean not null,
  -- Goes up with each change of the rule; the members are those of `refreshed_revision`.
  revision integer not null default 1,
  refreshed_revision integer,
  -- More changed than is told account by account: everything has to be looked at.
  is_stale boolean not null default false,
  -- The day that conditions on time were last looked at for all, and when members were last looked at at all.
  refreshed_on date,
  refreshed_at timestamptz,
  members integer not null default 0,
  -- Why the rule cannot be evaluated any more, in the database's words.
  trouble text,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  changed_by uuid,
  archived_at timestamptz,
  check (is_shared or owner_id is not null)
);
create unique index segments_name on segments (lower(name)) where is_shared and archived_at is null;
create index segments_owner on segments (owner_id);

-- The lists that a list's rule names: they are looked at first, and stay while it does.
create table segment_parts (
  segment_id uuid not null references segments on delete cascade,
  part_id uuid not null references segments,
  primary key (segment_id, part_id),
  check (segment_id <> part_id)
);
create index segment_parts_part on segment_parts (part_id);

create table segment_favorites (
  person_id uuid not null references people on delete cascade,
  segment_id uuid not null references segments on delete cascade,
  primary key (person_id, segment_id)
);
create index segment_favorites_segment on segment_favorites (segment_id);

-- Which suggested lists were made, so that one that somebody deleted does not come back.
create table segment_suggestions (
  code text primary key,
  segment_id uuid references segments on delete set null
);
create index segment_suggestions_segment on segment_suggestions (segment_id);

-- `entity_id`: the account, or account_people.id of the person; `account_id`: the account either way.
create table segment_members (
  segment_id uuid not null references segments on delete cascade,
  entity_id text not null,
  account_id text not null,
  entered_at timestamptz not null,
  primary key (segment_id, entity_id)
);
create index segment_members_account on segment_members (account_id, segment_id);

-- Who entered and who left. The changes of one refresh share a batch; `cause` says what it was for: what Salesforce, usage or people
-- changed, a changed rule, a new day, or a comparison that found and mended drift.
create sequence segment_batches;
create table segment_changes (
  id bigint generated always as identity primary key,
  batch bigint not null,
  segment_id uuid not null references segments on delete cascade,
  entity_id text not null,
  account_id text not null,
  change text not null check (change in ('entered', 'left')),
  cause text not null check (cause in ('data', 'rule', 'time', 'comparison')),
  occurred_at timestamptz not null
);
create index segment_changes_batch on segment_changes (batch, segment_id);
create index segment_changes_segment on segment_changes (segment_id, id desc);
create index segment_changes_account on segment_changes (account_id, id desc);

create table segment_days (
  segment_id uuid not null references segments on delete cascade,
  day date not null,
  members integer not null,
  entered integer not null default 0,
  departed integer not null default 0,
  primary key (segment_id, day)
);

-- Accounts that something happened to since the lists were looked at; a job takes them from here, many at a time.
create table segment_due (account_id text primary key);

-- What accounts hung on when lists were last looked at: those that lost one are looked at again, too.
create table segment_links (
  account_id text primary key,
  parent_id text,
  distributor_id text,
  partner_id text
);

-- The proof: what a full look found against what was kept up incrementally.
create table segment_comparisons (
  id bigint generated always as identity primary key,
  segment_id uuid not null references segments on delete cascade,
  compared_at timestamptz not null,
  members integer not null,
  missing integer not null,
  surplus integer not null,
  milliseconds integer not null
);
create index segment_comparisons_segment on segment_comparisons (segment_id, id desc);

create table tags (
  name text primary key check (name = btrim(name) and name <> ''),
  description text not null default '',
  tone text not null default 'neutral' check (tone in ('neutral', 'info', 'success', 'warning', 'danger')),
  created_by uuid,
  created_at timestamptz not null
);
create unique index tags_name on tags (lower(name));
insert into tags (name, description, tone, created_at) values
  ('Onboarding', 'A new customer on the way to first value', 'info', now()),
  ('Established', 'Reached the first value point', 'success', now());

-- What is added and taken off by itself when an account enters or leaves a list (TG2).
create table tag_triggers (
  id bigint generated always as identity primary key,
  segment_id uuid not null references segments,
  moment text not null check (moment in ('entered', 'left')),
  act text not null check (act in ('add', 'remove')),
  tag text not null references tags,
  -- Set when it went in circles with other triggers.
  paused_at timestamptz,
  created_by uuid,
  created_at timestamptz not null,
  unique (segment_id, moment, act, tag)
);
create index tag_triggers_tag on tag_triggers (tag);

-- The batches of segment_changes that were carried out: a reaction that runs twice acts once.
create table tag_trigger_batches (batch bigint primary key);

create table account_tags (
  account_id text not null,
  tag text not null references tags,
  -- The person who set it, or the trigger that did.
  set_by uuid,
  trigger_id bigint references tag_triggers on delete set null,
  at timestamptz not null,
  primary key (account_id, tag)
);
create index account_tags_tag on account_tags (tag, account_id);
create index account_tags_trigger on account_tags (trigger_id);

create sequence tag_batches;
create table account_tag_changes (
  id bigint generated always as identity primary key,
  batch bigint not null,
  account_id text not null,
  tag text not null,
  change text not null check (change in ('added', 'removed')),
  changed_by uuid,
  trigger_id bigint,
  -- The list by its name then, since triggers come and go.
  segment text,
  occurred_at timestamptz not null
);
create index account_tag_changes_batch on account_tag_changes (batch, account_id);
create index account_tag_changes_account on account_tag_changes (account_id, id desc);
create index account_tag_changes_tag on account_tag_changes (tag, id desc);

-- While an account is in the list, it has at least this risk.
create table risk_rules (
  id bigint generated always as identity primary key,
  segment_id uuid not null unique references segments,
  level text not null check (level in ('red', 'yellow', 'green')),
  reason text not null check (btrim(reason) <> ''),
  created_by uuid,
  created_at timestamptz not null
);

-- What a person said of an account's risk: it counts before any rule until that day is over or somebody clears it.
create table risk_marks (
  account_id text primary key,
  level text not null check (level in ('red', 'yellow', 'green')),
  reason text not null check (btrim(reason) <> ''),
  set_by uuid not null,
  at timestamptz not null,
  expires_on date
);
create index risk_marks_expiry on risk_marks (expires_on) where expires_on is not null;

-- What counts now: the mark, else the gravest of the rules. No row: no level.
create table account_risk (
  account_id text primary key,
  level text not null check (level in ('red', 'yellow', 'green')),
  reason text not null,
  set_by uuid,
  rule_id bigint references risk_rules on delete set null,
  at timestamptz not null,
  expires_on date
);
create index account_risk_level on account_risk (level, account_id);
create index account_risk_rule on account_risk (rule_id);

create sequence risk_batches;
create table account_risk_changes (
  id bigint generated always as identity primary key,
  batch bigint not null,
  account_id text not null,
  -- Null: none any more.
  level text,
  previous_level text,
  reason text,
  -- Who set or cleared it; nobody: a rule, or the day on which a mark expired.
  changed_by uuid,
  -- The list of the rule by its name then.
  segment text,
  occurred_at timestamptz not null
);
create index account_risk_changes_batch on account_risk_changes (batch, account_id);
create index account_risk_changes_account on account_risk_changes (account_id, id desc);
