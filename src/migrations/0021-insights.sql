-- Milestones by rules (TG5), what of Salesforce's signed requests was taken, and people who were erased (F24).

-- What counts as a milestone of an account: a rule of src/rules. `code` names one that comes with the product.
create table insight_definitions (
  id uuid primary key default gen_random_uuid(),
  code text unique,
  name text not null,
  -- What reps read, in one line.
  headline text not null,
  rule jsonb not null,
  -- Told again when it is reached again after it lapsed; else once for ever.
  repeats boolean not null default false,
  -- Whether those that had reached it when it was made are told of, too.
  tells_past boolean not null default false,
  is_paused boolean not null default false,
  -- When all accounts were first held against the rule as it is now.
  begun_at timestamptz,
  looked_at timestamptz,
  changed_by uuid,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  deleted_at timestamptz
);

-- Which accounts have reached what. `lapsed_at`: the rule no longer holds; `times`: how often it was reached.
create table milestones (
  definition_id uuid not null references insight_definitions on delete cascade,
  account_id text not null,
  reached_at timestamptz not null,
  lapsed_at timestamptz,
  times integer not null default 1,
  -- Reached before the definition was made, and so told to nobody.
  was_there boolean not null default false,
  evidence jsonb not null default '[]',
  primary key (definition_id, account_id)
);
create index milestones_account on milestones (account_id, reached_at desc);

alter table insights add column if not exists definition_id uuid;

-- Each signed request of a Canvas app counts once.
create table panel_requests (
  hash bytea primary key,
  used_at timestamptz not null
);
create index panel_requests_used_at on panel_requests (used_at);

-- Who was erased, by whom, and what became of it. Until it is done `sealed_subject` says who it is, encrypted; then no word of theirs is left.
create table erasures (
  id uuid primary key default gen_random_uuid(),
  asked_by text not null,
  asked_at timestamptz not null,
  sealed_subject text,
  finished_at timestamptz,
  -- Rows by table that were emptied or changed.
  counts jsonb not null default '{}',
  -- What somebody has to delete in Salesforce: records by object.
  to_do jsonb not null default '[]',
  check ((sealed_subject is null) = (finished_at is not null))
);
create index erasures_asked_at on erasures (asked_at desc);

-- Who took away everything that is held about somebody, and when.
create table person_exports (
  id bigint generated always as identity primary key,
  exported_by text not null,
  exported_at timestamptz not null,
  subject_hash bytea not null
);

-- What the hashes of people who were erased are made with, so that nobody can try addresses elsewhere.
create table erasure_salt (salt bytea not null default decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));
insert into erasure_salt default values;

-- Addresses and ids by which they would come back, hashed.
create table erased_identities (
  hash bytea primary key,
  erasure_id uuid not null references erasures
);

create function erasure_hash(identity text) returns bytea language sql stable parallel safe as $$
  select sha256((select salt from erasure_salt) || convert_to(lower(btrim(identity)), 'UTF8'))
$$;

-- Records of Salesforce that told of them: the mirror keeps an empty row, and reads them no more.
create table erased_records (
  record_id text primary key,
  sobject text not null,
  erasure_id uuid not null references erasures
);

-- commit;
create index concurrently if not exists insights_definition on insights (definition_id) where definition_id is not null;
