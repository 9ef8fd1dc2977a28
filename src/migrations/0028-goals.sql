-- Goals of campaigns and messages: who reached them after a message, and after none.

-- What success is. A definition never changes: whoever changes a goal makes another one, and what was counted stays with the old one.
create table goals (
  id bigint generated always as identity primary key,
  -- Whose it is: a campaign's, or a message's, in whatever campaign it is sent.
  campaign_id uuid references campaigns on delete cascade,
  message_id uuid references messages on delete cascade,
  -- Checked by src/campaigns/goals.ts.
  definition jsonb not null,
  created_at timestamptz not null,
  -- Of a message: when another one, or none, took its place.
  retired_at timestamptz,
  check (num_nonnulls(campaign_id, message_id) = 1)
);
create unique index goals_campaign on goals (campaign_id, md5(definition::text)) where campaign_id is not null;
create unique index goals_message on goals (message_id) where message_id is not null and retired_at is null;
create index goals_of_message on goals (message_id) where message_id is not null;

-- The goals that a run is measured by.
create table run_goals (
  run_id bigint not null references runs,
  goal_id bigint not null references goals on delete cascade,
  -- Its campaign's, or where that has none its message's: the one that the ledger's rows and the run's counters tell of.
  is_main boolean not null,
  -- When it was looked at who meets it already; a goal that was named after the run was planned has been measured since then alone.
  since timestamptz not null,
  -- When all of its windows are over.
  over_at timestamptz,
  primary key (run_id, goal_id)
);
create index run_goals_open on run_goals (goal_id) where over_at is null;
create index run_goals_goal on run_goals (goal_id);

-- Rows of the ledger whose people met the goal before the message: they are left out of what is counted. `is_held`: of those held out.
create table goal_beforehand (
  run_id bigint not null,
  goal_id bigint not null references goals on delete cascade,
  n integer not null,
  is_held boolean not null,
  primary key (run_id, goal_id, n)
);

-- Rows of the ledger whose people reached the goal within its window, each once. No foreign key to the rows: there are many.
create table goal_conversions (
  run_id bigint not null,
  goal_id bigint not null references goals on delete cascade,
  n integer not null,
  is_held boolean not null,
  -- Of a person that it was sent to; the others were meant to get it and did not (capped, failed).
  is_sent boolean not null,
  reached_at timestamptz not null,
  primary key (run_id, goal_id, n)
);
create index goal_conversions_when on goal_conversions (goal_id, reached_at);

-- What a campaign came to, as it was measured last: src/campaigns/results.ts reads and writes it.
create table campaign_results (
  campaign_id uuid primary key references campaigns on delete cascade,
  measured_at timestamptz not null,
  results jsonb not null
);
