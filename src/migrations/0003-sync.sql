-- One row per object of Salesforce that the mirror follows.
-- `mark_at`: every change up to here is in the mirror; it trails the server's clock, since rows may become visible late.
-- `seen_at`: the newest SystemModstamp applied; the quick poll goes on from there.
create table sync_states (
  sobject text primary key,
  table_name text not null,
  position integer not null,
  phase text not null default 'waiting' check (phase in ('waiting', 'loading', 'live')),
  is_paused boolean not null default false,
  mark_at timestamptz,
  seen_at timestamptz,
  rows_loaded bigint not null default 0,
  rows_expected bigint,
  load_started_at timestamptz,
  bulk_job text,
  bulk_locator text,
  fields text[] not null default '{}',
  hidden_fields text[] not null default '{}',
  synced_at timestamptz,
  error text,
  failed_at timestamptz
);

-- The ids that a running load has met. Lost with a crash of the database, which then starts the load again.
create unlogged table sync_loaded (
  sobject text not null,
  id text not null
);
create index sync_loaded_id on sync_loaded (sobject, id);

-- What each batch of the sync changed, for reactions to consume as a set. Initial loads leave nothing here.
create sequence mirror_batches;
create table mirror_changes (
  batch bigint not null,
  table_name text not null,
  row_id text not null,
  change text not null check (change in ('created', 'updated', 'deleted')),
  recorded_at timestamptz not null default now(),
  primary key (batch, row_id)
);
create index mirror_changes_recorded_at on mirror_changes (recorded_at);

-- What Rapport wants written to Salesforce, recorded in the transaction of the act and delivered by the drain.
-- Rows of one `serial_key` (a record and its children) go one after another; `record_key` is the record itself.
create table outbox (
  id bigint generated always as identity primary key,
  sobject text not null,
  operation text not null check (operation in ('upsert', 'create', 'update')),
  rapport_id text,
  salesforce_id text,
  fields jsonb not null,
  parent jsonb,
  record_key text not null,
  serial_key text not null,
  unmodified_since timestamptz,
  feature text not null,
  status text not null default 'waiting'
    check (status in ('waiting', 'sending', 'failed', 'delivered', 'discarded')),
  is_ambiguous boolean not null default false,
  needs_reread boolean not null default false,
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  error_code text,
  error text,
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  delivered_at timestamptz,
  check (operation <> 'upsert' or rapport_id is not null),
  check (operation <> 'update' or salesforce_id is not null)
);
create index outbox_serial on outbox (serial_key, id) where status in ('waiting', 'sending');
create index outbox_line on outbox ((feature <> 'cases'), id) where status = 'waiting';
create index outbox_record on outbox (record_key, id) where status in ('waiting', 'sending');
create index outbox_reread on outbox (id) where needs_reread;
create index outbox_failed on outbox (id) where status = 'failed';
create index outbox_delivered on outbox (delivered_at) where status = 'delivered';
create index outbox_rapport_id on outbox (rapport_id, sobject);

-- The server's own session, sealed with ENCRYPTION_KEY and shared by all processes.
create table salesforce_sessions (
  client text primary key,
  sealed_token text not null,
  instance_url text not null,
  user_id text not null,
  obtained_at timestamptz not null
);
