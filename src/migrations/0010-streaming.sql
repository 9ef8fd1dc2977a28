-- How the subscription to Salesforce's change events stands: one row a channel. Events are a hint to look at once; nothing of the
-- mirror depends on them.
create table if not exists streaming_channels (
  channel text primary key,
  status text not null default 'waiting' check (status in ('waiting', 'connecting', 'live', 'failing')),
  -- why it fails, in Salesforce's words; empty while it does not
  detail text not null default '',
  -- the newest message whose records were read
  replay_id bigint,
  replay_at timestamptz,
  connected_at timestamptz,
  heartbeat_at timestamptz,
  heard_at timestamptz,
  events bigint not null default 0,
  -- events that our own writes caused
  echoes bigint not null default 0,
  -- gaps, overflows and replay ids that were too old: times at which the poll had to find out
  gaps bigint not null default 0,
  rebuilds bigint not null default 0,
  -- objects of which something was ever heard
  objects text[] not null default '{}'
);
