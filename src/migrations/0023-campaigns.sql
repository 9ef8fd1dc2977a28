-- Campaigns: who may be written to, what is sent, and the ledger of what became of it. (Consent and suppression: 0024. Content: 0025.)

create table campaigns (
  id uuid primary key default gen_random_uuid(),
  name text not null check (btrim(name) <> ''),
  description text not null default '',
  -- What it is in law and in courtesy: caps, consent and quiet hours follow from it (A4).
  message_class text not null check (message_class in ('marketing', 'success', 'transactional')),
  -- Whose consent it needs; transactional messages need none.
  topic text,
  channel text not null check (channel in ('email', 'chat', 'in_app', 'push')),
  -- The smart list (of people, or of accounts: then all people of these) that is its audience.
  segment_id uuid references segments,
  -- {kind: 'manual' | 'once' | 'recurring' | 'event' | 'segment' | 'api', …}, checked by src/campaigns/triggers.ts before it is written.
  trigger jsonb not null default '{"kind":"manual"}',
  -- Caps of its own, quiet hours, holdout in percent, whether a person may get it again; checked by src/campaigns/policy.ts.
  policy jsonb not null default '{}',
  -- What success is, and within how many days; checked by src/campaigns/goals.ts.
  goal jsonb,
  -- The content: src/content owns what it refers to.
  message_id uuid,
  status text not null default 'draft' check (status in ('draft', 'in_review', 'approved', 'active', 'ended', 'archived')),
  -- Goes up with each change of audience, content, trigger or policy; approval is of one revision.
  revision integer not null default 1,
  owner_id uuid not null,
  -- When it was activated last; ticks, changes and events before that are none of its own.
  activated_at timestamptz,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  changed_by uuid
);
create index campaigns_armed on campaigns ((trigger ->> 'kind')) where status = 'active';
create index campaigns_segment on campaigns (segment_id);
create index campaigns_owner on campaigns (owner_id);

-- One approval by a second person: of a revision, with the hash of the audience as it was seen.
create table campaign_approvals (
  id bigint generated always as identity primary key,
  campaign_id uuid not null references campaigns on delete cascade,
  revision integer not null,
  audience_count integer not null,
  audience_hash bytea not null,
  -- The ids themselves, ascending, for the latest approval: how far a later audience is from it.
  audience bigint[],
  -- The campaign as it was to be approved: what differs later can be shown.
  snapshot jsonb not null,
  requested_by uuid not null,
  requested_at timestamptz not null,
  decided_by uuid,
  decided_at timestamptz,
  decision text check (decision in ('approved', 'rejected', 'withdrawn')),
  comment text not null default '',
  check (decided_by <> requested_by or decision = 'withdrawn')
);
create index campaign_approvals_campaign on campaign_approvals (campaign_id, id desc);

