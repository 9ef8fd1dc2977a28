-- People: one per mailbox. `user_id` is their Salesforce user when they are staff; `is_admin` is the first
-- administrator's grant, which no permission set has to confirm.
create table people (
  id uuid primary key default gen_random_uuid(),
  email text not null unique check (email = lower(btrim(email))),
  name text not null,
  locale text not null default 'en',
  time_zone text not null default 'UTC',
  user_id text unique,
  chosen_account_id text,
  is_admin boolean not null default false,
  is_demo boolean not null default false,
  created_at timestamptz not null
);

-- Which Salesforce contacts a person is, and by which address that was found. A contact whose address has since
-- become someone else's no longer counts.
create table person_contacts (
  person_id uuid not null references people on delete cascade,
  contact_id text not null,
  matched_email text not null,
  settled_by uuid references people,
  linked_at timestamptz not null,
  primary key (person_id, contact_id)
);
create unique index person_contacts_contact on person_contacts (contact_id);

-- What follows from that: the accounts a person acts for, as which contact, and whose cases they see there.
create table memberships (
  person_id uuid not null references people on delete cascade,
  account_id text not null,
  contact_id text not null,
  case_scope text not null check (case_scope in ('own', 'account')),
  primary key (person_id, account_id)
);
create index memberships_contact on memberships (contact_id);
create index memberships_account on memberships (account_id);

create table credentials (
  person_id uuid primary key references people on delete cascade,
  password_hash text not null,
  changed_at timestamptz not null
);

-- An authenticator app's secret, encrypted with ENCRYPTION_KEY. `last_step` is the time step of the last code taken:
-- no code counts twice.
create table second_factors (
  person_id uuid primary key references people on delete cascade,
  sealed_secret text not null,
  confirmed_at timestamptz,
  last_step bigint not null default 0
);

create table recovery_codes (
  person_id uuid not null references people on delete cascade,
  code_hash bytea not null,
  used_at timestamptz,
  primary key (person_id, code_hash)
);

-- Links sent by mail: only their SHA-256 is kept. Each is for one purpose, one mailbox, one use and fifteen minutes.
create table email_tokens (
  token_hash bytea primary key,
  purpose text not null check (purpose in ('sign-up', 'password-reset', 'email-change')),
  email text not null,
  person_id uuid references people on delete cascade,
  data jsonb not null default '{}',
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index email_tokens_person on email_tokens (person_id);
create index email_tokens_expiry on email_tokens (expires_at);

create table sign_ups (
  id uuid primary key default gen_random_uuid(),
  person_id uuid not null unique references people on delete cascade,
  company text not null,
  state text not null check (state in ('matched', 'waiting', 'unmatched', 'refused')),
  candidates text[] not null default '{}',
  settled_by uuid references people,
  settled_at timestamptz,
  created_at timestamptz not null
);
create index sign_ups_waiting on sign_ups (created_at) where state = 'waiting';

-- Laid out for connect-pg-simple. `seen_at` is written at most every few minutes, not with each page.
create table sessions (
  sid text primary key,
  sess jsonb not null,
  expire timestamptz not null,
  seen_at timestamptz not null default now()
);
create index sessions_person on sessions ((sess ->> 'personId'));
create index sessions_expire on sessions (expire);

-- Counters of attempts, laid out for rate-limiter-flexible.
create table rate_limits (
  key text primary key,
  points integer not null default 0,
  expire bigint
);

create table security_events (
  id bigint generated always as identity primary key,
  person_id uuid references people on delete cascade,
  kind text not null,
  address inet,
  user_agent text,
  recorded_at timestamptz not null
);
create index security_events_person on security_events (person_id, recorded_at desc);
