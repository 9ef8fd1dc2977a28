-- What waits to be sent to Kafka, where that carries events: the event itself, or some of its reactions again, or a message for one topic as
-- it is. Deleted when the broker has it.
create table event_relay (
  id bigint generated always as identity primary key,
  event_id bigint references events on delete cascade,
  reactions text[],
  topic text,
  value text,
  due_at timestamptz not null default '-infinity',
  check ((event_id is null) = (topic is not null))
);

-- What became of each reaction to each event that went to Kafka: the inbox by which a message that comes again does nothing.
create table event_inbox (
  event_id bigint not null references events on delete cascade,
  reaction text not null,
  -- sent: with the broker. running: a worker (holder) is at it. waiting: failed, tried again when its row of event_relay is due.
  -- queued: PostgreSQL took it over.
  state text not null check (state in ('sent', 'running', 'waiting', 'done', 'dead', 'discarded', 'queued')),
  stage text not null,
  attempts int not null default 0,
  holder text,
  error text,
  changed_at timestamptz not null,
  primary key (event_id, reaction)
);
create index event_inbox_open on event_inbox (changed_at) where state in ('sent', 'running', 'waiting', 'dead');

-- Messages that nobody could read. They lie in the stage's topic of dead letters, too.
create table unreadable_messages (
  id bigint generated always as identity primary key,
  topic text not null,
  partition int not null,
  "offset" bigint not null,
  value text not null,
  error text not null,
  found_at timestamptz not null,
  unique (topic, partition, "offset")
);
