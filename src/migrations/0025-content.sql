-- Content: messages, their versions, and the links within them.

-- A message, or a template that messages begin as. What it says is in its versions.
create table messages (
  id uuid primary key default gen_random_uuid(),
  name text not null check (btrim(name) <> ''),
  description text not null default '',
  kind text not null check (kind in ('message', 'template')),
  -- mjml and html make e-mails; text is for channels that show nothing else.
  format text not null check (format in ('mjml', 'html', 'text')),
  -- Names a template that came with the product, so that it comes once.
  code text unique,
  -- The newest version.
  version integer not null,
  owner_id uuid,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  changed_by uuid,
  archived_at timestamptz
);
create index messages_owner on messages (owner_id);

-- What a message said from one moment to the next; never changed. Runs name the version that they send.
create table message_versions (
  message_id uuid not null references messages on delete cascade,
  version integer not null,
  -- What its author wrote: variants by language, tables; checked by src/content/document.ts.
  content jsonb not null,
  -- What was made of it, once: HTML, text and subject with their merge fields still in them.
  built jsonb not null,
  -- What is wrong with it, errors and warnings.
  problems jsonb not null default '[]',
  created_at timestamptz not null,
  created_by uuid,
  primary key (message_id, version)
);

-- Where its links lead, by their number within the version. Those that differ by recipient have no address here.
create table message_links (
  message_id uuid not null,
  version integer not null,
  number integer not null,
  url text,
  label text not null default '',
  primary key (message_id, version, number),
  foreign key (message_id, version) references message_versions on delete cascade
);
