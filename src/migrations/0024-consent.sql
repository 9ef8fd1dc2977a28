-- Consent and suppression: what people agreed to be written to about, and the addresses that nothing is sent to. Addresses are kept as
-- erasure_hash(address) alone, so that this outlives an erasure. What was said is never changed: later words are later rows.

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% only grows', tg_table_name using errcode = 'restrict_violation';
end $$;

-- What a campaign may be about. Nobody is asked for consent to transactional ones.
create table topics (
  code text primary key check (code ~ '^[a-z][a-z0-9-]{0,39}$'),
  message_class text not null check (message_class in ('marketing', 'success', 'transactional')),
  -- Nobody gets it who did not ask for it; else everybody who did not say no.
  is_opt_in boolean not null,
  -- {locale: {name, description}}; topics that Rapport brings along have their words in locales/.
  words jsonb not null default '{}',
  is_seeded boolean not null default false,
  -- Offered on the preferences page and for new campaigns; one that is not keeps what was said about it.
  is_offered boolean not null default true,
  position integer not null,
  changed_at timestamptz not null default now(),
  changed_by uuid
);
insert into topics (code, message_class, is_opt_in, is_seeded, position) values
  ('product-news', 'marketing', false, true, 1),
  ('events', 'marketing', true, true, 2),
  ('onboarding', 'success', false, true, 3),
  ('renewal', 'success', false, true, 4),
  ('service', 'transactional', false, true, 5);

-- What somebody said about a topic, or about all that need consent ('*').
create table consents (
  id bigint generated always as identity primary key,
  address_hash bytea not null,
  topic text not null,
  is_granted boolean not null,
  source text not null check (source in ('page', 'one_click', 'portal', 'provider', 'console', 'import')),
  -- The member of staff who wrote it down.
  said_by uuid,
  -- The delivery whose link was followed, or that the provider told of.
  run_id bigint,
  n integer,
  said_at timestamptz not null
);
create index consents_address on consents (address_hash, id desc);
create trigger consents_only_grow before update or delete on consents for each statement execute function refuse_change();
create trigger consents_stay before truncate on consents for each statement execute function refuse_change();

-- The last word on each topic. While '*' is refused, all is.
create table consent_states (
  address_hash bytea not null,
  topic text not null,
  is_granted boolean not null,
  said_at timestamptz not null,
  primary key (address_hash, topic)
) with (fillfactor = 80);

create function keep_consent_states() returns trigger language plpgsql as $$
begin
  insert into consent_states as s (address_hash, topic, is_granted, said_at)
  select distinct on (address_hash, topic) address_hash, topic, is_granted, said_at
  from said order by address_hash, topic, id desc
  on conflict (address_hash, topic) do update set is_granted = excluded.is_granted, said_at = excluded.said_at;
  return null;
end $$;
create trigger consents_have_states after insert on consents
  referencing new table as said for each statement execute function keep_consent_states();

-- Addresses of a channel that nothing may be sent to, and when that was lifted again.
create table suppressions (
  id bigint generated always as identity primary key,
  address_hash bytea not null,
  channel text not null check (channel in ('email', 'chat', 'in_app', 'push')),
  is_lifted boolean not null default false,
  reason text not null check (reason in ('bounced', 'blocked', 'complained', 'invalid', 'gone', 'manual')),
  -- Till when; null for good.
  until timestamptz,
  comment text not null default '',
  run_id bigint,
  n integer,
  said_by uuid,
  at timestamptz not null
);
create index suppressions_address on suppressions (address_hash, id desc);
create trigger suppressions_only_grow before update or delete on suppressions for each statement execute function refuse_change();
create trigger suppressions_stay before truncate on suppressions for each statement execute function refuse_change();

-- The addresses that are suppressed now, or until then.
create table suppressed_addresses (
  address_hash bytea not null,
  channel text not null,
  reason text not null,
  until timestamptz,
  since timestamptz not null,
  primary key (address_hash, channel)
) with (fillfactor = 80);

-- A suppression for good is not shortened by one for a while.
create function keep_suppressed_addresses() returns trigger language plpgsql as $$
begin
  delete from suppressed_addresses s using (
    select distinct on (address_hash, channel) address_hash, channel, is_lifted from said order by address_hash, channel, id desc) l
  where l.is_lifted and s.address_hash = l.address_hash and s.channel = l.channel;
  insert into suppressed_addresses as s (address_hash, channel, reason, until, since)
  select address_hash, channel, reason, until, at from (
    select distinct on (address_hash, channel) * from said order by address_hash, channel, id desc) l
  where not is_lifted order by address_hash, channel
  on conflict (address_hash, channel) do update
    set reason = excluded.reason, until = excluded.until, since = excluded.since
    where s.until is not null and (excluded.until is null or excluded.until > s.until);
  return null;
end $$;
create trigger suppressions_have_states after insert on suppressions
  referencing new table as said for each statement execute function keep_suppressed_addresses();

-- Addresses that links of mails lead to: who follows one is sent to what stands here, and nowhere else.
create table tracked_links (
  id integer generated always as identity primary key,
  url text not null,
  -- sha256 of it: addresses may be too long for an index.
  url_hash bytea not null unique
);

-- What providers posted, as it came, until it is taken in.
create table hook_inbox (
  id bigint generated always as identity primary key,
  -- A provider, or our own links and pixels.
  source text not null check (source in ('sendgrid', 'links', 'sunshine', 'in_app', 'push')),
  received_at timestamptz not null,
  events integer not null,
  body text not null
);
-- Read once, when it is taken in: to compress it would cost more than to keep it.
alter table hook_inbox alter column body set storage external;

-- What could not be taken in, for people to look at: of no delivery that we know, of a kind that we do not know, or not to be read.
create table stray_events (
  event_id text primary key,
  source text not null,
  why text not null check (why in ('unknown_delivery', 'unknown_kind', 'unreadable')),
  kind text,
  occurred_at timestamptz,
  received_at timestamptz not null,
  data jsonb not null
);
create index stray_events_received on stray_events (received_at desc);

-- What the account updater has told Salesforce of a delivery: its outcome then.
create table told_deliveries (
  run_id bigint not null,
  n integer not null,
  outcome smallint not null,
  flags integer not null,
  told_at timestamptz not null,
  primary key (run_id, n)
) with (fillfactor = 80);

-- What it has told of an account in a run: the insight and the task, each once.
create table told_accounts (
  run_id bigint not null,
  account_id text not null,
  insight_id uuid,
  task_id uuid,
  told jsonb not null default '{}',
  told_at timestamptz not null,
  primary key (run_id, account_id)
);