-- One activation of a campaign. `trigger_key` makes it happen once: the tick, the event, the caller's idempotency key, the form's.
create table runs (
  id bigint generated always as identity primary key,
  campaign_id uuid not null references campaigns,
  revision integer not null,
  trigger_key text not null,
  triggered_by uuid,
  triggered_at timestamptz not null,
  -- triggered → planned (audience frozen, every row of the ledger written) → sending → completed; cancelled at any moment before that.
  state text not null check (state in ('triggered', 'planned', 'sending', 'completed', 'cancelled')),
  -- Set while it is held: by whom or by what (a person, too many failures, the provider's refusal of our key).
  paused_at timestamptz,
  paused_by uuid,
  pause_reason text,
  -- Failures that were there when somebody let it go on after a pause: they count no more.
  failures_forgiven integer not null default 0,
  is_dry boolean not null default false,
  -- What was fixed at activation: message version, class, topic, channel, policy, trigger; JSON.
  fixed jsonb not null,
  message_class text generated always as (fixed ->> 'messageClass') stored,
  channel text generated always as (fixed ->> 'channel') stored,
  planned_at timestamptz,
  audience_count integer,
  -- sha256 over the ids of the audience in order.
  audience_hash bytea,
  started_at timestamptz,
  ended_at timestamptz,
  -- sha256 chained over the ledger's rows in order of n, once completed or cancelled.
  ledger_hash bytea,
  unique (campaign_id, trigger_key)
);
create index runs_class on runs (message_class, channel, id);
create index runs_open on runs (id) where state in ('triggered', 'planned', 'sending');

-- The send ledger: one row a person that the run was about, ended or not. `n` counts within the run, in order of planning.
-- State changes are HOT: no index holds what changes. What is in flight is told by the batch; a row changes when its batch has an answer.
create table deliveries (
  -- No foreign key: it would be looked up once for each of half a million rows; runs are never deleted.
  run_id bigint not null,
  n integer not null,
  -- account_people.id; no foreign key: the ledger outlives the person.
  person_id bigint not null,
  account_id text not null,
  -- Which message of the campaign, and which time around, for tracks; else 0 and 1.
  step smallint not null default 0,
  entry smallint not null default 1,
  -- Where it goes: normalized address, appUser id, endpoint; null when there is none (skipped).
  address text,
  locale text not null,
  variant smallint not null default 0,
  -- Null when it was skipped at planning.
  batch integer,
  -- planned | sent | skipped | failed | doubt; all but planned and doubt are terminal.
  state text not null default 'planned' check (state in ('planned', 'sent', 'skipped', 'failed', 'doubt')),
  -- Why: words `campaigns.reasons.<reason>`.
  reason text,
  -- What became of it: the highest of src/campaigns/outcomes.ts (0 nothing, processed, deferred, delivered, opened, clicked, …).
  outcome smallint not null default 0,
  -- Bits of what happened besides: machine open, machine click, unsubscribed, complained, bounced, dropped, converted.
  flags integer not null default 0,
  settled_at timestamptz,
  primary key (run_id, n),
  unique (run_id, person_id, step, entry)
) with (fillfactor = 50);
create index deliveries_batch on deliveries (run_id, batch) where batch is not null;
create index deliveries_person on deliveries (person_id, run_id desc);

-- Up to a thousand rows of a run that go out in one request. Its state is the state of what is in flight.
create table batches (
  run_id bigint not null references runs,
  batch integer not null,
  size integer not null,
  -- The time zone of its people where quiet hours matter: a batch is claimed only while it is not quiet there.
  zone text,
  -- ready → sending → sent | refused; sending past its lease → doubt → sent (an event came) | ready (grace over, later batches heard of) | decided by a person
  state text not null check (state in ('ready', 'sending', 'sent', 'refused', 'doubt', 'cancelled')),
  -- Not before: quiet hours, rate limit, retry.
  due_at timestamptz not null,
  attempts integer not null default 0,
  -- Goes up with each claim: whoever holds an older one writes nothing.
  fence integer not null default 0,
  leased_by text,
  leased_until timestamptz,
  posted_at timestamptz,
  answered_at timestamptz,
  provider_id text,
  heard_at timestamptz,
  error text,
  primary key (run_id, batch)
) with (fillfactor = 70);
create index batches_open on batches (run_id, due_at) where state in ('ready', 'sending', 'doubt');

-- What a provider lets us do now, shared by all processes.
create table channel_states (
  channel text primary key,
  -- It takes nothing before this: its rate limit, or its trouble; and which.
  closed_until timestamptz,
  reason text,
  -- Times in a row that it could not; each waits longer.
  troubles integer not null default 0,
  -- Messages a minute, where the contract has a limit, and when the next batch may go by it.
  per_minute integer check (per_minute > 0),
  next_at timestamptz
);
insert into channel_states (channel) values ('email'), ('chat'), ('in_app'), ('push');

-- What providers told of deliveries, each once.
create table delivery_events (
  event_id text primary key,
  run_id bigint not null,
  n integer not null,
  kind text not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  is_machine boolean not null default false,
  -- The link, the reason of a bounce, the provider's own words.
  detail text
);
create index delivery_events_delivery on delivery_events (run_id, n);

-- Counters of a run, kept by what settles rows and takes in events; equal to the counts of its rows (tests hold that).
create table run_statistics (
  run_id bigint primary key references runs,
  counts jsonb not null default '{}',
  changed_at timestamptz not null
);

-- What administrators chose for all campaigns: caps and quiet hours by message class and channel; what is missing is as delivered.
create table campaign_settings (
  id boolean primary key default true check (id),
  settings jsonb not null,
  changed_by uuid,
  changed_at timestamptz not null
);

-- Keys of other systems that set a campaign off; only their SHA-256 is kept.
create table campaign_keys (
  id bigint generated always as identity primary key,
  campaign_id uuid not null references campaigns on delete cascade,
  hash bytea not null unique,
  hint text not null,
  created_by uuid,
  created_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz
);
create index campaign_keys_campaign on campaign_keys (campaign_id);

-- The first moment from `at` on that is not within quiet hours (full hours of the clock on the wall in that zone; from 21 until 8 goes over
-- midnight). On days on which clocks change: an hour that does not exist ends where it would have begun, one that comes twice ends
-- the second time. An unknown zone counts as UTC.
create function after_quiet_hours(at timestamptz, zone text, quiet_from integer, quiet_until integer) returns timestamptz
language plpgsql stable parallel safe as $$
declare
  wall timestamp;
  hour integer;
  is_quiet boolean;
begin
  if quiet_from is null or quiet_until is null or quiet_from = quiet_until then return at; end if;
  begin
    wall := at at time zone zone;
  exception when invalid_parameter_value then
    zone := 'UTC';
  end;
  -- Where the hour in which they end is left out, the next one may be quiet again.
  for turn in 1..3 loop
    wall := at at time zone zone;
    hour := extract(hour from wall);
    is_quiet := case when quiet_from < quiet_until then hour >= quiet_from and hour < quiet_until else hour >= quiet_from or hour < quiet_until end;
    exit when not is_quiet;
    wall := wall::date + case when quiet_from > quiet_until and hour >= quiet_from then 1 else 0 end + make_interval(hours => quiet_until);
    at := greatest(at, wall at time zone zone);
  end loop;
  return at;
end
$$;
