-- Files that people hand in, kept until Salesforce has them; dynos' disks don't last. Without a case, a file waits on a
-- form that has not been sent yet. Without a size, it is still arriving. `salesforce_id` is the ContentVersion's;
-- `form_id` the sent form's, by which one that is sent twice is known.
create table uploads (
  id uuid primary key default gen_random_uuid(),
  person_id uuid not null,
  case_id uuid references cases (id),
  form_id uuid,
  name text not null check (length(name) between 1 and 255),
  media_type text not null default 'application/octet-stream',
  size_bytes integer check (size_bytes between 1 and 26214400),
  salesforce_id text unique,
  received_at timestamptz not null,
  attached_at timestamptz,
  delivered_at timestamptz,
  check (case_id is null or size_bytes is not null)
);
create index uploads_case on uploads (case_id);
create index uploads_waiting on uploads (person_id, received_at) where case_id is null;

create table upload_chunks (
  upload_id uuid not null references uploads (id) on delete cascade,
  position integer not null,
  bytes bytea not null,
  primary key (upload_id, position)
);
-- Screenshots and archives are compressed already.
alter table upload_chunks alter column bytes set storage external;

-- What people did to their cases in the portal, beside replying: shown until, and beside, what Salesforce records.
create table case_acts (
  id uuid primary key default gen_random_uuid(),
  case_id uuid not null references cases (id),
  person_id uuid not null,
  person_name text not null,
  kind text not null check (kind in ('closed', 'reopened')),
  acted_at timestamptz not null,
  delivered_at timestamptz
);
create index case_acts_case on case_acts (case_id, acted_at);

-- What customers were told, or need no telling of: one row per answer (comment or e-mail), so that no mail goes out twice.
create table case_notices (
  kind text not null check (kind in ('comment', 'email')),
  source_id text not null,
  case_id uuid,
  noticed_at timestamptz not null,
  primary key (kind, source_id)
);

-- Closed cases whose contact knows that they are closed. Removed when the case is open again.
create table case_closings (
  case_id uuid primary key,
  noticed_at timestamptz not null
);
