-- The editor of messages: pictures, the look of the brand, and what is being written.

-- Pictures as they are served; an address names the bytes, so the same picture is kept once and an address never changes what it shows.
create table images (
  id uuid primary key default gen_random_uuid(),
  hash text not null unique check (hash ~ '^[0-9a-f]{64}$'),
  name text not null check (btrim(name) <> ''),
  media_type text not null check (media_type in ('image/png', 'image/jpeg', 'image/gif')),
  width integer not null check (width > 0),
  height integer not null check (height > 0),
  bytes bytea not null,
  -- Where it was fetched from, if it was.
  source_url text,
  created_by uuid references people on delete set null,
  created_at timestamptz not null,
  -- Out of the library; messages that show it go on to.
  archived_at timestamptz
);
alter table images alter column bytes set storage external;
create index images_created on images (created_at desc);

-- How messages look: checked by src/content/brand-kit.ts. One row at most; without it, the settings' brand alone.
create table brand_kit (
  is_only boolean primary key default true check (is_only),
  kit jsonb not null,
  changed_by uuid references people on delete set null,
  changed_at timestamptz not null
);

-- Who has a message open, and what they wrote of it that is no version yet, as JSON; nothing when they only look at it.
create table message_drafts (
  message_id uuid not null references messages on delete cascade,
  person_id uuid not null references people on delete cascade,
  -- The version that they change.
  base integer not null,
  draft text check (length(draft) <= 4000000),
  saved_at timestamptz,
  seen_at timestamptz not null,
  primary key (message_id, person_id),
  check ((draft is null) = (saved_at is null))
);
create index message_drafts_person on message_drafts (person_id);
