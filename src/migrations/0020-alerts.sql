-- Who is told what (FA1 to FA9): follows, signals, the rules that make alerts of them, the inbox, digests and webhooks.

-- Accounts and smart lists that somebody watches (AP6).
create table follows (
  person_id uuid not null references people on delete cascade,
  kind text not null check (kind in ('account', 'segment')),
  target text not null,
  followed_at timestamptz not null,
  primary key (person_id, kind, target)
);
create index follows_target on follows (kind, target);

-- How somebody wants to be told; who has no row has the defaults. Hours are those of the person's own time zone.
create table alert_settings (
  person_id uuid primary key references people on delete cascade,
  wants_digest boolean not null default true,
  wants_own_accounts boolean not null default true,
  digest_hour smallint not null default 8 check (digest_hour between 0 and 23),
  wants_mail boolean not null default true,
  quiet_from smallint check (quiet_from between 0 and 23),
  quiet_until smallint check (quiet_until between 0 and 23),
  check ((quiet_from is null) = (quiet_until is null))
);

-- Webhooks in Slack's form. The secret that signs what they get is encrypted with ENCRYPTION_KEY.
create table webhooks (
  id uuid primary key default gen_random_uuid(),
  name text not null unique,
  url text not null,
  sealed_secret text not null,
  is_enabled boolean not null default true,
  created_by uuid references people on delete set null,
  created_at timestamptz not null
);

-- What sets off an alert, and whom it tells: the owner's own rule, or one of the house for everyone with these roles.
-- `code` names those that Rapport brings along.
create table alert_rules (
  id uuid primary key default gen_random_uuid(),
  code text unique,
  name text not null,
  trigger text not null,
  filter jsonb not null default '{}',
  condition jsonb,
  scope text not null check (scope in ('mine', 'followed', 'mine_or_followed', 'all')),
  owner_id uuid references people on delete cascade,
  roles text[] not null default '{}',
  to_inbox boolean not null default true,
  to_mail boolean not null default false,
  webhook_id uuid references webhooks on delete set null,
  -- Not again to the same person for the same account within so many hours.
  rest_hours integer not null default 0 check (rest_hours between 0 and 8760),
  is_enabled boolean not null default true,
  -- When its condition was last looked at; null until then.
  looked_at timestamptz,
  changed_at timestamptz not null,
  check ((owner_id is null) = (cardinality(roles) > 0))
);
create index alert_rules_owner on alert_rules (owner_id);

-- The accounts or people that met a rule's condition when it was last looked at: only who comes new is a signal.
create table alert_rule_matches (
  rule_id uuid not null references alert_rules on delete cascade,
  entity_id text not null,
  since timestamptz not null,
  primary key (rule_id, entity_id)
);

-- What happened to an account or one of its people. `cause` keeps one thing from becoming two signals, whoever looks again.
create sequence signal_batches;
create table signals (
  id bigint generated always as identity primary key,
  batch bigint not null,
  cause text not null unique,
  kind text not null,
  account_id text not null,
  person bigint,
  rule_id uuid references alert_rules on delete cascade,
  data jsonb not null default '{}',
  occurred_at timestamptz not null,
  noted_at timestamptz not null
);
create index signals_batch on signals (batch, kind);
create index signals_account on signals (account_id, noted_at desc);
create index signals_noted_at on signals (noted_at);
create index signals_rule on signals (rule_id) where rule_id is not null;

-- One line of an inbox: what one batch of signals means to one person under one rule.
create table alerts (
  id bigint generated always as identity primary key,
  person_id uuid not null references people on delete cascade,
  rule_id uuid not null references alert_rules on delete cascade,
  batch bigint not null,
  signals integer not null,
  in_inbox boolean not null,
  wants_mail boolean not null,
  mailed_at timestamptz,
  raised_at timestamptz not null,
  acknowledged_at timestamptz,
  snoozed_until timestamptz,
  unique (person_id, rule_id, batch)
);
create index alerts_open on alerts (person_id, raised_at desc) where acknowledged_at is null and in_inbox;
create index alerts_person on alerts (person_id, raised_at desc);
create index alerts_unmailed on alerts (person_id) where wants_mail and mailed_at is null;
create index alerts_rule on alerts (rule_id, raised_at desc);

create table alert_signals (
  alert_id bigint not null references alerts on delete cascade,
  signal_id bigint not null references signals on delete cascade,
  person_id uuid not null,
  rule_id uuid not null,
  account_id text not null,
  raised_at timestamptz not null,
  primary key (alert_id, signal_id),
  unique (signal_id, rule_id, person_id)
);
create index alert_signals_account on alert_signals (rule_id, person_id, account_id, raised_at desc);

-- What somebody does not want to hear of: a rule, an account, or both together.
create table alert_mutes (
  id bigint generated always as identity primary key,
  person_id uuid not null references people on delete cascade,
  rule_id uuid references alert_rules on delete cascade,
  account_id text,
  muted_at timestamptz not null,
  unique nulls not distinct (person_id, rule_id, account_id),
  check (rule_id is not null or account_id is not null)
);

-- What webhooks are sent: one a rule and batch. What failed as often as it may waits for a person.
create table webhook_deliveries (
  id uuid primary key default gen_random_uuid(),
  webhook_id uuid not null references webhooks on delete cascade,
  rule_id uuid references alert_rules on delete cascade,
  batch bigint,
  body jsonb not null,
  state text not null check (state in ('waiting', 'delivered', 'dead')),
  attempts integer not null default 0,
  status integer,
  error text,
  created_at timestamptz not null,
  settled_at timestamptz,
  unique (webhook_id, rule_id, batch)
);
create index webhook_deliveries_webhook on webhook_deliveries (webhook_id, created_at desc);
create index webhook_deliveries_dead on webhook_deliveries (created_at) where state = 'dead';

-- One row a person and day of theirs, written before anything is sent: nobody gets two digests a day.
create table digests (
  person_id uuid not null references people on delete cascade,
  day date not null,
  since timestamptz not null,
  until timestamptz not null,
  entries integer not null,
  primary key (person_id, day)
);

-- Mails that must not come twice: begun before they are sent, so that a crash in between is seen.
create table mails_once (
  key text primary key,
  begun_at timestamptz not null,
  sent_at timestamptz
);
create index mails_once_begun_at on mails_once (begun_at);
