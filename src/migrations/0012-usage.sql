-- What the vendor's own products tell about their use (MO1 to MO6): who sends it, what was sent, and what it adds up to.

-- Of several objects one, in which the later ones' members count.
create aggregate jsonb_merge(jsonb) (sfunc = jsonb_concat, stype = jsonb, initcond = '{}');

-- The domain in an address of the web or of mail: tidewater.example of https://www.tidewater.example/about.
create function domain_of(address text) returns text language sql immutable parallel safe as $$
  select nullif(regexp_replace(lower(btrim(address)), '^(https?://)?(www\.)?([^@]*@)?|[/?#:].*$', '', 'g'), '')
$$;

-- An application or server that sends usage. Its keys are public by nature (browsers show them): they say who sends, no more.
create table usage_sources (
  id integer generated always as identity primary key,
  name text not null unique,
  created_by uuid,
  created_at timestamptz not null
);
create table write_keys (
  key text primary key,
  source_id integer not null references usage_sources,
  created_at timestamptz not null,
  revoked_at timestamptz
);
create index write_keys_source on write_keys (source_id);

-- One row a request, written before it is answered; the worker takes them in, many at a time.
create table usage_inbox (
  id bigint generated always as identity primary key,
  source_id integer not null,
  received_at timestamptz not null,
  messages jsonb not null
);

-- What could not be taken, with the reason, for whoever has to mend the sender; kept 14 days.
create table usage_rejections (
  id bigint generated always as identity primary key,
  source_id integer,
  received_at timestamptz not null,
  reason text not null,
  excerpt text not null
);
create index usage_rejections_received_at on usage_rejections (received_at);

-- Accounts and people as the sources name them. `account_id` and `contact_id` are the mirror's, once they are matched.
create table usage_accounts (
  id integer generated always as identity primary key,
  external_id text not null unique,
  name text,
  domain text,
  traits jsonb not null default '{}',
  account_id text,
  matched_by text check (matched_by in ('id', 'domain', 'contact', 'staff')),
  is_ignored boolean not null default false,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  check ((account_id is null) = (matched_by is null))
);
create index usage_accounts_account on usage_accounts (account_id);
create index usage_accounts_unmatched on usage_accounts (last_seen_at) where account_id is null and not is_ignored;

create table usage_people (
  id integer generated always as identity primary key,
  external_id text not null unique,
  email text,
  name text,
  traits jsonb not null default '{}',
  usage_account integer references usage_accounts,
  contact_id text,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null
);
create index usage_people_account on usage_people (usage_account);
create index usage_people_email on usage_people (email);

-- A browser's anonymous id, once it said who it is.
create table usage_aliases (
  anonymous_id text primary key,
  person integer not null references usage_people
);

-- Every event, in partitions of a day of its own clock: a repeated one has the same day, so the key finds it.
create table usage_events (
  day date not null,
  source_id integer not null,
  message_id text not null,
  type text not null,
  action text not null,
  module text not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  usage_account integer,
  person integer,
  properties jsonb,
  primary key (day, source_id, message_id)
) partition by range (day);

-- What they add up to. `person` 0: nobody in particular.
create table usage_days (
  usage_account integer not null,
  day date not null,
  person integer not null,
  module text not null,
  action text not null,
  events integer not null,
  seconds integer not null,
  primary key (usage_account, day, person, module, action)
) with (fillfactor = 80);

create table usage_account_days (
  usage_account integer not null,
  day date not null,
  events integer not null,
  seconds integer not null,
  people integer not null,
  primary key (usage_account, day)
) with (fillfactor = 80);
create index usage_account_days_day on usage_account_days (day);

-- commit;
create index concurrently if not exists accounts_domain on accounts (domain_of(website)) where website is not null and deleted_at is null;
