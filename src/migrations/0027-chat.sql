-- Channels beside e-mail: chat through Sunshine Conversations, messages in the product itself, web push. (Decision 036.)

-- The conversation in which somebody is written to. Of the address nothing is kept but its hash.
create table chat_conversations (
  address_hash bytea primary key,
  conversation_id text not null,
  changed_at timestamptz not null
) with (fillfactor = 80);

-- Which delivery a message of Sunshine is: its events name the message alone.
create table chat_messages (
  message_id text primary key,
  run_id bigint not null,
  n integer not null,
  conversation_id text not null,
  sent_at timestamptz not null
);
create index chat_messages_conversation on chat_messages (conversation_id, sent_at);

-- What Sunshine told of messages, until we know which they are: an event may be here before the answer to the message that it is about.
create table chat_events (
  event_id text primary key,
  kind text not null,
  -- Of a message, or of all that had been written in a conversation by then.
  message_id text,
  conversation_id text,
  occurred_at timestamptz not null,
  detail text,
  received_at timestamptz not null,
  check (message_id is not null or conversation_id is not null)
);
create index chat_events_received on chat_events (received_at);

-- Messages that wait in the product until the person comes. What they say is kept until it was dealt with, or is too old.
create table in_app_messages (
  run_id bigint not null,
  n integer not null,
  address_hash bytea not null,
  -- {layout, title, text, actions: [{text, uri}]}
  shown jsonb not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  seen_at timestamptz,
  -- Followed or dismissed: not shown again.
  ended_at timestamptz,
  primary key (run_id, n)
);
create index in_app_messages_waiting on in_app_messages (address_hash, created_at) where ended_at is null;

-- The keys by which browsers know that pushes are ours; the private one sealed.
create table push_keys (
  is_only boolean primary key default true check (is_only),
  public_key text not null,
  sealed_private_key text not null,
  created_at timestamptz not null
);

-- Browsers in which a person asked for pushes.
create table push_subscriptions (
  id uuid primary key default gen_random_uuid(),
  address_hash bytea not null,
  person_id uuid not null references people on delete cascade,
  endpoint text not null unique,
  p256dh text not null,
  auth text not null,
  created_at timestamptz not null,
  used_at timestamptz
);
create index push_subscriptions_address on push_subscriptions (address_hash);
