-- Files of the past that were imported, and how far they are: received, then counted like everything in the inbox.
create table usage_imports (
  id uuid primary key,
  source_id integer not null references usage_sources,
  name text not null,
  started_by uuid,
  started_at timestamptz not null,
  received_at timestamptz,
  taken integer not null default 0,
  refused integer not null default 0,
  -- The last of its requests in the inbox: once that is gone, all of it is counted.
  last_inbox_id bigint,
  error text
);
create index usage_imports_started_at on usage_imports (started_at);
