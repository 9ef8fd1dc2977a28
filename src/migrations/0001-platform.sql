create extension if not exists pg_trgm;

-- What has happened. Reactions read the data from here, so that a job carries an id only.
create table events (
  id bigint generated always as identity primary key,
  name text not null,
  data jsonb not null,
  recorded_at timestamptz not null default now()
);
create index events_recorded_at on events (recorded_at);

-- One row per worker process that is or was alive; `job_owners` are the names it locks jobs under.
create table worker_heartbeats (
  worker text primary key,
  job_owners text[] not null,
  started_at timestamptz not null,
  beat_at timestamptz not null
);

-- Small facts about the running house: what each service said last.
create table service_states (
  service text primary key,
  is_up boolean not null,
  detail text not null default '',
  changed_at timestamptz not null default now()
);

-- Each tick of the clock that some worker has turned into a job.
create table clock_ticks (
  job text not null,
  at timestamptz not null,
  primary key (job, at)
);
