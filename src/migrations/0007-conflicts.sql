-- A write on fields that others may change too carries `base`: the values that its actor saw. `written` is what was really
-- sent once it was weighed against what Salesforce held. `allow_save`: a person looked at the duplicates and wants it all the same.
-- `conflict`: waits for a person to choose, in `conflicts`. (`unmodified_since` is no longer used.)
alter table outbox add column if not exists base jsonb;
alter table outbox add column if not exists written jsonb;
alter table outbox add column if not exists person_id uuid;
alter table outbox add column if not exists person_name text;
alter table outbox add column if not exists allow_save boolean not null default false;
-- Somebody changed its fields by hand before it went.
alter table outbox add column if not exists edited_by text;
alter table outbox add column if not exists edited_at timestamptz;
-- When the mirror met what was written: until then what it reads of it is no news.
alter table outbox add column if not exists echoed_at timestamptz;
alter table outbox drop constraint if exists outbox_status_check;
alter table outbox add constraint outbox_status_check
  check (status in ('waiting', 'sending', 'failed', 'conflict', 'delivered', 'discarded')) not valid;

-- What a person has to decide about one write. `fields`: both sides changed them. `duplicate`: a duplicate rule stopped it.
-- `identity`: records there carry our id, or several do. `version` tells somebody who decides late that it has moved on.
create table if not exists conflicts (
  id bigint generated always as identity primary key,
  outbox_id bigint not null,
  kind text not null check (kind in ('fields', 'duplicate', 'identity')),
  sobject text not null,
  record_key text not null,
  rapport_id text,
  salesforce_id text,
  -- What the record is called in Salesforce.
  label text,
  status text not null default 'open' check (status in ('open', 'decided', 'settled', 'overtaken')),
  version integer not null default 1,
  -- Of a duplicate or an identity: what Salesforce found, and in which words.
  found jsonb not null default '{}',
  our_name text,
  our_at timestamptz not null,
  opened_at timestamptz not null default now(),
  decided_by text,
  decided_at timestamptz,
  settled_at timestamptz
);
create unique index if not exists conflicts_outbox on conflicts (outbox_id);
create index if not exists conflicts_open on conflicts (id) where status = 'open';
create index if not exists conflicts_record on conflicts (record_key);

-- One field of which Salesforce's people and ours made different things since `base`.
create table if not exists conflict_fields (
  conflict_id bigint not null references conflicts (id) on delete cascade,
  field text not null,
  base jsonb not null,
  ours jsonb not null,
  theirs jsonb not null,
  their_name text,
  their_at timestamptz,
  choice text check (choice in ('salesforce', 'ours', 'other')),
  chosen jsonb,
  primary key (conflict_id, field)
);

-- Every decision, and every one that was taken back.
create table if not exists conflict_decisions (
  id bigint generated always as identity primary key,
  conflict_id bigint not null references conflicts (id) on delete cascade,
  act text not null check (act in ('decided', 'undone', 'reopened')),
  choices jsonb not null default '{}',
  person_name text,
  decided_at timestamptz not null default now()
);
create index if not exists conflict_decisions_conflict on conflict_decisions (conflict_id, id);

-- Which write an act is on its way with; and what staff gave up: the customer is told, instead of waiting for ever.
alter table case_acts add column if not exists outbox_id bigint;
alter table case_acts add column if not exists refused_at timestamptz;
alter table cases add column if not exists refused_at timestamptz;
alter table case_comments add column if not exists refused_at timestamptz;
alter table uploads add column if not exists refused_at timestamptz;

-- commit;
alter table outbox validate constraint outbox_status_check;

-- commit;
create index concurrently if not exists outbox_of_record on outbox (record_key, id);
create index concurrently if not exists outbox_salesforce_id on outbox (salesforce_id, id) where salesforce_id is not null;
create index concurrently if not exists outbox_in_conflict on outbox (id) where status = 'conflict';
create index concurrently if not exists outbox_error on outbox (error_code, id) where status in ('failed', 'waiting');
create index concurrently if not exists case_acts_outbox on case_acts (outbox_id) where outbox_id is not null;
